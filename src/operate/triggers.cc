#include "operate/triggers.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "spec/names.h"
#include "spec/quantity.h"

namespace millrace::operate {
namespace {

bool HasDrift(const Window& window) {
  return std::ranges::any_of(window.drift, &ColumnDrift::alarm);
}

double SecondsBetween(int64_t from_micros, int64_t to_micros) {
  return static_cast<double>(to_micros - from_micros) * 1e-6;
}

// The newest closed window in production after the last retrain for which `alarmed` holds.
template <typename Alarmed>
const Window* NewestAlarm(std::span<const Window> windows, std::span<const std::string> production,
                          const TrainingHistory& history, const Alarmed& alarmed) {
  for (auto it = windows.rbegin(); it != windows.rend(); ++it) {
    const bool live = std::ranges::find(production, it->bundle) != production.end();
    const bool later =
        !history.last_retrain_micros || it->closed_micros > *history.last_retrain_micros;
    if (live && later && it->closed_micros != 0 && alarmed(*it)) return &*it;
  }
  return nullptr;
}

Trigger WindowTrigger(std::string kind, const Window* alarm) {
  Trigger trigger{.kind = std::move(kind)};
  if (alarm == nullptr) {
    trigger.reason = "no alarm in the windows of the model in production";
    return trigger;
  }
  trigger.state = TriggerState::kDue;
  trigger.cause = Format("{}.window-{}", trigger.kind, alarm->number);
  if (trigger.kind == "performance") {
    trigger.reason = Format("window {} fell to {}", alarm->number,
                            FormatSignificant(alarm->performance->value, 3));
    return trigger;
  }
  const auto worst =
      std::ranges::max_element(alarm->drift, [](const ColumnDrift& a, const ColumnDrift& b) {
        return (a.alarm ? a.psi : -1.0) < (b.alarm ? b.psi : -1.0);
      });
  trigger.reason = Format("window {}: {} psi {}", alarm->number, worst->column,
                          FormatSignificant(worst->psi, 2));
  return trigger;
}

Trigger ScheduleTrigger(const spec::RetrainPlan& plan, const TrainingHistory& history,
                        int64_t now_micros) {
  Trigger trigger{.kind = "schedule", .reason = "no model was trained yet"};
  if (!history.last_trained_micros) return trigger;
  const double age = SecondsBetween(*history.last_trained_micros, now_micros);
  trigger.reason = Format("the model is {} old, every {}", FormatDuration(age),
                          spec::DurationText(plan.every_seconds));
  if (age >= plan.every_seconds) {
    trigger.state = TriggerState::kDue;
    trigger.cause = Format("schedule.{}", *history.last_trained_micros);
  }
  return trigger;
}

}  // namespace

TrainingHistory HistoryOf(std::span<const store::RunRow> runs) {
  TrainingHistory history;
  for (const store::RunRow& run : runs) {
    if (run.kind == "retrain") {
      history.last_retrain_micros = std::max(history.last_retrain_micros, {run.created_micros});
    }
    const bool trains = run.kind == "retrain" || run.kind == "run";
    if (trains && run.status == store::RunStatus::kDone) {
      history.last_trained_micros = std::max(history.last_trained_micros, {run.finished_micros});
    }
  }
  return history;
}

std::vector<Trigger> EvaluateTriggers(const spec::RetrainPlan& plan,
                                      std::span<const Window> windows,
                                      std::span<const std::string> production,
                                      const TrainingHistory& history, int64_t now_micros) {
  std::vector<Trigger> triggers;
  for (const spec::RetrainTrigger kind : plan.on) {
    const std::string name(spec::NameOf(kind));
    switch (kind) {
      case spec::RetrainTrigger::kDrift:
        triggers.push_back(
            WindowTrigger(name, NewestAlarm(windows, production, history, HasDrift)));
        break;
      case spec::RetrainTrigger::kPerformance:
        triggers.push_back(WindowTrigger(
            name, NewestAlarm(windows, production, history,
                              [](const Window& window) { return window.performance_alarm; })));
        break;
      case spec::RetrainTrigger::kSchedule:
        triggers.push_back(ScheduleTrigger(plan, history, now_micros));
        break;
    }
  }
  if (!history.last_retrain_micros) return triggers;
  const double since = SecondsBetween(*history.last_retrain_micros, now_micros);
  if (since >= plan.cool_down_seconds) return triggers;
  for (Trigger& trigger : triggers) {
    if (trigger.state != TriggerState::kDue) continue;
    trigger.state = TriggerState::kCoolingDown;
    trigger.reason +=
        Format("; cooling down for {} more", FormatDuration(plan.cool_down_seconds - since));
  }
  return triggers;
}

}  // namespace millrace::operate
