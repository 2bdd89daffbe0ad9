// QuickProbe: what a small model reaches on rows it has not seen, on a sample, in about a second;
// so that a gate can be proposed that is neither trivial nor out of reach.
//
// Deterministic: same rows and seed, same figures. One thread: a pool costs more than it saves
// here.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "metric/bootstrap.h"
#include "spec/gate.h"
#include "table/table.h"
#include "table/task.h"

namespace millrace::design {

struct ProbeInputs {
  engine::Engine& engine;
  /// Typed rows; the target of a classification is a text column.
  const table::Table& rows;
  std::vector<std::string> features;
  std::string target;
  table::Task task;
  std::string positive;  // binary
  std::string time;      // "": none; else the latest third is predicted from the rest, and the
                         // middle third from the first
  std::string group;     // "": none; else a group is never on both sides
  uint64_t seed = 7;
  int num_threads = 1;  // of the interval; training takes one, a pool costs more than it saves
};

struct QuickProbe {
  std::string metric;      // auc, accuracy or r2
  metric::Interval score;  // on unseen rows
  double baseline = 0.0;   // what a constant answer reaches
  int64_t num_rows = 0;    // that were scored
  int64_t num_folds = 0;   // 1: a hold-out
  /// With time: the score of the middle third. How far two periods lie apart is what a gate on a
  /// third one must leave room for; no interval over the rows of one period knows it.
  std::optional<double> earlier_period;
  /// The scored rows, as metric::Scored takes them.
  std::vector<double> labels;
  std::vector<double> outputs;
  int64_t num_classes = 0;
};

/// Trains and scores. kUnsupported, with the reason, when there is nothing to probe: fewer than 60
/// rows with a target, more than 50 classes, one class only. Errors of the learner.
Result<QuickProbe> RunQuickProbe(const ProbeInputs& inputs);

/// Rows that are worth reading for a probe over this many features.
int64_t ProbeRows(int64_t num_features);

struct GateProposal {
  spec::Gate gate;
  std::string reason;  // "proposed: 3 quick probes reach 0.84 [0.83, 0.86] ..."
};

/// Returns a bound that an equally good model meets on `num_held_out` rows almost surely: the score
/// less its half interval on the probe's rows and on that many rows (which shrinks with the root of
/// the number), and less what an earlier period scored lower, cut to two decimals; nothing when
/// that is no better than a constant answer.
std::optional<GateProposal> ProposeGate(const QuickProbe& probe, int64_t num_held_out);

}  // namespace millrace::design
