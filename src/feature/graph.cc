#include "feature/graph.h"

#include <utility>

#include "base/check.h"
#include "feature/graph_program.h"

namespace millrace::feature {

Graph::Graph(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Result<Graph> Graph::Make(const table::Schema& schema, std::vector<Node> nodes) {
  auto program = std::make_shared<Program>();
  program->nodes = std::move(nodes);
  MILLRACE_RETURN_IF_ERROR(program->Prepare(schema));
  Graph graph(std::move(program));
  MILLRACE_RETURN_IF_ERROR(graph.CheckFolds());
  return graph;
}

const std::vector<Node>& Graph::nodes() const { return program_->nodes; }
const std::vector<std::string>& Graph::columns() const { return program_->columns; }

std::vector<FeatureInfo> Graph::features() const {
  std::vector<FeatureInfo> infos;
  for (size_t n = 0; n < nodes().size(); ++n) {
    const Node& node = nodes()[n];
    const bool category = node.kind == NodeKind::kCategory;
    infos.push_back({.name = node.name,
                     .column = node.column,
                     .columns = program_->steps[n].read,
                     .category = category,
                     .cardinality = category ? static_cast<int64_t>(node.values.size()) : 0});
  }
  return infos;
}

Result<table::Matrix> Graph::Apply(const table::Table& rows) const {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<const table::Column*> columns, program_->Match(rows));
  table::Matrix matrix(rows.num_rows(), num_features());
  std::vector<RawValue> values(columns.size());
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    for (size_t i = 0; i < columns.size(); ++i) values[i] = RawValueAt(*columns[i], row);
    program_->Run(values, matrix.mutable_row(row));
  }
  return matrix;
}

void Graph::ApplyRow(std::span<const RawValue> values, std::span<float> features) const {
  MILLRACE_CHECK(values.size() == columns().size() && features.size() == nodes().size(),
                 "callers size values and features by the graph");
  program_->Run(values, features);
}

}  // namespace millrace::feature
