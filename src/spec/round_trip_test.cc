// Property: Parse(WriteSpec(spec)) == spec for any valid specification.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "spec/parse.h"
#include "spec/spec_json.h"
#include "spec/validate.h"
#include "spec/write.h"

namespace millrace::spec {
namespace {

// Texts that YAML could misread, besides any others.
std::string Text() {
  static const std::vector<std::string> odd = {"auto",
                                               "null",
                                               "~",
                                               "yes",
                                               "No",
                                               "12",
                                               "1e5",
                                               "0x1F",
                                               "a: b",
                                               "- a",
                                               "[x",
                                               "{x",
                                               "#x",
                                               "a #b",
                                               "\"",
                                               "'",
                                               "\\",
                                               "&a",
                                               "*a",
                                               "!a",
                                               "%a",
                                               "@a",
                                               "`a",
                                               " lead",
                                               "trail ",
                                               "tab\there",
                                               "line\nbreak",
                                               "\xC3\xA9t\xC3\xA9",
                                               "\xF0\x9F\x98\x80",
                                               "---",
                                               "...",
                                               "?",
                                               ":",
                                               ",",
                                               "<<",
                                               "\x7f",
                                               "\xC2\x85",
                                               "\xE2\x80\xA8",
                                               "\xEF\xBB\xBF",
                                               "\x01"};
  if (*rc::gen::arbitrary<bool>()) return *rc::gen::elementOf(odd);
  return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)));
}

std::vector<std::string> Texts() {
  std::vector<std::string> texts;
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) texts.push_back(Text());
  std::ranges::sort(texts);
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

bool Coin() { return *rc::gen::arbitrary<bool>(); }

double Number(double low, double high) {
  const double unit = *rc::gen::inRange(0, 1'000'001) / 1e6;
  return low + unit * (high - low);
}

template <typename T>
std::optional<T> Maybe(T value) {
  return Coin() ? std::optional<T>(std::move(value)) : std::nullopt;
}

DataCheck Check() {
  DataCheck check;
  if (Coin()) {
    check.column = Text();
    check.minimum = Maybe(Number(-1e6, 0));
    check.maximum = Maybe(Number(0, 1e-6));
    check.max_missing = Number(0, 1);
    check.values = Texts();
    if (Coin()) check.pattern = Text();
    check.min_length = Maybe<int64_t>(*rc::gen::inRange(0, 5));
    check.max_length = Maybe<int64_t>(*rc::gen::inRange(5, 9));
    check.unique = Coin();
    check.min_mean = Maybe(Number(-1e6, 0));
    check.max_mean = Maybe(Number(0, 1e-6));
    if (Coin()) check.order = CheckOrder::kStrictlyDecreasing;
    check.max_age_seconds = Maybe(static_cast<double>(*rc::gen::inRange(0, 1'000'000)));
  } else if (Coin()) {
    check.min_rows = *rc::gen::inRange(0, 5);
    check.max_rows = Maybe<int64_t>(*rc::gen::inRange(5, 9));
  } else {
    check.sql = Text();
    check.at_least = Number(0, 1);
  }
  check.severity = Coin() ? Severity::kBlock : Severity::kWarn;
  if (!check.min_rows) check.set_aside = Coin();
  if (check.minimum || check.maximum || check.min_length) {
    check.on_request = *rc::gen::element(RequestPolicy::kAuto, RequestPolicy::kFlag,
                                         RequestPolicy::kReject, RequestPolicy::kIgnore);
  }
  return check;
}

ColumnRules Column() {
  ColumnRules column;
  column.name = Text();
  if (Coin()) column.type = table::ColumnType::kDate;
  column.missing = Maybe(Texts());
  if (Coin()) column.decimal = *rc::gen::element('.', ',');
  column.prefix = Maybe(Text());
  column.suffix = Maybe(std::string());
  if (Coin()) column.date_order = "dmy";
  column.outliers = Maybe(*rc::gen::element(OutlierPolicy::kKeep, OutlierPolicy::kSetAside));
  column.magnitudes = Maybe(Coin());
  return column;
}

void FillData(DataSource& data) {
  data.paths = Texts();
  if (data.paths.empty()) data.paths.push_back("c.csv");
  data.format = *rc::gen::element(SourceFormat::kAuto, SourceFormat::kTsv, SourceFormat::kParquet);
  if (Coin()) data.delimiter = *rc::gen::element(',', ';', '\t', '|', ':', ' ', '^');
  if (Coin()) data.encoding = *rc::gen::element<std::string>("utf-8", "utf-16le", "windows-1252");
  if (Coin()) data.quote = *rc::gen::element<std::string>("\"", "'", "none");
  if (Coin()) data.comment = *rc::gen::element<std::string>("#", "%", "none");
  if (Coin()) data.header = *rc::gen::element<std::string>("present", "none");
  if (Coin()) data.skip = *rc::gen::inRange(0, 100);
  data.append_only =
      Coin() && !data.encoding && !data.quote && !data.comment && !data.header && !data.skip;
  data.keep_bytes = *rc::gen::inRange<int64_t>(0, int64_t{1} << 40);
  data.missing = Texts();
  data.id = Maybe(Text());
  data.time = Maybe(Text());
  data.group = Maybe(Text());
  data.exclude = Texts();
  data.not_at_prediction = Texts();
  data.sensitive = Texts();
  data.on_leak = *rc::gen::element(LeakPolicy::kExclude, LeakPolicy::kBlock, LeakPolicy::kWarn);
  data.outliers =
      *rc::gen::element(OutlierPolicy::kKeep, OutlierPolicy::kClip, OutlierPolicy::kSetAside);
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) data.columns.push_back(Column());
  std::ranges::sort(data.columns, {}, &ColumnRules::name);
  const auto last = std::unique(data.columns.begin(), data.columns.end(),
                                [](const auto& a, const auto& b) { return a.name == b.name; });
  data.columns.erase(last, data.columns.end());
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) data.checks.push_back(Check());
}

void FillDevelop(DevelopPlan& develop) {
  if (Coin()) develop.metric = "auc";
  develop.learners = Texts();
  develop.budget.time_seconds = Number(0.1, 1000);
  develop.budget.memory_bytes = Maybe(int64_t{64'000'000} + *rc::gen::inRange(0, 1 << 30));
  develop.budget.threads = Maybe(int64_t{4});
  for (const std::string& learner : Texts()) {
    LearnerOptions options{learner, {}};
    for (const std::string& key : Texts()) options.values.emplace_back(key, Text());
    develop.options.push_back(options);
  }
}

void FillRequire(Requirements& require) {
  if (Coin()) require.gates.push_back(Gate{"auc", Comparison::kAtLeast, Number(0, 0.5), {}});
  if (Coin() && !require.gates.empty()) {
    require.gates.push_back(Gate{"auc", Comparison::kBelow, Number(0.6, 1), {}});
  }
  if (Coin())
    require.gates.push_back(Gate{"latency_p99", Comparison::kAtMost, Number(1e-6, 9), {}});
  if (Coin()) {
    require.gates.push_back(
        Gate{"model_size", Comparison::kAtMost, std::floor(Number(0, 1e12)), {}});
  }
  if (Coin()) {
    require.fairness.push_back(Gate{"accuracy_difference", Comparison::kAtMost, Number(0, 1), {}});
  }
}

void FillOperations(Spec& spec) {
  spec.deploy.port = *rc::gen::inRange(0, 65'536);
  spec.deploy.metrics_port = Maybe(int64_t{0});
  spec.deploy.threads = Maybe(int64_t{2});
  spec.deploy.max_replicas = *rc::gen::inRange(1, 99);
  spec.deploy.canary_percent = Number(0, 100);
  spec.deploy.canary_seconds = Number(0, 1e5);
  spec.deploy.on_invalid = Coin() ? OnInvalid::kFlag : OnInvalid::kReject;
  spec.deploy.auth = *rc::gen::element(Auth::kAuto, Auth::kNone, Auth::kToken);
  spec.monitor.window_rows = *rc::gen::inRange(10, 99'999);
  spec.monitor.window_seconds = Number(1, 1e5);
  spec.monitor.drift_psi = Number(0.001, 1);
  if (Coin()) spec.monitor.alerts.push_back(AlertTarget{AlertKind::kWebhook, "http://x/" + Text()});
  if (Coin()) spec.monitor.alerts.push_back(AlertTarget{});
  if (Coin()) spec.retrain.on.clear();
  spec.retrain.every_seconds = Number(60, 1e7);
  spec.retrain.approve = *rc::gen::element(Approval::kAuto, Approval::kManual);
}

Spec AnySpec() {
  Spec spec;
  spec.problem.description = Coin() ? Text() : "";
  spec.problem.target = Text();
  spec.problem.positive = Maybe(Text());
  if (Coin()) spec.problem.task = table::Task::kBinary;
  if (Coin()) spec.problem.value = DecisionValue{Number(-9, 9), 0, 0, Number(-9, 9)};
  FillData(spec.data);
  spec.split.kind = *rc::gen::element(SplitKind::kAuto, SplitKind::kRandom);
  spec.split.test = Number(0.01, 0.4);
  spec.split.seed = *rc::gen::inRange<int64_t>(0, INT64_MAX);
  if (spec.split.kind == SplitKind::kAuto) spec.split.column = Maybe(Text());
  spec.split.folds = Maybe(*rc::gen::inRange<int64_t>(1, 20));
  if (spec.data.time && spec.split.kind == SplitKind::kAuto && !spec.split.column) {
    spec.split.embargo_seconds = static_cast<double>(*rc::gen::inRange(0, 1'000'000));
  }
  if (Coin()) spec.features.missing = MissingDefault::kAuto;
  if (Coin()) spec.features.add.push_back(AddedFeature{Text(), "a + " + Text(), {}});
  if (Coin()) {
    GroupAggregate group{.name = "g " + Text(), .of = "Age", .by = {"C", "Ö" + Text()}};
    group.statistic =
        *rc::gen::element(feature::GroupStatistic::kMean, feature::GroupStatistic::kMedian);
    group.view = *rc::gen::element(feature::GroupView::kValue, feature::GroupView::kRatio);
    group.min_rows = *rc::gen::inRange<int64_t>(1, 100);
    spec.features.aggregates.push_back(std::move(group));
  }
  if (Coin() && spec.data.time && spec.split.kind == SplitKind::kAuto && !spec.split.column) {
    WindowFeature window{.name = "w " + Text(), .of = "Age " + Text()};
    if (Coin()) window.by = {"C", "Ö" + Text()};
    window.delay_seconds = Maybe(Number(0, 1e6) + spec.split.embargo_seconds);
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        window.lag = *rc::gen::inRange<int64_t>(1, 100);
        break;
      case 1:
        window.statistic = WindowStatistic::kMedian;
        window.rows = *rc::gen::inRange<int64_t>(1, 100);
        window.lag = *rc::gen::inRange<int64_t>(1, 100);
        break;
      default:
        window.statistic = WindowStatistic::kSum;
        window.period_seconds = Number(60, 1e7);
    }
    spec.features.windows.push_back(std::move(window));
  }
  for (const char* name : {"Age", "C\"", "Ö"}) {
    if (Coin()) continue;
    ColumnFeatures column{.name = name};
    column.strategies = Coin() ? std::vector<std::string>{"bin", "log"} : Texts();
    column.bins = Maybe(int64_t{7});
    column.borders = Coin() ? std::vector<std::string>{"-1", "2.5"} : std::vector<std::string>{};
    column.buckets = Maybe(int64_t{64});
    const std::vector<std::vector<std::string>> policies{
        {}, {"median"}, {"constant", "indicator"}, {"mode", "indicator"}};
    column.missing = policies[*rc::gen::inRange<size_t>(0, policies.size())];
    if (!column.missing.empty() && column.missing[0] == "constant") column.fill = Text();
    if (column.missing.empty() && column.strategies.empty()) column.missing = {"drop"};
    spec.features.columns.push_back(std::move(column));
  }
  FillDevelop(spec.develop);
  FillRequire(spec.require);
  FillOperations(spec);
  return spec;
}

std::string AnyReasonPath() {
  return *rc::gen::element<std::string>(
      "problem", "problem.task", "problem.value.true_positive", "data.id", "data.columns",
      "data.checks[0]", "data.checks[0].min", "split.seed", "develop.budget", "require.auc",
      "require.fairness", "deploy.replicas.min", "monitor.alerts", "retrain.on", "nonsense");
}

TEST(RoundTripTest, WrittenSpecificationsReadBackEqual) {
  EXPECT_TRUE(rc::check("Parse(WriteSpec(spec)) == spec", [] {
    const Spec spec = AnySpec();
    RC_PRE(Validate(spec).ok());
    Reasons reasons;
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) reasons[AnyReasonPath()] = Text();
    const std::string text = WriteSpec(spec, reasons);
    const auto again = Parse(text, "written.yaml");
    if (!again.ok()) RC_FAIL(again.status().ToString() + "\n" + text);
    if (!(*again == spec)) RC_LOG() << text;
    RC_ASSERT(*again == spec);
    RC_ASSERT(SpecDigest(*again) == SpecDigest(spec));
    RC_ASSERT(FromJson(ToJson(spec), "json").value() == spec);
  }));
}

}  // namespace
}  // namespace millrace::spec
