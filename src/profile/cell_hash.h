// Hashes of cells: a fast 64-bit hash of short texts and of numbers, inlined because a scan makes
// one for each cell (140 million in a gigabyte). Stable across machines and builds. Internal to the
// folder.
//
// Texts up to 16 bytes: two overlapping reads, multiplied to 128 bits and folded (the scheme of
// wyhash, Wang Yi 2019); longer ones: Hash64. Thread safety: pure functions.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/digest.h"

namespace millrace::profile {

inline constexpr uint64_t kHashSeed0 = 0xa0761d6478bd642fu;
inline constexpr uint64_t kHashSeed1 = 0xe7037ed1a0b428dbu;
// Odd: a table takes its slots from the low bits of a hash, a sketch its registers from the high
// bits of the product.
inline constexpr uint64_t kSketchSpread = 0xd6e8feb86659fd93u;
inline constexpr uint64_t kMissingHash = 0x9e3779b97f4a7c15u;

inline uint64_t FoldProduct(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t HashCell(std::string_view text) {
  const size_t size = text.size();
  const char* data = text.data();
  uint64_t a = 0;
  uint64_t b = 0;
  if (size > 16) return Hash64(text, 1);
  if (size >= 8) {
    std::memcpy(&a, data, 8);
    std::memcpy(&b, data + size - 8, 8);
  } else if (size >= 4) {
    uint32_t low = 0;
    uint32_t high = 0;
    std::memcpy(&low, data, 4);
    std::memcpy(&high, data + size - 4, 4);
    a = low;
    b = high;
  } else if (size > 0) {
    a = (static_cast<uint64_t>(static_cast<unsigned char>(data[0])) << 16) |
        (static_cast<uint64_t>(static_cast<unsigned char>(data[size / 2])) << 8) |
        static_cast<unsigned char>(data[size - 1]);
  }
  return FoldProduct(FoldProduct(a ^ kHashSeed0, b ^ kHashSeed1) ^ size, kHashSeed1);
}

inline uint64_t HashCell(uint64_t bits) {
  return FoldProduct(bits ^ kHashSeed0, kHashSeed1 ^ (bits << 1 | 1));
}

/// Returns the bits of a number, the same for +0 and -0 (whose sum with +0 is +0).
inline uint64_t BitsOf(double value) { return std::bit_cast<uint64_t>(value + 0.0); }

}  // namespace millrace::profile
