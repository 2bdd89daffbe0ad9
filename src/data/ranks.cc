#include "data/ranks.h"

#include <array>
#include <bit>
#include <map>

namespace millrace::data {
namespace {

constexpr int kDigitBits = 11;
constexpr uint64_t kNumDigits = uint64_t{1} << kDigitBits;
constexpr uint64_t kSign = uint64_t{1} << 63;

// Bits that are ordered as the numbers are.
uint64_t OrderedBits(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

double FromOrderedBits(uint64_t bits) {
  return std::bit_cast<double>((bits & kSign) != 0 ? bits & ~kSign : ~bits);
}

}  // namespace

Result<std::vector<double>> ValuesAtRanks(const NumberStream& numbers, std::vector<int64_t> ranks) {
  std::vector<uint64_t> prefixes(ranks.size(),
                                 0);  // the first bits of each value that is looked for
  for (int known = 0; known < 64;) {
    const int bits = std::min(kDigitBits, 64 - known);
    const int shift = 64 - known - bits;
    // How often each next digit follows each beginning.
    std::map<uint64_t, std::array<int64_t, kNumDigits>> counts;
    for (const uint64_t prefix : prefixes) counts[prefix].fill(0);
    MILLRACE_RETURN_IF_ERROR(numbers([&](double value) {
      const uint64_t ordered = OrderedBits(value) >> shift;
      const auto found = counts.find(known == 0 ? 0 : ordered >> bits);
      if (found != counts.end()) ++found->second[ordered & ((uint64_t{1} << bits) - 1)];
    }));
    for (size_t i = 0; i < ranks.size(); ++i) {
      const auto& digits = counts[prefixes[i]];
      uint64_t digit = 0;
      while (digit + 1 < kNumDigits && ranks[i] >= digits[digit]) ranks[i] -= digits[digit++];
      prefixes[i] = prefixes[i] << bits | digit;
    }
    known += bits;
  }
  std::vector<double> values;
  for (const uint64_t bits : prefixes) values.push_back(FromOrderedBits(bits));
  return values;
}

}  // namespace millrace::data
