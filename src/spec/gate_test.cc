#include "spec/gate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "metric/metric.h"

namespace millrace::spec {
namespace {

Result<Gate> Read(std::string_view name, std::string_view text) {
  const GateMetric* metric = FindGateMetric(RequirementMetrics(), name);
  EXPECT_NE(metric, nullptr) << name;
  return ParseGate(*metric, text, Place{"f.yaml", 3, 8});
}

std::string ErrorOf(std::string_view name, std::string_view text) {
  const auto gate = Read(name, text);
  return gate.ok() ? "read" : gate.status().ToString();
}

TEST(GateTest, ReadsComparisonsAndUnits) {
  EXPECT_EQ(Read("auc", ">= 0.80")->bound, 0.8);
  EXPECT_EQ(Read("auc", " >0.8 ")->op, Comparison::kAbove);
  EXPECT_EQ(Read("recall", ">= 80 %")->bound, 0.8);
  EXPECT_EQ(Read("latency_p99", "<= 5ms")->bound, 0.005);
  EXPECT_EQ(Read("model_size", "< 50 MB")->bound, 50e6);
  EXPECT_EQ(Read("rmse", "<= 560")->bound, 560.0);
  EXPECT_EQ(Read("r2", ">= -0.5")->bound, -0.5);
}

TEST(GateTest, RefusesWhatIsNoRequirement) {
  EXPECT_EQ(ErrorOf("auc", "0.8"),
            "f.yaml:3:8: auc: not a requirement: \"0.8\"\n"
            "start with >=, <=, > or <, in quotes: \">= 0.8\"");
  EXPECT_EQ(ErrorOf("latency_p99", "<= 5"),
            "f.yaml:3:8: latency_p99: not a bound of this metric: \"5\"\n"
            "write a duration, for example \"<= 5ms\"");
  EXPECT_EQ(ErrorOf("auc", ">= 5ms"),
            "f.yaml:3:8: auc: not a bound of this metric: \"5ms\"\n"
            "write a number, for example \">= 0.8\"");
  EXPECT_NE(ErrorOf("auc", ">= nan"), "read");
  EXPECT_NE(ErrorOf("auc", ">="), "read");
  EXPECT_NE(ErrorOf("auc", "== 0.8"), "read");
}

TEST(GateTest, RefusesBoundsThatDecideNothing) {
  EXPECT_EQ(ErrorOf("auc", ">= 80"),
            "f.yaml:3:8: auc: can never be met: \">= 80\"\nauc lies between 0 and 1");
  EXPECT_EQ(ErrorOf("auc", "> 1"),
            "f.yaml:3:8: auc: can never be met: \"> 1\"\n"
            "auc lies between 0 and 1");
  EXPECT_EQ(ErrorOf("rmse", "< 0"),
            "f.yaml:3:8: rmse: can never be met: \"< 0\"\nrmse is at least 0");
  EXPECT_EQ(ErrorOf("auc", "<= 2"),
            "f.yaml:3:8: auc: is always met: \"<= 2\"\nauc lies between 0 and 1");
  EXPECT_EQ(ErrorOf("auc", ">= 1"), "read");
}

TEST(GateTest, TextReadsBackExactly) {
  for (const auto& [name, text] :
       std::vector<std::pair<const char*, const char*>>{{"auc", ">= 0.8"},
                                                        {"latency_p99", "<= 5ms"},
                                                        {"model_size", "<= 50MB"},
                                                        {"latency_p50", "< 0.123456789s"},
                                                        {"rmse", "<= 1e-300"},
                                                        {"throughput", "> 1000"}}) {
    const Gate gate = Read(name, text).value();
    EXPECT_EQ(Read(name, gate.BoundText()).value(), gate) << text << " " << gate.BoundText();
  }
  EXPECT_EQ(Read("latency_p99", "<= 0.005s")->BoundText(), "<= 5ms");
  EXPECT_EQ(Read("auc", ">= 0.80")->BoundText(), ">= 0.8");
}

TEST(GateTest, ComparesValues) {
  EXPECT_TRUE(Read("auc", ">= 0.8")->IsMetBy(0.8));
  EXPECT_FALSE(Read("auc", "> 0.8")->IsMetBy(0.8));
  EXPECT_TRUE(Read("auc", "<= 0.8")->IsMetBy(0.8));
  EXPECT_FALSE(Read("auc", "< 0.8")->IsMetBy(0.8));
  EXPECT_FALSE(Read("auc", ">= 0.8")->IsMetBy(std::nan("")));
  EXPECT_FALSE(Read("auc", "<= 0.8")->IsMetBy(std::nan("")));
}

TEST(GateTest, FindsContradictions) {
  const auto check = [](std::string_view first, std::string_view second) {
    return CheckGatesAgree(
        std::vector<Gate>{Read("auc", first).value(), Read("auc", second).value()});
  };
  EXPECT_EQ(check(">= 0.9", "<= 0.5").message(), "f.yaml:3:8: auc: no value is >= 0.9 and <= 0.5");
  EXPECT_FALSE(check("<= 0.5", ">= 0.9").ok());
  EXPECT_FALSE(check(">= 0.5", "< 0.5").ok());
  EXPECT_TRUE(check(">= 0.5", "<= 0.5").ok());
  EXPECT_TRUE(check(">= 0.5", ">= 0.9").ok());
  EXPECT_TRUE(CheckGatesAgree(std::vector<Gate>{Read("auc", ">= 0.9").value(),
                                                Read("recall", "<= 0.5").value()})
                  .ok());
}

TEST(GateTest, QualityMetricsAreThoseThatAreMeasured) {
  std::set<std::pair<std::string_view, std::string_view>> measured;
  for (const metric::MetricInfo& info : metric::AllMetrics())
    measured.emplace(info.name, info.tasks);
  std::set<std::pair<std::string_view, std::string_view>> gates;
  for (const GateMetric& gate : RequirementMetrics()) {
    if (!gate.tasks.empty()) gates.emplace(gate.name, gate.tasks);
  }
  EXPECT_EQ(gates, measured);
}

TEST(GateTest, EveryMetricHasText) {
  for (const auto metrics : {RequirementMetrics(), FairnessMetrics()}) {
    for (const GateMetric& metric : metrics) EXPECT_FALSE(metric.text.empty()) << metric.name;
  }
  EXPECT_TRUE(TaskHasMetric(table::Task::kBinary, *FindGateMetric(RequirementMetrics(), "auc")));
  EXPECT_FALSE(
      TaskHasMetric(table::Task::kRegression, *FindGateMetric(RequirementMetrics(), "auc")));
  EXPECT_TRUE(
      TaskHasMetric(table::Task::kRegression, *FindGateMetric(RequirementMetrics(), "model_size")));
}

}  // namespace
}  // namespace millrace::spec
