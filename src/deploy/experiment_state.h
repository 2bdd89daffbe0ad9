// ExperimentState: what the catalog remembers of a running experiment.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "deploy/experiment.h"
#include "deploy/production.h"
#include "journal/cursor.h"

namespace millrace::deploy {

struct ExperimentState {
  ExperimentKind kind = ExperimentKind::kTest;
  Placement champion;
  Placement challenger;
  std::optional<Digest> attestation;  // of the challenger
  int64_t planned_rows = 0;
  double alpha = 0.05;
  double seconds = 0.0;
  int64_t min_requests = 0;
  int64_t started_micros = 0;
  journal::Cursor cursor;                         // of the log at the start
  std::map<std::string, RouteCounters> counters;  // of the server at the start
  // Looks.
  double information = 0.0;  // at the last look that counted
  double alpha_spent = 0.0;
  double p_value = 1.0;
  int64_t num_looks = 0;
  ExperimentVerdict verdict = ExperimentVerdict::kRunning;  // once decided it stays
  std::string reason;
};

/// Returns the experiment that is live, or nothing: production serves exactly its two bundles.
Result<std::optional<ExperimentState>> ReadExperiment(const store::Catalog& catalog);
Status WriteExperiment(store::Catalog& catalog, const ExperimentState& state);
Status ClearExperiment(store::Catalog& catalog);

}  // namespace millrace::deploy
