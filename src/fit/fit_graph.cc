#include "fit/fit_graph.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "fit/added_features.h"
#include "fit/column_nodes.h"
#include "fit/column_statistics.h"
#include "fit/feature_names.h"
#include "fit/group_aggregates.h"
#include "fit/row_pass.h"

namespace millrace::fit {
namespace {

using feature::Node;

// Checks what the user says of a column against its type.
Status CheckStrategies(const spec::ColumnFeatures& given, const table::Schema& schema) {
  const auto refuse = [&](std::string_view what) {
    return InvalidSpec(
        Format("{}: features.columns.{}: {}", given.place.ToString(), given.name, what));
  };
  const auto index = schema.Find(given.name);
  if (!index) return refuse("no such column").WithHint(DidYouMean(given.name, schema.names()));
  const table::ColumnType type = schema.column(*index).type;
  for (const std::string& name : given.strategies) {
    const spec::StrategyRow* row = spec::FindStrategy(name);
    if (row == nullptr) return refuse(Format("unknown strategy: \"{}\"", name));
    if (spec::Suits(row->strategy, type)) continue;
    return refuse(Format("\"{}\" is for {}, not for {} column", name, row->columns,
                         WithArticle(table::ColumnTypeName(type))))
        .WithHint("for this column: " + spec::StrategiesOf(type));
  }
  return {};
}

Result<std::vector<ColumnPlan>> PlanColumns(const FitInputs& inputs) {
  for (const spec::ColumnFeatures& given : inputs.columns) {
    MILLRACE_RETURN_IF_ERROR(CheckStrategies(given, inputs.schema));
  }
  std::vector<ColumnPlan> plans;
  for (const std::string& name : inputs.features) {
    const auto index = inputs.schema.Find(name);
    if (!index) {
      return NotFound(Format("features: no such column: \"{}\"", name))
          .WithHint(DidYouMean(name, inputs.schema.names()));
    }
    ColumnPlan plan{.column = inputs.schema.column(*index)};
    const auto given = std::ranges::find(inputs.columns, name, &spec::ColumnFeatures::name);
    if (given != inputs.columns.end()) {
      plan.options = *given;
      for (const std::string& strategy : given->strategies) {
        plan.strategies.push_back(spec::FindStrategy(strategy)->strategy);
      }
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

// Columns that the user speaks of and that cannot become features.
void SayWhatIsLeftOut(const FitInputs& inputs, std::vector<FeatureReason>& reasons) {
  for (const spec::ColumnFeatures& given : inputs.columns) {
    if (std::ranges::find(inputs.features, given.name) != inputs.features.end()) continue;
    reasons.push_back({.column = given.name,
                       .strategy = "none: the column is left out of the features",
                       .decided_by = "features.columns"});
  }
}

}  // namespace

Result<FittedGraph> FitGraph(const FitInputs& inputs, const FitOptions& options) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ColumnPlan> plans, PlanColumns(inputs));
  AddedFeatures added;
  MILLRACE_RETURN_IF_ERROR(added.Parse(inputs));
  GroupAggregates aggregates;
  MILLRACE_RETURN_IF_ERROR(aggregates.Parse(inputs));

  std::vector<ColumnQuestion> questions;
  for (const ColumnPlan& plan : plans) questions.push_back(QuestionOf(plan, options));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ColumnStatistics> counted,
                            CollectStatistics(inputs.engine, inputs.relation, questions,
                                              {.min_rows = options.min_category_rows,
                                               .max_values = options.max_categories}));
  RowPass pass;
  std::vector<std::unique_ptr<RowStatistics>> rows;
  for (size_t i = 0; i < plans.size(); ++i) {
    rows.push_back(std::make_unique<RowStatistics>(plans[i], counted[i], options));
    rows.back()->ListenTo(pass, plans[i].column);
  }
  aggregates.ListenTo(pass);
  added.ListenTo(pass);
  MILLRACE_RETURN_IF_ERROR(pass.Run(inputs.engine, inputs.relation));

  std::vector<Node> nodes;
  std::vector<FeatureReason> reasons;
  FeatureNames names(inputs.schema, {});
  for (size_t i = 0; i < plans.size(); ++i) {
    ColumnNodes made = MakeColumnNodes(plans[i], counted[i], *rows[i], options, names);
    reasons.push_back(
        {.column = plans[i].column.name,
         .strategy = std::move(made.strategy),
         .num_features = static_cast<int64_t>(made.nodes.size()),
         .decided_by = plans[i].strategies.empty() ? "type and values" : "features.columns"});
    std::ranges::move(made.nodes, std::back_inserter(nodes));
  }
  for (AddedNodes extra : {aggregates.MakeNodes(options), added.MakeNodes()}) {
    std::ranges::move(extra.nodes, std::back_inserter(nodes));
    std::ranges::move(extra.reasons, std::back_inserter(reasons));
  }
  SayWhatIsLeftOut(inputs, reasons);
  if (nodes.empty()) {
    return InvalidData("features: no column gives a feature")
        .WithHint("every column is missing, or its values never repeat");
  }
  MILLRACE_ASSIGN_OR_RETURN(feature::Graph graph,
                            feature::Graph::Make(inputs.schema, std::move(nodes)));
  return FittedGraph{std::move(graph), std::move(reasons)};
}

}  // namespace millrace::fit
