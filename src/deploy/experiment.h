// Experiment: two bundles in production side by side, sticky by key, and their outcomes compared.
//
// A/B test: labelled rows of both routes give the primary metric of each with its interval, and
// the difference by a two-sample bootstrap (the routes answered different rows). It may be looked
// at as often as wanted: over all looks at most 5 % of experiments between equal models end with a
// winner. Method: O'Brien-Fleming-type alpha spending (Lan & DeMets 1983) up to a planned number of
// labelled rows; each look may use what the spending function added since the last one (a union
// bound over looks: valid whatever their correlation, somewhat conservative).
//
// Canary: a share of requests for a time; then the challenger is promoted, or put back as soon as
// its errors or its latency are worse than the champion's beyond chance.
//
// State "deploy.experiment" in the catalog; what is live is that of production.h, so a kill at any
// instant leaves an experiment that runs or none. The caller holds the project's lock.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "deploy/deploy_phase.h"
#include "deploy/route_counters.h"
#include "metric/bootstrap.h"

namespace millrace::deploy {

enum class ExperimentKind { kTest, kCanary };
std::string_view ExperimentKindName(ExperimentKind kind);  // "test", "canary"

enum class ExperimentVerdict {
  kRunning,           // nothing is decided
  kChallengerBetter,  // of a test
  kChampionBetter,
  kNoDifference,  // the planned rows are in, and neither is better beyond chance
  kCanaryGood,    // its time is over, and nothing spoke against it
  kCanaryBad,     // errors or latency
};
/// Returns "running", "challenger_better", "champion_better", "no_difference", "canary_good",
/// "canary_bad".
std::string_view ExperimentVerdictName(ExperimentVerdict verdict);

struct ExperimentOptions {
  ExperimentKind kind = ExperimentKind::kTest;
  std::optional<double> share;    // of keys that the challenger gets, in (0, 1); nullopt: 0.5 for a
                                  // test, deploy.canary.percent for a canary
  int64_t planned_rows = 2000;    // labelled rows of both routes at which a test ends, >= 100
  double alpha = 0.05;            // two-sided error over all looks
  std::optional<double> seconds;  // of a canary; nullopt: deploy.canary.for
  int64_t min_requests = 100;     // of the challenger before a canary may be promoted
};

/// What one route showed since the experiment began.
struct RouteOutcome {
  std::string label;
  Digest bundle;
  double weight = 0.0;  // share of keys
  int64_t num_predictions = 0;
  int64_t num_labelled = 0;
  metric::Interval metric;  // all NaN while it is not defined
  RouteCounters counters;   // requests, errors, latency
};

struct ExperimentStatus {
  ExperimentKind kind = ExperimentKind::kTest;
  int64_t started_micros = 0;
  std::string metric;  // "auc"
  RouteOutcome champion;
  RouteOutcome challenger;
  /// Oriented so that greater means that the challenger is better. All NaN while not defined.
  metric::Interval difference;
  double p_value = 1.0;      // of the last look that counted
  double information = 0.0;  // share of the planned information that is in, [0, 1]
  double alpha_spent = 0.0;
  int64_t num_looks = 0;      // that counted
  double seconds_left = 0.0;  // of a canary
  ExperimentVerdict verdict = ExperimentVerdict::kRunning;
  std::string reason;  // one sentence with the figures
};
json::Json ToJson(const ExperimentStatus& status);

/// Validates inputs.bundle_object in staging and puts it beside the champion. kNotFound when
/// nothing is in production; kInvalidSpec for options out of range or the champion's own bundle;
/// kInvalidData when task, target or class labels differ; kUnavailable when an experiment runs;
/// kGateNotMet when staging fails. Production stays as it was after each.
Result<ExperimentStatus> StartExperiment(const DeployInputs& inputs,
                                         const ExperimentOptions& options);

/// Looks at the running experiment and remembers the look; changes nothing in production. kNotFound
/// when none runs.
Result<ExperimentStatus> LookAtExperiment(const DeployInputs& inputs);

enum class ExperimentEnd { kKeepChampion, kPromoteChallenger };
/// Ends the experiment. kNotFound when none runs.
Result<ProductionState> EndExperiment(const DeployInputs& inputs, ExperimentEnd end);

/// Looks, and ends a canary that is decided: promotes it or puts the champion back. A test is only
/// looked at. `ended`: what was done.
struct ExperimentStep {
  ExperimentStatus status;
  std::optional<ExperimentEnd> ended;
};
Result<ExperimentStep> StepExperiment(const DeployInputs& inputs);

}  // namespace millrace::deploy
