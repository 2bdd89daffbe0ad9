// What the tests of phase 3 share: a project's store and engine, a table as text, and a clock that
// counts looks. For tests only.

#pragma once

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

/// Each look takes a millisecond: the same search on a busy machine and on an idle one.
class CountingClock final : public Clock {
 public:
  int64_t NowMicros() const override { return calls_ += 1000; }
  double MonotonicSeconds() const override { return static_cast<double>(NowMicros()) * 1e-6; }
  void SleepSeconds(double) override {}

 private:
  mutable std::atomic<int64_t> calls_{0};
};

struct DevelopFixture {
  /// Makes store and engine. To be called first.
  Status Open() {
    MILLRACE_ASSIGN_OR_RETURN(
        engine, engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30}));
    MILLRACE_ASSIGN_OR_RETURN(TemporaryFolder made, TemporaryFolder::Make());
    folder = std::make_unique<TemporaryFolder>(std::move(made));
    MILLRACE_ASSIGN_OR_RETURN(store::ObjectStore opened,
                              store::ObjectStore::Open(JoinPath(folder->path(), "objects")));
    objects = std::make_unique<store::ObjectStore>(std::move(opened));
    spec.problem.target = "y";
    spec.data.paths = {"d.csv"};
    // In looks at the clock: enough for the first three candidates of eight folds.
    spec.develop.budget.time_seconds = 1.6;
    return {};
  }

  /// Takes a table as text through phase 2.
  Status LoadText(table::Task task, const std::string& csv, const std::string& positive) {
    MILLRACE_RETURN_IF_ERROR(WriteFile(JoinPath(folder->path(), "d.csv"), csv));
    MILLRACE_ASSIGN_OR_RETURN(data::DataRecord record,
                              data::RunData({.spec = spec,
                                             .project_folder = folder->path(),
                                             .task = task,
                                             .positive = positive,
                                             .objects = *objects,
                                             .engine = *engine,
                                             .progress = progress,
                                             .previous_salt = std::nullopt}));
    data = std::make_unique<data::DataRecord>(std::move(record));
    return {};
  }

  /// Draws 1,500 rows whose target follows two of three columns.
  Status LoadDrawn(table::Task task) {
    using table::Task;
    Rng rng(1);
    std::string csv = "a,b,c,y\n";
    for (int i = 0; i < 1500; ++i) {
      const double a = rng.Normal();
      const uint64_t b = rng.Below(4);
      const double score = std::sin(2.0 * a) + (b == 2 ? 1.5 : 0.0) + 0.4 * rng.Normal();
      const std::string y = task == Task::kRegression ? Format("{:.4f}", score)
                            : task == Task::kBinary   ? (score > 0.5 ? "yes" : "no")
                            : score > 1.0             ? "high"
                            : score > 0.0             ? "mid"
                                                      : "low";
      csv += Format("{:.4f},k{},{:.3f},{}\n", a, b, rng.Normal(), y);
    }
    return LoadText(task, csv, task == Task::kBinary ? "yes" : "");
  }

  Result<DevelopRecord> Develop(int num_threads, std::optional<json::Json> plan) {
    return RunDevelop({.spec = spec,
                       .data = *data,
                       .objects = *objects,
                       .engine = *engine,
                       .progress = progress,
                       .clock = clock,
                       .num_threads = num_threads,
                       .memory_bytes = 0,
                       .seconds = std::nullopt,
                       .plan = std::move(plan)});
  }

  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<TemporaryFolder> folder;
  std::unique_ptr<store::ObjectStore> objects;
  std::unique_ptr<data::DataRecord> data;
  spec::Spec spec;
  SilentProgress progress;
  CountingClock clock;
};

}  // namespace millrace::develop
