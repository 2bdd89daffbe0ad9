#include "learner/binned_matrix.h"

#include <algorithm>
#include <cmath>

namespace millrace::learner {
namespace {

constexpr size_t kMaxBins = 255;
// Rows that quantiles are taken from.
constexpr int64_t kSampleRows = 200'000;

// A number that separates two neighbours: left <= cut < right.
float Between(float left, float right) {
  if (std::isinf(left)) return left;
  if (std::isinf(right)) return left;
  const auto middle =
      static_cast<float>(0.5 * (static_cast<double>(left) + static_cast<double>(right)));
  return middle >= right ? left : middle;
}

std::vector<float> CutsOf(const table::Matrix& features, int64_t column) {
  const int64_t num_rows = features.num_rows();
  const int64_t step = std::max<int64_t>(1, num_rows / kSampleRows);
  std::vector<float> values;
  for (int64_t r = 0; r < num_rows; r += step) {
    const float value = features.at(r, column);
    if (!std::isnan(value)) values.push_back(value == 0.0f ? 0.0f : value);
  }
  std::sort(values.begin(), values.end());
  std::vector<float> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<float> cuts;
  if (distinct.size() <= kMaxBins) {
    for (size_t i = 0; i + 1 < distinct.size(); ++i) {
      cuts.push_back(Between(distinct[i], distinct[i + 1]));
    }
    return cuts;
  }
  for (size_t b = 1; b < kMaxBins; ++b) {
    const float value = values[values.size() * b / kMaxBins];
    const auto next = std::upper_bound(distinct.begin(), distinct.end(), value);
    if (next == distinct.end()) break;
    const float cut = Between(value, *next);
    if (cuts.empty() || cut > cuts.back()) cuts.push_back(cut);
  }
  return cuts;
}

}  // namespace

BinnedMatrix::BinnedMatrix(const table::Matrix& features) : num_rows_(features.num_rows()) {
  bins_.resize(static_cast<size_t>(features.num_rows() * features.num_columns()));
  for (int64_t c = 0; c < features.num_columns(); ++c) {
    cuts_.push_back(CutsOf(features, c));
    const std::vector<float>& cuts = cuts_.back();
    uint8_t* bins = bins_.data() + c * num_rows_;
    for (int64_t r = 0; r < num_rows_; ++r) {
      const float value = features.at(r, c);
      bins[r] = std::isnan(value)
                    ? kMissing
                    : static_cast<uint8_t>(std::lower_bound(cuts.begin(), cuts.end(), value) -
                                           cuts.begin());
    }
  }
}

}  // namespace millrace::learner
