// ColumnLeaks: columns that give the target away, measured on training rows: alone, by being
// missing, by single values, two numbers together, or by lying after the event.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/quality/quality_rows.h"
#include "profile/leak_probe.h"
#include "table/task.h"

namespace millrace::data {

/// A column and how it tells the target.
struct ColumnLeak {
  std::string column;
  std::string evidence;  // "explains 99.8 % [99.6, 100] of it alone"
  profile::ProbeScore score;
};

struct ColumnLeaks {
  /// Tell the target: not to be learnt from unless they are known in time.
  std::vector<ColumnLeak> telling;
  /// Some values hold one class only, and a rarer one: to be looked at.
  std::vector<ColumnLeak> partly;
  /// Dates that lie after the row's own time in nearly every row.
  std::vector<ColumnLeak> later;
};

struct ColumnLeakInputs {
  const QualityRows& rows;
  const std::vector<std::string>& features;
  std::string target;
  table::Task task = table::Task::kBinary;
  std::vector<std::string> labels;  // empty for regression
  std::string time;                 // "": none
};

/// Looks for leaks on at most 20,000 training rows; fewer than 100, or more than 50 classes: none
/// is looked for. `telling` holds a column once.
ColumnLeaks FindColumnLeaks(const ColumnLeakInputs& inputs);

}  // namespace millrace::data
