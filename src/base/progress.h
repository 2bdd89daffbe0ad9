// Progress: what long work tells the person who waits. The command line draws bars on a terminal,
// plain lines elsewhere, JSON events with --json; tests record.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace millrace {

/// One thing that happened inside a phase.
struct ProgressEvent {
  int phase = 0;                       // 1..6
  double share = 0.0;                  // done part of the phase, [0, 1], never goes back
  std::string step;                    // "8 of 8 columns profiled", "41 models"
  std::string best;                    // "best auc 0.851 (boosted trees)"; may be empty
  std::optional<double> seconds_left;  // of a budget
};

/// Takes events; called from one thread at a time.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  virtual void Report(const ProgressEvent& event) = 0;
};

/// Drops everything.
class SilentProgress final : public ProgressSink {
 public:
  void Report(const ProgressEvent&) override {}
};

}  // namespace millrace
