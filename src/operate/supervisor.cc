#include "operate/supervisor.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/logging.h"
#include "base/process.h"
#include "base/text.h"
#include "deploy/production.h"
#include "deploy/server_process.h"
#include "json/text.h"
#include "net/http_client.h"

namespace millrace::operate {
namespace {

using json::Json;

constexpr double kLongestPauseSeconds = 60.0;
constexpr double kSteadySeconds = 60.0;   // a server that lived so long starts pauses anew
constexpr double kLivenessSeconds = 5.0;  // between requests to the server
constexpr int kLivenessFailures = 3;      // in a row, until the server counts as stuck
constexpr double kRetrainPauseSeconds = 60.0;
constexpr double kLongestRetrainPauseSeconds = 3600.0;
constexpr double kGraceSeconds = 10.0;

std::string StatePath(const store::Project& project) {
  return JoinPath(project.state_folder(), "operator.json");
}
std::string LockPath(const store::Project& project) {
  return JoinPath(project.state_folder(), "operator.lock");
}

std::optional<SupervisorState> ReadState(const store::Project& project) {
  const Result<std::string> text = ReadFile(StatePath(project));
  if (!text.ok()) return std::nullopt;
  const Result<Json> document = json::Parse(*text, StatePath(project));
  if (!document.ok()) return std::nullopt;
  Result<SupervisorState> state = SupervisorStateFromJson(*document);
  if (!state.ok()) return std::nullopt;
  return std::move(state).value();
}

// A pause that doubles from failure to failure.
class Backoff {
 public:
  explicit Backoff(double first) : first_(first), pause_(first) {}
  double Next() {
    const double pause = pause_;
    pause_ = std::min(pause_ * 2.0, kLongestPauseSeconds);
    return pause;
  }
  void Reset() { pause_ = first_; }

 private:
  double first_;
  double pause_;
};

class Supervisor {
 public:
  Supervisor(const SupervisorInputs& inputs, const std::optional<SupervisorState>& before)
      : inputs_(inputs),
        deploy_{.spec = inputs.spec,
                .project = inputs.project,
                .objects = inputs.objects,
                .catalog = inputs.catalog,
                .clock = inputs.clock,
                .progress = inputs.progress,
                .server_program = inputs.server_program,
                .actor = "operator"},
        operate_{.spec = inputs.spec,
                 .project = inputs.project,
                 .objects = inputs.objects,
                 .catalog = inputs.catalog,
                 .clock = inputs.clock,
                 .progress = inputs.progress},
        backoff_(inputs.first_pause_seconds) {
    if (!before) return;
    state_.next_retrain_micros = before->next_retrain_micros;
    state_.num_retrain_failures = before->num_retrain_failures;
  }

  Result<SupervisorState> Run() {
    state_.process_id = CurrentProcessId();
    MILLRACE_ASSIGN_OR_RETURN(state_.start_ticks, ProcessStartTicks(state_.process_id));
    state_.started_micros = inputs_.clock.NowMicros();
    MILLRACE_RETURN_IF_ERROR(Publish());
    while (!inputs_.stop()) {
      KeepServer();
      PollRetrain();
      if (Now() >= next_pass_) Pass();
      if (published_ != json::Write(ToJson(state_))) MILLRACE_RETURN_IF_ERROR(Publish());
      inputs_.clock.SleepSeconds(inputs_.tick_seconds);
    }
    if (state_.retrain_process_id != 0) {
      MILLRACE_RETURN_IF_ERROR(StopProcess(state_.retrain_process_id, kGraceSeconds));
      state_.retrain_process_id = 0;
    }
    MILLRACE_RETURN_IF_ERROR(RemoveAll(StatePath(inputs_.project)));
    return state_;
  }

 private:
  double Now() const { return inputs_.clock.MonotonicSeconds(); }

  Status Publish() {
    published_ = json::Write(ToJson(state_));
    MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(StatePath(inputs_.project), published_ + "\n"));
    if (inputs_.changed) inputs_.changed(state_);
    return {};
  }

  void Tell(const Status& status) {
    if (status.ok()) return;
    state_.last_error = status.message();
    LogError(Format("operator: {}", status.ToString()));
  }

  // Looks at the server; starts it again where it is gone, ends one that does not answer.
  void KeepServer() {
    const Result<deploy::ProductionState> observed = deploy::ObserveProduction(inputs_.project);
    if (!observed.ok()) return Tell(observed.status());
    if (observed->running) {
      SeeServer(*observed);
      if (Now() >= next_liveness_) AskWhetherItLives(*observed);
      return;
    }
    if (gone_since_ < 0.0) LoseServer();
    if (Now() >= next_start_) StartServer();
  }

  void SeeServer(const deploy::ProductionState& observed) {
    if (state_.server_process_id != observed.process_id) {
      state_.server_process_id = observed.process_id;
      state_.url = observed.url;
      seen_since_ = Now();
      liveness_failures_ = 0;
    }
    seen_any_ = true;
    gone_since_ = -1.0;
    if (Now() - seen_since_ >= kSteadySeconds) backoff_.Reset();
  }

  void LoseServer() {
    gone_since_ = Now();
    next_start_ = Now();
    if (state_.server_process_id == 0) return;  // it never ran under this operator
    // Reaps the process where it was ours; another's is of no concern.
    if (!PollChild(state_.server_process_id).ok())
      LogDebug("operator: not a child of this process");
    next_start_ = Now() + backoff_.Next();
    RaiseServerAlert(Format("The production server (process {}) ended; it is started again",
                            state_.server_process_id));
    state_.server_process_id = 0;
    state_.url.clear();
  }

  void RaiseServerAlert(std::string text) {
    const int64_t now = inputs_.clock.NowMicros();
    Tell(RaiseAlert(operate_, {.id = Format("server.{}", now),
                               .kind = "server",
                               .text = std::move(text),
                               .time_micros = now}));
    next_pass_ = Now();  // it is sent at once
  }

  // While another command holds the project it may be about to start the server itself.
  void StartServer() {
    Status status;
    Result<store::ProjectLock> lock = store::ProjectLock::Take(inputs_.project, "millrace up");
    if (lock.ok()) {
      status = deploy::StartProduction(deploy_).status();
    } else if (Now() - gone_since_ < inputs_.lock_patience_seconds) {
      next_start_ = Now() + 0.5;
      return;
    } else {
      status = deploy::StartFromDeployment(deploy_).status();
    }
    Tell(status);
    if (status.ok()) {
      if (seen_any_) ++state_.num_restarts;
      state_.last_error.clear();
      // Seen at once: a state that counts the restart also tells the new address.
      const Result<deploy::ProductionState> observed = deploy::ObserveProduction(inputs_.project);
      if (observed.ok() && observed->running) SeeServer(*observed);
    }
    next_start_ = Now() + backoff_.Next();
  }

  void AskWhetherItLives(const deploy::ProductionState& observed) {
    next_liveness_ = Now() + kLivenessSeconds;
    const Result<net::Url> url = net::ParseUrl(observed.url + "/v1/live");
    if (!url.ok()) return Tell(url.status());
    net::HttpClient client(url->host, url->port, 2.0);
    const auto answer = client.Get(url->target);
    liveness_failures_ = answer.ok() ? 0 : liveness_failures_ + 1;
    if (liveness_failures_ < kLivenessFailures) return;
    liveness_failures_ = 0;
    Tell(Unavailable(Format("{}: does not answer: {}", observed.url, answer.status().message())));
    Tell(StopProcess(observed.process_id, kGraceSeconds));
  }

  void Pass() {
    const Result<OperateRecord> record = RunOperate(operate_);
    next_pass_ = Now() + inputs_.pass_seconds;
    if (!record.ok()) return Tell(record.status());
    state_.pass_micros = inputs_.clock.NowMicros();
    if (record->retrain_due && state_.retrain_process_id == 0) Retrain(*record);
  }

  void Retrain(const OperateRecord& record) {
    const auto due = std::ranges::find(record.triggers, TriggerState::kDue, &Trigger::state);
    const std::string reason = Format("{}: {}", due->kind, due->reason);
    if (inputs_.spec.retrain.approve == spec::Approval::kManual || !inputs_.start_retrain) {
      Tell(RaiseAlert(operate_, {.id = "retrain." + due->cause,
                                 .kind = "retrain",
                                 .text = "Retraining is due (" + reason + "): millrace retrain",
                                 .time_micros = inputs_.clock.NowMicros()}));
      return;
    }
    if (inputs_.clock.NowMicros() < state_.next_retrain_micros) return;
    // Written before the start: a successor of a killed operator does not start a second one.
    const double pause = std::min(
        kRetrainPauseSeconds *
            static_cast<double>(int64_t{1} << std::min<int64_t>(6, state_.num_retrain_failures)),
        kLongestRetrainPauseSeconds);
    state_.next_retrain_micros = inputs_.clock.NowMicros() + static_cast<int64_t>(pause * 1e6);
    Tell(Publish());
    const Result<int64_t> child = inputs_.start_retrain(reason);
    if (!child.ok()) {
      ++state_.num_retrain_failures;
      return Tell(child.status());
    }
    state_.retrain_process_id = *child;
    ++state_.num_retrains;
  }

  void PollRetrain() {
    if (state_.retrain_process_id == 0) return;
    const Result<std::optional<int>> ended = PollChild(state_.retrain_process_id);
    if (ended.ok() && !ended->has_value()) return;
    const int code = ended.ok() ? **ended : -1;
    state_.retrain_process_id = 0;
    // 1 is a verdict (a gate is not met, the challenger is no better), not a failure.
    if (code == 0 || code == 1) {
      state_.num_retrain_failures = 0;
    } else {
      ++state_.num_retrain_failures;
      Tell(Unavailable(Format("retraining ended with code {}", code)));
    }
    next_pass_ = Now();
  }

  const SupervisorInputs& inputs_;
  const deploy::DeployInputs deploy_;
  const OperateInputs operate_;
  SupervisorState state_;
  std::string published_;
  Backoff backoff_;
  double next_pass_ = 0.0;
  double next_start_ = 0.0;
  double next_liveness_ = 0.0;
  double seen_since_ = 0.0;
  double gone_since_ = -1.0;  // negative: it runs
  int liveness_failures_ = 0;
  bool seen_any_ = false;
};

}  // namespace

Result<SupervisorState> RunSupervisor(const SupervisorInputs& inputs) {
  if (!FileExists(inputs.project.deployment_path())) {
    return NotFound("operator: nothing is deployed").WithHint("millrace run, or millrace deploy");
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<FileLock> lock,
                            FileLock::TryLock(LockPath(inputs.project)));
  const std::optional<SupervisorState> before = ReadState(inputs.project);
  if (!lock) {
    return Unavailable(Format("operator: another one runs here{}",
                              before ? Format(" (process {})", before->process_id) : ""))
        .WithHint("millrace status, or millrace down");
  }
  return Supervisor(inputs, before).Run();
}

std::optional<SupervisorState> FindSupervisor(const store::Project& project) {
  std::optional<SupervisorState> state = ReadState(project);
  if (!state || !ProcessExists(state->process_id)) return std::nullopt;
  const Result<int64_t> ticks = ProcessStartTicks(state->process_id);
  if (!ticks.ok() || *ticks != state->start_ticks) return std::nullopt;
  return state;
}

Status StopSupervisor(const store::Project& project, double grace_seconds) {
  const std::optional<SupervisorState> state = FindSupervisor(project);
  return state ? StopProcess(state->process_id, grace_seconds) : Status();
}

namespace {

struct Field {
  const char* name;
  int64_t SupervisorState::*field;
};
constexpr Field kFields[] = {{"process_id", &SupervisorState::process_id},
                             {"start_ticks", &SupervisorState::start_ticks},
                             {"started_micros", &SupervisorState::started_micros},
                             {"pass_micros", &SupervisorState::pass_micros},
                             {"server_process_id", &SupervisorState::server_process_id},
                             {"num_restarts", &SupervisorState::num_restarts},
                             {"retrain_process_id", &SupervisorState::retrain_process_id},
                             {"num_retrains", &SupervisorState::num_retrains},
                             {"next_retrain_micros", &SupervisorState::next_retrain_micros},
                             {"num_retrain_failures", &SupervisorState::num_retrain_failures}};

}  // namespace

Json ToJson(const SupervisorState& state) {
  Json document = Json::MakeObject();
  for (const Field& field : kFields) document.Set(field.name, state.*field.field);
  document.Set("url", state.url);
  document.Set("last_error", state.last_error);
  return document;
}

Result<SupervisorState> SupervisorStateFromJson(const Json& document) {
  SupervisorState state;
  for (const Field& field : kFields) {
    MILLRACE_ASSIGN_OR_RETURN(state.*field.field, document.RequireInteger("operator", field.name));
  }
  MILLRACE_ASSIGN_OR_RETURN(state.url, document.RequireString("operator", "url"));
  MILLRACE_ASSIGN_OR_RETURN(state.last_error, document.RequireString("operator", "last_error"));
  return state;
}

}  // namespace millrace::operate
