#include "deploy/experiment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "deploy/attest.h"
#include "deploy/canary.h"
#include "deploy/experiment_state.h"
#include "deploy/outcomes.h"
#include "deploy/production.h"
#include "metric/two_sample.h"

namespace millrace::deploy {
namespace {

constexpr double kMinInformationStep = 0.05;  // a look that brings less does not count
constexpr int64_t kMinLabelled = 30;          // of each route
constexpr int64_t kMinPlannedRows = 100;

using BundlePointer = std::shared_ptr<const bundle::Bundle>;

Status CheckOptions(const ExperimentOptions& options, double share, double seconds) {
  if (!(share > 0.0 && share < 1.0)) {
    return InvalidSpec(Format("experiment: share: not between 0 and 1: {}", share));
  }
  if (options.planned_rows < kMinPlannedRows) {
    return InvalidSpec(Format("experiment: planned rows: fewer than {}: {}", kMinPlannedRows,
                              options.planned_rows));
  }
  if (!(options.alpha > 0.0 && options.alpha < 0.5)) {
    return InvalidSpec(Format("experiment: alpha: not between 0 and 0.5: {}", options.alpha));
  }
  if (!(seconds > 0.0)) return InvalidSpec(Format("experiment: time: not above 0: {}", seconds));
  return {};
}

Status CheckComparable(const bundle::Bundle& champion, const bundle::Bundle& challenger) {
  if (champion.digest() == challenger.digest()) {
    return InvalidSpec(Format("experiment: bundle {} is the champion", champion.digest().Short()));
  }
  if (champion.task() != challenger.task() || champion.target() != challenger.target() ||
      champion.class_labels() != challenger.class_labels()) {
    return InvalidData(Format("experiment: bundle {}: task, target or classes are not those of {}",
                              challenger.digest().Short(), champion.digest().Short()))
        .WithHint("promote it instead: their answers cannot be compared");
  }
  return {};
}

Result<BundlePointer> OpenObject(const DeployInputs& inputs, const Digest& object) {
  return bundle::Bundle::Open(inputs.objects.PathOf(object));
}

Result<ExperimentState> FindRunning(const DeployInputs& inputs) {
  MILLRACE_RETURN_IF_ERROR(Reconcile(inputs));
  MILLRACE_ASSIGN_OR_RETURN(std::optional<ExperimentState> state, ReadExperiment(inputs.catalog));
  if (!state) return NotFound("experiment: none runs").WithHint("millrace experiment start");
  return *std::move(state);
}

// Counters of the production server; a server that does not answer counts nothing.
std::map<std::string, RouteCounters> CountersNow(const DeployInputs& inputs) {
  const auto server = serve::FindServer(ProductionStatePath(inputs.project));
  if (!server) return {};
  auto counters = AskCounters(*server);
  return counters.ok() ? *std::move(counters) : std::map<std::string, RouteCounters>();
}

RouteOutcome OutcomeOf(const Placement& placement, const RouteRows& rows,
                       const ExperimentState& state,
                       const std::map<std::string, RouteCounters>& now) {
  RouteOutcome outcome;
  outcome.label = placement.label;
  outcome.bundle = placement.bundle;
  outcome.weight = placement.weight;
  outcome.num_predictions = rows.num_predictions;
  outcome.num_labelled = rows.num_labelled();
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  outcome.metric = {kNone, kNone, kNone};
  const auto current = now.find(placement.label);
  if (current != now.end()) {
    const auto before = state.counters.find(placement.label);
    outcome.counters =
        before == state.counters.end() ? current->second : current->second.Since(before->second);
  }
  return outcome;
}

// Precision of a difference of two means grows with n1 n2 / (n1 + n2).
double EffectiveRows(double first, double second) {
  return first > 0.0 && second > 0.0 ? first * second / (first + second) : 0.0;
}

std::string FiguresOf(const ExperimentStatus& status) {
  return Format("{} {} [{}, {}] against {} [{}, {}]", status.metric,
                FormatSignificant(status.challenger.metric.value, 3),
                FormatSignificant(status.challenger.metric.low, 3),
                FormatSignificant(status.challenger.metric.high, 3),
                FormatSignificant(status.champion.metric.value, 3),
                FormatSignificant(status.champion.metric.low, 3),
                FormatSignificant(status.champion.metric.high, 3));
}

// A look of a test: spends what the new rows allow, and decides.
void LookAtTest(ExperimentState& state, ExperimentStatus& status, double standard_error) {
  const auto rows = static_cast<double>(state.planned_rows);
  const double planned =
      EffectiveRows(rows * state.champion.weight, rows * state.challenger.weight);
  const double found = EffectiveRows(static_cast<double>(status.champion.num_labelled),
                                     static_cast<double>(status.challenger.num_labelled));
  status.information = std::min(1.0, found / planned);
  if (state.verdict != ExperimentVerdict::kRunning) return;
  const bool enough =
      std::min(status.champion.num_labelled, status.challenger.num_labelled) >= kMinLabelled;
  const bool counts = status.information >= state.information + kMinInformationStep ||
                      (status.information >= 1.0 && state.information < 1.0);
  if (!enough || !counts || !(standard_error > 0.0)) {
    state.reason =
        Format("{} labelled rows of the champion, {} of the challenger, {} planned",
               status.champion.num_labelled, status.challenger.num_labelled, state.planned_rows);
    return;
  }
  const double allowed = metric::SpentAlpha(state.alpha, status.information);
  state.p_value = metric::TwoSidedPValue(status.difference.value / standard_error);
  const bool decided = state.p_value <= allowed - state.alpha_spent;
  state.alpha_spent = allowed;
  state.information = status.information;
  ++state.num_looks;
  state.reason =
      Format("{} after {} of {} planned rows", FiguresOf(status),
             status.champion.num_labelled + status.challenger.num_labelled, state.planned_rows);
  if (decided) {
    state.verdict = status.difference.value > 0.0 ? ExperimentVerdict::kChallengerBetter
                                                  : ExperimentVerdict::kChampionBetter;
  } else if (state.information >= 1.0) {
    state.verdict = ExperimentVerdict::kNoDifference;
  }
}

void LookAtCanary(const DeployInputs& inputs, ExperimentState& state, ExperimentStatus& status) {
  const double age = static_cast<double>(inputs.clock.NowMicros() - state.started_micros) * 1e-6;
  status.seconds_left = std::max(0.0, state.seconds - age);
  if (state.verdict != ExperimentVerdict::kRunning) return;
  const CanaryFinding finding =
      JudgeCanary(status.champion.counters, status.challenger.counters, state.min_requests);
  state.reason = finding.reason;
  if (finding.health == CanaryHealth::kBad) state.verdict = ExperimentVerdict::kCanaryBad;
  if (finding.health == CanaryHealth::kGood && status.seconds_left <= 0.0) {
    state.verdict = ExperimentVerdict::kCanaryGood;
  }
}

struct Compared {
  ExperimentStatus status;  // routes, metric and difference
  double standard_error = 0.0;
};

Result<Compared> Compare(const DeployInputs& inputs, const ExperimentState& state) {
  MILLRACE_ASSIGN_OR_RETURN(const BundlePointer champion,
                            OpenObject(inputs, state.champion.object));
  MILLRACE_ASSIGN_OR_RETURN(const BundlePointer challenger,
                            OpenObject(inputs, state.challenger.object));
  MILLRACE_ASSIGN_OR_RETURN(const Outcomes outcomes,
                            CollectOutcomes({.journal = inputs.project.logs_folder(),
                                             .from = state.cursor,
                                             .since_micros = state.started_micros,
                                             .champion = *champion,
                                             .challenger = *challenger}));
  const auto now = CountersNow(inputs);
  Compared compared;
  ExperimentStatus& status = compared.status;
  status.kind = state.kind;
  status.started_micros = state.started_micros;
  status.champion = OutcomeOf(state.champion, outcomes.champion, state, now);
  status.challenger = OutcomeOf(state.challenger, outcomes.challenger, state, now);
  status.metric = champion->primary_metric();
  const metric::MetricInfo* info = metric::FindMetric(champion->task(), status.metric);
  if (info == nullptr) {
    return Corrupt(Format("bundle {}: primary metric: unknown: {}", champion->digest().Short(),
                          status.metric));
  }
  const metric::SampleDifference found =
      metric::BootstrapTwoSamples(*info, outcomes.challenger.Scored(*challenger),
                                  outcomes.champion.Scored(*champion), Rng(7).Fork("experiment"));
  status.champion.metric = found.right;
  status.challenger.metric = found.left;
  status.difference = found.difference;
  if (!info->greater_is_better) {
    status.difference = {-found.difference.value, -found.difference.high, -found.difference.low};
  }
  compared.standard_error = found.standard_error;
  return compared;
}

json::Json IntervalJson(const metric::Interval& interval) {
  return json::Json::Of(
      {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}});
}

json::Json RouteJson(const RouteOutcome& route) {
  return json::Json::Of({{"label", route.label},
                         {"bundle", route.bundle.ToHex()},
                         {"share", route.weight},
                         {"predictions", route.num_predictions},
                         {"labelled", route.num_labelled},
                         {"metric", IntervalJson(route.metric)},
                         {"requests", route.counters.requests},
                         {"errors", route.counters.errors},
                         {"latency_p99_ms", route.counters.Quantile(0.99) * 1e3}});
}

}  // namespace

json::Json ToJson(const ExperimentStatus& status) {
  return json::Json::Of({{"kind", ExperimentKindName(status.kind)},
                         {"started", FormatUtc(status.started_micros)},
                         {"metric", status.metric},
                         {"champion", RouteJson(status.champion)},
                         {"challenger", RouteJson(status.challenger)},
                         {"difference", IntervalJson(status.difference)},
                         {"p_value", status.p_value},
                         {"information", status.information},
                         {"alpha_spent", status.alpha_spent},
                         {"looks", status.num_looks},
                         {"seconds_left", status.seconds_left},
                         {"verdict", ExperimentVerdictName(status.verdict)},
                         {"reason", status.reason}});
}

Result<ExperimentStatus> StartExperiment(const DeployInputs& inputs,
                                         const ExperimentOptions& options) {
  const spec::DeployPlan& plan = inputs.spec.deploy;
  const bool is_canary = options.kind == ExperimentKind::kCanary;
  const double share = options.share.value_or(is_canary ? plan.canary_percent / 100.0 : 0.5);
  const double seconds = options.seconds.value_or(plan.canary_seconds);
  MILLRACE_RETURN_IF_ERROR(CheckOptions(options, share, seconds));
  MILLRACE_RETURN_IF_ERROR(Reconcile(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState live, ReadLive(inputs.catalog));
  if (live.routes.empty()) {
    return NotFound("experiment: nothing is in production").WithHint("millrace deploy comes first");
  }
  if (live.routes.size() > 1) {
    return Unavailable("experiment: one runs already").WithHint("millrace experiment stop");
  }
  MILLRACE_ASSIGN_OR_RETURN(const BundlePointer champion,
                            OpenObject(inputs, live.routes.front().object));
  MILLRACE_ASSIGN_OR_RETURN(const BundlePointer challenger,
                            OpenObject(inputs, inputs.bundle_object));
  MILLRACE_RETURN_IF_ERROR(CheckComparable(*champion, *challenger));
  MILLRACE_ASSIGN_OR_RETURN(const Attested attested, Stage(inputs, *challenger));
  ExperimentState state;
  state.kind = options.kind;
  state.champion = live.routes.front();
  state.champion.weight = 1.0 - share;
  state.challenger = {inputs.bundle_object, challenger->digest(), share, "challenger"};
  state.attestation = attested.attestation;
  state.planned_rows = options.planned_rows;
  state.alpha = options.alpha;
  state.seconds = seconds;
  state.min_requests = options.min_requests;
  state.started_micros = inputs.clock.NowMicros();
  MILLRACE_ASSIGN_OR_RETURN(state.cursor, EndOfJournal(inputs.project.logs_folder()));
  state.counters = CountersNow(inputs);
  MILLRACE_RETURN_IF_ERROR(WriteExperiment(inputs.catalog, state));
  Switch change;
  change.routes = {state.champion, state.challenger};
  change.history = live.history;
  change.attestation = live.attestation;
  change.action = "experiment.start";
  change.detail = json::Json::Of({{"kind", ExperimentKindName(state.kind)},
                                  {"share", share},
                                  {"attestation", attested.attestation.ToHex()}});
  MILLRACE_RETURN_IF_ERROR(MakeSwitch(inputs, change).status());
  return LookAtExperiment(inputs);
}

Result<ExperimentStatus> LookAtExperiment(const DeployInputs& inputs) {
  MILLRACE_ASSIGN_OR_RETURN(ExperimentState state, FindRunning(inputs));
  MILLRACE_ASSIGN_OR_RETURN(Compared compared, Compare(inputs, state));
  ExperimentStatus& status = compared.status;
  if (state.kind == ExperimentKind::kTest) {
    LookAtTest(state, status, compared.standard_error);
  } else {
    LookAtCanary(inputs, state, status);
  }
  status.p_value = state.p_value;
  status.alpha_spent = state.alpha_spent;
  status.num_looks = state.num_looks;
  status.verdict = state.verdict;
  status.reason = state.reason;
  MILLRACE_RETURN_IF_ERROR(WriteExperiment(inputs.catalog, state));
  return std::move(compared.status);
}

Result<ProductionState> EndExperiment(const DeployInputs& inputs, ExperimentEnd end) {
  MILLRACE_ASSIGN_OR_RETURN(const ExperimentState state, FindRunning(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState live, ReadLive(inputs.catalog));
  Switch change;
  change.history = live.history;
  change.attestation = live.attestation;
  Placement winner = state.champion;
  if (end == ExperimentEnd::kPromoteChallenger) {
    change.history.push_back(state.champion);
    change.attestation = state.attestation;
    winner = state.challenger;
  }
  winner.weight = 1.0;
  winner.label = "champion";
  change.routes = {winner};
  change.action =
      end == ExperimentEnd::kPromoteChallenger ? "experiment.promote" : "experiment.stop";
  change.detail = json::Json::Of({{"kind", ExperimentKindName(state.kind)},
                                  {"verdict", ExperimentVerdictName(state.verdict)},
                                  {"reason", state.reason}});
  MILLRACE_RETURN_IF_ERROR(MakeSwitch(inputs, change).status());
  MILLRACE_RETURN_IF_ERROR(ClearExperiment(inputs.catalog));
  return ObserveProduction(inputs.project);
}

Result<ExperimentStep> StepExperiment(const DeployInputs& inputs) {
  ExperimentStep step;
  MILLRACE_ASSIGN_OR_RETURN(step.status, LookAtExperiment(inputs));
  if (step.status.verdict == ExperimentVerdict::kCanaryGood) {
    step.ended = ExperimentEnd::kPromoteChallenger;
  } else if (step.status.verdict == ExperimentVerdict::kCanaryBad) {
    step.ended = ExperimentEnd::kKeepChampion;
  }
  if (step.ended) MILLRACE_RETURN_IF_ERROR(EndExperiment(inputs, *step.ended).status());
  return step;
}

}  // namespace millrace::deploy
