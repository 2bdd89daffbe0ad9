// Labels: from the targets of the kept rows to the ordered class labels, and the refusals that
// belong to a target.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/ingest.h"
#include "table/task.h"

namespace millrace::data {

/// Class labels with their row counts, in output order.
struct Labels {
  std::vector<std::string> names;
  std::vector<int64_t> counts;
  /// Per entry of Ingested::target_texts: its class.
  std::vector<int32_t> class_of_text;
};

/// Returns the labels of a classification: [negative, positive] for binary (`positive` empty: the
/// rarer class, ties by the usual words for yes, then by text), else sorted (by number where all
/// are numbers). kInvalidData: one class only, a class with one row, more labels than
/// kMaxClasses; kInvalidSpec: `positive` is no label, or a binary task has not two classes.
Result<Labels> MakeLabels(const Ingested& rows, table::Task task, const std::string& target,
                          const std::string& positive);

inline constexpr int64_t kMaxClasses = 1'000;

/// Refuses a regression target without spread. kInvalidData.
Status CheckNumericTarget(const Ingested& rows, const std::string& target);

/// Refuses a target that is missing in more than half of the rows. kInvalidData.
Status CheckTargetPresence(const Ingested& rows, const std::string& target);

}  // namespace millrace::data
