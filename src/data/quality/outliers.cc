#include "data/quality/outliers.h"

#include <algorithm>
#include <cmath>

#include "data/quality/isolation_forest.h"

namespace millrace::data {
namespace {

using table::Column;

constexpr size_t kLeastValues = 20;
constexpr double kInnerRanges = 1.5;
constexpr double kFarRanges = 10.0;
constexpr double kLogRanges = 3.0;
constexpr double kRobustZ = 3.5;
constexpr double kNormalScale = 0.6745;  // of the median deviation to a standard deviation
constexpr size_t kExamples = 100;
constexpr int64_t kForestRows = 10'000;
constexpr int64_t kLeastForestRows = 200;
constexpr double kExpectedRows = 0.5;

double At(const std::vector<double>& sorted, double level) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<size_t>(std::llround(level * last))];
}

std::vector<std::string> NumbersOf(const QualityRows& rows,
                                   const std::vector<std::string>& features) {
  std::vector<std::string> numbers;
  for (const std::string& name : features) {
    const table::ColumnType type = rows.column(name).type();
    const bool number = type == table::ColumnType::kInteger || type == table::ColumnType::kNumber;
    if (number) numbers.push_back(name);
  }
  return numbers;
}

struct Spread {
  double median = 0.0;
  double deviation = 0.0;  // median absolute deviation; 0: none
};

Spread SpreadOf(std::vector<double> sorted) {
  if (sorted.empty()) return {};
  Spread spread;
  spread.median = At(sorted, 0.5);
  for (double& value : sorted) value = std::abs(value - spread.median);
  std::sort(sorted.begin(), sorted.end());
  spread.deviation = At(sorted, 0.5);
  return spread;
}

std::vector<double> SortedValues(const Column& column, const std::vector<int64_t>& rows) {
  std::vector<double> values;
  for (const int64_t row : rows) {
    if (column.valid(row)) values.push_back(column.number(row));
  }
  std::sort(values.begin(), values.end());
  return values;
}

std::optional<Fences> FencesOf(std::vector<double> sorted) {
  if (sorted.size() < kLeastValues) return std::nullopt;
  const double first = At(sorted, 0.25);
  const double median = At(sorted, 0.5);
  const double third = At(sorted, 0.75);
  if (first == third) return std::nullopt;
  Fences fences{first - kFarRanges * (third - first), third + kFarRanges * (third - first)};
  fences.low = std::min(fences.low, first - 2.0 * kFarRanges * (median - first));
  fences.high = std::max(fences.high, third + 2.0 * kFarRanges * (third - median));
  if (sorted.front() < 0.0) return fences;
  const auto positive = std::upper_bound(sorted.begin(), sorted.end(), 0.0);
  sorted.erase(sorted.begin(), positive);
  if (sorted.size() < kLeastValues) return fences;
  const double ratio = std::pow(At(sorted, 0.75) / At(sorted, 0.25), kLogRanges);
  fences.high = std::max(fences.high, At(sorted, 0.75) * ratio);
  return fences;
}

ColumnOutliers MeasureColumn(const QualityRows& rows, const std::string& name,
                             const std::vector<int64_t>& train) {
  const Column& column = rows.column(name);
  ColumnOutliers found;
  found.column = name;
  const std::vector<double> values = SortedValues(column, train);
  const std::optional<Fences> fences = FencesOf(values);
  if (!fences) return found;
  found.fences = *fences;
  found.num_values = static_cast<int64_t>(values.size());
  const Spread spread = SpreadOf(values);
  const double range = At(values, 0.75) - At(values, 0.25);
  const double low = At(values, 0.25) - kInnerRanges * range;
  const double high = At(values, 0.75) + kInnerRanges * range;
  for (const int64_t row : train) {
    if (!column.valid(row)) continue;
    const double value = column.number(row);
    if (value < low || value > high) ++found.num_inner;
    if (spread.deviation > 0.0 &&
        kNormalScale * std::abs(value - spread.median) / spread.deviation > kRobustZ) {
      ++found.num_robust_z;
    }
    if (value >= fences->low && value <= fences->high) continue;
    ++found.num_far;
    if (found.examples.size() < kExamples) {
      found.examples.push_back({rows.places[static_cast<size_t>(row)], value});
    }
  }
  return found;
}

RowOutliers MeasureRows(const QualityRows& rows, const std::vector<std::string>& numbers,
                        const std::vector<int64_t>& train, uint64_t seed) {
  RowOutliers found;
  const std::vector<int64_t> sample = rows.Sample(train, kForestRows);
  if (static_cast<int64_t>(sample.size()) < kLeastForestRows || numbers.size() < 2) return found;
  table::Matrix values(static_cast<int64_t>(sample.size()), static_cast<int64_t>(numbers.size()));
  std::vector<Spread> spreads;
  for (size_t c = 0; c < numbers.size(); ++c) {
    const Column& column = rows.column(numbers[c]);
    spreads.push_back(SpreadOf(SortedValues(column, sample)));
    for (size_t i = 0; i < sample.size(); ++i) {
      const double value = column.valid(sample[i]) ? column.number(sample[i]) : spreads[c].median;
      values.at(static_cast<int64_t>(i), static_cast<int64_t>(c)) = static_cast<float>(value);
    }
  }
  const IsolationForest forest(values, Rng(seed));
  std::vector<double> scores;
  for (int64_t i = 0; i < values.num_rows(); ++i) scores.push_back(forest.Score(values.row(i)));
  found.num_rows = values.num_rows();
  found.expected = kExpectedRows;
  found.threshold = TailThreshold(scores, kExpectedRows);
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!(scores[i] > found.threshold)) continue;
    const int64_t row = sample[i];
    OutlierRow outlier{rows.places[static_cast<size_t>(row)], scores[i], "", 0.0};
    double furthest = -1.0;
    for (size_t c = 0; c < numbers.size(); ++c) {
      const Column& column = rows.column(numbers[c]);
      if (!column.valid(row) || !(spreads[c].deviation > 0.0)) continue;
      const double away = std::abs(column.number(row) - spreads[c].median) / spreads[c].deviation;
      if (away <= furthest) continue;
      furthest = away;
      outlier.column = numbers[c];
      outlier.value = column.number(row);
    }
    found.rows.push_back(std::move(outlier));
  }
  found.num_beyond = static_cast<int64_t>(found.rows.size());
  std::stable_sort(found.rows.begin(), found.rows.end(),
                   [](const OutlierRow& a, const OutlierRow& b) { return a.score > b.score; });
  if (found.rows.size() > kExamples) found.rows.resize(kExamples);
  return found;
}

}  // namespace

std::optional<Fences> FarFences(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return FencesOf(std::move(values));
}

Outliers FindOutliers(const QualityRows& rows, const std::vector<std::string>& features,
                      uint64_t seed) {
  Outliers found;
  const std::vector<int64_t> train = rows.RowsOf(SplitPart::kTrain);
  const std::vector<std::string> numbers = NumbersOf(rows, features);
  for (const std::string& name : numbers) {
    ColumnOutliers column = MeasureColumn(rows, name, train);
    const bool rare =
        static_cast<double>(column.num_far) <= kRareValues * static_cast<double>(column.num_values);
    if (column.num_far > 0 && rare) found.columns.push_back(std::move(column));
  }
  std::stable_sort(
      found.columns.begin(), found.columns.end(),
      [](const ColumnOutliers& a, const ColumnOutliers& b) { return a.num_far > b.num_far; });
  found.rows = MeasureRows(rows, numbers, train, seed);
  return found;
}

}  // namespace millrace::data
