// Phase 1: from the specification and its sources to a recorded design: task, target, what becomes
// of each column, approach, serving form, validation scheme and risks, closed by measured checks.
//
// Pure: same specification and files, same record; no clock. Only small probes are trained, to say
// whether gates can be met.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "json/value.h"
#include "report/document.h"
#include "spec/spec.h"
#include "table/column.h"
#include "table/task.h"

namespace millrace::design {

enum class ColumnRole { kFeature, kTarget, kId, kTime, kGroup, kExcluded };
/// Returns "feature", "target", "id", "time", "group" or "excluded".
std::string_view ColumnRoleName(ColumnRole role);

/// What becomes of one column.
struct ColumnPlan {
  std::string name;
  ColumnRole role = ColumnRole::kFeature;
  bool sensitive = false;  // errors are compared by its groups
  table::ColumnType type = table::ColumnType::kText;
  std::string strategy;  // "number as it is, and whether it is missing"
  std::string reason;    // "12 of 7,043 values are missing"
};

/// A decision with the figures that it rests on.
struct Decision {
  std::string value;
  std::string reason;
};

/// What may go wrong, and what this run does about it.
struct Risk {
  std::string text;
  std::string answer;
};

struct DesignRecord {
  table::Task task = table::Task::kBinary;
  std::string task_reason;
  std::string target;
  std::string positive;  // binary only
  std::string positive_reason;
  std::string primary_metric;
  int64_t num_rows = 0;  // of the source, before phase 2 sets any aside
  std::vector<ColumnPlan> columns;
  Decision approach;    // "traditional machine learning" or "deep learning"
  Decision serving;     // "online and batch", ...
  Decision validation;  // "stratified hold-out", ...
  std::vector<Risk> risks;
  report::Section section;
};

json::Json ToJson(const DesignRecord& record);
/// kCorrupt when the document is no record.
Result<DesignRecord> DesignRecordFromJson(const json::Json& document);

struct DesignInputs {
  const spec::Spec& spec;
  /// Folder that relative source paths start from.
  std::string project_folder;
  engine::Engine& engine;
  ProgressSink& progress;
  /// Rows of an append-only source, read instead of the files. Borrowed.
  const engine::KeptCells* kept = nullptr;
  /// Folder of staged sources (engine::SourceOptions); empty: a temporary one.
  std::string staging_folder;
};

/// Runs phase 1. Errors: those of OpenSource and ProfileSource; kInvalidSpec for a target, role or
/// positive class that does not exist and for a task that the target cannot have; kInvalidData for
/// a target without two values; kUnsupported, naming the task, for forecast, image and ranking:
/// recognised, never trained as something else. A text task becomes the classification of its
/// texts.
Result<DesignRecord> RunDesign(const DesignInputs& inputs);

}  // namespace millrace::design
