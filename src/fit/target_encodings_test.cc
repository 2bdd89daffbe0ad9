#include "fit/target_encodings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>

#include "base/format.h"
#include "base/rng.h"
#include "json/text.h"

namespace millrace::fit {
namespace {

using feature::Node;
using feature::NodeKind;
using table::ColumnType;

constexpr int32_t kFolds = 4;
constexpr int64_t kRows = 2'000;

table::Schema Raw() {
  return *table::Schema::Make({{.name = "n", .type = ColumnType::kNumber},
                               {.name = "city", .type = ColumnType::kCategory},
                               {.name = "size", .type = ColumnType::kCategory}});
}

struct Sample {
  table::Table rows{std::make_shared<const table::Schema>(Raw())};
  std::vector<double> targets;
  std::vector<int32_t> folds;
};

Sample MakeSample() {
  Sample sample;
  Rng rng(3);
  for (int64_t r = 0; r < kRows; ++r) {
    const uint64_t city = rng.Below(40);
    sample.rows.mutable_column(0).AppendNumber(rng.Normal());
    if (rng.Below(20) == 0) {
      sample.rows.mutable_column(1).AppendMissing();
    } else {
      sample.rows.mutable_column(1).AppendText(Format("city {}", city));
    }
    sample.rows.mutable_column(2).AppendText(rng.Below(2) == 0 ? "small" : "large");
    sample.targets.push_back(rng.Uniform() < static_cast<double>(city) / 40.0 ? 1.0 : 0.0);
    sample.folds.push_back(static_cast<int32_t>(rng.Below(kFolds)));
  }
  return sample;
}

FittedGraph Plain() {
  std::vector<std::string> cities;
  for (int i = 0; i < 40; ++i) cities.push_back(Format("city {}", i));
  Node frequency{.kind = NodeKind::kFrequency,
                 .column = "city",
                 .name = "city frequency",
                 .values = cities,
                 .shares = std::vector<double>(40, 0.025)};
  auto graph = feature::Graph::Make(
      Raw(), {{.kind = NodeKind::kNumber, .column = "n", .name = "n"},
              {.kind = NodeKind::kCategory, .column = "city", .name = "city", .values = cities},
              frequency,
              {.kind = NodeKind::kCategory,
               .column = "size",
               .name = "size",
               .values = {"small", "large"}}});
  return {*std::move(graph), {{"n", "number"}, {"city", "40 categories"}, {"size", "2"}}};
}

const std::vector<std::string> kBinary{"no", "yes"};

Result<FittedGraph> Fit(const Sample& sample, std::span<const std::string> labels = kBinary) {
  return AddTargetEncodings(Plain(), Raw(),
                            {.rows = sample.rows,
                             .targets = sample.targets,
                             .folds = sample.folds,
                             .num_folds = kFolds,
                             .labels = labels});
}

TEST(TargetEncodingsTest, AddOneFeatureAfterTheCategory) {
  const auto fitted = Fit(MakeSample());
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  const auto infos = fitted->graph.features();
  ASSERT_EQ(infos.size(), 5u);
  EXPECT_EQ(infos[3].name, "city target");
  EXPECT_FALSE(infos[3].category);
  EXPECT_EQ(infos[4].name, "size");
  EXPECT_EQ(fitted->graph.fold_features(), std::vector<int64_t>{3});
  EXPECT_EQ(fitted->reasons[1].strategy, "40 categories, and the mean target of the value");
  const Node& node = fitted->graph.nodes()[3];
  // Cities differ as they were made to.
  EXPECT_LT(node.encodings[1], 0.3);
  EXPECT_GT(node.encodings[38], 0.7);
}

TEST(TargetEncodingsTest, PlantedHeldOutTargetsChangeNoByteOfTheFold) {
  const Sample sample = MakeSample();
  const auto before = Fit(sample);
  ASSERT_TRUE(before.ok());
  for (int32_t held_out = 0; held_out < kFolds; ++held_out) {
    Sample planted = sample;
    for (size_t r = 0; r < planted.targets.size(); ++r) {
      if (planted.folds[r] == held_out) planted.targets[r] = 1.0 - planted.targets[r];
    }
    const auto after = Fit(planted);
    ASSERT_TRUE(after.ok());
    // The parameters of all other folds are equal, those of this one are not: the plant works.
    const Node& old_node = before->graph.nodes()[3];
    const Node& new_node = after->graph.nodes()[3];
    for (int32_t fold = 0; fold < kFolds; ++fold) {
      const auto f = static_cast<size_t>(fold);
      EXPECT_EQ(old_node.folds[f] == new_node.folds[f], fold != held_out);
    }
    const auto old_matrix = before->graph.ApplyFolds(sample.rows, sample.folds, held_out);
    const auto new_matrix = after->graph.ApplyFolds(planted.rows, planted.folds, held_out);
    ASSERT_TRUE(old_matrix.ok() && new_matrix.ok());
    EXPECT_EQ(std::memcmp(old_matrix->values().data(), new_matrix->values().data(),
                          old_matrix->values().size_bytes()),
              0);
    // Another fold's matrix does see them.
    const int32_t other = (held_out + 1) % kFolds;
    const auto old_other = before->graph.FoldFeatures(sample.rows, sample.folds, other);
    const auto new_other = after->graph.FoldFeatures(planted.rows, planted.folds, other);
    EXPECT_NE(std::memcmp(old_other->values().data(), new_other->values().data(),
                          old_other->values().size_bytes()),
              0);
  }
}

// The danger itself: with random targets, an encoding by all rows seems to predict; ours does not.
TEST(TargetEncodingsTest, RandomTargetsGiveNoSignalOnTheirOwnRows) {
  Sample sample = MakeSample();
  Rng rng(9);
  for (double& target : sample.targets) target = rng.Uniform() < 0.5 ? 1.0 : 0.0;
  const auto fitted = Fit(sample);
  ASSERT_TRUE(fitted.ok());
  const auto covariance = [&](const table::Matrix& matrix, int64_t column) {
    double sum = 0.0;
    for (int64_t r = 0; r < kRows; ++r) {
      const float value = matrix.at(r, column);
      if (!std::isnan(value)) {
        sum += (static_cast<double>(value) - 0.5) * (sample.targets[static_cast<size_t>(r)] - 0.5);
      }
    }
    return sum;
  };
  const auto leaky = fitted->graph.Apply(sample.rows);
  const auto clean = fitted->graph.FoldFeatures(sample.rows, sample.folds, std::nullopt);
  ASSERT_TRUE(leaky.ok() && clean.ok());
  EXPECT_GT(covariance(*leaky, 3), 5.0);
  EXPECT_LT(covariance(*clean, 0), 2.0);
}

TEST(TargetEncodingsTest, ClassesGetAFeatureEachAndNumbersAreAveraged) {
  Sample sample = MakeSample();
  Rng rng(4);
  for (double& target : sample.targets) target = static_cast<double>(rng.Below(3));
  const std::vector<std::string> three{"a", "b", "c"};
  const auto classes = Fit(sample, three);
  ASSERT_TRUE(classes.ok());
  ASSERT_EQ(classes->graph.num_features(), 7);
  EXPECT_EQ(classes->graph.nodes()[5].name, "city target c");
  const auto& nodes = classes->graph.nodes();
  EXPECT_NEAR(nodes[3].encodings[0] + nodes[4].encodings[0] + nodes[5].encodings[0], 1.0, 1e-12);

  for (double& target : sample.targets) target += 1000.0;
  const auto numbers = Fit(sample, {});
  ASSERT_TRUE(numbers.ok());
  EXPECT_NEAR(numbers->graph.nodes()[3].encodings[0], 1001.0, 1.0);

  const std::vector<std::string> many(11, "x");
  EXPECT_EQ(Fit(sample, many)->graph.num_features(), 4);
}

TEST(TargetEncodingsTest, TargetsBeyondNumbersGiveNoFeature) {
  Sample sample = MakeSample();
  for (double& target : sample.targets) target = 1e308;
  const auto fitted = Fit(sample, {});
  ASSERT_TRUE(fitted.ok());
  EXPECT_EQ(fitted->graph.num_features(), 4);
  EXPECT_EQ(fitted->reasons[1].strategy, "40 categories");
}

TEST(TargetEncodingsTest, SizesThatDoNotFitAreRefused) {
  Sample sample = MakeSample();
  sample.folds[7] = kFolds;
  EXPECT_EQ(Fit(sample).status().code(), Code::kInternal);
  sample.folds.pop_back();
  EXPECT_EQ(Fit(sample).status().code(), Code::kInternal);
}

TEST(TargetEncodingsTest, TreatmentsKeepTheirReasons) {
  const Sample sample = MakeSample();
  const FittedGraph plain = Plain();
  auto treated =
      feature::Graph::Make(Raw(), plain.graph.nodes(),
                           {{.column = "n", .fill = feature::FillKind::kNumber, .number = 1.0}});
  ASSERT_TRUE(treated.ok()) << treated.status().ToString();
  const auto encoded = AddTargetEncodings(
      {*std::move(treated), plain.reasons, {{"n", "median", "the median (1)"}}}, Raw(),
      {.rows = sample.rows,
       .targets = sample.targets,
       .folds = sample.folds,
       .num_folds = kFolds,
       .labels = kBinary});
  ASSERT_TRUE(encoded.ok()) << encoded.status().ToString();
  ASSERT_EQ(encoded->graph.treatments().size(), 1U);
  ASSERT_EQ(encoded->treatments.size(), 1U);
  EXPECT_EQ(encoded->treatments[0].fill, "the median (1)");
}

}  // namespace
}  // namespace millrace::fit
