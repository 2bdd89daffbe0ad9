#include "develop/folds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/digest.h"

namespace millrace::develop {
namespace {

using table::Task;

struct Rows {
  std::vector<double> labels;
  std::vector<uint64_t> keys;
  std::vector<double> times;
  FoldRows view(Task task) const {
    return {.labels = labels, .keys = keys, .times = times, .task = task};
  }
};

Rows Draw(int num_rows, int rows_per_key) {
  Rows rows;
  for (int r = 0; r < num_rows; ++r) {
    rows.labels.push_back(r % 10 == 0 ? 1.0 : 0.0);
    rows.keys.push_back(MixHash(1, static_cast<uint64_t>(r / rows_per_key)));
  }
  return rows;
}

TEST(FoldsTest, EachRowIsScoredOnceByAFoldThatDidNotTrainOnIt) {
  const Rows rows = Draw(1000, 1);
  const auto folds = MakeFolds(rows.view(Task::kBinary), {.num_folds = 8, .seed = 3});
  ASSERT_TRUE(folds.ok());
  ASSERT_EQ(folds->folds.size(), 8u);
  std::vector<int> scored(1000);
  for (const learner::Fold& fold : folds->folds) {
    EXPECT_EQ(fold.train.size() + fold.validation.size(), 1000u);
    EXPECT_TRUE(std::is_sorted(fold.train.begin(), fold.train.end()));
    const std::set<int64_t> train(fold.train.begin(), fold.train.end());
    double positives = 0.0;
    for (const int64_t row : fold.validation) {
      EXPECT_FALSE(train.contains(row));
      ++scored[static_cast<size_t>(row)];
      positives += rows.labels[static_cast<size_t>(row)];
    }
    EXPECT_NEAR(positives, 12.5, 1.0);  // 100 positives over 8 folds
  }
  for (const int count : scored) EXPECT_EQ(count, 1);
  EXPECT_EQ(folds->scored_rows.size(), 1000u);
}

TEST(FoldsTest, RowsOfOneKeyStayTogether) {
  const Rows rows = Draw(1000, 20);
  const auto folds = MakeFolds(rows.view(Task::kBinary), {.num_folds = 5, .seed = 3});
  ASSERT_TRUE(folds.ok());
  for (const learner::Fold& fold : folds->folds) {
    std::set<uint64_t> train;
    for (const int64_t row : fold.train) train.insert(rows.keys[static_cast<size_t>(row)]);
    for (const int64_t row : fold.validation) {
      EXPECT_FALSE(train.contains(rows.keys[static_cast<size_t>(row)]));
    }
  }
}

TEST(FoldsTest, WithTimesEveryFoldIsScoredOnLaterRows) {
  Rows rows = Draw(700, 1);
  for (int r = 0; r < 700; ++r) rows.times.push_back(static_cast<double>((r * 37) % 350));
  for (const int64_t num_folds : {1, 5}) {
    const auto folds = MakeFolds(rows.view(Task::kRegression), {.num_folds = num_folds, .seed = 3});
    ASSERT_TRUE(folds.ok());
    ASSERT_EQ(folds->folds.size(), static_cast<size_t>(num_folds));
    for (const learner::Fold& fold : folds->folds) {
      double latest = -1.0;
      for (const int64_t row : fold.train) {
        latest = std::max(latest, rows.times[static_cast<size_t>(row)]);
      }
      for (const int64_t row : fold.validation) {
        EXPECT_GT(rows.times[static_cast<size_t>(row)], latest);
      }
    }
  }
}

TEST(FoldsTest, TheEmbargoLiesBetweenTrainingAndValidation) {
  Rows rows = Draw(700, 1);
  for (int r = 0; r < 700; ++r) rows.times.push_back(static_cast<double>((r * 37) % 350));
  FoldRows view = rows.view(Task::kRegression);
  view.embargo_seconds = 20.0;
  for (const int64_t num_folds : {1, 5}) {
    const auto folds = MakeFolds(view, {.num_folds = num_folds, .seed = 3});
    ASSERT_TRUE(folds.ok());
    for (const learner::Fold& fold : folds->folds) {
      double latest = -1.0;
      double first = 1e9;
      for (const int64_t row : fold.train) {
        latest = std::max(latest, rows.times[static_cast<size_t>(row)]);
      }
      for (const int64_t row : fold.validation) {
        first = std::min(first, rows.times[static_cast<size_t>(row)]);
      }
      EXPECT_EQ(first - latest, 20.0) << "no closer, and no further than asked for";
    }
  }
  view.embargo_seconds = 1000.0;
  EXPECT_EQ(MakeFolds(view, {.num_folds = 5, .seed = 3}).status().code(), Code::kInvalidData);
}

TEST(FoldsTest, TooFewKeysAreRefused) {
  const Rows rows = Draw(100, 50);
  EXPECT_EQ(MakeFolds(rows.view(Task::kBinary), {.num_folds = 5, .seed = 1}).status().code(),
            Code::kInvalidData);
  Rows one_time = Draw(50, 1);
  one_time.times.assign(50, 7.0);
  EXPECT_EQ(MakeFolds(one_time.view(Task::kBinary), {.num_folds = 5, .seed = 1}).status().code(),
            Code::kInvalidData);
}

TEST(FoldsTest, NumberFollowsSizeAndBudget) {
  EXPECT_EQ(ChooseNumFolds(4, 3, 1, 60.0, 2), 2);
  EXPECT_EQ(ChooseNumFolds(60, 3, 1, 60.0, 2), 5);
  EXPECT_EQ(ChooseNumFolds(5'000, 20, 1, 60.0, 2), 8);
  EXPECT_EQ(ChooseNumFolds(5'000'000, 100, 1, 60.0, 2), 1);
}

}  // namespace
}  // namespace millrace::develop
