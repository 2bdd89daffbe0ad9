// Checkpoints: each phase ends in a list of measured checks. Plain records that the phases hand
// over; report pages, terminal and JSON draw the same words from them.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace millrace::report {

enum class CheckState { kMet, kNotMet, kWarning, kNotMeasured };
std::string_view CheckStateName(CheckState state);  // "met", "not_met", "warning", "not_measured"

/// One measured check.
struct Check {
  std::string id;     // stable, snake_case: "gate.auc", "data.duplicate_rows"
  std::string label;  // as people read it: "auc", "duplicate rows"
  CheckState state = CheckState::kNotMeasured;
  bool blocks = false;  // a blocking check that is not met fails the phase (exit code 1)
  std::optional<double> value;
  std::optional<double> low;  // interval of value, same unit
  std::optional<double> high;
  std::string unit;         // "", "ms", "rows", ...
  std::string requirement;  // ">= 0.70"; empty when none
  std::string evidence;     // one short phrase with the figures that support the state
  std::string fix;          // what to do when not met
  std::string source;       // "millrace.yaml:31" of the requirement; may be empty
};

/// What a phase measured when it ended.
struct Checkpoint {
  int phase = 0;      // 1..6
  int percent = 0;    // 20, 40, 60, 75, 90, 100
  std::string title;  // "model evaluated and documented"
  std::vector<Check> checks;

  /// Returns true when no blocking check is unmet.
  bool passed() const;
};

json::Json ToJson(const Checkpoint& checkpoint);
Result<Checkpoint> CheckpointFromJson(const json::Json& document);

/// One of the eleven success criteria of a run.
struct Criterion {
  int number = 0;     // 1..11
  std::string title;  // "performance meets requirements"
  CheckState state = CheckState::kNotMeasured;
  std::string evidence;  // figures
  std::string anchor;    // section of the page that proves it: "phase-4"
  std::string fix;       // what to do when not met
};

json::Json ToJson(const Criterion& criterion);
Result<Criterion> CriterionFromJson(const json::Json& document);

}  // namespace millrace::report
