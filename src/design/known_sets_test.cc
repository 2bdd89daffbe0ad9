// Natural sentences on public data sets, without a flag.

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.h"
#include "design/infer.h"
#include "engine/engine.h"
#include "engine/source.h"

namespace millrace::design {
namespace {

struct KnownSet {
  std::string file, sentence, task, target, positive, id;
};

class KnownSetsTest : public ::testing::TestWithParam<KnownSet> {};

TEST_P(KnownSetsTest, SentenceIsUnderstoodWithoutAFlag) {
  const KnownSet& expected = GetParam();
  const char* set = std::getenv("MILLRACE_DATA");
  const std::string folder = set != nullptr ? set : MILLRACE_SOURCE_DIR "/../shared/data";
  if (!FileExists(JoinPath(folder, expected.file))) GTEST_SKIP() << "needs " << expected.file;
  auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
  ASSERT_TRUE(engine.ok());
  const auto source = engine::OpenSource(**engine, folder, {expected.file}, {}, "src");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  const auto profile = profile::ProfileSource(**engine, *source, {});
  ASSERT_TRUE(profile.ok()) << profile.status().ToString();
  const auto found = Infer(expected.sentence, *profile, {});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->target.value, expected.target) << found->target.reason;
  EXPECT_EQ(found->task_choice.value, expected.task);
  EXPECT_EQ(found->positive.value, expected.positive);
  EXPECT_EQ(found->id.value, expected.id);
  EXPECT_TRUE(found->questions.empty()) << "runner-up " << found->target.runner_up;
}

INSTANTIATE_TEST_SUITE_P(
    All, KnownSetsTest,
    ::testing::Values(
        KnownSet{"adult/adult.csv.gz", "predict whether a person earns more than 50K a year",
                 "binary", "income", ">50K", ""},
        KnownSet{"telco_churn/Telco-Customer-Churn.csv",
                 "predict which customers will churn; catch at least 70% of them", "binary",
                 "Churn", "Yes", "customerID"},
        KnownSet{"bank_churn/Churn_Modelling.csv", "predict which customers will leave the bank",
                 "binary", "Exited", "1", "CustomerId"},
        KnownSet{"credit_g/credit-g.csv", "predict which credit applicants are bad risks", "binary",
                 "class", "bad", ""},
        KnownSet{"titanic/titanic_train.csv", "predict which passengers survived", "binary",
                 "Survived", "1", "PassengerId"},
        KnownSet{"iris/iris.csv", "classify the species of iris flowers", "multiclass", "class", "",
                 ""},
        KnownSet{"wine_quality/winequality-white.csv", "predict the quality of a white wine",
                 "regression", "quality", "", ""},
        KnownSet{"letter/letterdata.csv", "recognise the capital letter", "multiclass", "letter",
                 "", ""},
        KnownSet{"california_housing/housing.csv", "predict the median house value of a district",
                 "regression", "median_house_value", "", ""},
        KnownSet{"diamonds/diamonds.csv", "predict the price of a diamond", "regression", "price",
                 "", ""},
        KnownSet{"bike_sharing/hour.csv", "predict the number of bikes rented per hour",
                 "regression", "cnt", "", "instant"},
        KnownSet{"house_prices_kaggle/train.csv", "predict the sale price of a house", "regression",
                 "SalePrice", "", "Id"}));

}  // namespace
}  // namespace millrace::design
