#include "spec/spec_json.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "spec/names.h"

namespace millrace::spec {
namespace {

using json::Json;

Json Texts(const std::vector<std::string>& texts) { return Json::ArrayOf(texts); }

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json CharOrNull(const std::optional<char>& sign) {
  if (!sign) return Json();
  if (*sign == '\t') return Json("tab");
  if (*sign == ' ') return Json("space");
  return Json(std::string(1, *sign));
}

std::optional<char> CharOf(const Json& value) {
  const std::string& text = value.AsString();
  if (text == "tab") return '\t';
  if (text == "space") return ' ';
  return text.size() == 1 ? std::optional<char>(text[0]) : std::nullopt;
}

Json ProblemJson(const Problem& problem) {
  Json value;
  if (problem.value) {
    value = Json::Of({{"true_positive", problem.value->true_positive},
                      {"false_positive", problem.value->false_positive},
                      {"false_negative", problem.value->false_negative},
                      {"true_negative", problem.value->true_negative}});
  }
  return Json::Of({{"description", problem.description},
                   {"task", problem.task ? Json(table::TaskName(*problem.task)) : Json()},
                   {"target", problem.target},
                   {"positive", OrNull(problem.positive)},
                   {"value", value}});
}

Json ColumnsJson(const std::vector<ColumnRules>& columns) {
  Json named = Json::MakeObject();
  for (const ColumnRules& column : columns) {
    named.AppendMember(
        column.name,
        Json::Of({{"type", column.type ? Json(table::ColumnTypeName(*column.type)) : Json()},
                  {"missing", column.missing ? Texts(*column.missing) : Json()},
                  {"decimal", CharOrNull(column.decimal)},
                  {"prefix", OrNull(column.prefix)},
                  {"suffix", OrNull(column.suffix)},
                  {"date_order", OrNull(column.date_order)},
                  {"outliers", column.outliers ? Json(NameOf(*column.outliers)) : Json()},
                  {"magnitudes", OrNull(column.magnitudes)}}));
  }
  return named;
}

Json ChecksJson(const std::vector<DataCheck>& checks) {
  Json list = Json::MakeArray();
  for (const DataCheck& check : checks) {
    list.Append(Json::Of(
        {{"column", check.column},
         {"min", OrNull(check.minimum)},
         {"max", OrNull(check.maximum)},
         {"max_missing", OrNull(check.max_missing)},
         {"values", Texts(check.values)},
         {"pattern", check.pattern},
         {"min_length", OrNull(check.min_length)},
         {"max_length", OrNull(check.max_length)},
         {"unique", check.unique},
         {"min_rows", OrNull(check.min_rows)},
         {"max_rows", OrNull(check.max_rows)},
         {"sql", check.sql},
         {"at_least", check.at_least},
         {"at_most", OrNull(check.at_most)},
         {"min_mean", OrNull(check.min_mean)},
         {"max_mean", OrNull(check.max_mean)},
         {"order", NameOf(check.order)},
         {"max_age", OrNull(check.max_age_seconds)},
         {"severity", NameOf(check.severity)},
         {"set_aside", check.set_aside},
         {"on_request",
          check.on_request == RequestPolicy::kAuto ? Json() : Json(NameOf(check.on_request))}}));
  }
  return list;
}

Json DataJson(const DataSource& data) {
  return Json::Of({{"source", Texts(data.paths)},
                   {"format", NameOf(data.format)},
                   {"delimiter", CharOrNull(data.delimiter)},
                   {"append_only", data.append_only},
                   {"encoding", OrNull(data.encoding)},
                   {"quote", OrNull(data.quote)},
                   {"comment", OrNull(data.comment)},
                   {"header", OrNull(data.header)},
                   {"skip", OrNull(data.skip)},
                   {"keep", data.keep_bytes},
                   {"missing", Texts(data.missing)},
                   {"id", OrNull(data.id)},
                   {"time", OrNull(data.time)},
                   {"group", OrNull(data.group)},
                   {"exclude", Texts(data.exclude)},
                   {"not_at_prediction", Texts(data.not_at_prediction)},
                   {"sensitive", Texts(data.sensitive)},
                   {"on_leak", NameOf(data.on_leak)},
                   {"outliers", NameOf(data.outliers)},
                   {"columns", ColumnsJson(data.columns)},
                   {"checks", ChecksJson(data.checks)}});
}

Json FeaturesJson(const FeaturePlan& features) {
  Json list = Json::MakeArray();
  for (const AddedFeature& feature : features.add) {
    list.Append(Json::Of({{"name", feature.name}, {"expr", feature.expression}}));
  }
  Json groups = Json::MakeArray();
  for (const GroupAggregate& group : features.aggregates) {
    groups.Append(Json::Of({{"name", group.name},
                            {"of", group.of},
                            {"by", Texts(group.by)},
                            {"stat", NameOf(group.statistic)},
                            {"as", NameOf(group.view)},
                            {"min_rows", group.min_rows}}));
  }
  Json windows = Json::MakeArray();
  for (const WindowFeature& window : features.windows) {
    windows.Append(Json::Of({{"name", window.name},
                             {"of", window.of},
                             {"by", Texts(window.by)},
                             {"stat", window.statistic ? Json(NameOf(*window.statistic)) : Json()},
                             {"lag", window.lag},
                             {"rows", OrNull(window.rows)},
                             {"period", OrNull(window.period_seconds)},
                             {"delay", OrNull(window.delay_seconds)}}));
  }
  Json named = Json::MakeObject();
  for (const ColumnFeatures& column : features.columns) {
    named.AppendMember(
        column.name,
        Json::Of({{"strategy", column.strategies.empty() ? Json() : Texts(column.strategies)},
                  {"bins", OrNull(column.bins)},
                  {"borders", Texts(column.borders)},
                  {"buckets", OrNull(column.buckets)},
                  {"missing", column.missing.empty() ? Json() : Texts(column.missing)},
                  {"fill", OrNull(column.fill)}}));
  }
  return Json::Of({{"missing", NameOf(features.missing)},
                   {"add", list},
                   {"aggregates", groups},
                   {"windows", windows},
                   {"columns", named}});
}

Json DevelopJson(const DevelopPlan& develop) {
  Json options = Json::MakeObject();
  for (const LearnerOptions& learner : develop.options) {
    Json values = Json::MakeObject();
    for (const auto& [key, value] : learner.values) values.AppendMember(key, value);
    options.AppendMember(learner.learner, std::move(values));
  }
  return Json::Of({{"metric", OrNull(develop.metric)},
                   {"learners", develop.learners.empty() ? Json() : Texts(develop.learners)},
                   {"budget", Json::Of({{"time", develop.budget.time_seconds},
                                        {"memory", OrNull(develop.budget.memory_bytes)},
                                        {"threads", OrNull(develop.budget.threads)}})},
                   {"options", options}});
}

Json GatesJson(const std::vector<Gate>& gates) {
  Json named = Json::MakeObject();
  for (const Gate& gate : gates) {
    Json bounds = named[gate.metric];
    bounds.Append(gate.BoundText());
    named.Set(gate.metric, std::move(bounds));
  }
  return named;
}

Json RequireJson(const Requirements& require) {
  Json gates = GatesJson(require.gates);
  gates.Set("fairness", GatesJson(require.fairness));
  return gates;
}

Json DeployJson(const DeployPlan& deploy) {
  return Json::Of(
      {{"target", NameOf(deploy.target)},
       {"address", deploy.address},
       {"port", deploy.port},
       {"metrics_port", OrNull(deploy.metrics_port)},
       {"grpc_port", OrNull(deploy.grpc_port)},
       {"threads", OrNull(deploy.threads)},
       {"replicas", Json::Of({{"min", deploy.min_replicas}, {"max", deploy.max_replicas}})},
       {"canary", Json::Of({{"percent", deploy.canary_percent}, {"for", deploy.canary_seconds}})},
       {"auth", deploy.auth == Auth::kAuto ? Json() : Json(NameOf(deploy.auth))},
       {"on_invalid", NameOf(deploy.on_invalid)}});
}

Json MonitorJson(const MonitorPlan& monitor) {
  Json alerts = Json::MakeArray();
  for (const AlertTarget& alert : monitor.alerts) {
    alerts.Append(Json::Of({{"kind", NameOf(alert.kind)}, {"url", alert.url}}));
  }
  return Json::Of(
      {{"window", Json::Of({{"rows", monitor.window_rows}, {"at_most", monitor.window_seconds}})},
       {"drift", Json::Of({{"psi", monitor.drift_psi}})},
       {"performance", Json::Of({{"drop", monitor.performance_drop}})},
       {"alerts", alerts}});
}

Json RetrainJson(const RetrainPlan& retrain) {
  Json on = Json::MakeArray();
  for (const RetrainTrigger trigger : retrain.on) on.Append(NameOf(trigger));
  return Json::Of({{"on", on},
                   {"every", retrain.every_seconds},
                   {"cool_down", retrain.cool_down_seconds},
                   {"approve", NameOf(retrain.approve)}});
}

/// Reads members of one group; remembers the first that is not as ToJson writes it.
class Fields {
 public:
  Fields(const Json& group, std::string where, Status& problem)
      : group_(group), where_(std::move(where)), problem_(problem) {
    if (!group.is_object()) Refuse("", "an object");
  }

  std::string Text(std::string_view key) {
    const Json& value = group_[key];
    if (!value.is_string()) Refuse(key, "a text");
    return value.AsString();
  }
  std::optional<std::string> MaybeText(std::string_view key) {
    return group_[key].is_null() ? std::nullopt : std::optional<std::string>(Text(key));
  }
  double Number(std::string_view key) {
    const Json& value = group_[key];
    if (!value.is_number()) Refuse(key, "a number");
    return value.AsNumber();
  }
  std::optional<double> MaybeNumber(std::string_view key) {
    return group_[key].is_null() ? std::nullopt : std::optional<double>(Number(key));
  }
  int64_t Integer(std::string_view key) {
    const Json& value = group_[key];
    if (!value.is_integer()) Refuse(key, "a whole number");
    return value.AsInteger();
  }
  std::optional<int64_t> MaybeInteger(std::string_view key) {
    return group_[key].is_null() ? std::nullopt : std::optional<int64_t>(Integer(key));
  }
  std::vector<std::string> Texts(std::string_view key) {
    std::vector<std::string> texts;
    for (const Json& item : List(key)) {
      if (!item.is_string()) Refuse(key, "a list of texts");
      texts.push_back(item.AsString());
    }
    return texts;
  }
  /// Texts that older documents lack, or none for auto.
  std::vector<std::string> TextsOrNone(std::string_view key) {
    return group_[key].is_null() ? std::vector<std::string>() : Texts(key);
  }
  /// A flag that older documents lack.
  bool FlagOrFalse(std::string_view key) {
    const Json& value = group_[key];
    if (!value.is_null() && !value.is_bool()) Refuse(key, "true or false");
    return value.AsBool();
  }
  std::optional<char> MaybeChar(std::string_view key) {
    if (group_[key].is_null()) return std::nullopt;
    const std::optional<char> sign = CharOf(group_[key]);
    if (!sign) Refuse(key, "one sign");
    return sign;
  }
  template <typename Enum>
  Enum Name(std::string_view key) {
    const std::optional<Enum> value = FromName<Enum>(Text(key));
    if (!value) Refuse(key, "a known name");
    return value.value_or(Enum{});
  }
  template <typename Enum>
  std::optional<Enum> MaybeName(std::string_view key) {
    return group_[key].is_null() ? std::nullopt : std::optional<Enum>(Name<Enum>(key));
  }
  /// A name that older documents lack, or none for auto.
  template <typename Enum>
  Enum NameOr(std::string_view key, Enum otherwise) {
    return MaybeName<Enum>(key).value_or(otherwise);
  }
  /// A list that older documents lack.
  const json::Array& ListOrNone(std::string_view key) {
    return group_[key].is_null() ? group_[key].AsArray() : List(key);
  }
  const json::Array& List(std::string_view key) {
    if (!group_[key].is_array()) Refuse(key, "a list");
    return group_[key].AsArray();
  }
  Fields Group(std::string_view key) {
    return Fields(group_[key], Format("{}.{}", where_, key), problem_);
  }
  const Json& operator[](std::string_view key) const { return group_[key]; }
  const std::string& where() const { return where_; }
  void Refuse(std::string_view key, std::string_view needed) {
    if (!problem_.ok()) return;
    problem_ = Corrupt(Format("{}{}{}: is not {}", where_, key.empty() ? "" : ".", key, needed));
  }

 private:
  const Json& group_;
  std::string where_;
  Status& problem_;
};

Problem ReadProblem(Fields fields) {
  Problem problem;
  problem.description = fields.Text("description");
  if (const auto name = fields.MaybeText("task")) {
    problem.task = table::TaskFromName(*name);
    if (!problem.task) fields.Refuse("task", "a known task");
  }
  problem.target = fields.Text("target");
  problem.positive = fields.MaybeText("positive");
  if (!fields["value"].is_null()) {
    Fields value = fields.Group("value");
    problem.value = DecisionValue{value.Number("true_positive"), value.Number("false_positive"),
                                  value.Number("false_negative"), value.Number("true_negative")};
  }
  return problem;
}

ColumnRules ReadColumn(const std::string& name, Fields fields) {
  ColumnRules column;
  column.name = name;
  if (const auto type = fields.MaybeText("type")) {
    column.type = table::ColumnTypeFromName(*type);
    if (!column.type) fields.Refuse("type", "a known type");
  }
  if (!fields["missing"].is_null()) column.missing = fields.Texts("missing");
  column.decimal = fields.MaybeChar("decimal");
  column.prefix = fields.MaybeText("prefix");
  column.suffix = fields.MaybeText("suffix");
  column.date_order = fields.MaybeText("date_order");
  column.outliers = fields.MaybeName<OutlierPolicy>("outliers");
  // A member that older documents lack.
  if (!fields["magnitudes"].is_null()) column.magnitudes = fields.FlagOrFalse("magnitudes");
  return column;
}

DataCheck ReadCheck(Fields fields) {
  DataCheck check;
  check.column = fields.Text("column");
  check.minimum = fields.MaybeNumber("min");
  check.maximum = fields.MaybeNumber("max");
  check.max_missing = fields.MaybeNumber("max_missing");
  check.values = fields.Texts("values");
  check.pattern = fields.MaybeText("pattern").value_or("");
  check.min_length = fields.MaybeInteger("min_length");
  check.max_length = fields.MaybeInteger("max_length");
  check.unique = fields.FlagOrFalse("unique");
  check.min_rows = fields.MaybeInteger("min_rows");
  check.max_rows = fields.MaybeInteger("max_rows");
  check.sql = fields.Text("sql");
  check.at_least = fields.Number("at_least");
  check.at_most = fields.MaybeNumber("at_most");
  check.min_mean = fields.MaybeNumber("min_mean");
  check.max_mean = fields.MaybeNumber("max_mean");
  check.order = fields.NameOr("order", check.order);
  check.max_age_seconds = fields.MaybeNumber("max_age");
  check.severity = fields.Name<Severity>("severity");
  check.set_aside = fields.FlagOrFalse("set_aside");
  check.on_request = fields.NameOr("on_request", check.on_request);
  return check;
}

DataSource ReadData(Fields fields, Status& problem) {
  DataSource data;
  data.paths = fields.Texts("source");
  data.format = fields.Name<SourceFormat>("format");
  data.delimiter = fields.MaybeChar("delimiter");
  data.append_only = fields.FlagOrFalse("append_only");
  data.encoding = fields.MaybeText("encoding");
  data.quote = fields.MaybeText("quote");
  data.comment = fields.MaybeText("comment");
  data.header = fields.MaybeText("header");
  data.skip = fields.MaybeInteger("skip");
  data.keep_bytes = fields.MaybeInteger("keep").value_or(data.keep_bytes);
  data.missing = fields.Texts("missing");
  data.id = fields.MaybeText("id");
  data.time = fields.MaybeText("time");
  data.group = fields.MaybeText("group");
  data.exclude = fields.Texts("exclude");
  data.not_at_prediction = fields.TextsOrNone("not_at_prediction");
  data.sensitive = fields.Texts("sensitive");
  data.on_leak = fields.NameOr("on_leak", data.on_leak);
  data.outliers = fields.NameOr("outliers", data.outliers);
  for (const auto& [name, rules] : fields["columns"].AsObject()) {
    data.columns.push_back(
        ReadColumn(name, Fields(rules, Format("{}.columns.{}", fields.where(), name), problem)));
  }
  for (const Json& check : fields.List("checks")) {
    data.checks.push_back(ReadCheck(Fields(check, fields.where() + ".checks", problem)));
  }
  return data;
}

SplitPlan ReadSplit(Fields fields) {
  SplitPlan split{fields.Name<SplitKind>("kind"), fields.Number("test"),
                  fields.Number("validation"), fields.Integer("seed")};
  // Members that older documents lack.
  split.embargo_seconds = fields.MaybeNumber("embargo").value_or(0.0);
  split.column = fields.MaybeText("column");
  split.folds = fields.MaybeInteger("folds");
  split.repeats = fields.MaybeInteger("repeats").value_or(split.repeats);
  return split;
}

FeaturePlan ReadFeatures(Fields fields, Status& problem) {
  FeaturePlan features;
  features.missing = fields.NameOr("missing", features.missing);
  for (const Json& item : fields.List("add")) {
    Fields feature(item, fields.where() + ".add", problem);
    features.add.push_back(AddedFeature{feature.Text("name"), feature.Text("expr"), {}});
  }
  for (const Json& item : fields.ListOrNone("aggregates")) {
    Fields group(item, fields.where() + ".aggregates", problem);
    features.aggregates.push_back({.name = group.Text("name"),
                                   .of = group.Text("of"),
                                   .by = group.Texts("by"),
                                   .statistic = group.Name<feature::GroupStatistic>("stat"),
                                   .view = group.Name<feature::GroupView>("as"),
                                   .min_rows = group.Integer("min_rows"),
                                   .place = {}});
  }
  for (const Json& item : fields.ListOrNone("windows")) {
    Fields given(item, fields.where() + ".windows", problem);
    WindowFeature window{.name = given.Text("name"), .of = given.Text("of")};
    window.by = given.Texts("by");
    window.statistic = given.MaybeName<WindowStatistic>("stat");
    window.lag = given.Integer("lag");
    window.rows = given.MaybeInteger("rows");
    window.period_seconds = given.MaybeNumber("period");
    window.delay_seconds = given.MaybeNumber("delay");
    features.windows.push_back(std::move(window));
  }
  for (const auto& [name, item] : fields["columns"].AsObject()) {
    Fields given(item, Format("{}.columns.{}", fields.where(), name), problem);
    ColumnFeatures column;
    column.name = name;
    column.strategies = given.TextsOrNone("strategy");
    column.bins = given.MaybeInteger("bins");
    column.borders = given.Texts("borders");
    column.buckets = given.MaybeInteger("buckets");
    column.missing = given.TextsOrNone("missing");
    column.fill = given.MaybeText("fill");
    features.columns.push_back(std::move(column));
  }
  return features;
}

DevelopPlan ReadDevelop(Fields fields) {
  DevelopPlan develop;
  develop.metric = fields.MaybeText("metric");
  develop.learners = fields.TextsOrNone("learners");
  Fields budget = fields.Group("budget");
  develop.budget =
      Budget{budget.Number("time"), budget.MaybeInteger("memory"), budget.MaybeInteger("threads")};
  for (const auto& [learner, values] : fields["options"].AsObject()) {
    LearnerOptions options{learner, {}};
    for (const auto& [key, value] : values.AsObject()) {
      options.values.emplace_back(key, value.AsString());
    }
    develop.options.push_back(std::move(options));
  }
  return develop;
}

std::vector<Gate> ReadGates(const Json& named, std::span<const GateMetric> metrics, Fields& fields,
                            Status& problem) {
  std::vector<Gate> gates;
  for (const auto& [name, bounds] : named.AsObject()) {
    if (name == "fairness") continue;
    const GateMetric* metric = FindGateMetric(metrics, name);
    if (metric == nullptr) {
      fields.Refuse(name, "a known metric");
      continue;
    }
    for (const Json& bound : bounds.AsArray()) {
      auto gate = ParseGate(*metric, bound.AsString(), Place{fields.where(), 0, 0});
      if (!gate.ok()) {
        if (problem.ok()) problem = Corrupt(gate.status().message());
        continue;
      }
      gates.push_back(std::move(gate).value());
    }
  }
  return gates;
}

Requirements ReadRequire(Fields fields, const Json& require, Status& problem) {
  Requirements read;
  read.gates = ReadGates(require, RequirementMetrics(), fields, problem);
  read.fairness = ReadGates(require["fairness"], FairnessMetrics(), fields, problem);
  return read;
}

DeployPlan ReadDeploy(Fields fields) {
  DeployPlan deploy;
  deploy.target = fields.Name<DeployTarget>("target");
  deploy.address = fields.Text("address");
  deploy.port = fields.Integer("port");
  deploy.metrics_port = fields.MaybeInteger("metrics_port");
  deploy.grpc_port = fields.MaybeInteger("grpc_port");
  deploy.threads = fields.MaybeInteger("threads");
  Fields replicas = fields.Group("replicas");
  deploy.min_replicas = replicas.Integer("min");
  deploy.max_replicas = replicas.Integer("max");
  Fields canary = fields.Group("canary");
  deploy.canary_percent = canary.Number("percent");
  deploy.canary_seconds = canary.Number("for");
  deploy.auth = fields.NameOr("auth", deploy.auth);
  deploy.on_invalid = fields.NameOr("on_invalid", deploy.on_invalid);
  return deploy;
}

MonitorPlan ReadMonitor(Fields fields, Status& problem) {
  MonitorPlan monitor;
  Fields window = fields.Group("window");
  monitor.window_rows = window.Integer("rows");
  monitor.window_seconds = window.Number("at_most");
  monitor.drift_psi = fields.Group("drift").Number("psi");
  monitor.performance_drop = fields.Group("performance").Number("drop");
  for (const Json& item : fields.List("alerts")) {
    Fields alert(item, fields.where() + ".alerts", problem);
    monitor.alerts.push_back(AlertTarget{alert.Name<AlertKind>("kind"), alert.Text("url")});
  }
  return monitor;
}

RetrainPlan ReadRetrain(Fields fields) {
  RetrainPlan retrain;
  retrain.on.clear();
  for (const std::string& name : fields.Texts("on")) {
    const std::optional<RetrainTrigger> trigger = FromName<RetrainTrigger>(name);
    if (!trigger) fields.Refuse("on", "a list of known triggers");
    retrain.on.push_back(trigger.value_or(RetrainTrigger::kDrift));
  }
  retrain.every_seconds = fields.Number("every");
  retrain.cool_down_seconds = fields.Number("cool_down");
  retrain.approve = fields.Name<Approval>("approve");
  return retrain;
}

// Sorts the members of all objects, so that the order of keys in the file has no meaning.
Json Sorted(const Json& value) {
  if (value.is_array()) {
    Json array = Json::MakeArray();
    for (const Json& item : value.AsArray()) array.Append(Sorted(item));
    return array;
  }
  if (!value.is_object()) return value;
  json::Object members = value.AsObject();
  for (json::Member& member : members) member.second = Sorted(member.second);
  std::ranges::sort(members, {}, &json::Member::first);
  return Json(std::move(members));
}

}  // namespace

std::string_view SectionName(Section section) {
  switch (section) {
    case Section::kProblem:
      return "problem";
    case Section::kData:
      return "data";
    case Section::kSplit:
      return "split";
    case Section::kFeatures:
      return "features";
    case Section::kDevelop:
      return "develop";
    case Section::kRequire:
      return "require";
    case Section::kDeploy:
      return "deploy";
    case Section::kMonitor:
      return "monitor";
    case Section::kRetrain:
      return "retrain";
  }
  return "problem";
}

Json SectionJson(const Spec& spec, Section section) {
  switch (section) {
    case Section::kProblem:
      return ProblemJson(spec.problem);
    case Section::kData:
      return DataJson(spec.data);
    case Section::kSplit:
      return Json::Of({{"kind", NameOf(spec.split.kind)},
                       {"test", spec.split.test},
                       {"validation", spec.split.validation},
                       {"seed", spec.split.seed},
                       {"embargo", spec.split.embargo_seconds},
                       {"column", OrNull(spec.split.column)},
                       {"folds", OrNull(spec.split.folds)},
                       {"repeats", spec.split.repeats}});
    case Section::kFeatures:
      return FeaturesJson(spec.features);
    case Section::kDevelop:
      return DevelopJson(spec.develop);
    case Section::kRequire:
      return RequireJson(spec.require);
    case Section::kDeploy:
      return DeployJson(spec.deploy);
    case Section::kMonitor:
      return MonitorJson(spec.monitor);
    case Section::kRetrain:
      return RetrainJson(spec.retrain);
  }
  return Json();
}

Json ToJson(const Spec& spec) {
  Json document = Json::Of({{"millrace", spec.version}});
  for (int i = 0; i <= static_cast<int>(Section::kRetrain); ++i) {
    const auto section = static_cast<Section>(i);
    document.AppendMember(std::string(SectionName(section)), SectionJson(spec, section));
  }
  return document;
}

Result<Spec> FromJson(const Json& document, std::string_view where) {
  Status problem;
  Fields root(document, std::string(where), problem);
  Spec spec;
  spec.version = root.Integer("millrace");
  spec.problem = ReadProblem(root.Group("problem"));
  spec.data = ReadData(root.Group("data"), problem);
  spec.split = ReadSplit(root.Group("split"));
  spec.features = ReadFeatures(root.Group("features"), problem);
  spec.develop = ReadDevelop(root.Group("develop"));
  spec.require = ReadRequire(root.Group("require"), document["require"], problem);
  spec.deploy = ReadDeploy(root.Group("deploy"));
  spec.monitor = ReadMonitor(root.Group("monitor"), problem);
  spec.retrain = ReadRetrain(root.Group("retrain"));
  if (!problem.ok()) return problem;
  return spec;
}

Digest SectionDigest(const Spec& spec, Section section) {
  return DigestOf(json::Write(Sorted(SectionJson(spec, section))));
}

Digest SpecDigest(const Spec& spec) { return DigestOf(json::Write(Sorted(ToJson(spec)))); }

}  // namespace millrace::spec
