// Natural sentences on public data sets, without a flag: what a person would type, and what must be
// understood. The sets lie outside the project ($MILLRACE_DATA, or ../shared/data); each is skipped
// where it is absent.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "design/infer.h"
#include "design/table_sample.h"
#include "design/target_leaks.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "profile/real_sets_fixture.h"

namespace millrace::design {
namespace {

struct KnownSet {
  std::string file, sentence, task, target, positive, id;
  std::string time;      // column that orders the split
  std::string left_out;  // columns that are no features besides the id, comma separated
};

void PrintTo(const KnownSet& set, std::ostream* out) { *out << set.file; }

struct Understood {
  Inference inference;
  std::vector<std::string> left_out;
};

Result<Understood> Understand(const std::string& file, const std::string& sentence) {
  constexpr int64_t kSampleRows = 1'500;
  MILLRACE_ASSIGN_OR_RETURN(
      const auto engine,
      engine::MakeDuckDbEngine({.num_threads = 1, .memory_bytes = int64_t{1} << 30}));
  MILLRACE_ASSIGN_OR_RETURN(
      const engine::Source source,
      engine::OpenSource(*engine, profile::FolderOfSets(), {file}, {}, "src"));
  MILLRACE_ASSIGN_OR_RETURN(const profile::SourceProfile profile,
                            profile::ProfileSource(*engine, source, {}));
  Understood understood;
  MILLRACE_ASSIGN_OR_RETURN(understood.inference, Infer(sentence, profile, {}));
  const Inference& found = understood.inference;
  std::vector<std::string> features;
  for (const ColumnNote& note : found.exclude) understood.left_out.push_back(note.name);
  for (const profile::ColumnProfile& column : profile.columns) {
    const bool out = column.name == found.target.value || column.name == found.id.value ||
                     std::find(understood.left_out.begin(), understood.left_out.end(),
                               column.name) != understood.left_out.end();
    if (!out) features.push_back(column.name);
  }
  MILLRACE_ASSIGN_OR_RETURN(const table::Schema schema,
                            SampleSchema(profile, found.target.value, found.task));
  MILLRACE_ASSIGN_OR_RETURN(const table::Table rows,
                            ReadSample(*engine, source, schema, profile.num_rows, kSampleRows));
  for (const ColumnNote& leak : FindTargetLeaks(rows, found.target.value, found.task, features)) {
    understood.left_out.push_back(leak.name);
  }
  return understood;
}

class KnownSetsTest : public ::testing::TestWithParam<KnownSet> {};

TEST_P(KnownSetsTest, SentenceIsUnderstoodWithoutAFlag) {
  const KnownSet& expected = GetParam();
  if (!FileExists(JoinPath(profile::FolderOfSets(), expected.file))) {
    GTEST_SKIP() << "needs " << expected.file << " in ../shared/data or $MILLRACE_DATA";
  }
  const auto understood = Understand(expected.file, expected.sentence);
  ASSERT_TRUE(understood.ok()) << understood.status().ToString();
  const Inference& found = understood->inference;
  EXPECT_EQ(found.target.value, expected.target)
      << found.target.reason << ", runner-up " << found.target.runner_up;
  EXPECT_EQ(found.task_choice.value, expected.task) << found.task_choice.reason;
  EXPECT_EQ(found.positive.value, expected.positive) << found.positive.reason;
  EXPECT_EQ(found.id.value, expected.id) << found.id.reason;
  EXPECT_EQ(found.time.value, expected.time) << found.time.reason;
  EXPECT_EQ(Join(understood->left_out, ","), expected.left_out);
  EXPECT_TRUE(found.questions.empty()) << "runner-up " << found.target.runner_up;
}

const KnownSet kSets[] = {
    // Two classes.
    {"adult/adult.csv.gz", "predict whether a person earns more than 50K a year", "binary",
     "income", ">50K", "", "", ""},
    {"adult_parquet/adults.parquet", "who earns more than 50K a year?", "binary", "class", ">50K",
     "", "", ""},
    {"telco_churn/Telco-Customer-Churn.csv",
     "predict which customers will churn; catch at least 70% of them", "binary", "Churn", "Yes",
     "customerID", "", ""},
    {"bank_churn/Churn_Modelling.csv", "predict which customers will leave the bank", "binary",
     "Exited", "1", "CustomerId", "", "RowNumber"},
    {"credit_g/credit-g.csv", "predict which credit applicants are bad risks", "binary", "class",
     "bad", "", "", ""},
    {"titanic/titanic_train.csv", "predict which passengers survived", "binary", "Survived", "1",
     "PassengerId", "", ""},
    {"hr_attrition_ibm/EmployeeAttrition.csv", "which employees will quit their job?", "binary",
     "Attrition", "Yes", "EmployeeNumber", "", ""},
    {"sick/sick.csv", "find patients with a sick thyroid from their lab values", "binary", "Class",
     "sick", "", "", ""},
    {"heart_disease_uci/heart_disease_uci.csv", "predict the stage of heart disease of a patient",
     "multiclass", "HeartDisease", "", "id", "", ""},
    {"breast_cancer_wdbc/wisc_bc_data.csv", "diagnose whether a tumour is malignant", "binary",
     "diagnosis", "M", "id", "", ""},
    {"credit_default_taiwan/UCI_Credit_Card.csv",
     "predict which card holders will default on their payment next month", "binary",
     "default.payment.next.month", "1", "ID", "", ""},
    {"spambase/spambase.csv", "detect spam mail", "binary", "class", "1", "", "", ""},
    {"higgs_sample/higgs_train_7000.csv", "tell signal from background events", "binary", "label",
     "1", "", "", ""},
    {"jm1/jm1.csv", "predict which software modules have defects", "binary", "defects", "true", "",
     "", ""},
    {"elec2/elec.csv.gz", "will the electricity price go up or down? the class says it", "binary",
     "class", "1", "", "", ""},
    // Many classes.
    {"iris/iris.csv", "classify the species of iris flowers", "multiclass", "class", "", "", "",
     ""},
    {"letter/letterdata.csv", "recognise the capital letter", "multiclass", "letter", "", "", "",
     ""},
    {"car/car.csv", "how acceptable is a car? predict its class", "multiclass", "class", "", "", "",
     ""},
    {"dry_bean/Dry_Bean_Dataset.csv.gz", "tell which kind of dry bean it is from its shape",
     "multiclass", "Class", "", "", "", ""},
    {"segment/segment.csv", "classify the region of an image from its colours", "multiclass",
     "class", "", "", "", ""},
    {"covertype_sample/covtype_15120.csv", "predict the forest cover type", "multiclass",
     "Cover_Type", "", "Id", "", ""},
    // Numbers.
    {"wine_quality/winequality-white.csv", "predict the quality of a white wine", "regression",
     "quality", "", "", "", ""},
    {"wine_quality/winequality-red.csv", "how good is a red wine? predict its quality",
     "regression", "quality", "", "", "", ""},
    {"california_housing/housing.csv", "predict the median house value of a district", "regression",
     "median_house_value", "", "", "", ""},
    {"diamonds/diamonds.csv", "predict the price of a diamond", "regression", "price", "", "", "",
     ""},
    {"bike_sharing/hour.csv", "predict the number of bikes rented per hour", "regression", "cnt",
     "", "instant", "dteday", "casual,registered"},
    {"bike_sharing/day.csv", "how many bikes will be rented on a day?", "regression", "cnt", "",
     "instant", "dteday", "casual,registered"},
    {"house_prices_kaggle/train.csv", "predict the sale price of a house", "regression",
     "SalePrice", "", "Id", "", ""},
    {"abalone/abalone.csv", "predict the number of rings of an abalone, and so its age",
     "regression", "rings", "", "", "", ""},
    {"concrete/concrete.csv", "predict the compressive strength of concrete", "regression",
     "strength", "", "", "", ""},
    {"insurance/insurance.csv", "what will a person's medical charges be?", "regression", "charges",
     "", "", "", ""},
    {"nyc_taxi_sample/taxis.csv", "predict the fare of a taxi ride", "regression", "fare", "", "",
     "pickup", ""},
    {"flights_200k/flights-200k.parquet", "predict how many minutes a flight is delayed",
     "regression", "delay", "", "", "", ""},
    // Free texts, learnt from their words.
    {"sms_spam/sms_spam.csv", "which messages are spam?", "binary", "type", "spam", "", "", ""},
    {"rotten_tomatoes/rt_polarity.csv", "predict the label of a review", "binary", "label", "1", "",
     "", ""},
    {"ag_news_test/ag_news_test.csv", "predict the class of a news item", "multiclass", "class", "",
     "", "", ""},
    {"bbc_news/bbc_news.csv.gz", "predict the category of an article", "multiclass", "category", "",
     "", "", ""},
};

INSTANTIATE_TEST_SUITE_P(All, KnownSetsTest, ::testing::ValuesIn(kSets),
                         [](const auto& each) { return Format("set_{}", each.index); });

struct RefusedSet {
  std::string file, sentence, words;
  Code code;
};

void PrintTo(const RefusedSet& set, std::ostream* out) { *out << set.file; }

class RefusedSetsTest : public ::testing::TestWithParam<RefusedSet> {};

TEST_P(RefusedSetsTest, IsRefusedWithAClearWord) {
  const RefusedSet& expected = GetParam();
  if (!FileExists(JoinPath(profile::FolderOfSets(), expected.file))) {
    GTEST_SKIP() << "needs " << expected.file << " in ../shared/data or $MILLRACE_DATA";
  }
  const auto understood = Understand(expected.file, expected.sentence);
  ASSERT_FALSE(understood.ok()) << understood->inference.target.value;
  EXPECT_EQ(understood.status().code(), expected.code) << understood.status().ToString();
  EXPECT_NE(understood.status().ToString().find(expected.words), std::string::npos)
      << understood.status().ToString();
}

const RefusedSet kRefused[] = {
    {"air_passengers/airline-passengers.csv", "forecast the passengers of the next year",
     "forecast", Code::kUnsupported},
    {"air_passengers/airline-passengers.csv", "predict the number of passengers", "nothing but",
     Code::kUnsupported},
    {"ett/ETTh1.csv", "forecast the oil temperature", "forecast", Code::kUnsupported},
    {"walmart_sales/train.csv.gz", "forecast weekly sales per store", "--task regression",
     Code::kUnsupported},
    {"m4/Hourly-train.csv", "what comes next in each series?", "steps of a series",
     Code::kUnsupported},
    {"compas/compas-scores-two-years.csv", "predict who will reoffend within two years",
     "decile_score", Code::kInvalidData},
};

INSTANTIATE_TEST_SUITE_P(All, RefusedSetsTest, ::testing::ValuesIn(kRefused),
                         [](const auto& each) { return Format("set_{}", each.index); });

}  // namespace
}  // namespace millrace::design
