// MissingProbe: which policy of missing values each column takes where features.missing is auto:
// native, unless a small model on training rows is measurably better with another one.
//
// Rows: at most kProbeRows of the training part, evenly thinned. For each column with gaps, boosted
// trees are trained with each policy, in kProbeFolds folds by row key (copies of a row stay
// together), and compared with native row by row by their loss (log loss, squared error), over two
// divisions into folds. A policy is taken when the gain is positive in both divisions, at least
// kLeastGain of the loss, and its p-value (of the paired difference, normal; times the number of
// comparisons, Bonferroni) is below 0.05. Bounded by work, not by the clock: the same rows give the
// same choice on any machine. One thread.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/data_phase.h"
#include "engine/engine.h"
#include "fit/fit_graph.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/object_store.h"

namespace millrace::develop {

inline constexpr int64_t kProbeRows = 2'000;
inline constexpr int64_t kLeastProbeRows = 200;
inline constexpr size_t kMostProbedColumns = 6;
inline constexpr int64_t kProbeFolds = 3;
inline constexpr double kLeastGain = 0.002;   // of the loss of native
inline constexpr double kProbedShare = 0.01;  // of gaps, from which a column is probed
inline constexpr double kNearlyAll = 0.95;    // of gaps, from which leaving it out is looked at

/// One policy of one column against native.
struct PolicyTrial {
  std::vector<std::string> missing;  // as in spec::ColumnFeatures; "drop" is only proposed
  double gain = 0.0;                 // share of native's loss that goes away; below 0: worse
  double low = 0.0;                  // 95 % interval of it, paired by row
  double high = 0.0;
  double p = 1.0;       // corrected; 1 where the first division showed no gain
  bool better = false;  // in the sense of the header
};

struct ColumnProbe {
  std::string column;
  double share = 0.0;  // of gaps in the rows that were looked at
  std::vector<PolicyTrial> trials;
  std::vector<std::string> chosen;  // {"native"} or the words of a trial
  std::string reason;
};

struct MissingProbe {
  int64_t num_rows = 0;              // looked at
  std::vector<ColumnProbe> columns;  // most gaps first
  std::string not_probed;            // why nothing was probed; empty: something was
};

struct MissingProbeInputs {
  const spec::Spec& spec;
  const data::DataRecord& data;
  const store::ObjectStore& objects;
  engine::Engine& engine;
  std::vector<fit::ColumnClip> clips;
};

/// Probes the columns that say nothing of their gaps themselves. Errors: those of loading rows.
Result<MissingProbe> ProbeMissing(const MissingProbeInputs& inputs);

/// Returns `columns` with the choices of the probe.
std::vector<spec::ColumnFeatures> WithChoices(std::vector<spec::ColumnFeatures> columns,
                                              const MissingProbe& probe);

/// Draws the choices, with scores and reasons.
report::Block ProbeBlock(const MissingProbe& probe);

}  // namespace millrace::develop
