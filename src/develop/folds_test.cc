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

TEST(FoldsTest, StatedValidationRowsAreTheOnePartThatScores) {
  Rows rows = Draw(200, 1);
  std::vector<uint8_t> stated(200, 0);
  for (size_t r = 30; r < 70; ++r) stated[r] = 1;
  FoldRows view = rows.view(Task::kBinary);
  view.validation = stated;
  const auto folds = MakeFolds(view, {.num_folds = 8, .seed = 3});
  ASSERT_TRUE(folds.ok());
  ASSERT_EQ(folds->folds.size(), 1u);
  const learner::Fold& fold = folds->folds[0];
  EXPECT_EQ(fold.validation, folds->scored_rows);
  EXPECT_EQ(fold.validation.size(), 40u);
  EXPECT_EQ(fold.validation.front(), 30);
  EXPECT_EQ(fold.train.size(), 160u);
  for (const int64_t row : fold.train) EXPECT_EQ(stated[static_cast<size_t>(row)], 0) << row;
  EXPECT_NE(folds->scheme.find("40 rows stated as validation"), std::string::npos);
  // Nothing but validation rows leaves none to learn from.
  std::fill(stated.begin(), stated.end(), uint8_t{1});
  EXPECT_EQ(MakeFolds(view, {.num_folds = 8, .seed = 3}).status().code(), Code::kInvalidData);
}

TEST(FoldsTest, RepeatsDivideAnewAndScoreEachRowOnceEach) {
  const Rows rows = Draw(300, 1);
  const auto once = MakeFolds(rows.view(Task::kBinary), {.num_folds = 5, .seed = 3});
  const auto folds =
      MakeFolds(rows.view(Task::kBinary), {.num_folds = 5, .num_repeats = 3, .seed = 3});
  ASSERT_TRUE(once.ok() && folds.ok());
  ASSERT_EQ(folds->folds.size(), 15u);
  EXPECT_EQ(folds->num_repeats, 3);
  EXPECT_EQ(folds->scored_rows, once->scored_rows);
  std::vector<int> scored(300);
  for (size_t f = 0; f < folds->folds.size(); ++f) {
    for (const int64_t row : folds->folds[f].validation) ++scored[static_cast<size_t>(row)];
    if (f < 5) {
      EXPECT_EQ(folds->folds[f].validation, once->folds[f].validation);
    }
  }
  for (const int count : scored) EXPECT_EQ(count, 3);
  EXPECT_NE(folds->folds[5].validation, folds->folds[0].validation);
  EXPECT_NE(folds->folds[10].validation, folds->folds[5].validation);
}

}  // namespace
}  // namespace millrace::develop
