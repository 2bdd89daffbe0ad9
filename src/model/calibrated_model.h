// A model whose probabilities are recalibrated: the outputs of another model, passed through a map
// that keeps their order. Made of logarithms of probabilities, so it stays one formula for any
// model:
// - kTemperature: p_k ^ (1 / t), divided by their sum (Guo et al. 2017); binary: of p and 1 - p.
// - kBeta (binary): log-odds = a log p - b log(1 - p) + c (Kull et al. 2017), a, b >= 0.

#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/model.h"

namespace millrace::model {

enum class CalibrationForm : uint8_t { kTemperature = 0, kBeta = 1 };
std::string_view CalibrationFormName(CalibrationForm form);  // "temperature", "beta"

/// How probabilities are mapped.
struct CalibrationMap {
  CalibrationForm form = CalibrationForm::kTemperature;
  /// kTemperature: {1 / t}, > 0; kBeta: {a, b, c}, a + b > 0.
  std::vector<double> parameters;
  friend bool operator==(const CalibrationMap&, const CalibrationMap&) = default;
};

/// kCorrupt when the number of parameters is wrong, or one of them not finite or out of range.
Status CheckCalibrationMap(const CalibrationMap& map, int64_t num_scores);

/// Maps probabilities [num_rows, num_scores] in place. Probabilities nearer to 0 or 1 than 1e-15
/// count as that near. No allocation.
void ApplyCalibration(const CalibrationMap& map, int64_t num_scores,
                      std::span<double> probabilities);

class CalibratedModel final : public Model {
 public:
  /// kCorrupt when the map does not fit the model's outputs.
  static Result<std::unique_ptr<CalibratedModel>> Make(CalibrationMap map,
                                                       std::shared_ptr<const Model> model);

  std::string_view kind() const override { return "calibrated"; }
  int64_t num_features() const override { return model_->num_features(); }
  int64_t num_scores() const override { return model_->num_scores(); }
  /// The map works on outputs, after the inner model's link.
  Link link() const override { return Link::kIdentity; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;
  const CalibrationMap& map() const { return map_; }
  const Model& inner() const { return *model_; }

 private:
  CalibratedModel(CalibrationMap map, std::shared_ptr<const Model> model)
      : map_(std::move(map)), model_(std::move(model)) {}
  CalibrationMap map_;
  std::shared_ptr<const Model> model_;
};

Result<std::unique_ptr<Model>> ReadCalibratedModel(ByteReader& reader);

}  // namespace millrace::model
