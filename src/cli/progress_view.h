// ProgressView: what a run shows while it works: on a terminal one line per phase with a bar,
// redrawn in place; elsewhere a plain line per phase and, in long phases, one now and then; with
// --json an event a line. Nothing of it is a result: it goes to standard error.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/progress.h"
#include "base/terminal.h"
#include "cli/output.h"
#include "pipeline/run.h"

namespace millrace::cli {

/// One thread at a time. `clock` is borrowed.
class ProgressView final : public pipeline::RunObserver, public ProgressSink {
 public:
  enum class Form { kBars, kLines, kEvents };
  using Write = std::function<void(std::string_view)>;

  /// Writes to standard error in the form that it can show.
  ProgressView(Output::Form output, const Clock& clock);
  ProgressView(Form form, const Terminal& terminal, const Clock& clock, Write write);
  ~ProgressView() override;

  void RunStarted(const std::string& run_id, bool resumed) override;
  void PhaseStarted(int phase, const std::string& name) override;
  void Progress(const ProgressEvent& event) override;
  void PhaseEnded(const report::Section& section, bool found) override;
  void RunEnded(const pipeline::RunOutcome& outcome) override {
    report_path_ = outcome.report_path;
  }
  /// Returns the report of the run that ended, also of one that failed; empty when there is none.
  const std::string& report_path() const { return report_path_; }
  /// The same as Progress, for work outside a run; a phase that was not started has no bar.
  void Report(const ProgressEvent& event) override { Progress(event); }
  /// Ends a line that is still being redrawn.
  void Finish();

 private:
  void Redraw();
  std::string Line(double share, const std::string& words, const std::string& right) const;
  std::string LiveWords() const;
  void Event(json::Json event);

  Form form_;
  Terminal terminal_;
  const Clock& clock_;
  Write write_;
  int phase_ = 0;
  std::string name_;
  ProgressEvent last_;
  std::string best_;
  std::string report_path_;
  double last_written_ = 0.0;
  double started_ = 0.0;
  bool open_line_ = false;
};

/// Returns the share of the whole pipeline at `share` of a phase: 0.52 for 60 % of phase 3.
/// Phases end at 20, 40, 60, 75, 90 and 100 %.
double WholeShare(int phase, double share);

}  // namespace millrace::cli
