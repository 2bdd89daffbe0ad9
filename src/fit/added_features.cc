#include "fit/added_features.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "feature/expression.h"
#include "feature/raw_value.h"

namespace millrace::fit {
namespace {

using feature::Expression;

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

Result<Expression> ParseAdded(const FitInputs& inputs, const spec::AddedFeature& added) {
  const std::string where = Format("{}: features.add \"{}\"", added.place.ToString(), added.name);
  MILLRACE_ASSIGN_OR_RETURN(Expression expression,
                            Expression::Parse(added.expression, inputs.schema, where));
  if (expression.columns().empty()) {
    return InvalidSpec(
        Format("{}: reads no column: \"{}\"", where, Ellipsize(added.expression, 60)));
  }
  for (const std::string& column : expression.columns()) {
    if (Holds(inputs.features, column)) continue;
    return InvalidSpec(Format("{}: reads a column that is no feature: \"{}\"", where, column))
        .WithHint("the target and columns that are left out of the features cannot be read");
  }
  if (inputs.schema.Find(added.name)) {
    return InvalidSpec(Format("{}: the name is that of a column", where))
        .WithHint("choose another name");
  }
  return expression;
}

// Counts per expression the rows of `batch` where it is missing. The batch holds `columns`.
void CountMissing(const table::Table& batch, const std::vector<Expression>& expressions,
                  std::vector<int64_t>& missing) {
  std::vector<feature::RawValue> values(static_cast<size_t>(batch.num_columns()));
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = feature::RawValueAt(batch.column(static_cast<int64_t>(i)), row);
    }
    for (size_t e = 0; e < expressions.size(); ++e) {
      if (std::isnan(expressions[e].Evaluate(values))) ++missing[e];
    }
  }
}

struct MissingCounts {
  int64_t num_rows = 0;
  std::vector<int64_t> missing;  // per expression
};

Result<MissingCounts> CountMissing(const FitInputs& inputs, std::vector<Expression> expressions) {
  std::vector<std::string> columns;
  std::vector<std::string> selected;
  for (const table::ColumnSchema& column : inputs.schema.columns()) {
    const bool read = std::ranges::any_of(
        expressions, [&](const Expression& e) { return Holds(e.columns(), column.name); });
    if (!read) continue;
    selected.push_back(Format("CAST({} AS {}) AS c{}", engine::QuoteIdentifier(column.name),
                              table::IsNumeric(column.type) ? "DOUBLE" : "VARCHAR",
                              columns.size()));
    columns.push_back(column.name);
  }
  for (Expression& expression : expressions) expression = expression.Over(columns);
  MissingCounts counts{.missing = std::vector<int64_t>(expressions.size())};
  MILLRACE_RETURN_IF_ERROR(inputs.engine.Stream(
      Format("SELECT {} FROM {} AS rows", Join(selected, ", "), inputs.relation),
      [&](const table::Table& batch) -> Status {
        counts.num_rows += batch.num_rows();
        CountMissing(batch, expressions, counts.missing);
        return {};
      }));
  return counts;
}

}  // namespace

Result<AddedNodes> MakeAddedNodes(const FitInputs& inputs) {
  AddedNodes added;
  if (inputs.added.empty()) return added;
  std::vector<Expression> expressions;
  for (const spec::AddedFeature& feature : inputs.added) {
    MILLRACE_ASSIGN_OR_RETURN(Expression expression, ParseAdded(inputs, feature));
    expressions.push_back(std::move(expression));
  }
  MILLRACE_ASSIGN_OR_RETURN(const MissingCounts counts, CountMissing(inputs, expressions));
  for (size_t i = 0; i < inputs.added.size(); ++i) {
    const spec::AddedFeature& feature = inputs.added[i];
    if (counts.missing[i] == counts.num_rows) {
      added.reasons.push_back({feature.name, "none: missing in every training row"});
      continue;
    }
    std::string strategy = "by expression: " + Ellipsize(expressions[i].text(), 60);
    if (counts.missing[i] > 0) {
      strategy +=
          Format(" (missing in {} of rows)", FormatShare(static_cast<double>(counts.missing[i]),
                                                         static_cast<double>(counts.num_rows)));
    }
    added.reasons.push_back({feature.name, std::move(strategy)});
    added.nodes.push_back({.kind = feature::NodeKind::kExpression,
                           .name = feature.name,
                           .expression = feature.expression});
  }
  return added;
}

}  // namespace millrace::fit
