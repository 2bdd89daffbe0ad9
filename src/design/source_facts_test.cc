#include "design/source_facts.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "design/design_phase.h"

namespace millrace::design {
namespace {

using report::Check;
using report::CheckState;

class SourceFactsTest : public ::testing::Test {
 protected:
  // Designs 120 rows whose `seen` begins on `first` (seconds) and goes on by an hour a row; the
  // file is as old as it is.
  Result<DesignRecord> Design(double first, const std::string& rest = "") {
    std::string csv = "seen,ended,amount,y\n";
    for (int i = 0; i < 120; ++i) {
      const auto at = static_cast<int64_t>((first + 3600.0 * i) * 1e6);
      const auto end = at + int64_t{7200} * 1'000'000;
      csv += Format("{},{},{},{}\n", FormatUtc(at).substr(0, 19), FormatUtc(end).substr(0, 19),
                    i * 7 % 13, i % 3 == 0 ? "yes" : "no");
    }
    MILLRACE_ASSIGN_OR_RETURN(TemporaryFolder made, TemporaryFolder::Make());
    folder_ = std::make_unique<TemporaryFolder>(std::move(made));
    MILLRACE_RETURN_IF_ERROR(WriteFile(JoinPath(folder_->path(), "t.csv"), csv));
    MILLRACE_ASSIGN_OR_RETURN(engine_, engine::MakeDuckDbEngine({.num_threads = 1}));
    spec_.problem.target = "y";
    spec_.data.paths = {"t.csv"};
    spec_.data.time = "seen";
    if (!rest.empty()) spec_.data.not_at_prediction = {rest};
    SilentProgress progress;
    return RunDesign({.spec = spec_,
                      .project_folder = folder_->path(),
                      .engine = *engine_,
                      .progress = progress});
  }

  static Check Find(const DesignRecord& record, const std::string& id) {
    for (const Check& check : record.section.checkpoint.checks) {
      if (check.id == id) return check;
    }
    return {};
  }

  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<engine::Engine> engine_;
  spec::Spec spec_;
};

constexpr double kDay = 86'400.0;

TEST_F(SourceFactsTest, FreshnessIsOfTheNewestRow) {
  const auto record = Design(1.7e9);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const Check fresh = Find(*record, "design.freshness");
  EXPECT_EQ(fresh.state, CheckState::kMet) << fresh.evidence;
  EXPECT_DOUBLE_EQ(fresh.value.value_or(0.0), 3600.0);
  EXPECT_NE(fresh.evidence.find("rows from 2023-11-14T22:13 to 2023-11-19T21:13 by seen"),
            std::string::npos)
      << fresh.evidence;
}

TEST_F(SourceFactsTest, NewestRowIsComparedWithTheFile) {
  profile::SourceProfile profile;
  profile.num_rows = 3;
  profile::ColumnProfile seen;
  seen.name = "seen";
  seen.type = table::ColumnType::kDate;
  seen.minimum = 1e9;
  seen.maximum = 1e9 + 2.0 * kDay;
  profile.columns = {seen};
  engine::Source source;
  source.files = {{.modified_micros = static_cast<int64_t>((1e9 + 12.0 * kDay) * 1e6)},
                  {.modified_micros = static_cast<int64_t>(1e15)}};
  const auto later = FreshnessFact(profile, "seen", source);
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(later->reason, "the newest file was written 10 days later");
  source.files.front().modified_micros = static_cast<int64_t>(1e15) - 86'400'000'000;
  const auto before = FreshnessFact(profile, "seen", source);
  EXPECT_NE(before->reason.find("written 2 days before"), std::string::npos) << before->reason;
  EXPECT_FALSE(FreshnessFact(profile, "", source).has_value());
}

TEST_F(SourceFactsTest, ColumnsThatLookLateAreWarnedOfUntilTheyAreNamed) {
  const auto record = Design(1.7e9);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const Check open = Find(*record, "design.availability");
  EXPECT_EQ(open.state, CheckState::kWarning);
  EXPECT_NE(open.evidence.find("ended (lies after seen in 100.0 % of the rows"), std::string::npos)
      << open.evidence;
  const auto named = Design(1.7e9, "ended");
  ASSERT_TRUE(named.ok()) << named.status().ToString();
  EXPECT_EQ(Find(*named, "design.availability").state, CheckState::kMet);
  for (const ColumnPlan& plan : named->columns) {
    if (plan.name != "ended") continue;
    EXPECT_EQ(plan.role, ColumnRole::kExcluded);
    EXPECT_NE(plan.reason.find("data.not_at_prediction"), std::string::npos);
  }
  const auto unknown = Design(1.7e9, "endet");
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.status().ToString().find("ended"), std::string::npos);
}

}  // namespace
}  // namespace millrace::design
