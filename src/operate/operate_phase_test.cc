#include "operate/operate_phase.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "operate/project_fixture.h"

namespace millrace::operate {
namespace {

using ::testing::HasSubstr;

const report::Check& CheckOf(const OperateRecord& record, std::string_view id) {
  static const report::Check none;
  for (const report::Check& check : record.section.checkpoint.checks) {
    if (check.id == id) return check;
  }
  return none;
}

int64_t NumAlarms(const Window& window) {
  return std::ranges::count_if(window.drift, &ColumnDrift::alarm);
}

class OperateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::make_unique<TemporaryFolder>(TemporaryFolder::Make().value());
    project_ = std::make_unique<ProjectFixture>(folder_->path());
    project_->Deploy();
  }
  OperateRecord Run() {
    auto record = project_->Run();
    EXPECT_TRUE(record.ok()) << record.status().ToString();
    return std::move(record).value();
  }
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<ProjectFixture> project_;
};

TEST(OperateWithoutDeployment, IsNotFound) {
  const auto folder = TemporaryFolder::Make();
  ProjectFixture project(folder->path());
  EXPECT_EQ(project.Run().status().code(), Code::kNotFound);
}

TEST_F(OperateTest, WithoutALogTheCheckpointIsNotMet) {
  const OperateRecord record = Run();
  EXPECT_EQ(CheckOf(record, "operate.log_read").state, report::CheckState::kNotMet);
  EXPECT_FALSE(record.section.checkpoint.passed());
}

TEST_F(OperateTest, WindowsCloseByRows) {
  project_->Predict(450);
  const OperateRecord record = Run();
  ASSERT_EQ(record.windows.size(), 2u);
  EXPECT_EQ(record.windows[0].number, 1);
  EXPECT_EQ(record.windows[0].num_rows, 200);
  EXPECT_EQ(record.windows[1].num_rows, 200);
  EXPECT_EQ(record.open_rows, 50);
  EXPECT_EQ(record.num_predictions, 450);
  EXPECT_EQ(record.windows[0].drift.size(), 4u);  // two columns, output, decision
  EXPECT_EQ(NumAlarms(record.windows[0]), 0);
  EXPECT_EQ(record.section.checkpoint.percent, 100);
  for (const char* id : {"operate.log_read", "operate.monitors", "operate.drift",
                         "operate.alert_path", "operate.retrain_path"}) {
    EXPECT_EQ(CheckOf(record, id).state, report::CheckState::kMet)
        << id << ": " << CheckOf(record, id).evidence;
  }
  EXPECT_TRUE(record.section.checkpoint.passed());
  EXPECT_TRUE(record.alerts.empty());
}

TEST_F(OperateTest, PassesAddUpToTheSameWindowsAsOnePass) {
  for (const int64_t count : {30, 1, 169, 250}) {
    project_->Predict(count);
    Run();
  }
  const OperateRecord parts = Run();
  const auto other_folder = TemporaryFolder::Make();
  ProjectFixture whole(other_folder->path());
  whole.Deploy();
  for (const int64_t count : {30, 1, 169, 250}) whole.Predict(count);
  const OperateRecord once = whole.Run().value();
  ASSERT_EQ(parts.windows.size(), 2u);
  ASSERT_EQ(once.windows.size(), 2u);
  EXPECT_EQ(parts.open_rows, 50);
  for (size_t w = 0; w < 2; ++w) {
    EXPECT_EQ(parts.windows[w].first_micros, once.windows[w].first_micros);
    EXPECT_EQ(parts.windows[w].last_micros, once.windows[w].last_micros);
    for (size_t c = 0; c < 4; ++c) {
      EXPECT_EQ(parts.windows[w].drift[c].psi, once.windows[w].drift[c].psi);
    }
  }
}

TEST_F(OperateTest, WindowsCloseByAge) {
  project_->Predict(40);
  EXPECT_EQ(Run().windows.size(), 0u);
  project_->clock().Advance(3601);
  const OperateRecord record = Run();
  ASSERT_EQ(record.windows.size(), 1u);
  EXPECT_EQ(record.windows[0].num_rows, 40);
  EXPECT_EQ(record.open_rows, 0);
}

TEST_F(OperateTest, ALogReadLateIsCutByTheTimeOfItsRecords) {
  project_->Predict(40);
  project_->clock().Advance(3601);
  project_->Predict(10);
  const OperateRecord record = Run();
  ASSERT_EQ(record.windows.size(), 1u);
  EXPECT_EQ(record.windows[0].num_rows, 40);
  EXPECT_EQ(record.open_rows, 10);
}

TEST_F(OperateTest, RoutesHaveTheirOwnWindows) {
  project_->Predict(150);
  project_->Predict(200, 0.0, 0.5, "challenger");
  project_->Predict(50);
  const OperateRecord record = Run();
  ASSERT_EQ(record.windows.size(), 2u);
  EXPECT_EQ(record.windows[0].route, "challenger");
  EXPECT_EQ(record.windows[1].route, "champion");
}

TEST_F(OperateTest, DriftRaisesOneAlertAndATrigger) {
  project_->Predict(200, 1.0);
  const OperateRecord record = Run();
  ASSERT_EQ(record.windows.size(), 1u);
  EXPECT_TRUE(record.windows[0].drift[0].alarm);
  EXPECT_FALSE(record.windows[0].drift[1].alarm);
  ASSERT_EQ(record.alerts.size(), 1u);
  EXPECT_EQ(record.alerts[0].id, "drift.window-1");
  EXPECT_THAT(record.alerts[0].text, HasSubstr("age psi"));
  EXPECT_TRUE(record.alerts[0].delivered);
  EXPECT_TRUE(record.retrain_due);
  ASSERT_EQ(record.triggers.size(), 2u);
  EXPECT_EQ(record.triggers[0].kind, "drift");
  EXPECT_EQ(record.triggers[0].state, TriggerState::kDue);
  EXPECT_EQ(record.triggers[1].state, TriggerState::kQuiet);
  EXPECT_EQ(CheckOf(record, "operate.drift").state, report::CheckState::kWarning);
  const std::string log = JoinPath(project_->project().logs_folder(), "alerts.log");
  const auto told = [&] {
    const std::string text = ReadFile(log).value();
    int64_t count = 0;
    for (size_t at = text.find("drift.window-1"); at != std::string::npos;
         at = text.find("drift.window-1", at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(told(), 1);
  Run();
  EXPECT_EQ(told(), 1);
}

TEST_F(OperateTest, ARetrainStartsTheCoolDown) {
  project_->Predict(200, 1.0);
  EXPECT_TRUE(Run().retrain_due);
  store::RunRow run;
  run.id = "retrain1";
  run.kind = "retrain";
  project_->clock().Advance(1);
  ASSERT_TRUE(project_->catalog().StartRun(run).ok());
  EXPECT_EQ(Run().triggers[0].state, TriggerState::kQuiet);  // the alarm is older
  project_->Predict(200, 1.0);
  OperateRecord record = Run();
  EXPECT_EQ(record.triggers[0].state, TriggerState::kCoolingDown);
  EXPECT_FALSE(record.retrain_due);
  project_->clock().Advance(86400);
  record = Run();
  EXPECT_EQ(record.triggers[0].state, TriggerState::kDue);
}

TEST_F(OperateTest, TheScheduleLooksAtTheAgeOfTheModel) {
  project_->spec().retrain.on = {spec::RetrainTrigger::kSchedule};
  project_->Predict(1);
  EXPECT_EQ(Run().triggers[0].state, TriggerState::kQuiet);
  project_->RecordTestMetric(0.7);
  EXPECT_EQ(Run().triggers[0].state, TriggerState::kQuiet);
  project_->clock().Advance(31 * 86400.0);
  EXPECT_TRUE(Run().retrain_due);
}

TEST_F(OperateTest, LateLabelsUpdateTheirWindow) {
  project_->RecordTestMetric(0.66);
  const auto first = project_->Predict(200);
  const auto second = project_->Predict(200);
  EXPECT_FALSE(Run().windows[0].performance.has_value());
  project_->LabelAll({first.begin(), first.begin() + 20}, true);
  EXPECT_FALSE(Run().windows[0].performance.has_value());  // too few
  project_->LabelAll({first.begin() + 20, first.end()}, true);
  const OperateRecord record = Run();
  EXPECT_EQ(record.num_labels, 200);
  EXPECT_EQ(record.windows[0].num_labelled, 200);
  EXPECT_EQ(record.windows[1].num_labelled, 0);
  ASSERT_TRUE(record.windows[0].performance.has_value());
  EXPECT_GT(record.windows[0].performance->value, 0.5);
  EXPECT_LT(record.windows[0].performance->low, record.windows[0].performance->value);
  EXPECT_FALSE(record.windows[1].performance.has_value());
  EXPECT_FALSE(record.windows[0].performance_alarm);
  EXPECT_EQ(CheckOf(record, "operate.performance").state, report::CheckState::kMet);
}

TEST_F(OperateTest, AFallOfPerformanceIsAnAlarmOnlyWhenTheWholeIntervalLiesBeyond) {
  project_->RecordTestMetric(0.95);
  project_->LabelAll(project_->Predict(200), false);
  const OperateRecord record = Run();
  ASSERT_TRUE(record.windows[0].performance.has_value());
  EXPECT_TRUE(record.windows[0].performance_alarm);
  ASSERT_EQ(record.alerts.size(), 1u);
  EXPECT_EQ(record.alerts[0].kind, "performance");
  EXPECT_EQ(record.triggers[1].state, TriggerState::kDue);
}

TEST_F(OperateTest, LabelsJoinByKeyToTheNewestEarlierPrediction) {
  const auto ids = project_->Predict(3);
  project_->Label({.row_key = "key-" + ids[1], .label = "yes"});
  project_->Label({.row_key = "key-" + ids[2], .time_micros = 5, .label = "yes"});  // before it
  project_->Label({.request_id = "nobody", .label = "yes"});
  project_->Label({.request_id = ids[0], .label = "maybe"});
  OperateRecord record = Run();
  EXPECT_EQ(record.num_labels, 1);
  EXPECT_EQ(record.num_unmatched, 1);  // the old one; the other may still come
  project_->clock().Advance(61);
  record = Run();
  EXPECT_EQ(record.num_labels, 1);
  EXPECT_EQ(record.num_unmatched, 2);
}

TEST_F(OperateTest, ALabelMayBeReadBeforeItsPrediction) {
  project_->Label({.request_id = "r0", .label = "yes"});
  EXPECT_EQ(Run().num_labels, 0);
  project_->Predict(1);
  EXPECT_EQ(Run().num_labels, 1);
}

TEST_F(OperateTest, SilenceIsToldOnce) {
  project_->Predict(5);
  Run();
  project_->clock().Advance(3700);
  EXPECT_EQ(Run().alerts.size(), 1u);
  project_->clock().Advance(3700);
  const OperateRecord record = Run();
  ASSERT_EQ(record.alerts.size(), 1u);
  EXPECT_EQ(record.alerts[0].kind, "silence");
  project_->Predict(1);
  Run();
  project_->clock().Advance(3700);
  EXPECT_EQ(Run().alerts.size(), 2u);
}

TEST_F(OperateTest, AnUnknownBundleIsCountedWithoutDrift) {
  journal::PredictionRecord record;
  record.request_id = "x";
  record.bundle = std::string(64, 'f');
  record.route = "champion";
  record.time_micros = project_->clock().NowMicros();
  record.row_json = "{}";
  record.outputs = {0.5};
  std::string bytes;
  journal::AppendFrame(bytes, journal::EncodeRecord(record));
  project_->Append(bytes);
  Run();
  project_->clock().Advance(3700);
  const OperateRecord done = Run();
  ASSERT_EQ(done.windows.size(), 1u);
  EXPECT_TRUE(done.windows[0].drift.empty());
}

TEST_F(OperateTest, OnlyTheNewestWindowsAreKept) {
  project_->spec().monitor.window_rows = 2;
  project_->Predict(2 * (kMaxWindows + 5));
  const OperateRecord record = Run();
  EXPECT_EQ(record.windows.size(), static_cast<size_t>(kMaxWindows));
  EXPECT_EQ(record.windows.front().number, 6);
  EXPECT_TRUE(project_->catalog().GetState("operate.window.00000005")->is_null());
  EXPECT_TRUE(project_->catalog().GetState("operate.rows.00000005.000000")->is_null());
  EXPECT_FALSE(project_->catalog().GetState("operate.rows.00000006.000000")->is_null());
}

TEST_F(OperateTest, TheRecordComesBackFromItsJson) {
  project_->LabelAll(project_->Predict(200, 1.0), true);
  const OperateRecord record = Run();
  const auto back = OperateRecordFromJson(ToJson(record));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(json::Write(ToJson(*back)), json::Write(ToJson(record)));
  EXPECT_EQ(OperateRecordFromJson(json::Json::Of({{"windows", 3}})).status().code(),
            Code::kCorrupt);
}

TEST_F(OperateTest, MissingDataStopsTheRetrainPath) {
  project_->Predict(1);
  ASSERT_TRUE(RemoveAll(project_->project().Resolve("customers.csv")).ok());
  const OperateRecord record = Run();
  EXPECT_EQ(CheckOf(record, "operate.retrain_path").state, report::CheckState::kNotMet);
  EXPECT_THAT(CheckOf(record, "operate.retrain_path").evidence, HasSubstr("customers.csv"));
}

TEST_F(OperateTest, ABundleWithTooSmallAReferenceCannotWatch) {
  project_->num_reference_rows = 4;
  project_->Deploy();
  project_->Predict(1);
  EXPECT_EQ(CheckOf(Run(), "operate.monitors").state, report::CheckState::kNotMet);
}

}  // namespace
}  // namespace millrace::operate
