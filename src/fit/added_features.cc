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

}  // namespace

Status AddedFeatures::Parse(const FitInputs& inputs) {
  inputs_ = &inputs;
  for (const spec::AddedFeature& feature : inputs.added) {
    MILLRACE_ASSIGN_OR_RETURN(Expression expression, ParseAdded(inputs, feature));
    expressions_.push_back(std::move(expression));
  }
  missing_.resize(expressions_.size());
  return {};
}

void AddedFeatures::ListenTo(RowPass& pass) {
  if (expressions_.empty()) return;
  std::vector<std::string> columns;
  std::vector<int64_t> places;
  for (const table::ColumnSchema& column : inputs_->schema.columns()) {
    const bool read = std::ranges::any_of(
        expressions_, [&](const Expression& e) { return Holds(e.columns(), column.name); });
    if (!read) continue;
    columns.push_back(column.name);
    places.push_back(pass.Read(column));
  }
  for (const Expression& expression : expressions_) over_row_.push_back(expression.Over(columns));
  pass.Add([this, places](const table::Table& batch) { Count(batch, places); });
}

// Counts per expression the rows of `batch` where it is missing.
void AddedFeatures::Count(const table::Table& batch, const std::vector<int64_t>& places) {
  std::vector<feature::RawValue> values(places.size());
  num_rows_ += batch.num_rows();
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = feature::RawValueAt(batch.column(places[i]), row);
    }
    for (size_t e = 0; e < over_row_.size(); ++e) {
      if (std::isnan(over_row_[e].Evaluate(values))) ++missing_[e];
    }
  }
}

AddedNodes AddedFeatures::MakeNodes() const {
  AddedNodes added;
  for (size_t i = 0; i < expressions_.size(); ++i) {
    const spec::AddedFeature& feature = inputs_->added[i];
    FeatureReason reason{.column = feature.name, .decided_by = "features.add"};
    if (missing_[i] == num_rows_) {
      reason.strategy = "none: missing in every training row";
      added.reasons.push_back(std::move(reason));
      continue;
    }
    reason.strategy = "by expression: " + Ellipsize(expressions_[i].text(), 60);
    reason.num_features = 1;
    if (missing_[i] > 0) {
      reason.strategy +=
          Format(" (missing in {} of rows)",
                 FormatShare(static_cast<double>(missing_[i]), static_cast<double>(num_rows_)));
    }
    added.reasons.push_back(std::move(reason));
    added.nodes.push_back({.kind = feature::NodeKind::kExpression,
                           .name = feature.name,
                           .expression = feature.expression});
  }
  return added;
}

}  // namespace millrace::fit
