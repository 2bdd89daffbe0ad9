#include "spec/validate.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "spec/feature_strategies.h"
#include "spec/group_aggregates.h"
#include "spec/locator.h"
#include "spec/missing_policies.h"
#include "spec/names.h"
#include "spec/split_by_time.h"
#include "spec/window_features.h"

namespace millrace::spec {
namespace {

constexpr double kLeastTrainingShare = 0.05;

/// A specification with the places of its keys.
struct Placed {
  const Spec& spec;
  const Places& places;

  Status Refuse(std::string_view key, std::string_view what, std::string hint) const {
    return InvalidSpec(Format("{}: {}: {}", FindPlace(places, key).ToString(), key, what))
        .WithHint(std::move(hint));
  }
};

// The task that fixes which metrics and keys make sense; a text task is the classification that its
// target turns out to be.
std::optional<table::Task> FixedTask(const Problem& problem) {
  return problem.task == table::Task::kText ? std::nullopt : problem.task;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

Status CheckProblem(const Placed& placed) {
  const Spec& spec = placed.spec;
  const Problem& problem = spec.problem;
  if (problem.target.empty()) {
    return placed.Refuse("problem.target", "is empty", "name a column");
  }
  const bool binary = !FixedTask(problem) || *problem.task == table::Task::kBinary;
  if (problem.value && !binary) {
    return placed.Refuse("problem.value",
                         Format("only a binary task has it: {}", table::TaskName(*problem.task)),
                         "remove it");
  }
  if (problem.positive && !binary) {
    return placed.Refuse("problem.positive",
                         Format("only a binary task has it: {}", table::TaskName(*problem.task)),
                         "remove it");
  }
  return Status();
}

Status CheckRoles(const Placed& placed) {
  const Spec& spec = placed.spec;
  const DataSource& data = spec.data;
  const std::string& target = spec.problem.target;
  const std::pair<std::string_view, const std::optional<std::string>&> roles[] = {
      {"data.id", data.id}, {"data.time", data.time}, {"data.group", data.group}};
  for (const auto& [key, column] : roles) {
    if (!column) continue;
    if (column->empty()) return placed.Refuse(key, "is empty", "name a column");
    if (*column == target) {
      return placed.Refuse(key, Format("is the target: \"{}\"", target), "a column has one role");
    }
  }
  for (const auto& [key, column] : roles) {
    if (!column || !Contains(data.not_at_prediction, *column)) continue;
    return placed.Refuse("data.not_at_prediction",
                         Format("holds {}, which is {}", *column, key.substr(5)),
                         "a column has one role");
  }
  if (Contains(data.not_at_prediction, target)) {
    return placed.Refuse("data.not_at_prediction", Format("holds the target: \"{}\"", target),
                         "no target is known then: it is left out of the features anyway");
  }
  if (Contains(data.exclude, target)) {
    return placed.Refuse("data.exclude", Format("holds the target: \"{}\"", target), "");
  }
  if (Contains(data.sensitive, target)) {
    return placed.Refuse("data.sensitive", Format("holds the target: \"{}\"", target), "");
  }
  return Status();
}

template <typename T>
Status CheckBounds(const Placed& placed, const std::string& key, std::string_view what,
                   const std::optional<T>& low, const std::optional<T>& high) {
  if (!low || !high || *low <= *high) return {};
  const auto text = [](T value) { return FormatDouble(static_cast<double>(value)); };
  return placed.Refuse(
      key, Format("min{0} is above max{0}: {1} > {2}", what, text(*low), text(*high)), "");
}

bool BoundsValues(const DataCheck& check) {
  return check.minimum || check.maximum || !check.values.empty() || !check.pattern.empty() ||
         check.min_length || check.max_length;
}

// What is asked for single rows: those that are set aside, and those of requests.
Status CheckRows(const Placed& placed, const DataCheck& check, const std::string& key) {
  // No row breaks a band of shares by itself.
  const bool judges_values = BoundsValues(check) && !check.at_most;
  const bool judges_rows =
      judges_values || check.max_missing || (!check.sql.empty() && !check.at_most);
  if (check.set_aside && !judges_rows) {
    return placed.Refuse(key, "set_aside: the check names no row that breaks it",
                         "at_most, unique, min_mean, max_mean, order, max_age and the number of "
                         "rows are of the whole table");
  }
  if (check.on_request != RequestPolicy::kAuto && !judges_values && check.max_missing != 0.0) {
    return placed.Refuse(
        key, "on_request: one row of a request cannot be judged by this check",
        "min, max, values, pattern, min_length, max_length and max_missing: 0 can");
  }
  return {};
}

Status CheckCheck(const Placed& placed, const DataCheck& check, const std::string& key) {
  const bool of_rows = check.min_rows || check.max_rows;
  const int kinds =
      (check.column.empty() ? 0 : 1) + (check.sql.empty() ? 0 : 1) + (of_rows ? 1 : 0);
  if (kinds != 1) {
    return placed.Refuse(key, "a check needs one of column, sql and min_rows or max_rows", "");
  }
  const bool of_values = BoundsValues(check);
  const bool bounds = of_values || check.max_missing || check.unique || check.min_mean ||
                      check.max_mean || check.order != CheckOrder::kAny || check.max_age_seconds;
  if (check.column.empty() && bounds) {
    return placed.Refuse(key, "bounds of a value need column",
                         "write the bound into the condition");
  }
  if (!check.column.empty() && !bounds) {
    return placed.Refuse(key, "the check has no bound",
                         "give min, max, max_missing, values, pattern, min_length, max_length, "
                         "unique, min_mean, max_mean, order or max_age");
  }
  if (check.at_most && check.sql.empty() && !of_values) {
    return placed.Refuse(key, "at_most needs a condition on each value",
                         "give min, max, values, pattern, min_length, max_length or sql");
  }
  if (check.at_most && *check.at_most < check.at_least) {
    return placed.Refuse(key,
                         Format("at_least is above at_most: {} > {}", FormatDouble(check.at_least),
                                FormatDouble(*check.at_most)),
                         "at_least is 1 unless it is given");
  }
  MILLRACE_RETURN_IF_ERROR(CheckRows(placed, check, key));
  MILLRACE_RETURN_IF_ERROR(CheckBounds(placed, key, "", check.minimum, check.maximum));
  MILLRACE_RETURN_IF_ERROR(CheckBounds(placed, key, "_length", check.min_length, check.max_length));
  MILLRACE_RETURN_IF_ERROR(CheckBounds(placed, key, "_mean", check.min_mean, check.max_mean));
  return CheckBounds(placed, key, "_rows", check.min_rows, check.max_rows);
}

Status CheckData(const Placed& placed) {
  const Spec& spec = placed.spec;
  const DataSource& data = spec.data;
  if (data.paths.empty()) {
    return placed.Refuse("data.source", "is empty", "name a file");
  }
  if (std::ranges::any_of(data.paths, &std::string::empty)) {
    return placed.Refuse("data.source", "holds an empty name", "name a file");
  }
  for (const std::string& path : data.paths) {
    const Status read = ParseLocator(path).status();
    if (!read.ok()) return placed.Refuse("data.source", read.message(), read.hint());
    if (data.append_only && !NamesFiles(path)) {
      return placed.Refuse("data.append_only", Format("only files can grow: {}", path),
                           "remove it: a database or a URL is read as a whole");
    }
    if (path == "-") {
      return placed.Refuse("data.source", "standard input cannot be read again by later runs",
                           "name a file; millrace new --data - keeps what comes as one");
    }
  }
  if (data.append_only &&
      (data.encoding || data.quote || data.comment || data.header || data.skip)) {
    return placed.Refuse("data.append_only",
                         "growing files are UTF-8 with double quotes and a header line",
                         "remove encoding, quote, comment, header and skip");
  }
  for (size_t i = 0; i < data.checks.size(); ++i) {
    MILLRACE_RETURN_IF_ERROR(CheckCheck(placed, data.checks[i], Format("data.checks[{}]", i)));
  }
  return CheckRoles(placed);
}

Status CheckSplit(const Placed& placed) {
  const Spec& spec = placed.spec;
  const SplitPlan& split = spec.split;
  const double training = 1.0 - split.test - split.validation;
  if (training < kLeastTrainingShare) {
    return placed.Refuse("split",
                         Format("test {} and validation {} leave too few rows for training",
                                FormatDouble(split.test), FormatDouble(split.validation)),
                         "their sum must be at most 0.95");
  }
  if (split.kind == SplitKind::kTime && !spec.data.time) {
    return placed.Refuse("split.kind", "time needs data.time", "name the column");
  }
  if (split.kind == SplitKind::kGroup && !spec.data.group) {
    return placed.Refuse("split.kind", "group needs data.group", "name the column");
  }
  if (split.kind == SplitKind::kColumn && !split.column) {
    return placed.Refuse("split.kind", "column needs split.column", "name the column");
  }
  const bool follows_column = split.kind == SplitKind::kColumn || split.kind == SplitKind::kAuto;
  if (split.column && !follows_column) {
    return placed.Refuse("split.column", Format("is not used by kind {}", NameOf(split.kind)),
                         "leave split.kind out, or set it to column");
  }
  if (split.repeats > 1 && split.folds == 1) {
    return placed.Refuse("split.repeats", "needs folds, and split.folds is 1: a hold-out",
                         "leave split.folds out, or set it to 2 or more");
  }
  const bool by_time = SplitsByTime(spec);
  if (split.repeats > 1 && by_time) {
    return placed.Refuse("split.repeats", "draws other folds, and time allows one order of them",
                         "leave split.repeats out, or split.kind: random");
  }
  if (split.embargo_seconds > 0.0 && !by_time) {
    return placed.Refuse("split.embargo", "is a distance in time, and the split does not follow it",
                         "name data.time, or leave split.embargo out");
  }
  return Status();
}

Status CheckFeatures(const Placed& placed) {
  const Spec& spec = placed.spec;
  std::vector<std::string> names;
  for (size_t i = 0; i < spec.features.add.size(); ++i) {
    const AddedFeature& feature = spec.features.add[i];
    const std::string key = Format("features.add[{}]", i);
    if (feature.name.empty() || Trim(feature.expression).empty()) {
      return placed.Refuse(key, "name and expr must not be empty", "");
    }
    if (Contains(names, feature.name) || feature.name == spec.problem.target) {
      return placed.Refuse(key, Format("name is taken: \"{}\"", feature.name), "choose another");
    }
    names.push_back(feature.name);
  }
  const auto take = [&](const std::string& key, const std::string& name) -> Status {
    if (Contains(names, name) || name == spec.problem.target) {
      return placed.Refuse(key + ".name", Format("name is taken: \"{}\"", name), "choose another");
    }
    names.push_back(name);
    return {};
  };
  for (size_t i = 0; i < spec.features.aggregates.size(); ++i) {
    const GroupAggregate& group = spec.features.aggregates[i];
    const std::string key = Format("features.aggregates[{}]", i);
    if (const std::optional<FeatureMistake> mistake = FindMistake(group, spec.problem.target)) {
      return placed.Refuse(key + mistake->key, mistake->what, mistake->hint);
    }
    MILLRACE_RETURN_IF_ERROR(take(key, group.name));
  }
  for (size_t i = 0; i < spec.features.windows.size(); ++i) {
    const WindowFeature& window = spec.features.windows[i];
    const std::string key = Format("features.windows[{}]", i);
    if (const std::optional<FeatureMistake> mistake = FindMistake(window, spec)) {
      return placed.Refuse(key + mistake->key, mistake->what, mistake->hint);
    }
    MILLRACE_RETURN_IF_ERROR(take(key, window.name));
  }
  for (const ColumnFeatures& column : spec.features.columns) {
    const std::string key = "features.columns." + column.name;
    if (column.name == spec.problem.target) {
      return placed.Refuse(key, "is the target", "only other columns become features");
    }
    std::optional<FeatureMistake> mistake = FindMistake(column);
    if (!mistake) mistake = FindMissingMistake(column);
    if (mistake) return placed.Refuse(key + mistake->key, mistake->what, mistake->hint);
  }
  return Status();
}

Status RefuseGate(const Gate& gate, std::string_view what, std::string hint) {
  return InvalidSpec(Format("{}: {}: {}", gate.place.ToString(), gate.metric, what))
      .WithHint(std::move(hint));
}

std::string TasksOf(const GateMetric& metric) {
  return Format("it belongs to: {}", ReplaceAll(metric.tasks, " ", ", "));
}

Status CheckGates(const Spec& spec, std::span<const Gate> gates,
                  std::span<const GateMetric> metrics) {
  for (const Gate& gate : gates) {
    const GateMetric* metric = FindGateMetric(metrics, gate.metric);
    if (metric == nullptr) return RefuseGate(gate, "is not a known metric", "");
    if (FixedTask(spec.problem) && !TaskHasMetric(*spec.problem.task, *metric)) {
      return RefuseGate(gate,
                        Format("a {} task has no such metric", table::TaskName(*spec.problem.task)),
                        TasksOf(*metric));
    }
  }
  return CheckGatesAgree(gates);
}

Status CheckRequire(const Placed& placed) {
  const Spec& spec = placed.spec;
  MILLRACE_RETURN_IF_ERROR(CheckGates(spec, spec.require.gates, RequirementMetrics()));
  MILLRACE_RETURN_IF_ERROR(CheckGates(spec, spec.require.fairness, FairnessMetrics()));
  if (!spec.require.fairness.empty() && spec.data.sensitive.empty()) {
    return placed.Refuse("require.fairness", "needs data.sensitive: no groups are named",
                         "name the sensitive columns");
  }
  return Status();
}

Status CheckDevelop(const Placed& placed) {
  const Spec& spec = placed.spec;
  if (!spec.develop.metric) return Status();
  std::vector<std::string> known;
  for (const GateMetric& metric : RequirementMetrics()) {
    const bool measured_later = metric.tasks.empty();
    if (!measured_later) known.emplace_back(metric.name);
  }
  const std::string& name = *spec.develop.metric;
  const GateMetric* metric = FindGateMetric(RequirementMetrics(), name);
  if (metric == nullptr || metric->tasks.empty()) {
    return placed.Refuse("develop.metric", Format("is not a metric to optimise: \"{}\"", name),
                         NearestOf(name, known));
  }
  if (FixedTask(spec.problem) && !TaskHasMetric(*spec.problem.task, *metric)) {
    return placed.Refuse(
        "develop.metric",
        Format("a {} task has no such metric: {}", table::TaskName(*spec.problem.task), name),
        TasksOf(*metric));
  }
  return Status();
}

Status CheckDeploy(const Placed& placed) {
  const Spec& spec = placed.spec;
  const DeployPlan& deploy = spec.deploy;
  if (deploy.address.empty()) {
    return placed.Refuse("deploy.address", "is empty", "for example 127.0.0.1");
  }
  if (deploy.auth == Auth::kNone && !IsLoopback(deploy.address)) {
    return placed.Refuse("deploy.auth",
                         Format("none is refused on an open address: {}", deploy.address),
                         "use auth: token, or address: 127.0.0.1");
  }
  if (deploy.min_replicas > deploy.max_replicas) {
    return placed.Refuse(
        "deploy.replicas",
        Format("min is above max: {} > {}", deploy.min_replicas, deploy.max_replicas), "");
  }
  if (deploy.grpc_port && *deploy.grpc_port != 0 &&
      (*deploy.grpc_port == deploy.port || deploy.grpc_port == deploy.metrics_port)) {
    return placed.Refuse("deploy.grpc_port", "is the port of something else",
                         "each of port, metrics_port and grpc_port needs its own");
  }
  if (deploy.metrics_port && deploy.port != 0 && *deploy.metrics_port == deploy.port) {
    return placed.Refuse("deploy.metrics_port", "is the port of predictions", "");
  }
  return Status();
}

Status CheckAlerts(const Placed& placed) {
  const Spec& spec = placed.spec;
  for (const AlertTarget& alert : spec.monitor.alerts) {
    const bool url = alert.url.starts_with("http://") || alert.url.starts_with("https://");
    if (alert.kind == AlertKind::kWebhook && !url) {
      return placed.Refuse("monitor.alerts",
                           Format("a webhook needs an http or https url: \"{}\"", alert.url), "");
    }
    if (alert.kind == AlertKind::kLog && !alert.url.empty()) {
      return placed.Refuse("monitor.alerts", "only a webhook has an url", "add kind: webhook");
    }
  }
  return Status();
}

}  // namespace

bool IsLoopback(std::string_view address) {
  if (address == "localhost" || address == "::1") return true;
  // Numbers only: 127.example.org is somebody else's name.
  return address.starts_with("127.") &&
         address.find_first_not_of("0123456789.") == std::string_view::npos;
}

Place FindPlace(const Places& places, std::string_view key) {
  while (true) {
    const auto found = places.find(key);
    if (found != places.end()) return found->second;
    const size_t end = key.find_last_of(".[");
    if (end == std::string_view::npos) break;
    key = key.substr(0, end);
  }
  const auto root = places.find("");
  return root != places.end() ? Place{root->second.file, 0, 0} : Place{};
}

Status Validate(const Spec& spec, const Places& places) {
  const Placed placed{spec, places};
  MILLRACE_RETURN_IF_ERROR(CheckProblem(placed));
  MILLRACE_RETURN_IF_ERROR(CheckData(placed));
  MILLRACE_RETURN_IF_ERROR(CheckSplit(placed));
  MILLRACE_RETURN_IF_ERROR(CheckFeatures(placed));
  MILLRACE_RETURN_IF_ERROR(CheckDevelop(placed));
  MILLRACE_RETURN_IF_ERROR(CheckRequire(placed));
  MILLRACE_RETURN_IF_ERROR(CheckDeploy(placed));
  return CheckAlerts(placed);
}

}  // namespace millrace::spec
