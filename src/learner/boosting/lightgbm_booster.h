// The adapter to LightGBM's C interface: binned rows and a booster, as values.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/matrix.h"

namespace millrace::learner {

/// Rows in bins with their labels. Immutable: boosters in several threads may share one.
class LightGbmData {
 public:
  /// Bins a matrix; `parameters` in LightGBM's own "key=value key=value" form. kInternal with the
  /// engine's words.
  static Result<LightGbmData> Make(const table::Matrix& features, std::span<const float> labels,
                                   const std::string& parameters);
  /// Copies rows (ascending) with the bins as they stand.
  Result<LightGbmData> Subset(std::span<const int64_t> rows, const std::string& parameters) const;
  ~LightGbmData();
  LightGbmData(LightGbmData&&) noexcept;
  LightGbmData& operator=(LightGbmData&&) noexcept;

 private:
  friend class LightGbmBooster;
  struct Handle;
  explicit LightGbmData(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

/// A booster over training rows and, perhaps, validation rows. One thread at a time.
class LightGbmBooster {
 public:
  /// `validation` may be null; both are borrowed for the life of the booster.
  static Result<LightGbmBooster> Make(const LightGbmData& train, const LightGbmData* validation,
                                      const std::string& parameters);
  ~LightGbmBooster();
  LightGbmBooster(LightGbmBooster&&) noexcept;
  LightGbmBooster& operator=(LightGbmBooster&&) noexcept;

  /// Adds one round; false when no further split was possible.
  Result<bool> Update();
  /// Returns the metric on the validation rows now.
  Result<double> ValidationMetric() const;
  /// Writes the outputs (after the link) of the validation rows now, [num_rows, num_scores].
  Status ValidationOutputs(std::vector<double>& outputs) const;
  /// Returns the model text of the first `rounds` rounds.
  Result<std::string> ModelText(int64_t rounds) const;
  /// Returns LightGBM's own raw scores [num_rows, num_scores] of the first `rounds` rounds; for
  /// checks of the conversion.
  Result<std::vector<double>> RawScores(const table::Matrix& features, int64_t rounds) const;

 private:
  struct Handle;
  explicit LightGbmBooster(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace millrace::learner
