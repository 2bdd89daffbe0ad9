#include "evaluate/slices.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/threads.h"

namespace millrace::evaluate {
namespace {

// Sums of losses of the rows of one slice.
struct Sums {
  double rows = 0.0;
  double sum = 0.0;
  double squares = 0.0;

  double mean() const { return sum / rows; }
  double variance() const {  // of one row
    return rows > 1.0 ? std::max(0.0, squares - sum * sum / rows) / (rows - 1.0) : 0.0;
  }
};

// One or two conditions: part `part` of column `column`, and where `second_column` >= 0 another.
struct Candidate {
  int32_t column = 0;
  int32_t part = 0;
  int32_t second_column = -1;
  int32_t second_part = 0;
  Sums sums;
  double p_value = 1.0;
  double sure_difference = 0.0;  // lower end of the difference to the rest
};

// Judges a slice against all other rows.
void Test(const Sums& all, Candidate& candidate) {
  const Sums& in = candidate.sums;
  const Sums out{all.rows - in.rows, all.sum - in.sum, all.squares - in.squares};
  const double in_part = in.variance() / in.rows;
  const double out_part = out.variance() / out.rows;
  const double error = std::sqrt(in_part + out_part);
  const double difference = in.mean() - out.mean();
  if (!(error > 0.0)) return;  // equal losses everywhere
  // Welch-Satterthwaite degrees of freedom.
  const double freedom =
      (in_part + out_part) * (in_part + out_part) /
      (in_part * in_part / (in.rows - 1.0) + out_part * out_part / (out.rows - 1.0));
  const boost::math::students_t distribution(std::max(1.0, freedom));
  candidate.p_value = boost::math::cdf(boost::math::complement(distribution, difference / error));
  candidate.sure_difference = difference - 1.96 * error;
}

class Search {
 public:
  Search(std::span<const double> losses, const std::vector<Binning>& columns,
         const SliceOptions& options)
      : losses_(losses), columns_(columns), options_(options) {
    for (const double loss : losses) {
      all_.rows += 1.0;
      all_.sum += loss;
      all_.squares += loss * loss;
    }
    min_rows_ = std::max(static_cast<double>(options.min_rows), options.min_share * all_.rows);
  }

  SliceSearch Run() {
    SliceSearch search;
    if (all_.rows < 2.0 * min_rows_) return search;
    search.mean_loss = all_.mean();
    std::vector<Candidate> candidates = Singles();
    const std::vector<int32_t> chosen = PairColumns(candidates);
    const std::vector<Candidate> singles = candidates;
    for (Candidate& pair : Pairs(chosen)) candidates.push_back(pair);
    search.num_tested = static_cast<int64_t>(candidates.size());
    Correct(search.num_tested + NumUntestedPairs(chosen), candidates);
    std::erase_if(candidates, [this, &singles](const Candidate& c) {
      return c.p_value > options_.level || !AddsToItsParts(c, singles);
    });
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) {
                       return a.sure_difference > b.sure_difference;
                     });
    for (const Candidate& candidate : Distinct(candidates)) {
      search.worst.push_back(Describe(candidate));
    }
    return search;
  }

 private:
  bool Large(const Sums& sums) const {
    return sums.rows >= min_rows_ && all_.rows - sums.rows >= min_rows_;
  }

  std::vector<Candidate> Singles() const {
    std::vector<Candidate> found;
    for (size_t c = 0; c < columns_.size(); ++c) {
      std::vector<Sums> sums(columns_[c].parts.size());
      for (size_t row = 0; row < losses_.size(); ++row) {
        Add(losses_[row], sums[static_cast<size_t>(columns_[c].part_of_row[row])]);
      }
      for (size_t part = 0; part < sums.size(); ++part) {
        if (!Large(sums[part])) continue;
        Candidate candidate{.column = static_cast<int32_t>(c),
                            .part = static_cast<int32_t>(part),
                            .sums = sums[part]};
        Test(all_, candidate);
        found.push_back(candidate);
      }
    }
    return found;
  }

  // Columns whose single slices look weakest; at most max_pair_columns.
  std::vector<int32_t> PairColumns(const std::vector<Candidate>& singles) const {
    std::vector<double> least(columns_.size(), 2.0);
    for (const Candidate& one : singles) {
      double& p = least[static_cast<size_t>(one.column)];
      p = std::min(p, one.p_value);
    }
    std::vector<int32_t> order(columns_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&least](int32_t a, int32_t b) {
      return least[static_cast<size_t>(a)] < least[static_cast<size_t>(b)];
    });
    std::erase_if(order, [&least](int32_t c) { return least[static_cast<size_t>(c)] > 1.0; });
    if (order.size() > static_cast<size_t>(options_.max_pair_columns)) {
      order.resize(static_cast<size_t>(options_.max_pair_columns));
    }
    std::sort(order.begin(), order.end());
    return order;
  }

  std::vector<Candidate> Pairs(const std::vector<int32_t>& chosen) const {
    std::vector<std::pair<int32_t, int32_t>> pairs;
    for (size_t i = 0; i < chosen.size(); ++i) {
      for (size_t j = i + 1; j < chosen.size(); ++j) pairs.emplace_back(chosen[i], chosen[j]);
    }
    std::vector<std::vector<Candidate>> found(pairs.size());
    ParallelFor(options_.num_threads, static_cast<int64_t>(pairs.size()), [&](int64_t i) {
      const auto& [left, right] = pairs[static_cast<size_t>(i)];
      found[static_cast<size_t>(i)] = PairsOf(left, right);
    });
    std::vector<Candidate> all;
    for (const std::vector<Candidate>& some : found)
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }

  std::vector<Candidate> PairsOf(int32_t left_index, int32_t right_index) const {
    const Binning& left = columns_[static_cast<size_t>(left_index)];
    const Binning& right = columns_[static_cast<size_t>(right_index)];
    const size_t width = right.parts.size();
    std::vector<Sums> sums(left.parts.size() * width);
    for (size_t row = 0; row < losses_.size(); ++row) {
      Add(losses_[row], sums[static_cast<size_t>(left.part_of_row[row]) * width +
                             static_cast<size_t>(right.part_of_row[row])]);
    }
    std::vector<Candidate> found;
    for (size_t cell = 0; cell < sums.size(); ++cell) {
      if (!Large(sums[cell])) continue;
      Candidate candidate{.column = left_index,
                          .part = static_cast<int32_t>(cell / width),
                          .second_column = right_index,
                          .second_part = static_cast<int32_t>(cell % width),
                          .sums = sums[cell]};
      Test(all_, candidate);
      found.push_back(candidate);
    }
    return found;
  }

  // Columns were left out after a look at the data: what they could have held counts as tested.
  int64_t NumUntestedPairs(const std::vector<int32_t>& chosen) const {
    int64_t untested = 0;
    for (size_t i = 0; i < columns_.size(); ++i) {
      for (size_t j = i + 1; j < columns_.size(); ++j) {
        const auto is_chosen = [&chosen](size_t c) {
          return std::binary_search(chosen.begin(), chosen.end(), static_cast<int32_t>(c));
        };
        if (is_chosen(i) && is_chosen(j)) continue;
        untested += columns_[i].num_parts() * columns_[j].num_parts();
      }
    }
    return untested;
  }

  // Replaces p-values by Benjamini and Hochberg's corrected ones.
  static void Correct(int64_t num_tests, std::vector<Candidate>& candidates) {
    std::vector<size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&candidates](size_t a, size_t b) {
      return candidates[a].p_value < candidates[b].p_value;
    });
    double least = 1.0;
    for (size_t rank = order.size(); rank > 0; --rank) {
      Candidate& candidate = candidates[order[rank - 1]];
      least = std::min(
          least, candidate.p_value * static_cast<double>(num_tests) / static_cast<double>(rank));
      candidate.p_value = least;
    }
  }

  // Two conditions say more than one only when the slice is surely worse than either alone.
  static bool AddsToItsParts(const Candidate& candidate, const std::vector<Candidate>& singles) {
    if (candidate.second_column < 0) return true;
    const Sums& in = candidate.sums;
    const double sure = in.mean() - 1.96 * std::sqrt(in.variance() / in.rows);
    return std::none_of(singles.begin(), singles.end(), [&](const Candidate& one) {
      const bool part =
          (one.column == candidate.column && one.part == candidate.part) ||
          (one.column == candidate.second_column && one.part == candidate.second_part);
      return part && one.sums.mean() >= sure;
    });
  }

  bool Holds(const Candidate& candidate, size_t row) const {
    const auto in = [this, row](int32_t column, int32_t part) {
      return columns_[static_cast<size_t>(column)].part_of_row[row] == part;
    };
    return in(candidate.column, candidate.part) &&
           (candidate.second_column < 0 || in(candidate.second_column, candidate.second_part));
  }

  // The worst ones, each with mostly other rows than those before it.
  std::vector<Candidate> Distinct(const std::vector<Candidate>& candidates) const {
    std::vector<Candidate> chosen;
    std::vector<std::vector<char>> masks;
    for (const Candidate& candidate : candidates) {
      if (chosen.size() == static_cast<size_t>(options_.max_slices)) break;
      std::vector<char> mask(losses_.size());
      for (size_t row = 0; row < mask.size(); ++row) mask[row] = Holds(candidate, row) ? 1 : 0;
      const bool overlaps = std::any_of(masks.begin(), masks.end(), [&](const auto& other) {
        double both = 0.0;
        for (size_t row = 0; row < mask.size(); ++row) both += mask[row] & other[row];
        return both > 0.5 * candidate.sums.rows;
      });
      if (overlaps) continue;
      chosen.push_back(candidate);
      masks.push_back(std::move(mask));
    }
    return chosen;
  }

  Slice Describe(const Candidate& candidate) const {
    const Sums& in = candidate.sums;
    const boost::math::students_t distribution(in.rows - 1.0);
    const double half =
        boost::math::quantile(distribution, 0.975) * std::sqrt(in.variance() / in.rows);
    Slice slice;
    slice.text = columns_[static_cast<size_t>(candidate.column)]
                     .phrases[static_cast<size_t>(candidate.part)];
    if (candidate.second_column >= 0) {
      slice.text += " and " + columns_[static_cast<size_t>(candidate.second_column)]
                                  .phrases[static_cast<size_t>(candidate.second_part)];
    }
    slice.num_rows = static_cast<int64_t>(in.rows);
    slice.loss = {in.mean(), in.mean() - half, in.mean() + half};
    slice.rest_loss = (all_.sum - in.sum) / (all_.rows - in.rows);
    slice.p_value = candidate.p_value;
    return slice;
  }

  static void Add(double loss, Sums& sums) {
    sums.rows += 1.0;
    sums.sum += loss;
    sums.squares += loss * loss;
  }

  std::span<const double> losses_;
  const std::vector<Binning>& columns_;
  const SliceOptions& options_;
  Sums all_;
  double min_rows_ = 0.0;
};

}  // namespace

SliceSearch FindWorstSlices(std::span<const double> losses, const std::vector<Binning>& columns,
                            const SliceOptions& options) {
  return Search(losses, columns, options).Run();
}

}  // namespace millrace::evaluate
