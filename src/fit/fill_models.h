// Fill models: linear models that predict a missing number from the other columns of its row, in
// rounds where these are missing too (chained equations; van Buuren and Groothuis-Oudshoorn 2011,
// section 2.3, without the random draws). Internal to fit/.
//
// Pure: sums run in the order of rows; same cells, same models.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "feature/treatment.h"

namespace millrace::fit {

/// One thing that models may read: the number of a column, or whether its text is `value`.
struct FillPredictor {
  std::string column;
  std::optional<std::string> value;
  std::vector<double> cells;  // [num_rows] bounded as its treatment says; NaN where missing
  double center = 0.0;        // stands for a missing cell
};

/// Rows that a modelled column must hold a value in.
inline constexpr int64_t kLeastFillRows = 50;
/// Summands of a model, those that go with the column most closely (by correlation).
inline constexpr size_t kMostFillTerms = 20;

struct FittedFill {
  feature::FillModel model;
  /// Share of the variance that the model explains on a fifth of the rows, fitted on the rest; at
  /// most 1, below 0 where the mean is nearer.
  double explained = 0.0;
};

/// Fits one model for each of `modelled` (indexes of numbers in `predictors`), by ridge regression
/// on the rows that hold its value. Nothing for a column with fewer than kLeastFillRows values,
/// with one value only, or whose sums leave the range of numbers. Cost: rows x terms^2 per column
/// and round.
std::vector<std::optional<FittedFill>> FitFillModels(std::span<const FillPredictor> predictors,
                                                     std::span<const size_t> modelled);

}  // namespace millrace::fit
