#include "spec/parse.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/format.h"

namespace millrace::spec {
namespace {

constexpr std::string_view kMinimal = "problem: {target: Churn}\ndata: {source: c.csv}\n";

const std::vector<OptionDescriptor>& TreeOptions() {
  static const std::vector<OptionDescriptor> options = {
      {"learning_rate", OptionType::kNumber, "0.1", 1e-4, 1.0, {}, "", "Step."},
      {"trees", OptionType::kInteger, "100", 1, 1e4, {}, "", "Trees."}};
  return options;
}

ParseOptions WithLearners() {
  static const std::vector<LearnerDescriptor> learners = {{"boosted_trees", TreeOptions()},
                                                          {"linear", {}}};
  return ParseOptions{learners};
}

std::string ErrorOf(std::string_view text) {
  const auto spec = Parse(text, "m.yaml", WithLearners());
  if (spec.ok()) return "read";
  EXPECT_TRUE(spec.status().code() == Code::kInvalidSpec ||
              spec.status().code() == Code::kUnsupported);
  return spec.status().message();
}

// Appends to a specification that is valid without it.
std::string ErrorWith(std::string_view text) { return ErrorOf(std::string(kMinimal).append(text)); }

std::string HintWith(std::string_view text) {
  return Parse(std::string(kMinimal).append(text), "m.yaml", WithLearners()).status().hint();
}

TEST(ParseTest, FillsInDefaults) {
  const Spec spec = Parse(kMinimal, "m.yaml").value();
  Spec expected;
  expected.problem.target = "Churn";
  expected.data.paths = {"c.csv"};
  EXPECT_EQ(spec, expected);
  EXPECT_EQ(spec.problem.target_place.ToString(), "m.yaml:1:19");
}

TEST(ParseTest, ReadsTheWholeExample) {
  const Spec spec = Parse(R"yaml(
millrace: 1
problem:
  description: "Predict which customers will churn next month"
  task: binary                    # the kind
  target: Churn
  positive: "Yes"
  value: {true_positive: 100, false_positive: -10, false_negative: -300, true_negative: 0}
data:
  source: [a.csv, b.csv]
  id: customerID
  time: signup_date
  group: household
  exclude: [notes]
  sensitive: [gender, SeniorCitizen]
  delimiter: tab
  missing: [NA]
  columns: {TotalCharges: {type: number, missing: [" "]}}
  checks:
    - {column: tenure, min: 0, max: 100, severity: block}
    - {sql: "TotalCharges >= MonthlyCharges", at_least: 0.99, severity: warn}
split: {kind: auto, test: 0.2, seed: 7}
features:
  add: [{name: charge_per_month, expr: "TotalCharges / nullif(tenure, 0)"}]
develop: {metric: auto, learners: auto, budget: {time: 30s, memory: 2GB, threads: auto}}
require:
  auc: ">= 0.80"
  recall: [">= 0.70", "<= 0.99"]
  latency_p99: "<= 5ms"
  model_size: "<= 50MB"
  fairness: {equalized_odds_difference: "<= 0.10", demographic_parity_ratio: ">= 0.80"}
deploy: {target: local, port: 8080, replicas: {min: 1, max: 8}, canary: {percent: 10, for: 30m}, auth: token}
monitor: {window: {rows: 1000, at_most: 1h}, alerts: [{kind: webhook, url: "http://127.0.0.1:9093"}]}
retrain: {on: [drift, performance, schedule], every: 30d, cool_down: 1d, approve: auto}
)yaml",
                          "m.yaml")
                        .value();
  EXPECT_EQ(spec.problem.task, table::Task::kBinary);
  EXPECT_EQ(spec.problem.positive, "Yes");
  EXPECT_EQ(spec.problem.value->false_negative, -300);
  EXPECT_EQ(spec.data.paths, (std::vector<std::string>{"a.csv", "b.csv"}));
  EXPECT_EQ(spec.data.delimiter, '\t');
  ASSERT_EQ(spec.data.columns.size(), 1u);
  EXPECT_EQ(spec.data.columns[0].type, table::ColumnType::kNumber);
  EXPECT_EQ(spec.data.columns[0].missing, std::vector<std::string>{" "});
  ASSERT_EQ(spec.data.checks.size(), 2u);
  EXPECT_EQ(spec.data.checks[0].maximum, 100);
  EXPECT_EQ(spec.data.checks[1].severity, Severity::kWarn);
  EXPECT_EQ(spec.data.checks[1].place.line, 21);
  EXPECT_EQ(spec.develop.budget.time_seconds, 30);
  EXPECT_EQ(spec.develop.budget.memory_bytes, 2'000'000'000);
  EXPECT_EQ(spec.develop.budget.threads, std::nullopt);
  ASSERT_EQ(spec.require.gates.size(), 5u);
  EXPECT_EQ(spec.require.gates[2].op, Comparison::kAtMost);
  EXPECT_EQ(spec.require.gates[2].place.ToString(), "m.yaml:28:23");
  EXPECT_EQ(spec.require.fairness.size(), 2u);
  EXPECT_EQ(spec.deploy.auth, Auth::kToken);
  EXPECT_EQ(spec.deploy.canary_seconds, 1800);
  EXPECT_EQ(spec.monitor.alerts[0].kind, AlertKind::kWebhook);
  EXPECT_EQ(spec.retrain.on.size(), 3u);
}

TEST(ParseTest, UnknownKeysNameTheNearest) {
  EXPECT_EQ(ErrorOf("problem: {tagret: x}\ndata: {source: c}"),
            "m.yaml:1:11: unknown key in problem: \"tagret\"");
  EXPECT_EQ(Parse("problem: {tagret: x}", "m.yaml").status().hint(), "did you mean \"target\"?");
  EXPECT_EQ(ErrorWith("dploy: {}"), "m.yaml:3:1: unknown key: \"dploy\"");
  EXPECT_EQ(HintWith("dploy: {}"), "did you mean \"deploy\"?");
  EXPECT_EQ(ErrorWith("require: {acu: '>= 1'}"), "m.yaml:3:11: unknown metric in require: \"acu\"");
  EXPECT_EQ(HintWith("require: {fairnes: {}}"), "did you mean \"fairness\"?");
  EXPECT_EQ(HintWith("require: {equalized_odds_difference: '<= 0.1'}"),
            "write it under require.fairness");
}

TEST(ParseTest, MissingKeysAreNamed) {
  EXPECT_EQ(ErrorOf("data: {source: c.csv}"), "m.yaml:1:1: problem.target is missing");
  EXPECT_EQ(ErrorOf("problem: {target: x}\ndata: {}"), "m.yaml:2:7: data.source is missing");
  EXPECT_EQ(ErrorOf(""), "m.yaml: is empty");
  EXPECT_EQ(ErrorOf("- a"), "m.yaml:1:1: is not a specification, but a list");
  EXPECT_EQ(ErrorOf("problem:\n  target:\ndata: {source: c}"),
            "m.yaml:2:3: problem.target has no value");
  EXPECT_EQ(ErrorWith("split:\n"), "read") << "a section left blank means its defaults";
}

TEST(ParseTest, WrongTypesAndRangesAreNamed) {
  EXPECT_EQ(ErrorWith("split: {test: lots}"), "m.yaml:3:15: split.test is not a number: \"lots\"");
  EXPECT_EQ(ErrorWith("split: {test: 1.5}"), "m.yaml:3:15: split.test is out of range: 1.5");
  EXPECT_EQ(ErrorWith("split: {seed: -1}"), "m.yaml:3:15: split.seed is out of range: -1");
  EXPECT_EQ(ErrorWith("split: [a]"), "m.yaml:3:8: split needs a group of keys, not a list");
  EXPECT_EQ(ErrorWith("split: {kind: [a]}"),
            "m.yaml:3:15: split.kind needs a single value, not a list");
  EXPECT_EQ(ErrorWith("split: {kind: stratfied}"),
            "m.yaml:3:15: split.kind has no such choice: \"stratfied\"");
  EXPECT_EQ(ErrorWith("deploy: {port: 99999}"), "m.yaml:3:16: deploy.port is out of range: 99999");
  EXPECT_EQ(ErrorWith("develop: {budget: {time: soon}}"),
            "m.yaml:3:26: develop.budget.time is not a duration such as 60s, 5m or 1d: \"soon\"");
  EXPECT_EQ(ErrorWith("retrain: {on: [drfit]}"),
            "m.yaml:3:15: retrain.on has no such choice: \"drfit\"");
  EXPECT_EQ(ErrorWith("retrain: {on: [drift, drift]}"),
            "m.yaml:3:23: retrain.on names it twice: \"drift\"");
  EXPECT_EQ(ErrorWith("monitor: {alerts: {kind: log}}"),
            "m.yaml:3:19: monitor.alerts needs a list, not a group of keys");
  EXPECT_EQ(ErrorWith("require: {auc: {}}"),
            "m.yaml:3:16: require.auc needs a requirement, not a group of keys");
}

TEST(ParseTest, ASourceIsNamedOnceAndItsPasswordNever) {
  EXPECT_EQ(ErrorOf("problem: {target: x}\ndata: {source: [a.csv, a.csv]}"),
            "m.yaml:2:24: data.source names it twice: \"a.csv\"");
  for (const char* source : {"'postgresql://me:hunter2@host/shop?table=t'",
                             "{postgres: 'host=h password=hunter2', table: t}"}) {
    const std::string error =
        ErrorOf(Format("problem: {{target: x}}\ndata: {{source: [{0}, {0}]}}", source));
    EXPECT_NE(error.find("a password in plain text"), std::string::npos) << error;
    EXPECT_EQ(error.find("hunter2"), std::string::npos) << error;
  }
}

TEST(ParseTest, EveryKeyOfADatabaseIsKnownToTheHint) {
  const auto hint = [](std::string_view key) {
    return Parse(Format("problem: {{target: x}}\ndata: {{source: {{{}: a, table: t}}}}", key), "m")
        .status()
        .hint();
  };
  EXPECT_EQ(hint("postgressql"), "did you mean \"postgresql\" or \"postgres\"?");
  EXPECT_EQ(hint("tabel"), "did you mean \"table\"?");
  EXPECT_EQ(hint("oracle"), "known: sqlite, postgres, postgresql, table, query");
}

TEST(ParseTest, PlannedKeysAreRefused) {
  const Status status =
      Parse("problem: {target: x, horizon: 3}\ndata: {source: c}", "m.yaml").status();
  EXPECT_EQ(status.code(), Code::kUnsupported);
  EXPECT_EQ(status.message(),
            "m.yaml:1:22: problem.horizon: this version has no such function yet");
}

TEST(ParseTest, OtherVersionsAreRefused) {
  EXPECT_EQ(ErrorWith("millrace: 2"),
            "m.yaml:3:11: millrace: format 2 is newer than this program, which reads 1");
  EXPECT_EQ(ErrorOf("millrace: 7\nnew_key: 1"),
            "m.yaml:1:11: millrace: format 7 is newer than this program, which reads 1")
      << "the version is the thing to say, not the key";
  EXPECT_EQ(ErrorWith("millrace: 0"), "m.yaml:3:11: millrace is out of range: 0");
  EXPECT_EQ(ErrorWith("millrace: one"), "m.yaml:3:11: millrace is not a whole number: \"one\"");
}

TEST(ParseTest, AutoInQuotesIsAText) {
  EXPECT_EQ(Parse("problem: {target: x, positive: auto}\ndata: {source: c}", "m")->problem.positive,
            std::nullopt);
  EXPECT_EQ(
      Parse("problem: {target: x, positive: 'auto'}\ndata: {source: c}", "m")->problem.positive,
      "auto");
  EXPECT_EQ(Parse("problem: {target: x, positive: no}\ndata: {source: c}", "m")->problem.positive,
            "no");
  EXPECT_EQ(Parse("problem: {target: x, positive: 1}\ndata: {source: c}", "m")->problem.positive,
            "1");
}

TEST(ParseTest, LearnersAreCheckedAgainstTheirTables) {
  EXPECT_EQ(ErrorWith("develop: {learners: [linear], options: {boosted_trees: {trees: 50}}}"),
            "read");
  EXPECT_EQ(ErrorWith("develop: {learners: boosted_tres}"),
            "m.yaml:3:21: unknown learner: \"boosted_tres\"");
  EXPECT_EQ(HintWith("develop: {learners: boosted_tres}"), "did you mean \"boosted_trees\"?");
  EXPECT_EQ(ErrorWith("develop: {options: {boosted_trees: {tres: 50}}}"),
            "m.yaml:3:37: unknown key: \"tres\"");
  EXPECT_EQ(ErrorWith("develop: {options: {boosted_trees: {learning_rate: 5}}}"),
            "m.yaml:3:52: learning_rate is out of range: 5");
}

TEST(ParseTest, ReadsFiles) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  const std::string path = JoinPath(folder.path(), "millrace.yaml");
  const Status missing = ReadSpec(path).status();
  EXPECT_EQ(missing.code(), Code::kNotFound);
  EXPECT_EQ(missing.hint(), "`millrace new` writes one");
  ASSERT_TRUE(WriteFile(path, kMinimal).ok());
  EXPECT_EQ(ReadSpec(path)->problem.target_place.file, "millrace.yaml");
}

}  // namespace
}  // namespace millrace::spec
