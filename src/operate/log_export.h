// Log export: sealed segments of the prediction log as Parquet, for people who want to query them.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace millrace::operate {

struct LogExport {
  std::vector<std::string> files;  // written by this call, absolute
  int64_t num_predictions = 0;
  int64_t num_labels = 0;
  int64_t num_open = 0;   // segments that a server still writes: left out
  int64_t num_there = 0;  // segments whose files were there already
};

/// Writes `<segment>.predictions.parquet` (time, request_id, row, row_key, route, bundle, values as
/// JSON, outputs, decision) and `<segment>.labels.parquet` (time, request_id, row, row_key, label)
/// into `out_folder`, each by a rename, those of no rows too: a segment whose two files are there
/// is not read again. A segment is sealed when its process is gone or has begun another one.
/// Memory: one segment (64 MiB). Times are UTC. kIoError, kResourceExhausted; kCorrupt for no
/// segment.
Result<LogExport> ExportLog(const std::string& log_folder, const std::string& out_folder,
                            engine::Engine& engine);

}  // namespace millrace::operate
