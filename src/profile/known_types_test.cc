// The types of every column of public data sets. The table below says what a person finds on
// reading the sets' descriptions; the sets lie outside the project ($MILLRACE_DATA, or
// ../shared/data), each is skipped where it is absent.

#include <gtest/gtest.h>

#include <map>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "profile/real_sets_fixture.h"

namespace millrace::profile {
namespace {

struct KnownTypes {
  std::string file;
  std::string types;  // as TypeRuns writes them
};

void PrintTo(const KnownTypes& set, std::ostream* out) { *out << set.file; }

class KnownTypesTest : public ::testing::TestWithParam<KnownTypes> {};

TEST_P(KnownTypesTest, EveryColumnIsWhatAPersonSays) {
  const KnownTypes& expected = GetParam();
  if (!FileExists(JoinPath(FolderOfSets(), expected.file))) {
    GTEST_SKIP() << "needs " << expected.file << " in ../shared/data or $MILLRACE_DATA";
  }
  auto engine = engine::MakeDuckDbEngine({.num_threads = 1});
  ASSERT_TRUE(engine.ok());
  const auto source = engine::OpenSource(**engine, FolderOfSets(), {expected.file}, {}, "src");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  const auto profile = ProfileSource(**engine, *source, {}, 1);
  ASSERT_TRUE(profile.ok()) << profile.status().ToString();
  EXPECT_EQ(TypeRuns(*profile), expected.types);
  for (const ColumnProfile& column : profile->columns) {
    EXPECT_EQ(column.num_invalid, 0) << column.name;
    EXPECT_FALSE(column.reason.empty()) << column.name;
  }
}

const KnownTypes kSets[] = {
    {"abalone/abalone.csv", "c n7 i"},
    {"ag_news_test/ag_news_test.csv", "i t2"},
    {"air_passengers/airline-passengers.csv", "d i"},
    {"bank_churn/Churn_Modelling.csv", "i2 c i c2 i2 n i b2 n b"},
    {"bike_sharing/day.csv", "i d i b i b i b i n4 i3"},
    {"bike_sharing/hour.csv", "i d i b i2 b i b i n4 i3"},
    {"breast_cancer_wdbc/wisc_bc_data.csv", "i c n30"},
    {"california_housing/housing.csv", "n4 i n4 c"},
    {"car/car.csv", "c7"},
    {"concrete/concrete.csv", "n7 i n"},
    {"covertype_sample/covtype_15120.csv", "i11 b10 i b7 i b25 i"},
    {"credit_default_taiwan/UCI_Credit_Card.csv", "i n i10 n12 b"},
    {"credit_g/credit-g.csv", "c i c2 i c2 i c2 i c i c2 i c i c b c"},
    {"diamonds/diamonds.csv", "n c3 n2 i n3"},
    {"ett/ETTh1.csv", "d n7"},
    {"heart_disease_uci/heart_disease_uci.csv", "i2 c3 i2 b c i b n c i c i"},
    {"higgs_sample/higgs_test_500.csv", "b n28"},
    {"higgs_sample/higgs_train_7000.csv", "b n28"},
    {"house_prices_kaggle/train.csv",
     "i2 c i2 c12 i4 c5 i c7 i c i3 c2 b c i10 c i c i c2 i c i2 c3 i6 c3 i3 c2 i"},
    {"hr_attrition_ibm/EmployeeAttrition.csv", "i b c i c i2 c i3 c i3 c i c i3 c b i12"},
    {"insurance/insurance.csv", "i c n i b c n"},
    {"iris/iris.csv", "n4 c"},
    {"jm1/jm1.csv", "n12 i4 n5 b"},
    {"letter/letterdata.csv", "c i16"},
    {"nannyml_california/california_housing_analysis.csv", "i n8 d n b"},
    {"nannyml_california/california_housing_analysis_gt.csv", "i b"},
    {"nannyml_california/california_housing_reference.csv", "i n8 d b n b"},
    {"nyc_taxi_sample/taxis.csv", "d2 i n5 c6"},
    {"rotten_tomatoes/rt_polarity.csv", "t b"},
    {"segment/segment.csv", "i3 n16 c"},
    {"sick/sick.csv", "i c b15 n b n b n b n b n c4"},
    {"sms_spam/sms_spam.csv", "c t"},
    {"spambase/spambase.csv", "n55 i2 b"},
    {"telco_churn/Telco-Customer-Churn.csv", "c2 b3 i b c9 b c n2 b"},
    {"titanic/titanic_test_unlabelled.csv", "i2 t c n i2 c n c2"},
    {"titanic/titanic_train.csv", "i b i t c n i2 c n c2"},
    {"walmart_sales/features.csv", "i d n9 b"},
    {"walmart_sales/stores.csv", "i c i"},
    {"wine_quality/winequality-red.csv", "n11 i"},
    {"wine_quality/winequality-white.csv", "n11 i"},
    {"adult/adult.csv.gz", "i c i c i c5 i3 c2"},
    {"bbc_news/bbc_news.csv.gz", "c2 t"},
    {"dry_bean/Dry_Bean_Dataset.csv.gz", "i n5 i n9 c"},
    {"elec2/elec.csv.gz", "n6 b"},
    {"walmart_sales/train.csv.gz", "i2 d n b"},
    {"acs_employment_ma/employment_MA_analysis.parquet", "i n i16 b n"},
    {"acs_employment_ma/employment_MA_analysis_target.parquet", "i b"},
    {"acs_employment_ma/employment_MA_reference.parquet", "i n i15 b i b n"},
    {"adult_parquet/adults.parquet", "i c i c i c5 i3 c2"},
    {"flights_200k/flights-200k.parquet", "i2 n"},
};

INSTANTIATE_TEST_SUITE_P(All, KnownTypesTest, ::testing::ValuesIn(kSets),
                         [](const auto& each) { return Format("set_{}", each.index); });

}  // namespace
}  // namespace millrace::profile
