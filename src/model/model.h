// Model: what predicts. A model maps feature rows (float32, NaN = missing) to raw scores; a link
// turns raw scores into probabilities or numbers. Models are data: loading one never runs code.
//
// Thread safety: immutable after loading; const use from many threads. Deterministic: same bytes,
// same row, same result, whatever the batch or thread.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::model {

/// How raw scores become outputs.
enum class Link {
  kIdentity,  // regression: output = raw
  kSigmoid,   // binary: raw is the log-odds of the positive class; 1 output, its probability
  kSoftmax,   // multiclass: num_classes raws; num_classes probabilities that sum to 1
  kExp,       // counts: output = exp(raw)
};

std::string_view LinkName(Link link);

class Model {
 public:
  virtual ~Model() = default;

  /// Returns the kind as stored: "trees", "forest", "linear", "constant", "ensemble",
  /// "calibrated".
  virtual std::string_view kind() const = 0;
  virtual int64_t num_features() const = 0;
  /// Returns the number of raw scores of a row: 1, or the number of classes for kSoftmax.
  virtual int64_t num_scores() const = 0;
  virtual Link link() const = 0;

  /// Writes raw scores [num_rows, num_scores] for `rows` [num_rows, num_features], row-major.
  /// Sizes must fit. No allocation after the first call on a thread.
  virtual void PredictRaw(std::span<const float> rows, int64_t num_rows,
                          std::span<double> scores) const = 0;
  /// Returns the model in the format of docs/formats/model.md (data only, deterministic).
  virtual std::string Serialize() const = 0;
};

/// Loads any model. kCorrupt when the bytes are not a valid model (every index and size is checked;
/// cycles are refused), kUnsupported for a newer format version.
Result<std::unique_ptr<Model>> LoadModel(std::string_view bytes);

/// Writes outputs from raw scores in place, [num_rows, num_scores]: sigmoid, softmax (max
/// subtracted), exp or nothing.
void ApplyLink(Link link, int64_t num_scores, std::span<double> scores);

/// Writes outputs [num_rows, num_scores]: PredictRaw, then ApplyLink.
void Predict(const Model& model, std::span<const float> rows, int64_t num_rows,
             std::span<double> outputs);

}  // namespace millrace::model
