// Rng: the only source of randomness in training and evaluation. Same seed, same numbers, on any
// machine: xoshiro256** (Blackman & Vigna 2021) seeded by SplitMix64; no libc++/libstdc++
// distributions, whose output is not portable.
//
// Thread safety: one thread at a time; give each task its own by Fork.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace millrace {

class Rng {
 public:
  explicit Rng(uint64_t seed);

  /// Returns an independent generator for the named purpose; does not advance this one.
  Rng Fork(std::string_view purpose, uint64_t index = 0) const;

  uint64_t Next();
  /// Returns a number in [0, 1) with 53 random bits.
  double Uniform();
  /// Returns a whole number in [0, bound), unbiased (Lemire 2019); `bound` >= 1.
  uint64_t Below(uint64_t bound);
  /// Returns a standard normal number (polar method).
  double Normal();
  /// Returns an exponential number with mean 1.
  double Exponential();

  /// Shuffles in place (Fisher-Yates).
  template <typename T>
  void Shuffle(std::span<T> items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i)]);
  }

 private:
  uint64_t seed_;
  std::array<uint64_t, 4> state_;
};

}  // namespace millrace
