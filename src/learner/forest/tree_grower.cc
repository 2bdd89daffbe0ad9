#include "learner/forest/tree_grower.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace millrace::learner {
namespace {

// A cut of one feature: bins up to `bin` go left.
struct Cut {
  double score = -1.0;  // sum over sides of squared sums / rows; greater is better
  int64_t feature = -1;
  int bin = 0;
  bool missing_left = false;
};

// Sums of a side: rows per class, or the sum of values.
class Side {
 public:
  explicit Side(size_t width) : sums_(width) {}
  void Clear() {
    rows_ = 0.0;
    std::fill(sums_.begin(), sums_.end(), 0.0);
  }
  void Add(size_t place, double value, double rows = 1.0) {
    rows_ += rows;
    sums_[place] += value;
  }
  double rows() const { return rows_; }
  const std::vector<double>& sums() const { return sums_; }

 private:
  double rows_ = 0.0;
  std::vector<double> sums_;
};

class Grower {
 public:
  Grower(const BinnedMatrix& bins, std::span<const double> labels, int64_t num_classes,
         const GrowOptions& options, Rng rng)
      : bins_(bins),
        labels_(labels),
        classes_(num_classes > 0),
        width_(classes_ ? static_cast<size_t>(num_classes) : 1),
        options_(options),
        rng_(rng),
        all_(width_),
        left_(width_),
        missing_(width_),
        features_(static_cast<size_t>(bins.num_columns())) {
    std::iota(features_.begin(), features_.end(), 0);
    histogram_.resize(256 * width_);
  }

  GrownTree Grow(std::span<const int64_t> rows) {
    rows_.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const size_t from = options_.draw_with_repeats ? rng_.Below(rows.size()) : i;
      rows_[i] = static_cast<uint32_t>(rows[from]);
    }
    // A stack of open parts; `slot` is where the parent wants to know the child.
    struct Part {
      size_t first;
      size_t last;
      int64_t depth;
      int32_t parent;
      bool is_left;
    };
    std::vector<Part> open{{0, rows_.size(), 0, -1, false}};
    while (!open.empty()) {
      const Part part = open.back();
      open.pop_back();
      const Cut cut = BestCut(part.first, part.last, part.depth);
      int32_t child = 0;
      if (cut.feature < 0) {
        child = ~AddLeaf(part.first, part.last);
      } else {
        child = AddNode(cut);
        const size_t middle = Divide(part.first, part.last, cut);
        open.push_back({middle, part.last, part.depth + 1, child, false});
        open.push_back({part.first, middle, part.depth + 1, child, true});
      }
      if (part.parent >= 0) {
        (part.is_left ? tree_.left : tree_.right)[static_cast<size_t>(part.parent)] = child;
      }
    }
    return std::move(tree_);
  }

 private:
  size_t PlaceOf(uint32_t row) const {
    return classes_ ? static_cast<size_t>(labels_[row]) : size_t{0};
  }
  double ValueOf(uint32_t row) const { return classes_ ? 1.0 : labels_[row]; }

  int32_t AddLeaf(size_t first, size_t last) {
    tree_.leaf_rows.insert(tree_.leaf_rows.end(),
                           rows_.begin() + static_cast<std::ptrdiff_t>(first),
                           rows_.begin() + static_cast<std::ptrdiff_t>(last));
    tree_.leaf_starts.push_back(static_cast<int32_t>(tree_.leaf_rows.size()));
    return static_cast<int32_t>(tree_.leaf_starts.size()) - 2;
  }

  int32_t AddNode(const Cut& cut) {
    const std::span<const float> cuts = bins_.cuts(cut.feature);
    tree_.feature.push_back(static_cast<int32_t>(cut.feature));
    tree_.threshold.push_back(cuts[static_cast<size_t>(cut.bin)]);
    tree_.missing_left.push_back(cut.missing_left ? 1 : 0);
    tree_.left.push_back(0);
    tree_.right.push_back(0);
    return static_cast<int32_t>(tree_.feature.size()) - 1;
  }

  bool GoesLeft(uint8_t bin, const Cut& cut) const {
    return bin == BinnedMatrix::kMissing ? cut.missing_left : bin <= cut.bin;
  }

  size_t Divide(size_t first, size_t last, const Cut& cut) {
    const std::span<const uint8_t> column = bins_.column(cut.feature);
    const auto begin = rows_.begin();
    const auto middle = std::stable_partition(
        begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last),
        [&](uint32_t row) { return GoesLeft(column[row], cut); });
    return static_cast<size_t>(middle - begin);
  }

  double Squares(const Side& side) const {
    double sum = 0.0;
    for (const double value : side.sums()) sum += value * value;
    return side.rows() > 0.0 ? sum / side.rows() : 0.0;
  }
  double SquaresOfRest(const Side& taken, const Side* also) const {
    double sum = 0.0;
    for (size_t k = 0; k < width_; ++k) {
      const double rest =
          all_.sums()[k] - taken.sums()[k] - (also != nullptr ? also->sums()[k] : 0.0);
      sum += rest * rest;
    }
    const double rows = all_.rows() - taken.rows() - (also != nullptr ? also->rows() : 0.0);
    return rows > 0.0 ? sum / rows : 0.0;
  }

  Cut BestCut(size_t first, size_t last, int64_t depth) {
    Cut best;
    const auto rows = static_cast<int64_t>(last - first);
    if (rows < 2 * options_.min_leaf_rows || rows < 2 || depth >= options_.max_depth) return best;
    all_.Clear();
    double lowest = labels_[rows_[first]];
    double highest = lowest;
    for (size_t i = first; i < last; ++i) {
      all_.Add(PlaceOf(rows_[i]), ValueOf(rows_[i]));
      lowest = std::min(lowest, labels_[rows_[i]]);
      highest = std::max(highest, labels_[rows_[i]]);
    }
    if (lowest == highest) return best;
    // Features in random order until enough of them could be cut.
    int64_t tried = 0;
    for (size_t i = 0; i < features_.size() && tried < options_.features_per_split; ++i) {
      std::swap(features_[i], features_[i + rng_.Below(features_.size() - i)]);
      const int64_t feature = features_[i];
      const std::span<const uint8_t> column = bins_.column(feature);
      int low = 256;
      int high = -1;
      bool missing = false;
      for (size_t r = first; r < last; ++r) {
        const uint8_t bin = column[rows_[r]];
        if (bin == BinnedMatrix::kMissing) {
          missing = true;
          continue;
        }
        low = std::min<int>(low, bin);
        high = std::max<int>(high, bin);
      }
      if (high < 0 || (low == high && !missing)) continue;
      ++tried;
      if (low == high) {
        TryPresence(feature, first, last, high, best);
      } else if (options_.random_cuts) {
        TryRandomCut(feature, first, last, low, high, best);
      } else {
        TryAllCuts(feature, first, last, low, high, best);
      }
    }
    return best;
  }

  void Offer(const Cut& cut, double left_rows, double right_rows, Cut& best) const {
    const auto least = static_cast<double>(options_.min_leaf_rows);
    if (left_rows >= least && right_rows >= least && cut.score > best.score) best = cut;
  }

  // One value and missing ones: the only cut is between them. It needs a cut to stand at.
  void TryPresence(int64_t feature, size_t first, size_t last, int bin, Cut& best) {
    const std::span<const float> cuts = bins_.cuts(feature);
    if (cuts.empty()) return;
    const int at = std::min<int>(bin, static_cast<int>(cuts.size()) - 1);
    TryCut(feature, first, last, at, bin > at, best);
  }

  void TryRandomCut(int64_t feature, size_t first, size_t last, int low, int high, Cut& best) {
    // Uniform in the value between the outermost cuts, then the bin that holds it.
    const std::span<const float> cuts = bins_.cuts(feature);
    const auto least = static_cast<double>(cuts[static_cast<size_t>(low)]);
    const auto most = static_cast<double>(cuts[static_cast<size_t>(high - 1)]);
    const double draw = rng_.Uniform();
    int bin = low;
    if (std::isfinite(least) && std::isfinite(most) && most > least) {
      const auto value = static_cast<float>(least + draw * (most - least));
      bin = static_cast<int>(std::lower_bound(cuts.begin() + low, cuts.begin() + high, value) -
                             cuts.begin());
    } else {
      bin = low + static_cast<int>(draw * static_cast<double>(high - low));
    }
    TryCut(feature, first, last, std::clamp(bin, low, high - 1), rng_.Below(2) == 0, best);
  }

  void TryCut(int64_t feature, size_t first, size_t last, int bin, bool missing_left, Cut& best) {
    Cut cut{0.0, feature, bin, missing_left};
    const std::span<const uint8_t> column = bins_.column(feature);
    left_.Clear();
    for (size_t i = first; i < last; ++i) {
      if (GoesLeft(column[rows_[i]], cut)) left_.Add(PlaceOf(rows_[i]), ValueOf(rows_[i]));
    }
    cut.score = Squares(left_) + SquaresOfRest(left_, nullptr);
    Offer(cut, left_.rows(), all_.rows() - left_.rows(), best);
  }

  void TryAllCuts(int64_t feature, size_t first, size_t last, int low, int high, Cut& best) {
    const std::span<const uint8_t> column = bins_.column(feature);
    missing_.Clear();
    for (size_t i = first; i < last; ++i) {
      const uint32_t row = rows_[i];
      const uint8_t bin = column[row];
      if (bin == BinnedMatrix::kMissing) {
        missing_.Add(PlaceOf(row), ValueOf(row));
      } else {
        histogram_[bin * width_ + PlaceOf(row)] += ValueOf(row);
        counts_[bin] += 1.0;
      }
    }
    left_.Clear();
    for (int bin = low; bin < high; ++bin) {
      const auto b = static_cast<size_t>(bin);
      if (counts_[b] == 0.0) continue;
      for (size_t k = 0; k < width_; ++k) left_.Add(k, histogram_[b * width_ + k], 0.0);
      left_.Add(0, 0.0, counts_[b]);
      Cut cut{Squares(left_) + SquaresOfRest(left_, nullptr), feature, bin, false};
      Offer(cut, left_.rows(), all_.rows() - left_.rows(), best);
      if (missing_.rows() == 0.0) continue;
      cut.missing_left = true;
      double sum = 0.0;
      for (size_t k = 0; k < width_; ++k) {
        const double value = left_.sums()[k] + missing_.sums()[k];
        sum += value * value;
      }
      const double rows = left_.rows() + missing_.rows();
      cut.score = sum / rows + SquaresOfRest(left_, &missing_);
      Offer(cut, rows, all_.rows() - rows, best);
    }
    // Only what was touched is cleared: most parts are small.
    for (size_t i = first; i < last; ++i) {
      const uint8_t bin = column[rows_[i]];
      histogram_[bin * width_ + PlaceOf(rows_[i])] = 0.0;
      counts_[bin] = 0.0;
    }
  }

  const BinnedMatrix& bins_;
  std::span<const double> labels_;
  bool classes_;
  size_t width_;
  const GrowOptions& options_;
  Rng rng_;
  Side all_;
  Side left_;
  Side missing_;
  std::vector<int64_t> features_;
  std::vector<double> histogram_;  // [256, width]
  std::array<double, 256> counts_{};
  std::vector<uint32_t> rows_;
  GrownTree tree_;
};

}  // namespace

GrownTree GrowTree(const BinnedMatrix& bins, std::span<const double> labels, int64_t num_classes,
                   std::span<const int64_t> rows, const GrowOptions& options, Rng rng) {
  return Grower(bins, labels, num_classes, options, rng).Grow(rows);
}

}  // namespace millrace::learner
