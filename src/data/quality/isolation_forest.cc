#include "data/quality/isolation_forest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace millrace::data {
namespace {

constexpr int kTrees = 100;
constexpr size_t kSampleRows = 256;
constexpr double kEuler = 0.57721566490153286;

// Mean depth of an unsuccessful search in a binary search tree of `count` (Liu et al., eq. 1).
double MeanDepth(double count) {
  if (count <= 1.0) return 0.0;
  if (count == 2.0) return 1.0;
  return 2.0 * (std::log(count - 1.0) + kEuler) - 2.0 * (count - 1.0) / count;
}

}  // namespace

struct IsolationForest::Part {
  int32_t node = 0;
  int depth = 0;
  std::vector<int64_t> rows;
};

IsolationForest::IsolationForest(const table::Matrix& values, const Rng& rng) {
  std::vector<int64_t> rows(static_cast<size_t>(values.num_rows()));
  std::iota(rows.begin(), rows.end(), 0);
  const size_t size = std::min(kSampleRows, rows.size());
  expected_depth_ = std::max(1.0, MeanDepth(static_cast<double>(size)));
  for (int tree = 0; tree < kTrees; ++tree) {
    Rng draws = rng.Fork("isolation tree", static_cast<uint64_t>(tree));
    std::vector<int64_t> sample = rows;
    for (size_t i = 0; i < size; ++i) {
      std::swap(sample[i], sample[i + draws.Below(sample.size() - i)]);
    }
    sample.resize(size);
    Grow(values, std::move(sample), draws);
  }
}

void IsolationForest::Grow(const table::Matrix& values, std::vector<int64_t> sample, Rng& rng) {
  const int limit = static_cast<int>(std::ceil(std::log2(std::max<size_t>(2, sample.size()))));
  roots_.push_back(static_cast<int32_t>(nodes_.size()));
  nodes_.emplace_back();
  std::vector<Part> open;
  open.push_back({roots_.back(), 0, std::move(sample)});
  while (!open.empty()) {
    Part part = std::move(open.back());
    open.pop_back();
    const auto close = [&] {
      nodes_[static_cast<size_t>(part.node)].depth = static_cast<float>(
          static_cast<double>(part.depth) + MeanDepth(static_cast<double>(part.rows.size())));
    };
    if (part.depth >= limit || part.rows.size() < 2) {
      close();
      continue;
    }
    // A column where the rows differ; a few draws find one unless nearly all are constant.
    int64_t column = -1;
    float low = 0.0F;
    float high = 0.0F;
    for (int64_t attempt = 0; attempt < values.num_columns() && column < 0; ++attempt) {
      const auto drawn =
          static_cast<int64_t>(rng.Below(static_cast<uint64_t>(values.num_columns())));
      low = high = values.at(part.rows[0], drawn);
      for (const int64_t row : part.rows) {
        low = std::min(low, values.at(row, drawn));
        high = std::max(high, values.at(row, drawn));
      }
      if (low < high) column = drawn;
    }
    if (column < 0) {
      close();
      continue;
    }
    const float cut =
        std::max(std::nextafter(low, high), low + static_cast<float>(rng.Uniform()) * (high - low));
    Part left{static_cast<int32_t>(nodes_.size()), part.depth + 1, {}};
    Part right{static_cast<int32_t>(nodes_.size() + 1), part.depth + 1, {}};
    for (const int64_t row : part.rows) {
      (values.at(row, column) < cut ? left : right).rows.push_back(row);
    }
    nodes_[static_cast<size_t>(part.node)] = {static_cast<int32_t>(column), cut, left.node,
                                              right.node, 0.0F};
    nodes_.resize(nodes_.size() + 2);
    open.push_back(std::move(left));
    open.push_back(std::move(right));
  }
}

double IsolationForest::Score(std::span<const float> row) const {
  double depth = 0.0;
  for (const int32_t root : roots_) {
    const Node* node = &nodes_[static_cast<size_t>(root)];
    while (node->column >= 0) {
      const bool left = row[static_cast<size_t>(node->column)] < node->cut;
      node = &nodes_[static_cast<size_t>(left ? node->left : node->right)];
    }
    depth += static_cast<double>(node->depth);
  }
  return std::exp2(-depth / static_cast<double>(roots_.size()) / expected_depth_);
}

double TailThreshold(std::vector<double> scores, double expected) {
  if (scores.size() < 100) return std::numeric_limits<double>::infinity();
  std::sort(scores.begin(), scores.end());
  const double from = scores[scores.size() * 95 / 100];
  const double further = scores[scores.size() * 98 / 100];
  const double beyond = static_cast<double>(scores.size()) * 0.05;
  // Of an exponential tail, 2 of 5 parts lie beyond its first log(5 / 2) of scale.
  const double scale = (further - from) / std::log(2.5);
  return from + scale * std::max(0.0, std::log(beyond / expected));
}

}  // namespace millrace::data
