#include "profile/row_sample.h"

#include <algorithm>

#include "base/digest.h"

namespace millrace::profile {
namespace {

constexpr uint64_t kSampleSeed = 0x5eed;

}  // namespace

std::span<const int32_t> RowSample::Add(int64_t num_rows) {
  taken_.clear();
  for (int64_t i = 0; i < num_rows; ++i) {
    const uint64_t hash = MixHash(static_cast<uint64_t>(num_rows_ + i), kSampleSeed);
    if (hash > limit_) continue;
    hashes_.push_back(hash);
    taken_.push_back(static_cast<int32_t>(i));
  }
  num_rows_ += num_rows;
  return taken_;
}

std::span<const int32_t> RowSample::Prune() {
  if (hashes_.size() < 2 * size_) return {};
  return KeepLowest();
}

std::span<const int32_t> RowSample::Finish() {
  if (hashes_.size() <= size_) return {};
  return KeepLowest();
}

std::span<const int32_t> RowSample::KeepLowest() {
  std::vector<uint64_t> sorted = hashes_;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(size_ - 1),
                   sorted.end());
  limit_ = sorted[size_ - 1];
  staying_.clear();
  size_t kept = 0;
  for (size_t i = 0; i < hashes_.size(); ++i) {
    if (hashes_[i] > limit_) continue;
    hashes_[kept++] = hashes_[i];
    staying_.push_back(static_cast<int32_t>(i));
  }
  hashes_.resize(kept);
  return staying_;
}

}  // namespace millrace::profile
