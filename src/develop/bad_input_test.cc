// Data that no one would wish for: a model or a clear refusal, never a crash.

#include <gtest/gtest.h>

#include <cmath>

#include "base/format.h"
#include "base/rng.h"
#include "develop/develop_fixture.h"
#include "model/model.h"

namespace millrace::develop {
namespace {

using table::Task;

class BadInputTest : public ::testing::Test, protected DevelopFixture {
 protected:
  void SetUp() override { ASSERT_TRUE(Open().ok()); }

  // A model that loads and answers finite numbers, or a refusal with a message for people.
  void ExpectModelOrRefusal(const Result<DevelopRecord>& record) {
    if (!record.ok()) {
      EXPECT_EQ(record.status().code(), Code::kInvalidData) << record.status().ToString();
      EXPECT_FALSE(record.status().message().empty());
      return;
    }
    const auto bytes = objects->Get(record->model_object);
    ASSERT_TRUE(bytes.ok());
    const auto model = model::LoadModel(*bytes);
    ASSERT_TRUE(model.ok()) << model.status().ToString();
    const std::vector<float> row(static_cast<size_t>((*model)->num_features()), NAN);
    std::vector<double> outputs(static_cast<size_t>((*model)->num_scores()));
    model::Predict(**model, row, 1, outputs);
    for (const double value : outputs) EXPECT_TRUE(std::isfinite(value));
  }

  // Phase 2 and 3, with whatever phase 2 says first.
  void ExpectModelOrRefusal(Task task, const std::string& csv) {
    SCOPED_TRACE(csv.substr(0, 200));
    const Status loaded = LoadText(task, csv, "");
    if (!loaded.ok()) {
      EXPECT_EQ(loaded.code(), Code::kInvalidData) << loaded.ToString();
      return;
    }
    ExpectModelOrRefusal(Develop(2, std::nullopt));
  }
};

TEST_F(BadInputTest, FewRows) {
  for (const int rows : {2, 3, 5, 12}) {
    for (const Task task : {Task::kBinary, Task::kRegression}) {
      std::string csv = "a,y\n";
      for (int i = 0; i < rows; ++i) csv += Format("{},{}\n", i * 3 % 7, i % 2);
      ExpectModelOrRefusal(task, csv);
    }
  }
}

TEST_F(BadInputTest, NoiseIsSeldomCalledBetterThanTheBaseline) {
  int met = 0;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Rng rng(seed);
    std::string csv = "a,y\n";
    for (int i = 0; i < 300; ++i) csv += Format("{},{}\n", rng.Normal(), rng.Below(2));
    ASSERT_TRUE(LoadText(Task::kBinary, csv, "1").ok());
    const auto record = Develop(2, std::nullopt);
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    for (const report::Check& check : record->section.checkpoint.checks) {
      if (check.id != "develop.better_than_baseline") continue;
      met += check.state == report::CheckState::kMet ? 1 : 0;
    }
  }
  EXPECT_LE(met, 1);
}

TEST_F(BadInputTest, ManyColumnsFewRows) {
  constexpr int kColumns = 600;
  Rng rng(4);
  std::string csv = "y";
  for (int c = 0; c < kColumns; ++c) csv += Format(",c{}", c);
  csv += "\n";
  for (int r = 0; r < 60; ++r) {
    csv += r % 2 == 0 ? "no" : "yes";
    for (int c = 0; c < kColumns; ++c) csv += Format(",{}", rng.Below(100));
    csv += "\n";
  }
  ExpectModelOrRefusal(Task::kBinary, csv);
}

TEST_F(BadInputTest, ManyClasses) {
  std::string csv = "a,b,y\n";
  Rng rng(5);
  for (int i = 0; i < 300; ++i) csv += Format("{},{},k{}\n", rng.Normal(), i % 60, i % 60);
  ExpectModelOrRefusal(Task::kMulticlass, csv);
}

TEST_F(BadInputTest, MissingUniqueAndEndlessValues) {
  std::string csv = "empty,unique,huge,y\n";
  Rng rng(6);
  for (int i = 0; i < 200; ++i) {
    csv += Format(",u{},{},{}\n", i,
                  i % 10 == 0  ? "1e300"
                  : i % 7 == 0 ? "inf"
                               : "-1e300",
                  rng.Normal());
  }
  ExpectModelOrRefusal(Task::kRegression, csv);
  csv = "empty,unique,y\n";
  for (int i = 0; i < 200; ++i) csv += Format(",u{},{}\n", i, i % 2);
  ExpectModelOrRefusal(Task::kBinary, csv);
}

TEST_F(BadInputTest, RareClasses) {
  std::string csv = "a,y\n";
  Rng rng(7);
  for (int i = 0; i < 400; ++i) {
    csv += Format("{},{}\n", rng.Normal(), i < 3 ? "rare" : i % 2 == 0 ? "x" : "z");
  }
  ExpectModelOrRefusal(Task::kMulticlass, csv);
}

}  // namespace
}  // namespace millrace::develop
