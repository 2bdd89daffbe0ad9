#include "data/suggest_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "data/ingest.h"
#include "data/user_checks.h"
#include "engine/source.h"

namespace millrace::data {
namespace {

// Orders: net and tax of a gross sum, a day of sale before one of delivery, a kind of three, a
// number that hangs on nothing.
std::string Orders(int64_t num_rows, uint64_t seed, double shift = 0.0) {
  Rng rng(seed);
  std::string text = "sold,delivered,net,gross,weight,kind,bought\n";
  for (int64_t i = 0; i < num_rows; ++i) {
    const double net = 10.0 + 90.0 * rng.Uniform() + shift;
    const double gross = net * (1.05 + 0.15 * rng.Uniform());
    const auto day = static_cast<int>(1 + rng.Below(20));
    const auto later = day + static_cast<int>(rng.Below(8));
    const uint64_t kind = rng.Below(20);
    text += Format("2024-03-{:02},2024-03-{:02},{:.2f},{:.2f},{:.3f},{},{}\n", day, later, net,
                   gross, 5.0 + 100.0 * rng.Uniform(),
                   kind < 6   ? "post"
                   : kind < 9 ? "van"
                              : "bike",
                   rng.Below(2) == 0 ? "yes" : "no");
  }
  return text;
}

class SuggestRulesTest : public ::testing::Test {
 protected:
  SuggestRulesTest() : folder_(TemporaryFolder::Make().value()) {
    spec_.problem.target = "bought";
    spec_.data.time = "sold";
  }

  struct Typed {
    std::unique_ptr<engine::Engine> engine;
    Ingested rows;
  };

  Typed Read(const std::string& text, const std::optional<table::Schema>& schema) {
    Typed typed;
    typed.engine =
        engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30}).value();
    const std::string path = JoinPath(folder_.path(), "orders.csv");
    EXPECT_TRUE(WriteFileAtomic(path, text).ok());
    const auto source =
        engine::OpenSource(*typed.engine, folder_.path(), {"orders.csv"}, {}, "source");
    EXPECT_TRUE(source.ok()) << source.status().ToString();
    if (!schema) {
      profile_ = profile::ProfileSource(*typed.engine, *source, {}).value();
      schema_ = profile_.ToSchema().value();
    }
    typed.rows =
        Ingest(*typed.engine, *source, *schema_, {.target = "bought"}, {.spec = spec::Spec{}})
            .value();
    return typed;
  }

  std::vector<SuggestedCheck> Suggest(const std::string& text, int64_t now_micros) {
    const Typed typed = Read(text, std::nullopt);
    auto rules =
        SuggestRules(*typed.engine, typed.rows.table_name, *schema_, profile_, spec_, now_micros);
    EXPECT_TRUE(rules.ok()) << rules.status().ToString();
    return std::move(rules).value();
  }

  // Names of the checks that a further file does not meet.
  std::vector<std::string> Broken(const std::vector<SuggestedCheck>& rules,
                                  const std::string& text) {
    const Typed typed = Read(text, schema_);
    spec::Spec spec = spec_;
    for (const SuggestedCheck& rule : rules) {
      if (!rule.check.max_age_seconds) spec.data.checks.push_back(rule.check);
    }
    std::vector<std::string> broken;
    const auto results = RunUserChecks(spec, *typed.engine, typed.rows.table_name, *schema_);
    EXPECT_TRUE(results.ok()) << results.status().ToString();
    for (const report::Check& check : *results) {
      if (check.state != report::CheckState::kMet) broken.push_back(check.label);
    }
    return broken;
  }

  static constexpr int64_t kMarch28 = 1'711'584'000'000'000;

  TemporaryFolder folder_;
  spec::Spec spec_;
  profile::SourceProfile profile_;
  std::optional<table::Schema> schema_;
};

TEST_F(SuggestRulesTest, OrdersOfColumnsAreFoundAndNoneIsInvented) {
  std::vector<std::string> orders;
  for (const SuggestedCheck& rule : Suggest(Orders(2000, 1), kMarch28)) {
    if (!rule.check.sql.empty()) orders.push_back(rule.check.sql);
  }
  EXPECT_EQ(orders,
            (std::vector<std::string>{"\"sold\" <= \"delivered\"", "\"net\" <= \"gross\""}));
}

TEST_F(SuggestRulesTest, FreshnessFollowsTheGapsAndOnlyOfASourceThatGoesOn) {
  const auto age = [](const std::vector<SuggestedCheck>& rules) {
    for (const SuggestedCheck& rule : rules) {
      if (rule.check.max_age_seconds) return *rule.check.max_age_seconds;
    }
    return 0.0;
  };
  constexpr int64_t kMarch21 = kMarch28 - int64_t{7} * 86'400'000'000;
  EXPECT_EQ(age(Suggest(Orders(2000, 1), kMarch21)), 2 * 86400.0)
      << "sold on every day to the 20th";
  EXPECT_EQ(age(Suggest(Orders(2000, 1), kMarch28)), 0.0);
  spec_.data.time = std::nullopt;
  EXPECT_EQ(age(Suggest(Orders(2000, 1), kMarch21)), 0.0);
}

TEST_F(SuggestRulesTest, BatchesDrawnAlikeKeepTheBandsAndShiftedOnesLeaveThem) {
  const std::vector<SuggestedCheck> rules = Suggest(Orders(4000, 1), kMarch28);
  const auto num_bands = std::ranges::count_if(
      rules, [](const SuggestedCheck& rule) { return rule.check.at_most.has_value(); });
  EXPECT_EQ(num_bands, 9) << "two of each number, three of the kinds";
  int with_alarm = 0;
  for (uint64_t seed = 100; seed < 140; ++seed) {
    with_alarm += Broken(rules, Orders(400, seed)).empty() ? 0 : 1;
  }
  // 40 batches at 1 in 100: three or more come by chance in fewer than 1 of 100 runs.
  EXPECT_LE(with_alarm, 2);
  const std::vector<std::string> broken = Broken(rules, Orders(400, 7, 30.0));
  EXPECT_TRUE(std::ranges::any_of(
      broken, [](const std::string& label) { return label.starts_with("net <="); }));
}

TEST_F(SuggestRulesTest, FewRowsSayNothing) {
  EXPECT_TRUE(Suggest(Orders(99, 1), kMarch28).empty());
}

}  // namespace
}  // namespace millrace::data
