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
#include "fit/treatments.h"
#include "spec/missing_policies.h"

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
  for (const std::string& name : given.missing) {
    const spec::MissingPolicyRow* row = spec::FindMissingPolicy(name);
    if (row == nullptr) return refuse(Format("unknown policy of missing values: \"{}\"", name));
    if (spec::Suits(row->policy, type)) continue;
    return refuse(Format("missing: \"{}\" is for {}, not for {} column", name, row->columns,
                         WithArticle(table::ColumnTypeName(type))))
        .WithHint("for this column: " + spec::MissingPoliciesOf(type));
  }
  return {};
}

bool IsDropped(const spec::ColumnFeatures& column) {
  return std::ranges::find(column.missing, "drop") != column.missing.end();
}

// The features that the user does not drop.
std::vector<std::string> KeptFeatures(const FitInputs& inputs) {
  std::vector<std::string> kept;
  for (const std::string& name : inputs.features) {
    const auto given = std::ranges::find(inputs.columns, name, &spec::ColumnFeatures::name);
    if (given == inputs.columns.end() || !IsDropped(*given)) kept.push_back(name);
  }
  return kept;
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
      for (const std::string& name_of_policy : given->missing) {
        const spec::MissingPolicy policy = spec::FindMissingPolicy(name_of_policy)->policy;
        if (policy == spec::MissingPolicy::kIndicator) {
          plan.indicator = true;
        } else {
          plan.fill = policy;
        }
      }
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

// "; clipped to 0 .. 80; missing values become the median (28)"
std::string TreatmentWords(const FittedTreatments& fitted, const std::string& column) {
  std::string words;
  for (size_t t = 0; t < fitted.treatments.size(); ++t) {
    const feature::Treatment& treatment = fitted.treatments[t];
    if (treatment.column != column) continue;
    if (treatment.low && treatment.high) {
      words += Format("; clipped to {} .. {}", FormatFigure(*treatment.low),
                      FormatFigure(*treatment.high));
    }
    if (!fitted.reasons[t].fill.empty()) {
      words += Format("; missing values become {}", fitted.reasons[t].fill);
    }
  }
  return words;
}

// Columns that the user speaks of and that cannot become features.
void SayWhatIsLeftOut(const FitInputs& inputs, std::vector<FeatureReason>& reasons) {
  for (const spec::ColumnFeatures& given : inputs.columns) {
    if (std::ranges::find(inputs.features, given.name) != inputs.features.end()) continue;
    reasons.push_back({.column = given.name,
                       .strategy = IsDropped(given)
                                       ? "none: the column is dropped"
                                       : "none: the column is left out of the features",
                       .decided_by = "features.columns"});
  }
}

}  // namespace

Result<FittedGraph> FitGraph(const FitInputs& all_inputs, const FitOptions& options) {
  FitInputs inputs = all_inputs;
  inputs.features = KeptFeatures(all_inputs);
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ColumnPlan> plans, PlanColumns(inputs));
  AddedFeatures added;
  MILLRACE_RETURN_IF_ERROR(added.Parse(inputs));
  GroupAggregates aggregates;
  MILLRACE_RETURN_IF_ERROR(aggregates.Parse(inputs));

  MILLRACE_ASSIGN_OR_RETURN(FittedTreatments treated, FitTreatments(inputs, plans));
  const std::string relation = TreatedRelation(inputs.relation, inputs.schema, treated.treatments);
  std::vector<ColumnQuestion> questions;
  for (const ColumnPlan& plan : plans) questions.push_back(QuestionOf(plan, options));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ColumnStatistics> counted,
                            CollectStatistics(inputs.engine, relation, questions,
                                              {.min_rows = options.min_category_rows,
                                               .max_values = options.max_categories}));
  RowPass pass;
  std::vector<std::unique_ptr<RowStatistics>> rows;
  for (size_t i = 0; i < plans.size(); ++i) {
    rows.push_back(std::make_unique<RowStatistics>(plans[i], counted[i], options));
    rows.back()->ListenTo(pass, plans[i].column);
  }
  // Expressions and groups read what came: a pass of their own where columns are treated.
  RowPass untreated;
  RowPass& as_it_came = relation == inputs.relation ? pass : untreated;
  aggregates.ListenTo(as_it_came);
  added.ListenTo(as_it_came);
  MILLRACE_RETURN_IF_ERROR(pass.Run(inputs.engine, relation));
  MILLRACE_RETURN_IF_ERROR(untreated.Run(inputs.engine, inputs.relation));

  std::vector<Node> nodes;
  std::vector<FeatureReason> reasons;
  FeatureNames names(inputs.schema, {});
  for (size_t i = 0; i < plans.size(); ++i) {
    ColumnNodes made = MakeColumnNodes(plans[i], counted[i], *rows[i], options, names);
    reasons.push_back(
        {.column = plans[i].column.name,
         .strategy = std::move(made.strategy) + TreatmentWords(treated, plans[i].column.name),
         .num_features = static_cast<int64_t>(made.nodes.size()),
         .decided_by = plans[i].strategies.empty() && plans[i].options.missing.empty()
                           ? "type and values"
                           : "features.columns"});
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
  MILLRACE_ASSIGN_OR_RETURN(
      feature::Graph graph,
      feature::Graph::Make(inputs.schema, std::move(nodes), std::move(treated.treatments)));
  return FittedGraph{std::move(graph), std::move(reasons), std::move(treated.reasons)};
}

}  // namespace millrace::fit
