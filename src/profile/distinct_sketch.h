// How many distinct values there are, from their hashes, in 16 kB: HyperLogLog (Flajolet et al.
// 2007) with 16,384 registers and the estimator of Ertl (2017, "New cardinality estimation
// algorithms for HyperLogLog sketches", algorithm 6), which needs no table of corrections. Standard
// error 0.8 %.
//
// Thread safety: one thread at a time. Deterministic: independent of the order of the hashes.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace millrace::profile {

class DistinctSketch {
 public:
  /// Adds a value by its hash, all of whose bits are well mixed.
  void Add(uint64_t hash) {
    if (registers_.empty()) registers_.assign(kNumRegisters, 0);
    uint8_t& known = registers_[hash >> (64 - kIndexBits)];
    // The first one among the other bits; a one at the end stands for "none".
    const auto rank = static_cast<uint8_t>(std::countl_zero(hash << kIndexBits | kEndMark) + 1);
    if (rank > known) known = rank;
  }
  /// Adds many values by their hashes, each multiplied by `spread` first.
  void AddEach(std::span<const uint64_t> hashes, uint64_t spread) {
    constexpr size_t kAhead = 32;  // registers are asked for before they are needed
    if (registers_.empty()) registers_.assign(kNumRegisters, 0);
    for (size_t i = 0; i < hashes.size(); ++i) {
      if (i + kAhead < hashes.size()) {
        __builtin_prefetch(&registers_[hashes[i + kAhead] * spread >> (64 - kIndexBits)], 1);
      }
      Add(hashes[i] * spread);
    }
  }
  /// Returns the estimated number of distinct values.
  double Estimate() const;

 private:
  static constexpr int kIndexBits = 14;
  static constexpr size_t kNumRegisters = size_t{1} << kIndexBits;
  static constexpr uint64_t kEndMark = uint64_t{1} << (kIndexBits - 1);

  std::vector<uint8_t> registers_;  // made with the first value
};

}  // namespace millrace::profile
