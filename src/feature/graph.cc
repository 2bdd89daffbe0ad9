#include "feature/graph.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "feature/expression.h"
#include "feature/text_index.h"

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
    case NodeKind::kExpression:
      return false;
  }
  return false;
}

// Missing beyond a million years: calendars end there.
double DatePartOf(DatePart part, double seconds) {
  const double day = std::floor(seconds / kDaySeconds);
  if (!(std::abs(day) < 366e6)) return std::numeric_limits<double>::quiet_NaN();
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

bool UsesValues(NodeKind kind) {
  return kind == NodeKind::kCategory || kind == NodeKind::kFrequency;
}

Status CheckColumn(const table::Schema& schema, const Node& node) {
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
  return {};
}

Status CheckNumbers(const Node& node) {
  if (node.kind == NodeKind::kFrequency && node.shares.size() != node.values.size()) {
    return InvalidSpec(Format("feature \"{}\": shares and values differ in number", node.name));
  }
  const bool in_range = std::isfinite(node.origin) &&
                        std::all_of(node.shares.begin(), node.shares.end(),
                                    [](double share) { return share >= 0.0 && share <= 1.0; });
  if (!in_range) return InvalidSpec(Format("feature \"{}\": a number out of range", node.name));
  return {};
}

Result<Expression> ParseExpression(const table::Schema& schema, const Node& node) {
  MILLRACE_ASSIGN_OR_RETURN(
      Expression expression,
      Expression::Parse(node.expression, schema, Format("feature \"{}\"", node.name)));
  if (expression.columns().empty()) {
    return InvalidSpec(Format("feature \"{}\": the expression reads no column: \"{}\"", node.name,
                              Ellipsize(node.expression, 60)));
  }
  return expression;
}

}  // namespace

struct Graph::Program {
  // One node, ready to run.
  struct Step {
    size_t column = 0;                       // in `columns`; not for expressions
    std::shared_ptr<const TextIndex> index;  // of `values`; shared by steps that stand together
    std::optional<Expression> expression;    // over rows of `columns`
    std::vector<std::string> read;           // raw columns, in schema order
  };

  std::vector<Node> nodes;
  std::vector<Step> steps;  // [nodes]
  std::vector<std::string> columns;
  std::vector<ColumnType> column_types;

  Status AddIndex(size_t node);
  float Compute(size_t node, std::span<const RawValue> values, int32_t place) const;
  void Run(std::span<const RawValue> values, std::span<float> features) const;
};

// Steps of one column with the same values find a text once: see Run.
Status Graph::Program::AddIndex(size_t n) {
  const Node& node = nodes[n];
  if (!UsesValues(node.kind)) return {};
  if (n > 0 && steps[n - 1].index && nodes[n - 1].column == node.column &&
      nodes[n - 1].values == node.values) {
    steps[n].index = steps[n - 1].index;
    return {};
  }
  std::optional<TextIndex> index = TextIndex::Make(node.values);
  if (!index) return InvalidSpec(Format("feature \"{}\": a value stands twice", node.name));
  steps[n].index = std::make_shared<const TextIndex>(*std::move(index));
  return {};
}

Graph::Graph(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Result<Graph> Graph::Make(const table::Schema& schema, std::vector<Node> nodes) {
  auto program = std::make_shared<Program>();
  program->steps.resize(nodes.size());
  std::set<std::string> names;
  std::set<std::string> used;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const Node& node = nodes[n];
    if (!names.insert(node.name).second) {
      return InvalidSpec(Format("feature \"{}\": the name is used twice", node.name));
    }
    MILLRACE_RETURN_IF_ERROR(CheckNumbers(node));
    if (node.kind == NodeKind::kExpression) {
      MILLRACE_ASSIGN_OR_RETURN(program->steps[n].expression, ParseExpression(schema, node));
      program->steps[n].read = program->steps[n].expression->columns();
    } else {
      MILLRACE_RETURN_IF_ERROR(CheckColumn(schema, node));
      program->steps[n].read = {node.column};
    }
    used.insert(program->steps[n].read.begin(), program->steps[n].read.end());
  }
  for (const table::ColumnSchema& column : schema.columns()) {
    if (!used.contains(column.name)) continue;
    program->columns.push_back(column.name);
    program->column_types.push_back(column.type);
  }
  program->nodes = std::move(nodes);
  for (size_t n = 0; n < program->nodes.size(); ++n) {
    Program::Step& step = program->steps[n];
    if (step.expression) {
      step.expression = step.expression->Over(program->columns);
      continue;
    }
    const auto place = std::ranges::find(program->columns, program->nodes[n].column);
    step.column = static_cast<size_t>(place - program->columns.begin());
    MILLRACE_RETURN_IF_ERROR(program->AddIndex(n));
  }
  return Graph(std::move(program));
}

const std::vector<Node>& Graph::nodes() const { return program_->nodes; }
const std::vector<std::string>& Graph::columns() const { return program_->columns; }

std::vector<FeatureInfo> Graph::features() const {
  std::vector<FeatureInfo> infos;
  for (size_t n = 0; n < nodes().size(); ++n) {
    const Node& node = nodes()[n];
    const bool category = node.kind == NodeKind::kCategory;
    FeatureInfo info{.name = node.name,
                     .column = node.column,
                     .columns = program_->steps[n].read,
                     .category = category,
                     .cardinality = category ? static_cast<int64_t>(node.values.size()) : 0};
    infos.push_back(std::move(info));
  }
  return infos;
}

float Graph::Program::Compute(size_t n, std::span<const RawValue> values, int32_t place) const {
  const Node& node = nodes[n];
  const Step& step = steps[n];
  if (step.expression) return ToFloat(step.expression->Evaluate(values));
  const RawValue& value = values[step.column];
  if (node.kind == NodeKind::kMissing) return value.missing ? 1.0f : 0.0f;
  if (value.missing) return kMissing;
  switch (node.kind) {
    case NodeKind::kNumber:
    case NodeKind::kBoolean:
      return ToFloat(value.number);
    case NodeKind::kCategory:
      return place < 0 ? kMissing : static_cast<float>(place);
    case NodeKind::kFrequency:
      return place < 0 ? 0.0f : ToFloat(node.shares[static_cast<size_t>(place)]);
    case NodeKind::kDatePart:
      return ToFloat(DatePartOf(node.part, value.number));
    case NodeKind::kDateElapsed:
      return ToFloat((value.number - node.origin) / kDaySeconds);
    case NodeKind::kMissing:
    case NodeKind::kExpression:
      break;
  }
  return kMissing;
}

void Graph::Program::Run(std::span<const RawValue> values, std::span<float> features) const {
  const TextIndex* found_in = nullptr;
  int32_t place = -1;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const TextIndex* index = steps[n].index.get();
    if (index != nullptr && index != found_in) {
      const RawValue& value = values[steps[n].column];
      place = value.missing ? -1 : index->Find(value.text);
      found_in = index;
    }
    features[n] = Compute(n, values, place);
  }
}

Result<table::Matrix> Graph::Apply(const table::Table& rows) const {
  std::vector<const table::Column*> columns;
  for (size_t i = 0; i < program_->columns.size(); ++i) {
    const std::string& name = program_->columns[i];
    const auto index = rows.schema().Find(name);
    if (!index) {
      return NotFound(Format("column \"{}\" is missing", name))
          .WithHint(DidYouMean(name, rows.schema().names()));
    }
    const table::Column& column = rows.column(*index);
    if (table::IsNumeric(column.type()) != table::IsNumeric(program_->column_types[i])) {
      return InvalidData(Format("column \"{}\": {} where {} is expected", name,
                                table::ColumnTypeName(column.type()),
                                table::ColumnTypeName(program_->column_types[i])));
    }
    columns.push_back(&column);
  }
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
