// PredictFile: batch prediction: a bundle and data files to a file of predictions, streamed in
// bounded memory through the same parser, graph and model that the server uses.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "bundle/bundle.h"
#include "engine/source.h"

namespace millrace::pipeline {

enum class PredictionFormat { kCsv, kJsonLines, kParquet };

/// Returns the format of a file name: .csv, .jsonl, .ndjson, .parquet. kUnsupported otherwise.
Result<PredictionFormat> PredictionFormatOf(std::string_view path);

/// Takes the output text piece by piece; a failure ends the work and is returned.
using TextSink = std::function<Status(std::string_view text)>;

struct PredictFileInputs {
  const bundle::Bundle& bundle;
  std::vector<std::string> data;  // files or patterns; relative ones start from `folder`
  std::string folder;
  engine::SourceOptions source;
  /// Column that is carried into the output as it is written. Absent: the one of the training
  /// data where the files have it, else the number of the row, from 1, as "row".
  std::optional<std::string> id;
  int num_threads = 1;
  ProgressSink& progress;
};

/// Cells of one column that could not be read: they count as missing.
struct UnreadableCells {
  std::string column;
  int64_t count = 0;
  int64_t first_row = 0;  // from 1
  std::string example;
};

struct PredictFileOutcome {
  int64_t num_rows = 0;  // predicted
  std::string id;        // name of the first column of the output
  std::vector<UnreadableCells> unreadable;
  /// Lines that could not be split into cells: they have no prediction.
  std::vector<engine::RejectedRow> rejected;
};

/// Predicts into a file: written beside `out`, renamed at the end, so `out` is whole or as before.
/// Columns: the id, `prediction`, and for classes `probability.<class>` of each class in label
/// order. Errors: those of OpenSource; kInvalidData naming a column that the model needs and the
/// files lack, with the nearest name; kInvalidSpec for an unknown `id`; kIoError;
/// kResourceExhausted. Same input, same bytes, for any number of threads.
Result<PredictFileOutcome> PredictFile(const PredictFileInputs& inputs, const std::string& out,
                                       PredictionFormat format);
/// The same into a sink, as CSV or JSON lines; kUnsupported for Parquet.
Result<PredictFileOutcome> PredictTo(const PredictFileInputs& inputs, const TextSink& sink,
                                     PredictionFormat format);

}  // namespace millrace::pipeline
