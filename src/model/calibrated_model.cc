#include "model/calibrated_model.h"

#include <algorithm>
#include <cmath>

#include "model/model_header.h"

namespace millrace::model {
namespace {

constexpr double kLeast = 1e-15;
// Larger ones would be a damaged file: fitted ones are near 1.
constexpr double kMaxParameter = 1e3;

double Sigmoid(double log_odds) { return 1.0 / (1.0 + std::exp(-log_odds)); }

void ApplyBinary(double a, double b, double c, std::span<double> probabilities) {
  for (double& p : probabilities) {
    const double yes = std::clamp(p, kLeast, 1.0);
    const double no = std::clamp(1.0 - p, kLeast, 1.0);
    p = Sigmoid(a * std::log(yes) - b * std::log(no) + c);
  }
}

void ApplyTemperature(double inverse, size_t width, std::span<double> probabilities) {
  for (size_t first = 0; first + width <= probabilities.size(); first += width) {
    const std::span<double> row = probabilities.subspan(first, width);
    const double largest = std::max(*std::max_element(row.begin(), row.end()), kLeast);
    double sum = 0.0;
    for (double& p : row) {
      p = std::pow(std::max(p, kLeast) / largest, inverse);
      sum += p;
    }
    for (double& p : row) p /= sum;
  }
}

// The kind that a model file says it holds.
Result<std::string> KindOf(std::string_view bytes) {
  ByteReader reader(bytes);
  MILLRACE_RETURN_IF_ERROR(reader.GetText().status());
  MILLRACE_RETURN_IF_ERROR(reader.Get<uint32_t>().status());
  return reader.GetText();
}

}  // namespace

std::string_view CalibrationFormName(CalibrationForm form) {
  return form == CalibrationForm::kBeta ? "beta" : "temperature";
}

Status CheckCalibrationMap(const CalibrationMap& map, int64_t num_scores) {
  const bool beta = map.form == CalibrationForm::kBeta;
  const std::vector<double>& numbers = map.parameters;
  if (numbers.size() != (beta ? 3u : 1u) || (beta && num_scores != 1)) {
    return Corrupt("model: a calibration that does not fit its outputs");
  }
  const bool small = std::all_of(numbers.begin(), numbers.end(), [](double number) {
    return std::abs(number) <= kMaxParameter;  // false for NaN
  });
  const bool rises = beta ? numbers[0] >= 0.0 && numbers[1] >= 0.0 && numbers[0] + numbers[1] > 0.0
                          : numbers[0] > 0.0;
  if (!small || !rises) return Corrupt("model: a calibration that does not keep the order");
  return {};
}

void ApplyCalibration(const CalibrationMap& map, int64_t num_scores,
                      std::span<double> probabilities) {
  const std::vector<double>& numbers = map.parameters;
  if (map.form == CalibrationForm::kBeta) {
    ApplyBinary(numbers[0], numbers[1], numbers[2], probabilities);
  } else if (num_scores == 1) {
    ApplyBinary(numbers[0], numbers[0], 0.0, probabilities);
  } else {
    ApplyTemperature(numbers[0], static_cast<size_t>(num_scores), probabilities);
  }
}

Result<std::unique_ptr<CalibratedModel>> CalibratedModel::Make(CalibrationMap map,
                                                               std::shared_ptr<const Model> model) {
  if (!model) return Corrupt("model: a calibration without a model");
  MILLRACE_RETURN_IF_ERROR(CheckCalibrationMap(map, model->num_scores()));
  return std::make_unique<CalibratedModel>(CalibratedModel(std::move(map), std::move(model)));
}

void CalibratedModel::PredictRaw(std::span<const float> rows, int64_t num_rows,
                                 std::span<double> scores) const {
  Predict(*model_, rows, num_rows, scores);
  ApplyCalibration(map_, num_scores(), scores);
}

std::string CalibratedModel::Serialize() const {
  ByteWriter writer;
  WriteHeader(writer, kind());
  writer.Put(static_cast<uint8_t>(map_.form));
  writer.PutArray(map_.parameters);
  writer.PutText(model_->Serialize());
  return writer.Take();
}

Result<std::unique_ptr<Model>> ReadCalibratedModel(ByteReader& reader) {
  MILLRACE_ASSIGN_OR_RETURN(const uint8_t form, reader.Get<uint8_t>());
  if (form > static_cast<uint8_t>(CalibrationForm::kBeta)) {
    return Corrupt("model: unknown form of calibration");
  }
  CalibrationMap map{.form = static_cast<CalibrationForm>(form), .parameters = {}};
  MILLRACE_ASSIGN_OR_RETURN(map.parameters, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, reader.GetText());
  // Refused before loading: nesting must not deepen the stack.
  MILLRACE_ASSIGN_OR_RETURN(const std::string inner, KindOf(bytes));
  if (inner == "calibrated") return Corrupt("model: a calibration inside a calibration");
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<Model> model, LoadModel(bytes));
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<CalibratedModel> calibrated,
                            CalibratedModel::Make(std::move(map), std::move(model)));
  return std::unique_ptr<Model>(std::move(calibrated));
}

}  // namespace millrace::model
