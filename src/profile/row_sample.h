// Which rows of a scan make its sample: those whose place hashes lowest (bottom-k; Cohen and Kaplan
// 2007), so that the sample is uniform, the same for every column, and the same for any batch size
// and number of threads.
//
// Thread safety: one thread at a time.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace millrace::profile {

class RowSample {
 public:
  /// Keeps `size` rows at least (all while there are fewer), twice as many at most before Prune.
  explicit RowSample(int64_t size) : size_(static_cast<size_t>(size)) {}

  /// Takes the next `num_rows` rows. Returns the rows among them (0-based in the batch, rising)
  /// that are in the sample for now; valid until the next call.
  std::span<const int32_t> Add(int64_t num_rows);
  /// Returns which of the rows taken so far stay (rising places in order of taking), once there are
  /// too many; else nothing. Whoever keeps their cells drops the others.
  std::span<const int32_t> Prune();
  /// Cuts the sample to its size.
  std::span<const int32_t> Finish();
  int64_t num_rows() const { return num_rows_; }
  int64_t num_kept() const { return static_cast<int64_t>(hashes_.size()); }

 private:
  std::span<const int32_t> KeepLowest();

  size_t size_;
  int64_t num_rows_ = 0;
  uint64_t limit_ = ~uint64_t{0};
  std::vector<uint64_t> hashes_;  // of the rows kept, in row order
  std::vector<int32_t> taken_;
  std::vector<int32_t> staying_;
};

}  // namespace millrace::profile
