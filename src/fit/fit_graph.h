// Fits the transform graph: asks the engine for the statistics of training rows (counts of
// categories, shapes of dates, missing shares) and turns them into nodes.
//
// Deterministic: SQL is asked for counts, extremes and quantiles only, which do not depend on
// threads or order; sums, words and expressions are counted in row order. Categories come by count,
// greatest first, ties by text. The rows are read twice at most, whatever the columns become: by
// statements of SQL, one for each hundred columns, and by one pass in row order. Treatments (clips,
// fills of missing values) are fitted before them, and read the rows up to two times more, and once
// for each number that is filled by its most frequent value.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "feature/graph.h"
#include "spec/spec.h"
#include "table/schema.h"

namespace millrace::fit {

/// Bounds that a number column is clipped to; from training rows, as the caller measured them.
struct ColumnClip {
  std::string column;
  double low = 0.0;
  double high = 0.0;
};

struct FitInputs {
  engine::Engine& engine;
  /// SQL of the training rows, as it stands after FROM: a table name or a query in brackets. Its
  /// columns are those of `schema`, typed.
  std::string relation;
  const table::Schema& schema;
  std::vector<std::string> features;  // raw columns that may be used
  /// Features by expression (spec.features.add). They may read any column of `features`, and no
  /// other: neither the target nor what was left out.
  std::vector<spec::AddedFeature> added;
  /// Features by group (spec.features.aggregates); they too read `features` alone.
  std::vector<spec::GroupAggregate> aggregates;
  /// What the user says of single columns (spec.features.columns).
  std::vector<spec::ColumnFeatures> columns;
  /// Columns that are clipped; those that are no features do nothing.
  std::vector<ColumnClip> clips;
};

struct FitOptions {
  /// A category that fewer training rows hold is left out: it reads as unseen.
  int64_t min_category_rows = 2;
  /// Most categories of a column; the rest reads as unseen.
  int64_t max_categories = 1'000;
  /// Columns with more categories than this also give the frequency of the value.
  int64_t frequency_above = 20;
  /// A number that is missing in more than this share of rows (and less than one minus it) also
  /// gives an indicator.
  double indicator_share = 0.01;
  /// Free texts: most words and pairs of words (0: none), and rows that must hold one. Many rows
  /// get fewer words, 50 at least: words times rows stay within `max_word_cells`.
  int64_t max_words = 1'000;
  int64_t min_word_rows = 5;
  int64_t max_word_cells = 50'000'000;
  /// A free text whose repeated values cover this share of rows is a category too.
  double category_share = 0.5;
  /// Most values of a one-hot encoding, the most frequent; the others are all 0.
  int64_t max_one_hot = 200;
  /// Most groups of an aggregate, those of the most rows; the others read as all rows together.
  int64_t max_groups = 50'000;
};

/// One decision of the fit, for the report.
struct FeatureReason {
  std::string column;    // raw column, or name of an added feature
  std::string strategy;  // "number as it is", "12 categories", ...
  int64_t num_features = 0;
  std::string decided_by;  // "type and values", "features.columns", "features.add", ...
};

/// What is done to the values of one column before they become features.
struct TreatmentReason {
  std::string column;
  std::string policy;  // as asked for: "median", "model", ...; "native" where only bounds are set
  std::string fill;    // "the median (28)", "a prediction from 3 columns ..."; empty: nothing
};

struct FittedGraph {
  feature::Graph graph;
  std::vector<FeatureReason> reasons;
  std::vector<TreatmentReason> treatments;  // [graph.treatments()]
};

/// Nodes come in the order of `features`, then `aggregates`, then `added`. kInvalidData when no
/// feature comes out; kInvalidSpec "file:line: features.add \"name\":line:column: what" for an
/// added feature that is wrong, reads a column that may not be used or takes a name that is taken.
/// An added feature that is missing in every training row is left out, with the reason. The same
/// error for features.aggregates, also for a column whose type has no such statistic; and, with
/// features.columns, for a column that does not exist or whose type does not suit a strategy.
Result<FittedGraph> FitGraph(const FitInputs& inputs, const FitOptions& options = {});

}  // namespace millrace::fit
