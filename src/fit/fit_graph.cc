#include "fit/fit_graph.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "fit/added_features.h"
#include "fit/feature_names.h"
#include "fit/word_choice.h"

namespace millrace::fit {
namespace {

using feature::DatePart;
using feature::Node;
using feature::NodeKind;
using table::ColumnType;

constexpr int64_t kFewestWords = 50;

// Counts of all columns, from one scan.
struct ColumnCounts {
  double rows = 0.0;
  double present = 0.0;
  double minimum = 0.0;     // dates
  double with_hours = 0.0;  // dates that are not at midnight
};

Result<std::vector<ColumnCounts>> CountColumns(const FitInputs& inputs) {
  std::vector<std::string> parts{"count(*)"};
  for (const std::string& name : inputs.features) {
    const std::string quoted = engine::QuoteIdentifier(name);
    const auto index = inputs.schema.Find(name);
    if (!index) {
      return NotFound(Format("features: no such column: \"{}\"", name))
          .WithHint(DidYouMean(name, inputs.schema.names()));
    }
    const bool date = inputs.schema.column(*index).type == ColumnType::kDate;
    parts.push_back(Format("count({})", quoted));
    parts.push_back(date ? Format("min({})", quoted) : "0");
    parts.push_back(
        date ? Format("count(*) FILTER (WHERE {0} <> floor({0} / 86400) * 86400)", quoted) : "0");
  }
  std::vector<std::string> named;
  for (const std::string& part : parts) named.push_back(Format("{} AS s{}", part, named.size()));
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table counted,
      engine::Query(inputs.engine,
                    Format("SELECT {} FROM {} AS rows", Join(named, ", "), inputs.relation)));
  std::vector<ColumnCounts> counts;
  for (size_t i = 0; i < inputs.features.size(); ++i) {
    const auto first = static_cast<int64_t>(1 + 3 * i);
    counts.push_back({.rows = counted.column(0).number(0),
                      .present = counted.column(first).number(0),
                      .minimum = counted.column(first + 1).number(0),
                      .with_hours = counted.column(first + 2).number(0)});
  }
  return counts;
}

struct Categories {
  std::vector<std::string> values;
  std::vector<double> shares;
};

Result<Categories> CountCategories(const FitInputs& inputs, const FitOptions& options,
                                   const std::string& name, double rows) {
  const std::string quoted = engine::QuoteIdentifier(name);
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table counted,
      engine::Query(
          inputs.engine,
          Format("SELECT {0} AS value, count(*) AS number FROM {1} AS rows "
                 "WHERE {0} IS NOT NULL GROUP BY {0} HAVING count(*) >= {2} "
                 "ORDER BY number DESC, value LIMIT {3}",
                 quoted, inputs.relation, options.min_category_rows, options.max_categories)));
  Categories categories;
  for (int64_t row = 0; row < counted.num_rows(); ++row) {
    categories.values.emplace_back(counted.column(0).text(row));
    categories.shares.push_back(counted.column(1).number(row) / rows);
  }
  return categories;
}

class NodeMaker {
 public:
  NodeMaker(const FitInputs& inputs, const FitOptions& options)
      : inputs_(inputs), options_(options), names_(inputs.schema, {}) {}

  Status Add(const table::ColumnSchema& column, const ColumnCounts& counts) {
    if (counts.present == 0.0) {
      reasons_.push_back({column.name, "none: every training value is missing"});
      return {};
    }
    switch (column.type) {
      case ColumnType::kInteger:
      case ColumnType::kNumber:
        AddNumber(column.name, NodeKind::kNumber, counts);
        return {};
      case ColumnType::kBoolean:
        AddNumber(column.name, NodeKind::kBoolean, counts);
        return {};
      case ColumnType::kDate:
        AddDate(column.name, counts);
        return {};
      case ColumnType::kCategory:
        return AddCategory(column.name, counts);
      case ColumnType::kText:
        return AddText(column.name, counts);
    }
    return {};
  }

  std::vector<Node> TakeNodes() { return std::move(nodes_); }
  std::vector<FeatureReason> TakeReasons() { return std::move(reasons_); }

 private:
  void AddNumber(const std::string& name, NodeKind kind, const ColumnCounts& counts) {
    nodes_.push_back({.kind = kind, .column = name, .name = name});
    std::string strategy = kind == NodeKind::kBoolean ? "yes or no" : "number as it is";
    const double missing = 1.0 - counts.present / counts.rows;
    if (missing > options_.indicator_share && missing < 1.0 - options_.indicator_share) {
      nodes_.push_back(
          {.kind = NodeKind::kMissing, .column = name, .name = names_.Take(name + " is missing")});
      strategy += Format(", and whether it is missing ({})", FormatShare(missing, 1.0));
    }
    reasons_.push_back({name, std::move(strategy)});
  }

  void AddDate(const std::string& name, const ColumnCounts& counts) {
    for (const DatePart part :
         {DatePart::kYear, DatePart::kMonth, DatePart::kDay, DatePart::kWeekday, DatePart::kHour}) {
      if (part == DatePart::kHour && counts.with_hours == 0.0) continue;
      nodes_.push_back({.kind = NodeKind::kDatePart,
                        .column = name,
                        .name = names_.Take(Format("{} {}", name, feature::DatePartName(part))),
                        .part = part});
    }
    nodes_.push_back({.kind = NodeKind::kDateElapsed,
                      .column = name,
                      .name = names_.Take(name + " days since the first"),
                      .origin = counts.minimum});
    reasons_.push_back({name, "parts of the date, and days since the first training date"});
  }

  Status AddCategory(const std::string& name, const ColumnCounts& counts) {
    MILLRACE_ASSIGN_OR_RETURN(Categories categories,
                              CountCategories(inputs_, options_, name, counts.rows));
    if (categories.values.empty()) {
      reasons_.push_back({name, "none: no value stands in two training rows"});
      return {};
    }
    reasons_.push_back({name, AddCategoryNodes(name, std::move(categories))});
    return {};
  }

  // Returns the strategy in words.
  std::string AddCategoryNodes(const std::string& name, Categories categories) {
    const auto cardinality = static_cast<int64_t>(categories.values.size());
    std::string strategy = Format("{} categories", FormatCount(cardinality));
    nodes_.push_back(
        {.kind = NodeKind::kCategory, .column = name, .name = name, .values = categories.values});
    if (cardinality > options_.frequency_above) {
      nodes_.push_back({.kind = NodeKind::kFrequency,
                        .column = name,
                        .name = names_.Take(name + " frequency"),
                        .values = std::move(categories.values),
                        .shares = std::move(categories.shares)});
      strategy += " and the frequency of the value";
    }
    return strategy;
  }

  Status AddText(const std::string& name, const ColumnCounts& counts) {
    nodes_.push_back(
        {.kind = NodeKind::kTextLength, .column = name, .name = names_.Take(name + " length")});
    nodes_.push_back(
        {.kind = NodeKind::kWordCount, .column = name, .name = names_.Take(name + " words")});
    const auto affordable = std::max<int64_t>(
        kFewestWords, options_.max_word_cells / static_cast<int64_t>(counts.rows));
    MILLRACE_ASSIGN_OR_RETURN(
        const WordChoice choice,
        ChooseWords(inputs_.engine, inputs_.relation, name, static_cast<int64_t>(counts.present),
                    {.max_words = std::min(options_.max_words, affordable),
                     .min_texts = options_.min_word_rows}));
    for (size_t w = 0; w < choice.words.size(); ++w) {
      Node node{.kind = NodeKind::kWord,
                .column = name,
                .name = names_.Take(Format("{}: {}", name, choice.words[w]))};
      node.word = choice.words[w];
      node.weight = choice.weights[w];
      nodes_.push_back(std::move(node));
    }
    std::string strategy = "text: length, number of words";
    if (!choice.words.empty()) {
      strategy += Format(", and its {} most frequent words and pairs",
                         FormatCount(static_cast<int64_t>(choice.words.size())));
    }
    MILLRACE_ASSIGN_OR_RETURN(Categories categories,
                              CountCategories(inputs_, options_, name, counts.rows));
    double covered = 0.0;
    for (const double share : categories.shares) covered += share;
    if (covered >= options_.category_share) {
      strategy += "; " + AddCategoryNodes(name, std::move(categories));
    }
    reasons_.push_back({name, std::move(strategy)});
    return {};
  }

  const FitInputs& inputs_;
  const FitOptions& options_;
  FeatureNames names_;
  std::vector<Node> nodes_;
  std::vector<FeatureReason> reasons_;
};

}  // namespace

Result<FittedGraph> FitGraph(const FitInputs& inputs, const FitOptions& options) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ColumnCounts> counts, CountColumns(inputs));
  NodeMaker maker(inputs, options);
  for (size_t i = 0; i < inputs.features.size(); ++i) {
    const auto index = inputs.schema.Find(inputs.features[i]);
    MILLRACE_RETURN_IF_ERROR(maker.Add(inputs.schema.column(*index), counts[i]));
  }
  std::vector<Node> nodes = maker.TakeNodes();
  std::vector<FeatureReason> reasons = maker.TakeReasons();
  MILLRACE_ASSIGN_OR_RETURN(AddedNodes added, MakeAddedNodes(inputs));
  std::ranges::move(added.nodes, std::back_inserter(nodes));
  std::ranges::move(added.reasons, std::back_inserter(reasons));
  if (nodes.empty()) {
    return InvalidData("features: no column gives a feature")
        .WithHint("every column is missing, or its values never repeat");
  }
  MILLRACE_ASSIGN_OR_RETURN(feature::Graph graph,
                            feature::Graph::Make(inputs.schema, std::move(nodes)));
  return FittedGraph{std::move(graph), std::move(reasons)};
}

}  // namespace millrace::fit
