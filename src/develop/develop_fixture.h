// What the tests of phase 3 share: a project's store and engine, a table as text, and a clock that
// counts looks.

#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "develop/develop_phase.h"

namespace millrace::develop {

// Each look takes a millisecond: the same search on a busy machine and on an idle one.
class CountingClock final : public Clock {
 public:
  int64_t NowMicros() const override { return calls_ += 1000; }
  double MonotonicSeconds() const override { return static_cast<double>(NowMicros()) * 1e-6; }
  void SleepSeconds(double) override {}

 private:
  mutable std::atomic<int64_t> calls_{0};
};

class DevelopTest : public ::testing::Test {
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
    spec_.develop.budget.time_seconds = 0.8;
  }

  void Load(table::Task task) {
    Rng rng(1);
    std::string csv = "a,b,c,y\n";
    for (int i = 0; i < 1500; ++i) {
      const double a = rng.Normal();
      const uint64_t b = rng.Below(4);
      const double score = std::sin(2.0 * a) + (b == 2 ? 1.5 : 0.0) + 0.4 * rng.Normal();
      const std::string y = task == table::Task::kRegression ? Format("{:.4f}", score)
                            : task == table::Task::kBinary   ? (score > 0.5 ? "yes" : "no")
                            : score > 1.0                    ? "high"
                            : score > 0.0                    ? "mid"
                                                             : "low";
      csv += Format("{:.4f},k{},{:.3f},{}\n", a, b, rng.Normal(), y);
    }
    ASSERT_TRUE(LoadText(task, csv, task == table::Task::kBinary ? "yes" : "").ok());
  }

  // Takes a table as text through phase 2.
  Status LoadText(table::Task task, const std::string& csv, const std::string& positive) {
    MILLRACE_RETURN_IF_ERROR(WriteFile(JoinPath(folder_->path(), "d.csv"), csv));
    auto record = data::RunData({.spec = spec_,
                                 .project_folder = folder_->path(),
                                 .task = task,
                                 .positive = positive,
                                 .objects = *objects_,
                                 .engine = *engine_,
                                 .progress = progress_,
                                 .previous_salt = std::nullopt});
    if (!record.ok()) return record.status();
    data_ = std::make_unique<data::DataRecord>(std::move(record).value());
    return {};
  }

  Result<DevelopRecord> Run(int num_threads, std::optional<json::Json> plan) {
    return RunDevelop({.spec = spec_,
                       .data = *data_,
                       .objects = *objects_,
                       .engine = *engine_,
                       .progress = progress_,
                       .clock = clock_,
                       .num_threads = num_threads,
                       .memory_bytes = 0,
                       .seconds = std::nullopt,
                       .plan = std::move(plan)});
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::ObjectStore> objects_;
  std::unique_ptr<data::DataRecord> data_;
  spec::Spec spec_;
  SilentProgress progress_;
  CountingClock clock_;
};

}  // namespace millrace::develop
