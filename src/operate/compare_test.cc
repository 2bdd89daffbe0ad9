#include "operate/compare.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "bundle/sample_bundle.h"

namespace millrace::operate {
namespace {

std::shared_ptr<const bundle::Bundle> BundleOf(double weight) {
  return bundle::Bundle::FromBytes(bundle::Pack(bundle::SampleParts(weight)).value(), "test")
      .value();
}

// Rows whose label follows age: a model with a positive weight ranks them well.
table::Table Rows(int64_t count, double noise) {
  std::vector<table::ColumnSchema> columns = bundle::SampleParts().request_schema.columns();
  table::ColumnSchema target;
  target.name = "churn";
  target.type = table::ColumnType::kCategory;
  columns.push_back(target);
  table::Table rows(
      std::make_shared<const table::Schema>(table::Schema::Make(std::move(columns)).value()));
  Rng rng(5);
  for (int64_t i = 0; i < count; ++i) {
    const double age = 18.0 + 72.0 * rng.Uniform();
    rows.mutable_column(0).AppendNumber(age);
    rows.mutable_column(1).AppendText(rng.Uniform() < 0.5 ? "Bern" : "Basel");
    if (i % 50 == 49) {
      rows.mutable_column(2).AppendMissing();
    } else {
      rows.mutable_column(2).AppendText(age + noise * rng.Normal() > 50.0 ? "yes" : "no");
    }
  }
  return rows;
}

TEST(CompareTest, EqualModelsAreNoWorse) {
  const auto champion = BundleOf(0.05);
  const auto result = Compare(
      {.champion = *champion, .challenger = *champion, .rows = Rows(400, 10.0), .metric = ""});
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(result->metric, "auc");
  EXPECT_EQ(result->num_rows, 392);
  EXPECT_EQ(result->num_unlabelled, 8);
  EXPECT_EQ(result->difference.value, 0.0);
  EXPECT_EQ(result->verdict, Verdict::kNoWorse);
  EXPECT_TRUE(result->acceptable());
}

TEST(CompareTest, ABetterAndAWorseModelAreToldApartInBothDirections) {
  const auto good = BundleOf(0.05);
  const auto bad = BundleOf(0.001);
  const table::Table rows = Rows(600, 10.0);
  for (const char* metric : {"auc", "log_loss"}) {
    const auto better =
        Compare({.champion = *bad, .challenger = *good, .rows = rows, .metric = metric});
    ASSERT_TRUE(better.ok()) << better.status().ToString();
    EXPECT_EQ(better->verdict, Verdict::kBetter) << metric;
    EXPECT_GT(better->difference.low, 0.0);
    EXPECT_LE(better->difference.low, better->difference.value);
    EXPECT_GE(better->difference.high, better->difference.value);
    const auto worse =
        Compare({.champion = *good, .challenger = *bad, .rows = rows, .metric = metric});
    EXPECT_EQ(worse->verdict, Verdict::kWorse) << metric;
    EXPECT_FALSE(worse->acceptable());
  }
}

TEST(CompareTest, AFewRowsDecideNothing) {
  const auto left = BundleOf(0.05);
  const auto right = BundleOf(0.02);
  const auto result = Compare(
      {.champion = *left, .challenger = *right, .rows = Rows(14, 60.0), .metric = "log_loss"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->verdict, Verdict::kUndecided) << result->reason;
}

TEST(CompareTest, ThreadsChangeNothing) {
  const auto left = BundleOf(0.05);
  const auto right = BundleOf(0.02);
  const table::Table rows = Rows(300, 20.0);
  CompareInputs inputs{.champion = *left, .challenger = *right, .rows = rows, .metric = ""};
  const auto one = Compare(inputs);
  inputs.num_threads = 4;
  EXPECT_EQ(one->reason, Compare(inputs)->reason);
}

TEST(CompareTest, WrongInputsAreNamed) {
  const auto bundle = BundleOf(0.05);
  bundle::BundleParts parts = bundle::SampleParts();
  parts.target = "other";
  const auto other = bundle::Bundle::FromBytes(bundle::Pack(parts).value(), "test").value();
  const table::Table rows = Rows(100, 1.0);
  EXPECT_EQ(Compare({.champion = *bundle, .challenger = *other, .rows = rows, .metric = ""})
                .status()
                .message(),
            "compare: targets differ: \"churn\" and \"other\"");
  EXPECT_EQ(Compare({.champion = *bundle, .challenger = *bundle, .rows = rows, .metric = "rmse"})
                .status()
                .code(),
            Code::kInvalidSpec);
  const table::Table unlabelled = *rows.Select({"age", "city"});
  EXPECT_EQ(Compare({.champion = *bundle, .challenger = *bundle, .rows = unlabelled, .metric = ""})
                .status()
                .code(),
            Code::kInvalidData);
}

}  // namespace
}  // namespace millrace::operate
