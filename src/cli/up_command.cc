#include <algorithm>
#include <set>
#include <string>

#include "base/format.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/monitor_pass.h"
#include "cli/production_access.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "deploy/production.h"

namespace millrace::cli {
namespace {

constexpr double kSliceSeconds = 0.2;  // an interrupt is seen within this
constexpr double kDefaultSeconds = 30.0;

// Waits; false when interrupted.
bool Wait(Clock& clock, double seconds) {
  const double end = clock.MonotonicSeconds() + seconds;
  while (clock.MonotonicSeconds() < end) {
    if (Interrupted()) return false;
    clock.SleepSeconds(std::min(kSliceSeconds, seconds));
  }
  return !Interrupted();
}

// Looks after production: restarts a server that died, closes windows, sends alerts, retrains.
class Watch {
 public:
  Watch(CommandContext& context, OpenProduction& open) : context_(context), open_(open) {}

  // One look; another command that holds the project puts it off to the next one.
  Status Look() {
    const Status locked = open_.Lock();
    if (locked.code() == Code::kUnavailable) return {};
    MILLRACE_RETURN_IF_ERROR(locked);
    const Result<bool> due = LookLocked();
    open_.Unlock();
    if (!due.ok()) return due.status();
    return *due ? Retrain() : Status();
  }

 private:
  Result<bool> LookLocked() {
    MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState state,
                              deploy::ObserveProduction(open_.workspace().project));
    if (!state.running) {
      SilentProgress progress;
      MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState started,
                                deploy::StartProduction(open_.Inputs(Digest(), progress)));
      Note(Format("the service had ended; it answers again at {}\n", started.url));
    }
    MILLRACE_ASSIGN_OR_RETURN(const operate::OperateRecord record,
                              MonitorPass(open_, context_.clock));
    for (const operate::Alert& alert : record.alerts) {
      if (seen_.insert(alert.id).second && !first_) {
        Note(Format("{}  {}\n", FormatUtc(alert.time_micros).substr(0, 19), alert.text));
      }
    }
    first_ = false;
    return record.retrain_due && open_.spec().retrain.approve == spec::Approval::kAuto;
  }

  Status Retrain() {
    Note("retraining is due\n");
    ProgressView view(context_.output.form(), context_.clock);
    pipeline::RetrainOptions options;
    options.reason = "a trigger is due";
    const Result<pipeline::RetrainOutcome> outcome = pipeline::RunRetrain(
        context_.folder, open_.spec(), options, context_.clock, view);
    view.Finish();
    // A challenger that cannot be made now must not end the watch: the champion goes on.
    Note(outcome.ok() ? Format("{}: {}\n", outcome->promoted ? "promoted" : "not promoted",
                               outcome->reason)
                      : outcome.status().ToString() + "\n");
    return outcome.status().code() == Code::kCancelled ? outcome.status() : Status();
  }

  CommandContext& context_;
  OpenProduction& open_;
  std::set<std::string> seen_;
  bool first_ = true;
};

}  // namespace

Status RunUp(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto every, context.arguments.Duration("--every"));
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open, OpenProduction::Open(context, "millrace up"));
  SilentProgress progress;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState state,
                            deploy::StartProduction(open.Inputs(Digest(), progress)));
  PrintProduction(state, context);
  context.output.FlushDocument();
  open.Unlock();
  if (context.arguments.Has("--detach")) return {};
  Note("\nwatching; Ctrl-C ends the watch, the service goes on; millrace down ends it\n");
  Watch watch(context, open);
  do {
    MILLRACE_RETURN_IF_ERROR(watch.Look());
  } while (Wait(context.clock, every.value_or(kDefaultSeconds)));
  Note(Format("the service goes on at {}\n", state.url));
  return {};
}

}  // namespace millrace::cli
