// What the quality checks find on public data sets: the verdicts stand in a table, found and not
// found. The sets lie outside the project ($MILLRACE_DATA, or ../shared/data); each is skipped
// where it is absent. Large sets are read in part: the first rows of the file.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "data/data_phase.h"
#include "engine/source.h"

namespace millrace::data {
namespace {

using report::CheckState;
using table::Task;

constexpr int64_t kReadRows = 1'000;

/// A set, how it is asked, and the checks that must not be met (sorted, comma separated, without
/// "data."); every other one must be met or not measured.
struct KnownSet {
  std::string file;
  Task task;
  std::string target;
  std::string id;
  std::string exclude;  // comma separated
  std::string found;
};

void PrintTo(const KnownSet& set, std::ostream* out) { *out << set.file; }

std::string FolderOfSets() {
  const char* set = std::getenv("MILLRACE_DATA");
  return set != nullptr ? set : MILLRACE_SOURCE_DIR "/../shared/data";
}

// Every n-th row of a set as a CSV file.
Status WriteSomeRows(engine::Engine& engine, const std::string& file, const std::string& to) {
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source,
                            engine::OpenSource(engine, FolderOfSets(), {file}, {}, "whole"));
  MILLRACE_ASSIGN_OR_RETURN(const table::Table counted,
                            engine::Query(engine, "SELECT count(*) FROM whole"));
  const auto step =
      std::max<int64_t>(1, static_cast<int64_t>(counted.column(0).number(0)) / kReadRows);
  return engine.Execute(
      Format("COPY (SELECT * EXCLUDE (__n) FROM (SELECT *, row_number() OVER () AS __n FROM whole) "
             "WHERE __n % {} = 0 ORDER BY __n) TO {} (FORMAT csv, HEADER true)",
             step, engine::QuoteLiteral(to)));
}

class QualitySetsTest : public ::testing::TestWithParam<KnownSet> {};

TEST_P(QualitySetsTest, FindsWhatIsThereAndNothingElse) {
  const KnownSet& expected = GetParam();
  if (!FileExists(JoinPath(FolderOfSets(), expected.file))) {
    GTEST_SKIP() << "needs " << expected.file << " in ../shared/data or $MILLRACE_DATA";
  }
  const auto engine =
      engine::MakeDuckDbEngine({.num_threads = 1, .memory_bytes = int64_t{1} << 30});
  const auto folder = TemporaryFolder::Make();
  ASSERT_TRUE(engine.ok() && folder.ok());
  const Status written =
      WriteSomeRows(**engine, expected.file, JoinPath(folder->path(), "rows.csv"));
  ASSERT_TRUE(written.ok()) << written.ToString();
  const auto objects = store::ObjectStore::Open(JoinPath(folder->path(), "objects"));
  ASSERT_TRUE(objects.ok());
  spec::Spec spec;
  spec.problem.target = expected.target;
  spec.data.paths = {"rows.csv"};
  if (!expected.id.empty()) spec.data.id = expected.id;
  for (const std::string_view name : Split(expected.exclude, ',')) {
    if (!name.empty()) spec.data.exclude.emplace_back(name);
  }
  SilentProgress progress;
  const auto record = RunData({.spec = spec,
                               .project_folder = folder->path(),
                               .task = expected.task,
                               .positive = "",
                               .objects = *objects,
                               .engine = **engine,
                               .progress = progress,
                               .previous_salt = std::nullopt});
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  std::vector<std::string> found;
  std::string all;
  for (const report::Check& check : record->section.checkpoint.checks) {
    all +=
        Format("  {:<14} {}: {}\n", report::CheckStateName(check.state), check.id, check.evidence);
    if (check.state == CheckState::kWarning || check.state == CheckState::kNotMet) {
      found.push_back(check.id.substr(5));
    }
  }
  std::sort(found.begin(), found.end());
  if (std::getenv("MILLRACE_SHOW_CHECKS") != nullptr) std::cerr << expected.file << "\n" << all;
  EXPECT_EQ(Join(found, ","), expected.found) << all;
}

const KnownSet kSets[] = {
    {"adult/adult.csv.gz", Task::kBinary, "income", "", "", ""},
    {"adult_parquet/adults.parquet", Task::kBinary, "class", "", "", ""},
    {"telco_churn/Telco-Customer-Churn.csv", Task::kBinary, "Churn", "customerID", "", ""},
    {"bank_churn/Churn_Modelling.csv", Task::kBinary, "Exited", "CustomerId", "RowNumber",
     "privacy"},
    {"credit_g/credit-g.csv", Task::kBinary, "class", "", "", ""},
    {"titanic/titanic_train.csv", Task::kBinary, "Survived", "PassengerId", "", "privacy"},
    {"hr_attrition_ibm/EmployeeAttrition.csv", Task::kBinary, "Attrition", "EmployeeNumber", "",
     ""},
    {"sick/sick.csv", Task::kBinary, "Class", "", "", "duplicates,outliers,redundant_columns"},
    {"heart_disease_uci/heart_disease_uci.csv", Task::kMulticlass, "HeartDisease", "id", "",
     "class_balance"},
    {"breast_cancer_wdbc/wisc_bc_data.csv", Task::kBinary, "diagnosis", "id", "", ""},
    {"credit_default_taiwan/UCI_Credit_Card.csv", Task::kBinary, "default.payment.next.month", "ID",
     "", ""},
    {"spambase/spambase.csv", Task::kBinary, "class", "", "",
     "copies_across_split,duplicates,outliers"},
    {"higgs_sample/higgs_train_7000.csv", Task::kBinary, "label", "", "", "outliers"},
    {"jm1/jm1.csv", Task::kBinary, "defects", "", "", "copies_across_split,duplicates"},
    {"elec2/elec.csv.gz", Task::kBinary, "class", "", "", "order_leak,outliers"},
    {"iris/iris.csv", Task::kMulticlass, "class", "", "", "duplicates"},
    {"letter/letterdata.csv", Task::kMulticlass, "letter", "", "",
     "copies_across_split,duplicates"},
    {"car/car.csv", Task::kMulticlass, "class", "", "", "class_balance"},
    {"dry_bean/Dry_Bean_Dataset.csv.gz", Task::kMulticlass, "Class", "", "",
     "class_balance,order_leak"},
    {"segment/segment.csv", Task::kMulticlass, "class", "", "", "duplicates,outliers"},
    {"covertype_sample/covtype_15120.csv", Task::kMulticlass, "Cover_Type", "Id", "", ""},
    {"wine_quality/winequality-white.csv", Task::kRegression, "quality", "", "",
     "duplicates,outliers"},
    {"wine_quality/winequality-red.csv", Task::kMulticlass, "quality", "", "",
     "class_balance,duplicates,outliers"},
    {"california_housing/housing.csv", Task::kRegression, "median_house_value", "", "", "outliers"},
    {"diamonds/diamonds.csv", Task::kRegression, "price", "", "", ""},
    {"bike_sharing/hour.csv", Task::kRegression, "cnt", "instant", "",
     "leak.casual,leak.registered,order_leak"},
    {"bike_sharing/day.csv", Task::kRegression, "cnt", "instant", "",
     "leak.casual,leak.registered,order_leak"},
    {"house_prices_kaggle/train.csv", Task::kRegression, "SalePrice", "Id", "", "outliers"},
    {"abalone/abalone.csv", Task::kRegression, "rings", "", "", ""},
    {"concrete/concrete.csv", Task::kRegression, "strength", "", "",
     "copies_across_split,duplicates,order_leak"},
    {"insurance/insurance.csv", Task::kRegression, "charges", "", "", "duplicates"},
    {"nyc_taxi_sample/taxis.csv", Task::kRegression, "fare", "", "", ""},
    {"flights_200k/flights-200k.parquet", Task::kRegression, "delay", "", "", "duplicates"},
    {"sms_spam/sms_spam.csv", Task::kBinary, "type", "", "", "duplicates,privacy"},
    {"ag_news_test/ag_news_test.csv", Task::kMulticlass, "class", "", "", ""},
    {"rotten_tomatoes/rt_polarity.csv", Task::kBinary, "label", "", "", ""},
    {"acs_employment_ma/employment_MA_reference.parquet", Task::kBinary, "employed", "", "", ""},
    {"nannyml_california/california_housing_reference.csv", Task::kBinary, "clf_target", "", "",
     "order_leak,outliers"},
    {"walmart_sales/train.csv.gz", Task::kRegression, "Weekly_Sales", "", "", ""},
    {"ett/ETTh1.csv", Task::kRegression, "OT", "", "", "order_leak"},
};

INSTANTIATE_TEST_SUITE_P(All, QualitySetsTest, ::testing::ValuesIn(kSets),
                         [](const auto& each) { return Format("set_{}", each.index); });

}  // namespace
}  // namespace millrace::data
