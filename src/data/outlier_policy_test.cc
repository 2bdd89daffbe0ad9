#include "data/outlier_policy.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "json/text.h"

namespace millrace::data {
namespace {

using spec::OutlierPolicy;

class OutlierPolicyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
    auto objects = store::ObjectStore::Open(JoinPath(folder_->path(), "objects"));
    ASSERT_TRUE(objects.ok());
    objects_ = std::make_unique<store::ObjectStore>(std::move(objects).value());
    spec_.problem.target = "y";
    spec_.data.paths = {"d.csv"};
    spec_.data.id = "id";
    for (int i = 0; i < 600; ++i) {
      const auto label = static_cast<int>(rng_.Below(2));
      rows_.push_back({Format("{:.3f}", rng_.Normal() + label), Format("{:.3f}", rng_.Normal()),
                       Format("c{}", label)});
    }
  }

  Result<DataRecord> Run() {
    std::string csv = "id,a,b,y\n";
    for (size_t i = 0; i < rows_.size(); ++i) {
      csv += Format("k{},{},{},{}\n", i, rows_[i].a, rows_[i].b, rows_[i].label);
    }
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
    return RunData({.spec = spec_,
                    .project_folder = folder_->path(),
                    .task = table::Task::kBinary,
                    .positive = "c1",
                    .objects = *objects_,
                    .engine = *engine_,
                    .progress = progress_,
                    .previous_salt = std::nullopt});
  }

  // Places of the rows of a part.
  std::set<int64_t> PlacesOf(const DataRecord& record, SplitPart part) {
    const auto rows = LoadRows(record, *objects_, *engine_, part, {"__row"});
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    std::set<int64_t> places;
    for (int64_t r = 0; r < rows->num_rows(); ++r) {
      places.insert(static_cast<int64_t>(rows->column(0).number(r)));
    }
    return places;
  }

  struct Row {
    std::string a, b, label;
  };
  Rng rng_{3};
  std::vector<Row> rows_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::ObjectStore> objects_;
  spec::Spec spec_;
  SilentProgress progress_;
};

TEST_F(OutlierPolicyTest, KeepChangesNothing) {
  rows_[5].a = "99999";
  const auto record = Run();
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_TRUE(record->outliers.empty());
  EXPECT_EQ(record->num_set_aside, 0);
}

TEST_F(OutlierPolicyTest, TrainingRowsAreSetAsideAndTestRowsStay) {
  const auto plain = Run();
  ASSERT_TRUE(plain.ok());
  const std::set<int64_t> train = PlacesOf(*plain, SplitPart::kTrain);
  const std::set<int64_t> test = PlacesOf(*plain, SplitPart::kTest);
  const int64_t in_train = *train.begin();
  const int64_t in_train_too = *std::next(train.begin());
  const int64_t in_test = *test.begin();
  for (const int64_t place : {in_train, in_train_too, in_test}) {
    rows_[static_cast<size_t>(place)].a = "99999";
  }
  spec_.data.outliers = OutlierPolicy::kSetAside;
  const auto record = Run();
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_set_aside, 2);
  EXPECT_EQ(record->num_train, plain->num_train - 2);
  EXPECT_EQ(record->num_test, plain->num_test);
  EXPECT_EQ(PlacesOf(*record, SplitPart::kSetAside), (std::set<int64_t>{in_train, in_train_too}));
  EXPECT_EQ(PlacesOf(*record, SplitPart::kTest), test);
  ASSERT_EQ(record->outliers.size(), 2u);
  EXPECT_EQ(record->outliers[0].column, "a");
  EXPECT_EQ(record->outliers[0].num_train, 2);
  EXPECT_EQ(record->outliers[0].num_test, 1);
  EXPECT_EQ(record->outliers[1].num_train, 0);
  // The list names row, column, value and rule.
  const std::string listed = *objects_->Get(*record->quality_object);
  EXPECT_NE(listed.find("Rows set aside from training"), std::string::npos);
  EXPECT_NE(listed.find(Format("[\"{}\",\"a\",\"99999\",\"above ", in_train + 1)),
            std::string::npos);
  EXPECT_EQ(listed.find(Format("[\"{}\",\"a\",\"99999\"", in_test + 1)), std::string::npos);
  const auto back = DataRecordFromJson(ToJson(*record));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(json::Write(ToJson(*back)), json::Write(ToJson(*record)));
}

TEST_F(OutlierPolicyTest, ClipMovesNoRowAndCountsBothParts) {
  const auto plain = Run();
  ASSERT_TRUE(plain.ok());
  rows_[static_cast<size_t>(*PlacesOf(*plain, SplitPart::kTrain).begin())].b = "-5e7";
  rows_[static_cast<size_t>(*PlacesOf(*plain, SplitPart::kTest).begin())].b = "5e7";
  spec::ColumnRules rules;
  rules.name = "b";
  rules.outliers = OutlierPolicy::kClip;
  spec_.data.columns = {rules};
  const auto record = Run();
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_train, plain->num_train);
  ASSERT_EQ(record->outliers.size(), 1u);
  EXPECT_EQ(record->outliers[0].num_train, 1);
  EXPECT_EQ(record->outliers[0].num_test, 1);
  EXPECT_LT(record->outliers[0].low, -3.0);
  EXPECT_GT(record->outliers[0].high, 3.0);
}

// The fences are those of training rows: what is held out moves none.
TEST_F(OutlierPolicyTest, HeldOutRowsMoveNoFence) {
  spec_.data.outliers = OutlierPolicy::kClip;
  const auto before = Run();
  ASSERT_TRUE(before.ok());
  for (const int64_t place : PlacesOf(*before, SplitPart::kTest)) {
    rows_[static_cast<size_t>(place)].a = "123456";
  }
  const auto after = Run();
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(before->outliers[0].low, after->outliers[0].low);
  EXPECT_EQ(before->outliers[0].high, after->outliers[0].high);
  EXPECT_EQ(after->outliers[0].num_test, after->num_test);
}

TEST_F(OutlierPolicyTest, ManyFarValuesAreNoOutliers) {
  for (size_t i = 0; i < rows_.size(); i += 20) rows_[i].a = Format("{}", 50'000 + i);
  spec_.data.outliers = OutlierPolicy::kSetAside;
  const auto record = Run();
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_set_aside, 0);
  EXPECT_NE(record->outliers[0].left_because.find("too many to be outliers"), std::string::npos)
      << record->outliers[0].left_because;
}

TEST_F(OutlierPolicyTest, AClassIsNotSetAsideAsAWhole) {
  for (Row& row : rows_) row.label = "c0";
  for (size_t i = 0; i < rows_.size(); i += 100) {
    rows_[i].label = "c1";
    rows_[i].a = Format("{}", 50'000 + i);  // one value in all would be a word for missing
  }
  spec_.data.outliers = OutlierPolicy::kSetAside;
  const auto record = Run();
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.status().code(), Code::kInvalidData);
  EXPECT_NE(record.status().message().find("leaves no training row of class \"c1\""),
            std::string::npos)
      << record.status().message();
}

TEST_F(OutlierPolicyTest, PoliciesOfOtherColumnsAreRefused) {
  const auto refused = [&](const std::string& column, std::string_view what) {
    spec::ColumnRules rules;
    rules.name = column;
    rules.outliers = OutlierPolicy::kClip;
    spec_.data.columns = {rules};
    const auto record = Run();
    ASSERT_FALSE(record.ok()) << column;
    EXPECT_EQ(record.status().code(), Code::kInvalidSpec);
    EXPECT_NE(record.status().message().find(what), std::string::npos) << record.status().message();
  };
  refused("y", "data.columns.y.outliers: is the target");
  refused("id", "is for numbers, not for");
}

}  // namespace
}  // namespace millrace::data
