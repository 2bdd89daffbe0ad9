#include "deploy/canary.h"

#include <gtest/gtest.h>

#include <limits>

#include "serve/metrics.h"

namespace millrace::deploy {
namespace {

RouteCounters Counters(int64_t requests, int64_t errors, double p99_seconds = 0.001) {
  RouteCounters counters;
  counters.requests = requests;
  counters.errors = errors;
  counters.buckets = {{p99_seconds, requests}, {std::numeric_limits<double>::infinity(), requests}};
  return counters;
}

TEST(Canary, ErrorsSpeakAgainstTheChallenger) {
  EXPECT_EQ(JudgeCanary(Counters(1000, 1), Counters(100, 8), 100).health, CanaryHealth::kBad);
  EXPECT_EQ(JudgeCanary(Counters(1000, 80), Counters(100, 8), 100).health, CanaryHealth::kGood);
  EXPECT_EQ(JudgeCanary(Counters(1000, 0), Counters(20, 2), 100).health, CanaryHealth::kUnknown);
  EXPECT_EQ(JudgeCanary(Counters(0, 0), Counters(100, 50), 100).health, CanaryHealth::kBad);
}

TEST(Canary, LatencySpeaksAgainstTheChallenger) {
  EXPECT_EQ(JudgeCanary(Counters(1000, 0, 0.002), Counters(1000, 0, 0.01), 100).health,
            CanaryHealth::kBad);
  // Twice as slow, but fast: noise of the buckets.
  EXPECT_EQ(JudgeCanary(Counters(1000, 0, 0.0005), Counters(1000, 0, 0.002), 100).health,
            CanaryHealth::kGood);
}

TEST(Canary, CountersOfAServerAreReadBack) {
  serve::Metrics metrics;
  const auto thread = metrics.NewThread();
  const auto other = metrics.NewThread();
  for (int i = 0; i < 99; ++i) thread->CountRoute("challenger", 200, 0.0003);
  other->CountRoute("challenger", 500, 0.7);
  other->CountRoute("champion", 200, 0.0001);
  auto routes = CountersFromText(metrics.Text(0, 0));
  ASSERT_EQ(routes.size(), 2u);
  const RouteCounters& challenger = routes["challenger"];
  EXPECT_EQ(challenger.requests, 100);
  EXPECT_EQ(challenger.errors, 1);
  EXPECT_EQ(challenger.Quantile(0.5), 0.0005);
  EXPECT_EQ(challenger.Quantile(1.0), 1.0);
  const RouteCounters again = CountersFromJson(ToJson(challenger));
  EXPECT_EQ(again.buckets, challenger.buckets);
  EXPECT_EQ(challenger.Since(again).requests, 0);
  EXPECT_EQ(RouteCounters(Counters(5, 0)).Since(challenger).requests, 5);  // started anew
}

}  // namespace
}  // namespace millrace::deploy
