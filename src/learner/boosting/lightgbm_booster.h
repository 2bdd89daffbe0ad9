// The adapter to LightGBM's C interface: a training data set and a booster, as values.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/matrix.h"

namespace millrace::learner {

/// A booster over training rows and, perhaps, validation rows. One thread at a time.
class LightGbmBooster {
 public:
  struct Rows {
    const table::Matrix& features;
    std::span<const float> labels;
  };
  /// `parameters` in LightGBM's own "key=value key=value" form. `validation` may be null. The
  /// matrices are copied into bins. kInternal with the engine's words.
  static Result<LightGbmBooster> Make(const Rows& train, const Rows* validation,
                                      const std::string& parameters);
  ~LightGbmBooster();
  LightGbmBooster(LightGbmBooster&&) noexcept;
  LightGbmBooster& operator=(LightGbmBooster&&) noexcept;

  /// Adds one round; false when no further split was possible.
  Result<bool> Update();
  /// Returns the metric on the validation rows now.
  Result<double> ValidationMetric() const;
  /// Returns the model text of the first `rounds` rounds.
  Result<std::string> ModelText(int64_t rounds) const;
  /// Returns LightGBM's own raw scores [num_rows, num_scores] of the first `rounds` rounds; for
  /// checks of the conversion.
  Result<std::vector<double>> RawScores(const table::Matrix& features, int64_t rounds) const;

 private:
  struct Handles;
  explicit LightGbmBooster(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

}  // namespace millrace::learner
