#include "feature/graph.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/check.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

constexpr double kDaySeconds = 86400.0;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

bool KindFits(NodeKind kind, ColumnType type) {
  switch (kind) {
    case NodeKind::kMissing:
      return true;
    case NodeKind::kNumber:
      return type == ColumnType::kInteger || type == ColumnType::kNumber;
    case NodeKind::kBoolean:
      return type == ColumnType::kBoolean;
    case NodeKind::kCategory:
    case NodeKind::kFrequency:
      return type == ColumnType::kCategory || type == ColumnType::kText;
    case NodeKind::kDatePart:
    case NodeKind::kDateElapsed:
      return type == ColumnType::kDate;
  }
  return false;
}

double DatePartOf(DatePart part, double seconds) {
  const double day = std::floor(seconds / kDaySeconds);
  const CivilDate date = CivilFromDays(static_cast<int64_t>(day));
  switch (part) {
    case DatePart::kYear:
      return static_cast<double>(date.year);
    case DatePart::kMonth:
      return date.month;
    case DatePart::kDay:
      return date.day;
    case DatePart::kWeekday: {
      // 1970-01-01 was a Thursday.
      const auto days = static_cast<int64_t>(day);
      return static_cast<double>(((days + 3) % 7 + 7) % 7);
    }
    case DatePart::kHour:
      return std::floor((seconds - day * kDaySeconds) / 3600.0);
  }
  return 0.0;
}

// Numbers beyond float32 become its largest value, never an infinity.
float ToFloat(double value) {
  constexpr double kLargest = static_cast<double>(std::numeric_limits<float>::max());
  return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

Status CheckNode(const table::Schema& schema, const Node& node) {
  const auto index = schema.Find(node.column);
  if (!index) {
    return InvalidSpec(Format("feature \"{}\": no such column: \"{}\"", node.name, node.column))
        .WithHint(DidYouMean(node.column, schema.names()));
  }
  const ColumnType type = schema.column(*index).type;
  if (!KindFits(node.kind, type)) {
    return InvalidSpec(Format("feature \"{}\": {} of a {} column", node.name,
                              NodeKindName(node.kind), table::ColumnTypeName(type)));
  }
  if (node.kind == NodeKind::kFrequency && node.shares.size() != node.values.size()) {
    return InvalidSpec(Format("feature \"{}\": shares and values differ in number", node.name));
  }
  const bool finite = std::isfinite(node.origin) &&
                      std::all_of(node.shares.begin(), node.shares.end(),
                                  [](double share) { return share >= 0.0 && share <= 1.0; });
  if (!finite) return InvalidSpec(Format("feature \"{}\": a number out of range", node.name));
  return {};
}

}  // namespace

size_t Graph::TextHash::operator()(std::string_view text) const {
  return static_cast<size_t>(Hash64(text));
}

Result<Graph> Graph::Make(const table::Schema& schema, std::vector<Node> nodes) {
  Graph graph;
  std::set<std::string> names;
  std::set<std::string> used;
  for (const Node& node : nodes) {
    MILLRACE_RETURN_IF_ERROR(CheckNode(schema, node));
    if (!names.insert(node.name).second) {
      return InvalidSpec(Format("feature \"{}\": the name is used twice", node.name));
    }
    used.insert(node.column);
  }
  for (const table::ColumnSchema& column : schema.columns()) {
    if (!used.contains(column.name)) continue;
    graph.columns_.push_back(column.name);
    graph.column_types_.push_back(column.type);
  }
  for (const Node& node : nodes) {
    const auto found = std::find(graph.columns_.begin(), graph.columns_.end(), node.column);
    graph.node_column_.push_back(static_cast<size_t>(found - graph.columns_.begin()));
    std::shared_ptr<TextIndex> index;
    if (node.kind == NodeKind::kCategory || node.kind == NodeKind::kFrequency) {
      index = std::make_shared<TextIndex>();
      for (const std::string& value : node.values) {
        if (!index->emplace(value, static_cast<int32_t>(index->size())).second) {
          return InvalidSpec(
              Format("feature \"{}\": a value stands twice: \"{}\"", node.name, value));
        }
      }
    }
    graph.indexes_.push_back(std::move(index));
  }
  graph.nodes_ = std::move(nodes);
  return graph;
}

std::vector<FeatureInfo> Graph::features() const {
  std::vector<FeatureInfo> infos;
  for (const Node& node : nodes_) {
    infos.push_back({.name = node.name,
                     .column = node.column,
                     .category = node.kind == NodeKind::kCategory,
                     .cardinality = node.kind == NodeKind::kCategory
                                        ? static_cast<int64_t>(node.values.size())
                                        : 0});
  }
  return infos;
}

float Graph::Compute(size_t index, const RawValue& value) const {
  const Node& node = nodes_[index];
  if (node.kind == NodeKind::kMissing) return value.missing ? 1.0f : 0.0f;
  if (value.missing) return kMissing;
  switch (node.kind) {
    case NodeKind::kNumber:
    case NodeKind::kBoolean:
      return ToFloat(value.number);
    case NodeKind::kCategory: {
      const auto found = indexes_[index]->find(value.text);
      return found == indexes_[index]->end() ? kMissing : static_cast<float>(found->second);
    }
    case NodeKind::kFrequency: {
      const auto found = indexes_[index]->find(value.text);
      return found == indexes_[index]->end()
                 ? 0.0f
                 : ToFloat(node.shares[static_cast<size_t>(found->second)]);
    }
    case NodeKind::kDatePart:
      return ToFloat(DatePartOf(node.part, value.number));
    case NodeKind::kDateElapsed:
      return ToFloat((value.number - node.origin) / kDaySeconds);
    case NodeKind::kMissing:
      break;
  }
  return kMissing;
}

Result<table::Matrix> Graph::Apply(const table::Table& rows) const {
  std::vector<const table::Column*> columns;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const auto index = rows.schema().Find(columns_[i]);
    if (!index) {
      return NotFound(Format("column \"{}\" is missing", columns_[i]))
          .WithHint(DidYouMean(columns_[i], rows.schema().names()));
    }
    const table::Column& column = rows.column(*index);
    if (table::IsNumeric(column.type()) != table::IsNumeric(column_types_[i])) {
      return InvalidData(Format("column \"{}\": {} where {} is expected", columns_[i],
                                table::ColumnTypeName(column.type()),
                                table::ColumnTypeName(column_types_[i])));
    }
    columns.push_back(&column);
  }
  table::Matrix matrix(rows.num_rows(), num_features());
  for (size_t n = 0; n < nodes_.size(); ++n) {
    const table::Column& column = *columns[node_column_[n]];
    for (int64_t row = 0; row < rows.num_rows(); ++row) {
      matrix.at(row, static_cast<int64_t>(n)) = Compute(n, RawValueAt(column, row));
    }
  }
  return matrix;
}

void Graph::ApplyRow(std::span<const RawValue> values, std::span<float> features) const {
  MILLRACE_CHECK(values.size() == columns_.size() && features.size() == nodes_.size(),
                 "callers size values and features by the graph");
  for (size_t n = 0; n < nodes_.size(); ++n) features[n] = Compute(n, values[node_column_[n]]);
}

}  // namespace millrace::feature
