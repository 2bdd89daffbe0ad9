#include "spec/validate.h"

#include <gtest/gtest.h>

#include "spec/parse.h"

namespace millrace::spec {
namespace {

std::string ErrorOf(std::string_view problem, std::string_view data, std::string_view rest) {
  std::string text = "problem: {target: y" + std::string(problem) + "}\ndata: {source: c.csv" +
                     std::string(data) + "}\n" + std::string(rest);
  const auto spec = Parse(text, "m.yaml");
  if (spec.ok()) return "read";
  EXPECT_EQ(spec.status().code(), Code::kInvalidSpec);
  return spec.status().message();
}

TEST(ValidateTest, ColumnsHaveOneRole) {
  EXPECT_EQ(ErrorOf("", ", id: y", ""), "m.yaml:2:27: data.id: is the target: \"y\"");
  EXPECT_EQ(ErrorOf("", ", time: y", ""), "m.yaml:2:29: data.time: is the target: \"y\"");
  EXPECT_EQ(ErrorOf("", ", exclude: [y]", ""),
            "m.yaml:2:32: data.exclude: holds the target: \"y\"");
  EXPECT_EQ(ErrorOf("", ", sensitive: [y]", ""),
            "m.yaml:2:34: data.sensitive: holds the target: \"y\"");
  EXPECT_EQ(ErrorOf("", ", exclude: [a], sensitive: [a]", ""), "read")
      << "left out of the features and still watched";
  EXPECT_EQ(ErrorOf("", ", id: ''", ""), "m.yaml:2:27: data.id: is empty");
}

TEST(ValidateTest, ChecksNeedSomethingToCheck) {
  EXPECT_EQ(
      ErrorOf("", ", checks: [{min: 0}]", ""),
      "m.yaml:2:32: data.checks[0]: a check needs one of column, sql and min_rows or max_rows");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a}]", ""),
            "m.yaml:2:32: data.checks[0]: the check has no bound");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, min: 3, max: 1}]", ""),
            "m.yaml:2:32: data.checks[0]: min is above max: 3 > 1");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, min_mean: 3, max_mean: 1}]", ""),
            "m.yaml:2:32: data.checks[0]: min_mean is above max_mean: 3 > 1");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, unique: true, at_least: 0.1, at_most: 0.5}]", ""),
            "m.yaml:2:32: data.checks[0]: at_most needs a condition on each value");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, max: 3, at_most: 0.5}]", ""),
            "m.yaml:2:32: data.checks[0]: at_least is above at_most: 1 > 0.5");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, max: 3, at_least: 0.4, at_most: 0.5}]", ""),
            "read");
  EXPECT_EQ(ErrorOf("", ", checks: [{sql: a > 1, min: 3}]", ""),
            "m.yaml:2:32: data.checks[0]: bounds of a value need column");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, unique: true, set_aside: true}]", ""),
            "m.yaml:2:32: data.checks[0]: set_aside: the check names no row that breaks it");
  for (const std::string band :
       {"values: [x], at_least: 0.1, at_most: 0.2", "min_mean: 3", "order: strictly_increasing"}) {
    EXPECT_NE(ErrorOf("", ", checks: [{column: a, " + band + ", set_aside: true}]", "")
                  .find("set_aside: the check names no row"),
              std::string::npos)
        << band;
  }
  EXPECT_EQ(ErrorOf("", ", checks: [{min_rows: 3, set_aside: true}]", ""),
            "m.yaml:2:32: data.checks[0]: set_aside: the check names no row that breaks it");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, max_missing: 0.1, on_request: flag}]", ""),
            "m.yaml:2:32: data.checks[0]: on_request: one row of a request cannot be judged by "
            "this check");
  EXPECT_EQ(ErrorOf("", ", checks: [{sql: a > 1, on_request: reject}]", ""),
            "m.yaml:2:32: data.checks[0]: on_request: one row of a request cannot be judged by "
            "this check");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, max_missing: 0, on_request: reject}]", ""), "read");
  EXPECT_EQ(ErrorOf("", ", checks: [{column: a, min: 0, unique: true, set_aside: true}]", ""),
            "read");
}

TEST(ValidateTest, SplitLeavesTrainingRows) {
  EXPECT_EQ(ErrorOf("", "", "split: {test: 0.5, validation: 0.5}"),
            "m.yaml:3:8: split: test 0.5 and validation 0.5 leave too few rows for training");
  EXPECT_EQ(ErrorOf("", "", "split: {kind: time}"),
            "m.yaml:3:15: split.kind: time needs data.time");
  EXPECT_EQ(ErrorOf("", "", "split: {kind: group}"),
            "m.yaml:3:15: split.kind: group needs data.group");
  EXPECT_EQ(ErrorOf("", "", "split: {kind: column}"),
            "m.yaml:3:15: split.kind: column needs split.column");
  EXPECT_NE(ErrorOf("", "", "split: {kind: random, column: part}").find("not used by kind random"),
            std::string::npos);
  EXPECT_NE(ErrorOf("", "", "split: {embargo: 7d}").find("split.embargo: is a distance in time"),
            std::string::npos);
  EXPECT_EQ(ErrorOf("", "", "split: {column: part, folds: 5}"), "read");
  EXPECT_EQ(ErrorOf("", "", "split: {folds: 5, repeats: 3}"), "read");
  EXPECT_EQ(ErrorOf("", "", "split: {repeats: 3}"), "read");
  EXPECT_NE(ErrorOf("", "", "split: {folds: 1, repeats: 3}").find("split.repeats: needs folds"),
            std::string::npos);
  EXPECT_NE(ErrorOf("", ", time: t", "split: {repeats: 3}").find("split.repeats: draws other"),
            std::string::npos);
}

TEST(ValidateTest, ColumnsThatAreKnownTooLateHaveNoOtherRole) {
  EXPECT_EQ(ErrorOf("", ", not_at_prediction: [closed]", ""), "read");
  EXPECT_NE(ErrorOf("", ", time: t, not_at_prediction: [t]", "")
                .find("data.not_at_prediction: holds t, which is time"),
            std::string::npos);
}

TEST(ValidateTest, GatesAreOfTheTaskAndAgree) {
  EXPECT_EQ(ErrorOf(", task: regression", "", "require: {auc: '>= 0.8'}"),
            "m.yaml:3:16: auc: a regression task has no such metric");
  EXPECT_EQ(ErrorOf("", "", "require: {auc: '>= 0.8', rmse: '<= 3'}"), "read")
      << "the task is not known yet";
  EXPECT_EQ(ErrorOf("", "", "require: {auc: ['>= 0.9', '<= 0.5']}"),
            "m.yaml:3:27: auc: no value is >= 0.9 and <= 0.5");
  EXPECT_EQ(ErrorOf("", "", "require: {fairness: {accuracy_difference: '<= 0.1'}}"),
            "m.yaml:3:21: require.fairness: needs data.sensitive: no groups are named");
  EXPECT_EQ(ErrorOf(", task: binary", "", "develop: {metric: rmse}"),
            "m.yaml:3:19: develop.metric: a binary task has no such metric: rmse");
  EXPECT_EQ(ErrorOf("", "", "develop: {metric: latency_p99}"),
            "m.yaml:3:19: develop.metric: is not a metric to optimise: \"latency_p99\"");
  EXPECT_EQ(ErrorOf(", task: regression, positive: a", "", ""),
            "m.yaml:1:50: problem.positive: only a binary task has it: regression");
}

TEST(ValidateTest, OpenAddressesNeedAToken) {
  EXPECT_EQ(ErrorOf("", "", "deploy: {address: 0.0.0.0, auth: none}"),
            "m.yaml:3:34: deploy.auth: none is refused on an open address: 0.0.0.0");
  EXPECT_EQ(ErrorOf("", "", "deploy: {address: 0.0.0.0}"), "read");
  EXPECT_EQ(ErrorOf("", "", "deploy: {auth: none}"), "read");
  EXPECT_FALSE(IsLoopback("127.example.org"));
  EXPECT_TRUE(IsLoopback("127.0.0.2"));
  EXPECT_TRUE(IsLoopback("::1"));
}

TEST(ValidateTest, OtherContradictions) {
  EXPECT_EQ(ErrorOf("", "", "deploy: {replicas: {min: 3, max: 2}}"),
            "m.yaml:3:20: deploy.replicas: min is above max: 3 > 2");
  EXPECT_EQ(ErrorOf("", "", "deploy: {port: 80, metrics_port: 80}"),
            "m.yaml:3:34: deploy.metrics_port: is the port of predictions");
  EXPECT_EQ(ErrorOf("", "", "monitor: {alerts: [{kind: webhook}]}"),
            "m.yaml:3:19: monitor.alerts: a webhook needs an http or https url: \"\"");
  EXPECT_EQ(ErrorOf("", "", "features: {add: [{name: y, expr: a}]}"),
            "m.yaml:3:18: features.add[0]: name is taken: \"y\"");
}

TEST(ValidateTest, StrategiesOfColumns) {
  const auto error = [](std::string_view column) {
    return ErrorOf("", "", "features: {columns: {A: {" + std::string(column) + "}}}");
  };
  EXPECT_EQ(error("strategy: [bin, log], bins: 5"), "read");
  EXPECT_EQ(error("strategy: auto"), "read");
  EXPECT_EQ(error("strategy: one_hot"), "read");
  EXPECT_EQ(error("strategy: [bin], borders: [-1, 2.5]"), "read");
  EXPECT_EQ(error("strategy: [bin, lgo]"),
            "m.yaml:3:36: features.columns.A.strategy: unknown strategy: \"lgo\"");
  EXPECT_EQ(error("strategy: [log, log]"),
            "m.yaml:3:42: features.columns.A.strategy names it twice: \"log\"");
  EXPECT_EQ(error("bins: 5"), "m.yaml:3:32: features.columns.A.bins: belongs to the strategy bin");
  EXPECT_EQ(error("strategy: [bin], borders: [2, 1]"),
            "m.yaml:3:52: features.columns.A.borders: do not ascend: 1");
  EXPECT_EQ(error("strategy: [bin], borders: [a]"),
            "m.yaml:3:52: features.columns.A.borders: not a number: \"a\"");
  EXPECT_EQ(error("strategy: [bin], bins: 3, borders: [1]"),
            "m.yaml:3:49: features.columns.A.bins: stands beside borders");
  EXPECT_EQ(error("strategy: [bin], buckets: 3"),
            "m.yaml:3:52: features.columns.A.buckets: belongs to the strategy hash");
  EXPECT_EQ(ErrorOf("", "", "features: {columns: {y: {strategy: [log]}}}"),
            "m.yaml:3:22: features.columns.y: is the target");
}

TEST(ValidateTest, Aggregates) {
  const auto error = [](std::string_view group) {
    return ErrorOf("", "", "features: {aggregates: [{" + std::string(group) + "}]}");
  };
  EXPECT_EQ(error("name: m, of: a, by: c, stat: mean"), "read");
  EXPECT_EQ(error("name: m, of: a, by: [c, d], stat: median, as: ratio, min_rows: 1"), "read");
  EXPECT_EQ(error("name: m, by: c, stat: share"), "read");
  EXPECT_EQ(error("name: m, of: a, by: c, stat: mena"),
            "m.yaml:3:55: features.aggregates[0].stat has no such choice: \"mena\"");
  EXPECT_EQ(error("name: m, of: a, stat: mean"),
            "m.yaml:3:25: features.aggregates[0].by is missing");
  EXPECT_EQ(error("name: m, of: a, by: [], stat: mean"),
            "m.yaml:3:46: features.aggregates[0].by: names no column");
  EXPECT_EQ(error("name: m, of: a, by: [c, c], stat: mean"),
            "m.yaml:3:50: features.aggregates[0].by names it twice: \"c\"");
  EXPECT_EQ(error("name: m, of: a, by: y, stat: mean"),
            "m.yaml:3:46: features.aggregates[0].by: is the target: \"y\"");
  EXPECT_EQ(error("name: m, of: y, by: c, stat: mean"),
            "m.yaml:3:39: features.aggregates[0].of: is the target: \"y\"");
  EXPECT_EQ(error("name: m, of: c, by: c, stat: nunique"),
            "m.yaml:3:39: features.aggregates[0].of: is grouped by itself: \"c\"");
  EXPECT_EQ(error("name: m, by: c, stat: mean"),
            "m.yaml:3:25: features.aggregates[0].of: mean needs a column");
  EXPECT_EQ(error("name: m, of: a, by: c, stat: count"),
            "m.yaml:3:39: features.aggregates[0].of: count is of rows, not of a column: \"a\"");
  EXPECT_EQ(error("name: m, of: a, by: c, stat: nunique, as: ratio"),
            "m.yaml:3:68: features.aggregates[0].as: a row's own value has no ratio to a nunique");
  EXPECT_EQ(error("name: m, of: a, by: c, stat: mean, min_rows: 0"),
            "m.yaml:3:71: features.aggregates[0].min_rows is out of range: 0");
  EXPECT_EQ(error("name: m, of: a, by: c, stat: mean}, {name: m, of: b, by: c, stat: mean"),
            "m.yaml:3:69: features.aggregates[1].name: name is taken: \"m\"");
  EXPECT_EQ(error("name: y, of: a, by: c, stat: mean"),
            "m.yaml:3:32: features.aggregates[0].name: name is taken: \"y\"");
}

TEST(ValidateTest, Windows) {
  const auto error = [](std::string_view window, std::string_view data = ", time: t",
                        std::string_view more = "") {
    return ErrorOf("", data,
                   "features: {windows: [{" + std::string(window) + "}]}" + std::string(more));
  };
  EXPECT_EQ(error("name: w, of: y, by: store, lag: 7"), "read");
  EXPECT_EQ(error("name: w, of: a, stat: mean, rows: 28, lag: 2"), "read");
  EXPECT_EQ(error("name: w, of: y, by: [a, b], stat: max, period: 28d, delay: 1d"), "read");
  EXPECT_EQ(error("name: w, of: y", ""),
            "m.yaml:3:22: features.windows[0]: needs data.time: earlier rows are told by it");
  EXPECT_EQ(error("name: w, of: y", ", time: t", "\nsplit: {kind: random}"),
            "m.yaml:3:22: features.windows[0]: needs a split by time: else what is held out would "
            "be read by training rows");
  EXPECT_EQ(error("name: w, of: a, lag: -1"),
            "m.yaml:3:44: features.windows[0].lag is out of range: -1");
  EXPECT_EQ(error("name: w, of: a, lag: 0"),
            "m.yaml:3:44: features.windows[0].lag is out of range: 0");
  EXPECT_EQ(error("name: w, of: a, by: y"),
            "m.yaml:3:43: features.windows[0].by: is the target: \"y\"");
  EXPECT_EQ(error("name: w, of: a, by: t"),
            "m.yaml:3:43: features.windows[0].by: is the time: \"t\"");
  EXPECT_EQ(error("name: w, of: a, by: a"),
            "m.yaml:3:43: features.windows[0].by: is the column itself: \"a\"");
  EXPECT_EQ(error("name: w, of: t"), "m.yaml:3:36: features.windows[0].of: is the time: \"t\"");
  EXPECT_EQ(error("name: w, of: a, stat: mean"),
            "m.yaml:3:45: features.windows[0].stat: has no rows to be taken of");
  EXPECT_EQ(error("name: w, of: a, rows: 3"),
            "m.yaml:3:45: features.windows[0].rows: needs a stat");
  EXPECT_EQ(error("name: w, of: a, stat: mean, rows: 3, period: 3d"),
            "m.yaml:3:68: features.windows[0].period: stands beside rows");
  EXPECT_EQ(error("name: w, of: a, stat: mean, period: 3d, lag: 2"),
            "m.yaml:3:68: features.windows[0].lag: counts rows, and the period is a time");
  EXPECT_EQ(error("name: w, of: y, delay: 1d", ", time: t", "\nsplit: {embargo: 7d}"),
            "m.yaml:3:46: features.windows[0].delay: is below split.embargo, until which the "
            "target is not known: 1d < 7d");
  EXPECT_EQ(error("name: w, of: a, delay: 1d", ", time: t", "\nsplit: {embargo: 7d}"), "read");
  EXPECT_EQ(error("name: w, of: a}, {name: w, of: b"),
            "m.yaml:3:47: features.windows[1].name: name is taken: \"w\"");
}

TEST(ValidateTest, ChangedSpecificationsAreCheckedWithoutPlaces) {
  Spec spec = Parse("problem: {target: y}\ndata: {source: c}", "m.yaml").value();
  EXPECT_TRUE(Validate(spec).ok());
  spec.data.id = "y";
  EXPECT_EQ(Validate(spec).message(), "specification: data.id: is the target: \"y\"");
}

}  // namespace
}  // namespace millrace::spec
