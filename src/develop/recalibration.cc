#include "develop/recalibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/format.h"
#include "base/text.h"

namespace millrace::develop {
namespace {

using metric::Scored;
using model::CalibrationForm;
using model::CalibrationMap;
using table::Task;

constexpr double kLeast = 1e-15;
// Rows that a map is fitted on: its one to three numbers need no more.
constexpr size_t kFitRows = 10'000;
constexpr double kLeastRare = 500.0;
constexpr int kMostSteps = 50;
// Weight of the pull towards no change, as a Gaussian prior of variance 1 on each number.
constexpr double kPull = 1.0;
constexpr double kSmallestSlope = 0.05;
constexpr double kLargestSlope = 20.0;
constexpr double kNormal95 = 1.959963984540054;

double LogOf(double p) { return std::log(std::clamp(p, kLeast, 1.0)); }

size_t WidthOf(const Scored& scored) {
  return scored.task == Task::kMulticlass ? static_cast<size_t>(scored.num_classes) : 1;
}

// Every n-th row, so that at most kFitRows are looked at.
size_t StepOf(size_t num_rows) { return (num_rows + kFitRows - 1) / kFitRows; }

// Logarithms of the classes' probabilities of the rows that are fitted on, [rows, classes].
struct Logarithms {
  std::vector<double> values;
  std::vector<size_t> truth;
  size_t num_classes = 2;
};

Logarithms LogarithmsOf(const Scored& scored) {
  Logarithms logs;
  const size_t width = WidthOf(scored);
  logs.num_classes = std::max<size_t>(2, width);
  for (size_t i = 0; i < scored.labels.size(); i += StepOf(scored.labels.size())) {
    logs.truth.push_back(static_cast<size_t>(scored.labels[i]));
    if (width == 1) {
      logs.values.push_back(LogOf(1.0 - scored.outputs[i]));
      logs.values.push_back(LogOf(scored.outputs[i]));
    } else {
      for (size_t k = 0; k < width; ++k) {
        logs.values.push_back(LogOf(scored.outputs[i * width + k]));
      }
    }
  }
  return logs;
}

// First and second derivative of the log loss by the exponent: the loss is convex in it.
std::array<double, 2> Derivatives(const Logarithms& logs, double exponent) {
  std::vector<double> weights(logs.num_classes);
  double first = kPull * (exponent - 1.0);
  double second = kPull;
  for (size_t i = 0; i < logs.truth.size(); ++i) {
    const double* row = logs.values.data() + i * logs.num_classes;
    const double largest = *std::max_element(row, row + logs.num_classes);
    double sum = 0.0;
    double mean = 0.0;
    double square = 0.0;
    for (size_t k = 0; k < logs.num_classes; ++k) {
      const double weight = std::exp(exponent * (row[k] - largest));
      sum += weight;
      mean += weight * row[k];
      square += weight * row[k] * row[k];
    }
    mean /= sum;
    first += mean - row[logs.truth[i]];
    second += std::max(0.0, square / sum - mean * mean);
  }
  return {first, second};
}

CalibrationMap FitTemperature(const Scored& scored) {
  const Logarithms logs = LogarithmsOf(scored);
  double low = kSmallestSlope;
  double high = kLargestSlope;
  double exponent = 1.0;
  for (int step = 0; step < kMostSteps; ++step) {
    const auto [first, second] = Derivatives(logs, exponent);
    (first > 0.0 ? high : low) = exponent;
    double next = exponent - first / second;
    // Newton's step where it stays between what is known, else the middle.
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const double moved = std::abs(next - exponent);
    exponent = next;
    if (moved < 1e-9) break;
  }
  return {CalibrationForm::kTemperature, {exponent}};
}

// Logistic regression on (log p, -log(1 - p), 1) with slopes that are not negative: a slope that
// would be is held at 0.
class BetaFit {
 public:
  explicit BetaFit(const Scored& scored) {
    for (size_t i = 0; i < scored.labels.size(); i += StepOf(scored.labels.size())) {
      inputs_.push_back({LogOf(scored.outputs[i]), -LogOf(1.0 - scored.outputs[i]), 1.0});
      labels_.push_back(scored.labels[i]);
    }
  }

  CalibrationMap Run() {
    std::array<double, 3> at = {1.0, 1.0, 0.0};
    double loss = Loss(at);
    for (int step = 0; step < kMostSteps; ++step) {
      const std::array<double, 3> direction = Direction(at);
      double scale = 1.0;
      std::array<double, 3> next = at;
      double next_loss = loss;
      for (; scale > 1e-6; scale *= 0.5) {
        for (size_t j = 0; j < 3; ++j) next[j] = at[j] + scale * direction[j];
        for (size_t j = 0; j < 2; ++j) next[j] = std::clamp(next[j], 0.0, kLargestSlope);
        next_loss = Loss(next);
        if (next_loss < loss) break;
      }
      if (!(next_loss < loss - 1e-12 * std::abs(loss))) break;
      at = next;
      loss = next_loss;
    }
    if (at[0] + at[1] < kSmallestSlope) at[0] = kSmallestSlope;
    return {CalibrationForm::kBeta, {at[0], at[1], at[2]}};
  }

 private:
  using Vector = std::array<double, 3>;

  double Loss(const Vector& at) const {
    double loss = 0.0;
    for (size_t j = 0; j < 3; ++j) {
      const double away = at[j] - kNoChange[j];
      loss += 0.5 * kPull * away * away;
    }
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const double odds = OddsOf(at, inputs_[i]);
      // log(1 + e^x) - y x, without overflow.
      loss += std::max(odds, 0.0) + std::log1p(std::exp(-std::abs(odds))) - labels_[i] * odds;
    }
    return loss;
  }

  // Newton's direction among the numbers that are free to move.
  Vector Direction(const Vector& at) const {
    Vector gradient{};
    std::array<Vector, 3> matrix{};
    for (size_t j = 0; j < 3; ++j) {
      gradient[j] = kPull * (at[j] - kNoChange[j]);
      matrix[j][j] = kPull;
    }
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const double p = 1.0 / (1.0 + std::exp(-OddsOf(at, inputs_[i])));
      for (size_t j = 0; j < 3; ++j) {
        gradient[j] += (p - labels_[i]) * inputs_[i][j];
        for (size_t k = 0; k < 3; ++k) {
          matrix[j][k] += p * (1.0 - p) * inputs_[i][j] * inputs_[i][k];
        }
      }
    }
    for (size_t j = 0; j < 2; ++j) {
      if (at[j] > 0.0 || gradient[j] <= 0.0) continue;
      gradient[j] = 0.0;
      for (size_t k = 0; k < 3; ++k) matrix[j][k] = matrix[k][j] = k == j ? 1.0 : 0.0;
    }
    return Solve(matrix, gradient);
  }

  // Returns -matrix^-1 gradient; the matrix is positive definite by the pull.
  static Vector Solve(std::array<Vector, 3> matrix, Vector right) {
    for (size_t j = 0; j < 3; ++j) {
      for (size_t i = j + 1; i < 3; ++i) {
        const double factor = matrix[i][j] / matrix[j][j];
        for (size_t k = j; k < 3; ++k) matrix[i][k] -= factor * matrix[j][k];
        right[i] -= factor * right[j];
      }
    }
    Vector found{};
    for (size_t j = 3; j-- > 0;) {
      double sum = right[j];
      for (size_t k = j + 1; k < 3; ++k) sum += matrix[j][k] * found[k];
      found[j] = -sum / matrix[j][j];
    }
    return found;
  }

  static double OddsOf(const Vector& at, const Vector& input) {
    return at[0] * input[0] + at[1] * input[1] + at[2];
  }

  static constexpr Vector kNoChange = {1.0, 1.0, 0.0};
  std::vector<Vector> inputs_;
  std::vector<double> labels_;
};

// Rows of a part, or all but them.
struct Picked {
  std::vector<double> labels;
  std::vector<double> outputs;
};

Picked Without(const Scored& scored, std::span<const int32_t> part, int32_t left_out) {
  const size_t width = WidthOf(scored);
  Picked picked;
  for (size_t i = 0; i < scored.labels.size(); ++i) {
    if (part[i] == left_out) continue;
    picked.labels.push_back(scored.labels[i]);
    const auto first = scored.outputs.begin() + static_cast<std::ptrdiff_t>(i * width);
    picked.outputs.insert(picked.outputs.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  return picked;
}

// Outputs by maps that were fitted without the row's part; nothing where a part cannot be fitted.
std::optional<std::vector<double>> CrossFit(CalibrationForm form, const Scored& scored,
                                            std::span<const int32_t> part) {
  const size_t width = WidthOf(scored);
  std::vector<double> outputs(scored.outputs.begin(), scored.outputs.end());
  for (const int32_t p : std::set<int32_t>(part.begin(), part.end())) {
    const Picked others = Without(scored, part, p);
    Scored rest = scored;
    rest.labels = others.labels;
    rest.outputs = others.outputs;
    rest.ranks = {};
    const std::optional<CalibrationMap> map = FitCalibration(form, rest);
    if (!map) return std::nullopt;
    for (size_t i = 0; i < part.size(); ++i) {
      if (part[i] != p) continue;
      model::ApplyCalibration(*map, static_cast<int64_t>(width),
                              std::span<double>(outputs).subspan(i * width, width));
    }
  }
  return outputs;
}

double LossOfRow(const Scored& scored, std::span<const double> outputs, size_t row) {
  const auto truth = static_cast<size_t>(scored.labels[row]);
  if (WidthOf(scored) == 1) return -LogOf(truth == 1 ? outputs[row] : 1.0 - outputs[row]);
  return -LogOf(outputs[row * WidthOf(scored) + truth]);
}

// Mean of the rows' differences, with the interval of the normal approximation.
metric::Interval ChangeOfLoss(const Scored& scored, std::span<const double> before,
                              std::span<const double> after) {
  const auto rows = static_cast<double>(scored.labels.size());
  double sum = 0.0;
  std::vector<double> changes;
  for (size_t i = 0; i < scored.labels.size(); ++i) {
    changes.push_back(LossOfRow(scored, after, i) - LossOfRow(scored, before, i));
    sum += changes.back();
  }
  const double mean = sum / rows;
  double squares = 0.0;
  for (const double change : changes) squares += (change - mean) * (change - mean);
  const double error = std::sqrt(squares / std::max(1.0, rows - 1.0) / rows);
  return {mean, mean - kNormal95 * error, mean + kNormal95 * error};
}

std::vector<metric::CalibrationBin> BinsOf(const Scored& scored, std::span<const double> outputs) {
  Scored other = scored;
  other.outputs = outputs;
  other.ranks = {};
  return metric::CalibrationBins(other);
}

// Rows of the class that fewer rows have.
double RarerRows(const Scored& scored) {
  const auto positives =
      static_cast<double>(std::count(scored.labels.begin(), scored.labels.end(), 1.0));
  return std::min(positives, static_cast<double>(scored.labels.size()) - positives);
}

std::string Describe(const CalibrationMap& map) {
  if (map.form == CalibrationForm::kTemperature) {
    return Format("temperature {}", FormatSignificant(1.0 / map.parameters[0], 3));
  }
  return Format("beta map, a {}, b {}, c {}", FormatSignificant(map.parameters[0], 3),
                FormatSignificant(map.parameters[1], 3), FormatSignificant(map.parameters[2], 3));
}

}  // namespace

std::optional<CalibrationMap> FitCalibration(CalibrationForm form, const Scored& scored) {
  const auto& labels = scored.labels;
  const bool one_class =
      labels.empty() || std::all_of(labels.begin(), labels.end(),
                                    [&labels](double label) { return label == labels[0]; });
  if (one_class) return std::nullopt;
  return form == CalibrationForm::kBeta ? BetaFit(scored).Run() : FitTemperature(scored);
}

Recalibration Recalibrate(const Scored& scored, std::span<const int32_t> part) {
  Recalibration found;
  found.reason = "too few rows or classes to fit a map";
  found.bins_before = BinsOf(scored, scored.outputs);
  if (scored.labels.empty()) return found;
  std::vector<CalibrationForm> forms = {CalibrationForm::kTemperature};
  if (scored.task == Task::kBinary && RarerRows(scored) >= kLeastRare) {
    forms.push_back(CalibrationForm::kBeta);
  }
  std::vector<double> best(scored.outputs.begin(), scored.outputs.end());
  std::optional<CalibrationForm> taken;
  bool tried = false;
  for (const CalibrationForm form : forms) {
    std::optional<std::vector<double>> outputs = CrossFit(form, scored, part);
    if (!outputs) continue;
    const metric::Interval change = ChangeOfLoss(scored, scored.outputs, *outputs);
    // A more complex form must be better than the one before it, not only than none.
    const bool better = ChangeOfLoss(scored, best, *outputs).high < 0.0;
    if (better || !tried) found.change = change;
    tried = true;
    if (!better) continue;
    taken = form;
    best = std::move(*outputs);
  }
  if (!tried) return found;
  const std::string by =
      Format("changes the log loss by {} [{}, {}] on rows it was not fitted on",
             FormatSignificant(found.change.value, 2), FormatSignificant(found.change.low, 2),
             FormatSignificant(found.change.high, 2));
  if (taken) found.map = FitCalibration(*taken, scored);
  if (!found.map) {
    found.reason = Format("left as they are: a temperature {}", by);
    return found;
  }
  found.bins_after = BinsOf(scored, best);
  found.honest_outputs = std::move(best);
  found.reason = Format("{}: {}", Describe(*found.map), by);
  return found;
}

double RecalibrationSeconds(Task task, int64_t num_rows, int64_t num_classes, int64_t num_parts) {
  if (task == Task::kRegression) return 0.0;
  // Measured: a temperature takes some ten steps of 12 ns a class and row, a beta map 0.4 us a row.
  const double per_row = 120e-9 * static_cast<double>(std::max<int64_t>(2, num_classes)) +
                         (task == Task::kBinary ? 0.4e-6 : 0.0);
  const auto rows = static_cast<double>(std::min<int64_t>(num_rows, kFitRows));
  return per_row * rows * static_cast<double>(num_parts + 1);
}

std::vector<int32_t> PartsOf(const Folds& folds) {
  constexpr int32_t kPartsOfHoldOut = 5;
  std::vector<int32_t> part(folds.scored_rows.size());
  if (folds.folds.size() == 1) {
    for (size_t i = 0; i < part.size(); ++i) part[i] = static_cast<int32_t>(i) % kPartsOfHoldOut;
    return part;
  }
  // Later divisions are written first, so that the first one stays.
  for (size_t f = folds.folds.size(); f-- > 0;) {
    for (const int64_t row : folds.folds[f].validation) {
      const auto place = std::lower_bound(folds.scored_rows.begin(), folds.scored_rows.end(), row);
      part[static_cast<size_t>(place - folds.scored_rows.begin())] = static_cast<int32_t>(f);
    }
  }
  return part;
}

}  // namespace millrace::develop
