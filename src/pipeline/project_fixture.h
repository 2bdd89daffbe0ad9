// A project of 800 customers with tiny budgets, for the tests of this folder.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/progress.h"
#include "base/rng.h"
#include "pipeline/run.h"
#include "spec/spec.h"

namespace millrace::pipeline {

class SilentObserver final : public RunObserver {
 public:
  void RunStarted(const std::string&, bool was_resumed) override { resumed = was_resumed; }
  void PhaseStarted(int, const std::string&) override {}
  void Progress(const ProgressEvent&) override {}
  void PhaseEnded(const report::Section&, bool found) override { num_found += found ? 1 : 0; }
  void RunEnded(const RunOutcome& outcome) override { ended = outcome; }

  bool resumed = false;
  int num_found = 0;
  std::optional<RunOutcome> ended;
};

// Customers, some of whom leave; an id, a number, a category, a sensitive column.
inline std::string Customers(int num_rows, uint64_t seed) {
  Rng rng(seed);
  std::string csv = "customer,tenure,plan,gender,churn\n";
  for (int i = 0; i < num_rows; ++i) {
    const auto tenure = static_cast<int>(rng.Below(70));
    const double leave = 0.1 + (tenure < 20 ? 0.6 : 0.0);
    csv += Format("c{:05},{},{},{},{}\n", i, tenure, rng.Below(2) == 0 ? "basic" : "pro",
                  rng.Below(2) == 0 ? "f" : "m", rng.Uniform() < leave ? "yes" : "no");
  }
  return csv;
}

struct ProjectFixture {
  ProjectFixture() : folder_(std::make_unique<TemporaryFolder>(*TemporaryFolder::Make())) {
    Write("millrace.yaml", "millrace: 1\n");
    Write("d.csv", Customers(800, 1));
    spec_.problem.target = "churn";
    spec_.problem.positive = "yes";
    spec_.problem.task = table::Task::kBinary;
    spec_.data.paths = {"d.csv"};
    spec_.data.id = "customer";
    spec_.data.sensitive = {"gender"};
    spec_.develop.budget.time_seconds = 0.2;
    spec_.develop.learners = {"linear"};
    options_.last_phase = 4;
    options_.num_threads = 2;
  }

  void Write(std::string_view name, std::string_view content) const {
    const Status written = WriteFile(Path(name), content);
    MILLRACE_CHECK(written.ok(), "a temporary folder can be written to");
  }
  std::string Path(std::string_view name) const { return JoinPath(folder_->path(), name); }
  Result<RunOutcome> RunProject() {
    return RunPipeline(folder_->path(), spec_, options_, clock_, observer_);
  }

  std::unique_ptr<TemporaryFolder> folder_;
  SystemClock clock_;
  spec::Spec spec_;
  RunOptions options_;
  SilentObserver observer_;
  SilentProgress progress_;
};

}  // namespace millrace::pipeline
