// Batch prediction: rows of files through a bundle, in one stream and bounded memory, by the code
// that answers requests: same parser, same graph, same model.
//
// Deterministic: same files and bundle, same bytes.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "engine/engine.h"
#include "engine/source.h"

namespace millrace::cli {

enum class BatchForm {
  kCsv,        // header, then id (or row), prediction, probability.<class> per class
  kJsonLines,  // the same names, one object a row
};

struct BatchInputs {
  const bundle::Bundle& bundle;
  engine::Engine& engine;
  std::string folder;             // that relative paths start from
  std::vector<std::string> data;  // files or patterns
  engine::SourceOptions source;
  std::string id;  // column that is repeated in the answer; empty: `row`, 1 for the first row
  BatchForm form = BatchForm::kCsv;
};

/// Cells of one column that its type cannot hold; they were taken as missing, as in training.
struct UnreadableCells {
  std::string column;
  int64_t count = 0;
  int64_t first_row = 0;  // 1-based
  std::string first_value;
};

struct BatchOutcome {
  int64_t num_rows = 0;
  std::vector<UnreadableCells> unreadable;
  std::vector<engine::RejectedRow> rejected;  // rows that could not be split into cells: no answer
};

/// Takes a piece of the answer; a failure ends the work and is returned.
using TextSink = std::function<Status(std::string_view text)>;

/// Predicts. Errors: those of OpenSource; kInvalidData naming the columns that the files lack, with
/// the nearest; kNotFound for an id column that is not there; kCancelled.
Result<BatchOutcome> PredictBatch(const BatchInputs& inputs, const TextSink& sink);

}  // namespace millrace::cli
