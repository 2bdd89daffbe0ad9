// Makes the nodes of one column from its strategies and statistics. Internal to fit/.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "feature/node.h"
#include "fit/column_statistics.h"
#include "fit/feature_names.h"
#include "fit/fit_graph.h"
#include "fit/number_fit.h"
#include "fit/row_pass.h"
#include "fit/word_choice.h"
#include "spec/feature_strategies.h"
#include "spec/missing_policies.h"

namespace millrace::fit {

/// What a column is to become.
struct ColumnPlan {
  table::ColumnSchema column;
  std::vector<spec::Strategy> strategies;  // empty: by type and values
  spec::ColumnFeatures options;
  spec::MissingPolicy fill = spec::MissingPolicy::kNative;  // never kIndicator, never kDrop
  bool indicator = false;                                   // asked for

  bool Has(spec::Strategy strategy) const;
};

/// Returns what SQL must say of the column.
ColumnQuestion QuestionOf(const ColumnPlan& plan, const FitOptions& options);

/// What is counted in the order of rows. Listens to a RowPass, which it must outlive.
class RowStatistics {
 public:
  RowStatistics(const ColumnPlan& plan, const ColumnStatistics& counted, const FitOptions& options);
  RowStatistics(const RowStatistics&) = delete;
  RowStatistics& operator=(const RowStatistics&) = delete;

  /// Asks `pass` for the column where the plan needs it.
  void ListenTo(RowPass& pass, const table::ColumnSchema& column);

  const Moments& moments() const { return moments_; }
  double Lambda() const { return FitLambda(values_); }
  WordChoice Words() const { return words_->Choose(); }
  WordChoice Ngrams() const { return ngrams_->Choose(); }

 private:
  void AddNumber(double value);

  bool wants_moments_ = false;
  bool wants_values_ = false;
  Moments moments_;
  int64_t step_ = 1;  // of values_: every step_-th number
  int64_t num_seen_ = 0;
  std::vector<double> values_;
  std::optional<WordChooser> words_;
  std::optional<WordChooser> ngrams_;
};

struct ColumnNodes {
  std::vector<feature::Node> nodes;
  std::string strategy;  // in words, for the report
};

/// Makes the nodes. Names are taken from `names`.
ColumnNodes MakeColumnNodes(const ColumnPlan& plan, const ColumnStatistics& counted,
                            const RowStatistics& rows, const FitOptions& options,
                            FeatureNames& names);

}  // namespace millrace::fit
