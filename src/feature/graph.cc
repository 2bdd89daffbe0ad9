#include "feature/graph.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "feature/graph_program.h"

namespace millrace::feature {
namespace {

constexpr int64_t kBlockRows = 64;

// How many codes the feature has; 0 where it is a number.
int64_t CodesOf(const Node& node) {
  switch (node.kind) {
    case NodeKind::kCategory:
      return static_cast<int64_t>(node.values.size());
    case NodeKind::kHash:
      return node.buckets;
    case NodeKind::kBin:
      return static_cast<int64_t>(node.borders.size()) + 1;
    default:
      return 0;
  }
}

}  // namespace

Graph::Graph(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Result<Graph> Graph::Make(const table::Schema& schema, std::vector<Node> nodes,
                          std::vector<Treatment> treatments) {
  auto program = std::make_shared<Program>();
  program->nodes = std::move(nodes);
  program->treatments = std::move(treatments);
  MILLRACE_RETURN_IF_ERROR(program->Prepare(schema));
  Graph graph(std::move(program));
  MILLRACE_RETURN_IF_ERROR(graph.CheckFolds());
  return graph;
}

const std::vector<Node>& Graph::nodes() const { return program_->nodes; }
const std::vector<Treatment>& Graph::treatments() const { return program_->treatments; }
const std::vector<std::string>& Graph::columns() const { return program_->columns; }

std::vector<FeatureInfo> Graph::features() const {
  std::vector<FeatureInfo> infos;
  for (size_t n = 0; n < nodes().size(); ++n) {
    const Node& node = nodes()[n];
    const int64_t codes = CodesOf(node);
    infos.push_back({.name = node.name,
                     .column = node.kind == NodeKind::kGroup ? std::string() : node.column,
                     .columns = program_->steps[n].read,
                     .category = codes > 0,
                     .cardinality = codes});
  }
  return infos;
}

Result<table::Matrix> Graph::Apply(const table::Table& rows) const {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<const table::Column*> columns, program_->Match(rows));
  table::Matrix matrix(rows.num_rows(), num_features());
  // Columns are read one after the other for a block of rows, so that memory is walked in order
  // (bench/feature_bench).
  const size_t width = columns.size();
  std::vector<RawValue> block(static_cast<size_t>(kBlockRows) * width);
  for (int64_t first = 0; first < rows.num_rows(); first += kBlockRows) {
    const int64_t num_rows = std::min(kBlockRows, rows.num_rows() - first);
    for (size_t i = 0; i < width; ++i) {
      for (int64_t row = 0; row < num_rows; ++row) {
        block[static_cast<size_t>(row) * width + i] = RawValueAt(*columns[i], first + row);
      }
    }
    for (int64_t row = 0; row < num_rows; ++row) {
      program_->Run(std::span(block).subspan(static_cast<size_t>(row) * width, width),
                    matrix.mutable_row(first + row));
    }
  }
  return matrix;
}

void Graph::ApplyRow(std::span<const RawValue> values, std::span<float> features) const {
  MILLRACE_CHECK(values.size() == columns().size() && features.size() == nodes().size(),
                 "callers size values and features by the graph");
  program_->Run(values, features);
}

}  // namespace millrace::feature
