#include "fit/fill_models.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace millrace::fit {
namespace {

using feature::FillModel;
using feature::FillTerm;

// Rows that the pull towards no effect weighs, of standardised numbers: it steadies columns that
// tell the same, and is nothing beside thousands of rows.
constexpr double kRidgeRows = 1.0;
constexpr double kLeastCorrelation = 0.02;
constexpr size_t kHeldFifth = 5;

using Cells = std::vector<std::vector<double>>;  // [predictors][rows], no NaN

struct Centred {
  double mean = 0.0;
  double deviation = 0.0;
};

Centred CentreOf(const std::vector<double>& cells, std::span<const size_t> rows) {
  Centred centred;
  for (const size_t row : rows) centred.mean += cells[row];
  centred.mean /= static_cast<double>(rows.size());
  for (const size_t row : rows) {
    centred.deviation += (cells[row] - centred.mean) * (cells[row] - centred.mean);
  }
  centred.deviation = std::sqrt(centred.deviation / static_cast<double>(rows.size()));
  return centred;
}

bool Varies(const Centred& centred) {
  return centred.deviation > 0.0 && std::isfinite(centred.deviation);
}

double Correlation(const std::vector<double>& x, const Centred& of_x, const std::vector<double>& y,
                   const Centred& of_y, std::span<const size_t> rows) {
  double sum = 0.0;
  for (const size_t row : rows) {
    sum += ((x[row] - of_x.mean) / of_x.deviation) * ((y[row] - of_y.mean) / of_y.deviation);
  }
  return sum / static_cast<double>(rows.size());
}

// Solves a * x = b for a symmetric positive definite a [n x n] by Cholesky's decomposition; nothing
// where it is not.
std::optional<std::vector<double>> Solve(std::vector<double> a, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i != j) {
        a[i * n + j] = sum / a[j * n + j];
      } else if (sum > 0.0 && std::isfinite(sum)) {
        a[i * n + i] = std::sqrt(sum);
      } else {
        return std::nullopt;
      }
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

struct Linear {
  double intercept = 0.0;
  std::vector<double> weights;  // [terms]
};

double Predict(const Linear& linear, const Cells& cells, std::span<const size_t> terms,
               size_t row) {
  double sum = linear.intercept;
  for (size_t i = 0; i < terms.size(); ++i) sum += linear.weights[i] * cells[terms[i]][row];
  return sum;
}

std::optional<Linear> FitRidge(const Cells& cells, std::span<const size_t> terms, size_t target,
                               std::span<const size_t> rows) {
  const size_t n = terms.size();
  const Centred of_y = CentreOf(cells[target], rows);
  std::vector<Centred> of_x;
  for (const size_t term : terms) {
    of_x.push_back(CentreOf(cells[term], rows));
    if (!Varies(of_x.back())) of_x.back().deviation = 1.0;  // its weight becomes 0
  }
  std::vector<double> gram(n * n);
  std::vector<double> moments(n);
  std::vector<double> z(n);
  for (const size_t row : rows) {
    for (size_t i = 0; i < n; ++i) {
      z[i] = (cells[terms[i]][row] - of_x[i].mean) / of_x[i].deviation;
      for (size_t j = 0; j <= i; ++j) gram[i * n + j] += z[i] * z[j];
      moments[i] += z[i] * (cells[target][row] - of_y.mean);
    }
  }
  for (size_t i = 0; i < n; ++i) gram[i * n + i] += kRidgeRows;
  const auto solved = Solve(std::move(gram), std::move(moments));
  if (!solved) return std::nullopt;
  Linear linear{.intercept = of_y.mean, .weights = {}};
  for (size_t i = 0; i < n; ++i) {
    linear.weights.push_back((*solved)[i] / of_x[i].deviation);
    linear.intercept -= linear.weights[i] * of_x[i].mean;
  }
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!finite(linear.intercept) || !std::ranges::all_of(linear.weights, finite)) {
    return std::nullopt;
  }
  return linear;
}

// One column that is modelled, while its model is looked for.
struct Target {
  size_t predictor = 0;
  std::vector<size_t> present;
  std::vector<size_t> missing;
  std::vector<size_t> terms;
  double least = 0.0;
  double greatest = 0.0;
  std::optional<Linear> linear;
};

class Chain {
 public:
  Chain(std::span<const FillPredictor> predictors, std::span<const size_t> modelled)
      : predictors_(predictors) {
    for (const FillPredictor& predictor : predictors) {
      cells_.push_back(predictor.cells);
      for (double& cell : cells_.back()) {
        if (std::isnan(cell)) cell = predictor.center;
      }
    }
    for (const size_t predictor : modelled) AddTarget(predictor);
  }

  std::vector<std::optional<FittedFill>> Run() {
    for (Target& target : targets_) ChooseTerms(target);
    for (int round = 0; round < feature::kFillRounds; ++round) {
      for (Target& target : targets_) Refit(target);
    }
    std::vector<std::optional<FittedFill>> fitted;
    for (const Target& target : targets_) fitted.push_back(ResultOf(target));
    return fitted;
  }

 private:
  void AddTarget(size_t predictor) {
    Target target{.predictor = predictor};
    const std::vector<double>& cells = predictors_[predictor].cells;
    for (size_t row = 0; row < cells.size(); ++row) {
      if (std::isnan(cells[row])) {
        target.missing.push_back(row);
        continue;
      }
      const bool first = target.present.empty();
      target.least = first ? cells[row] : std::min(target.least, cells[row]);
      target.greatest = first ? cells[row] : std::max(target.greatest, cells[row]);
      target.present.push_back(row);
    }
    targets_.push_back(std::move(target));
  }

  void ChooseTerms(Target& target) const {
    if (static_cast<int64_t>(target.present.size()) < kLeastFillRows) return;
    const std::vector<double>& y = cells_[target.predictor];
    const Centred of_y = CentreOf(y, target.present);
    if (!Varies(of_y)) return;
    std::vector<std::pair<double, size_t>> ranked;
    for (size_t p = 0; p < predictors_.size(); ++p) {
      if (predictors_[p].column == predictors_[target.predictor].column) continue;
      const Centred of_x = CentreOf(cells_[p], target.present);
      if (!Varies(of_x)) continue;
      const double size = std::abs(Correlation(cells_[p], of_x, y, of_y, target.present));
      if (size >= kLeastCorrelation) ranked.emplace_back(size, p);
    }
    std::ranges::stable_sort(ranked,
                             [](const auto& a, const auto& b) { return a.first > b.first; });
    if (ranked.size() > kMostFillTerms) ranked.resize(kMostFillTerms);
    for (const auto& [size, predictor] : ranked) target.terms.push_back(predictor);
    std::ranges::sort(target.terms);
  }

  void Refit(Target& target) {
    if (target.terms.empty()) return;
    target.linear = FitRidge(cells_, target.terms, target.predictor, target.present);
    if (!target.linear) return;
    for (const size_t row : target.missing) {
      cells_[target.predictor][row] = std::clamp(Predict(*target.linear, cells_, target.terms, row),
                                                 target.least, target.greatest);
    }
  }

  double Explained(const Target& target) const {
    std::vector<size_t> fitted;
    std::vector<size_t> held;
    for (size_t i = 0; i < target.present.size(); ++i) {
      (i % kHeldFifth == 0 ? held : fitted).push_back(target.present[i]);
    }
    const auto linear = FitRidge(cells_, target.terms, target.predictor, fitted);
    if (!linear) return 0.0;
    const std::vector<double>& y = cells_[target.predictor];
    const double mean = CentreOf(y, fitted).mean;
    double left = 0.0;
    double all = 0.0;
    for (const size_t row : held) {
      const double predicted =
          std::clamp(Predict(*linear, cells_, target.terms, row), target.least, target.greatest);
      left += (y[row] - predicted) * (y[row] - predicted);
      all += (y[row] - mean) * (y[row] - mean);
    }
    const double share = 1.0 - left / all;
    return all > 0.0 && std::isfinite(share) ? share : 0.0;
  }

  std::optional<FittedFill> ResultOf(const Target& target) const {
    if (!target.linear) return std::nullopt;
    FittedFill fitted;
    fitted.model = {.intercept = target.linear->intercept,
                    .least = target.least,
                    .greatest = target.greatest,
                    .terms = {}};
    for (size_t i = 0; i < target.terms.size(); ++i) {
      const FillPredictor& predictor = predictors_[target.terms[i]];
      fitted.model.terms.push_back({.column = predictor.column,
                                    .value = predictor.value,
                                    .weight = target.linear->weights[i],
                                    .center = predictor.value ? 0.0 : predictor.center});
    }
    fitted.explained = Explained(target);
    return fitted;
  }

  std::span<const FillPredictor> predictors_;
  Cells cells_;
  std::vector<Target> targets_;
};

}  // namespace

std::vector<std::optional<FittedFill>> FitFillModels(std::span<const FillPredictor> predictors,
                                                     std::span<const size_t> modelled) {
  return Chain(predictors, modelled).Run();
}

}  // namespace millrace::fit
