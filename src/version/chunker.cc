#include "version/chunker.h"

#include <algorithm>
#include <cstddef>

namespace millrace::version {
namespace {

// SplitMix64 (Steele et al. 2014) of the byte's value: any table of independent words serves.
constexpr uint64_t GearWord(uint64_t byte) {
  uint64_t z = (byte + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

constexpr std::array<uint64_t, 256> MakeGear() {
  std::array<uint64_t, 256> gear{};
  for (size_t i = 0; i < gear.size(); ++i) gear[i] = GearWord(i);
  return gear;
}

constexpr std::array<uint64_t, 256> kGear = MakeGear();

// High bits hold the longest history of the rolling hash. Before the average size two bits more
// than log2(65536) must be zero, after it two fewer.
constexpr uint64_t kStrictMask = ((uint64_t{1} << 18) - 1) << 46;
constexpr uint64_t kLooseMask = ((uint64_t{1} << 14) - 1) << 50;
// One place in 64 is sampled; bits of their own, else cuts and samples would coincide.
constexpr uint64_t kSampleMask = uint64_t{63} << 40;

constexpr std::array<uint64_t, 3> kFactors = {0x9fb21c651e98df25u, 0xd6e8feb86659fd93u,
                                              0xc2b2ae3d27d4eb4fu};

void Sample(uint64_t hash, Marks& marks) {
  for (size_t i = 0; i < marks.size(); ++i) {
    marks[i] = std::max(marks[i], static_cast<uint32_t>((hash * kFactors[i]) >> 32));
  }
}

// Rolls over [at, end) and returns the place after the first that `mask` cuts at, else `end`.
size_t Roll(std::string_view bytes, size_t at, size_t end, uint64_t mask, uint64_t& hash,
            Marks& marks) {
  for (; at < end; ++at) {
    hash = (hash << 1) + kGear[static_cast<unsigned char>(bytes[at])];
    if ((hash & kSampleMask) == 0) Sample(hash, marks);
    if ((hash & mask) == 0) return at + 1;
  }
  return end;
}

}  // namespace

Cut FirstChunk(std::string_view bytes) {
  Cut cut;
  const size_t end = std::min(bytes.size(), static_cast<size_t>(kMaxChunk));
  constexpr auto kFirst = static_cast<size_t>(kMinChunk);
  if (end <= kFirst) {
    cut.size = static_cast<int64_t>(end);
    return cut;
  }
  uint64_t hash = 0;
  const size_t middle = std::min(end, static_cast<size_t>(kAverageChunk));
  size_t place = Roll(bytes, kFirst, middle, kStrictMask, hash, cut.marks);
  const bool found = place < middle || (hash & kStrictMask) == 0;
  if (!found) place = Roll(bytes, middle, end, kLooseMask, hash, cut.marks);
  cut.size = static_cast<int64_t>(place);
  return cut;
}

}  // namespace millrace::version
