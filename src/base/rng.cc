#include "base/rng.h"

#include <bit>
#include <cmath>

#include "base/check.h"
#include "base/digest.h"

namespace millrace {
namespace {

// SplitMix64 (Steele, Lea & Flood 2014): one step from a counter.
uint64_t SplitMix(uint64_t counter) {
  uint64_t z = counter + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(uint64_t seed) : seed_(seed), state_{} {
  uint64_t counter = seed;
  for (uint64_t& word : state_) {
    word = SplitMix(counter);
    counter += 0x9e3779b97f4a7c15ULL;
  }
}

Rng Rng::Fork(std::string_view purpose, uint64_t index) const {
  return Rng(MixHash(MixHash(seed_, Hash64(purpose)), index));
}

uint64_t Rng::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::Uniform() { return UnitFromHash(Next()); }

uint64_t Rng::Below(uint64_t bound) {
  MILLRACE_CHECK(bound >= 1, "a bounded random number needs a bound of at least 1");
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(Next()) * bound;
  auto low = static_cast<uint64_t>(product);
  if (low < bound) {
    const uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Wide>(Next()) * bound;
      low = static_cast<uint64_t>(product);
    }
  }
  return static_cast<uint64_t>(product >> 64);
}

double Rng::Normal() {
  // The second number of each pair is dropped: no hidden state between calls.
  while (true) {
    const double u = 2.0 * Uniform() - 1.0;
    const double v = 2.0 * Uniform() - 1.0;
    const double square = u * u + v * v;
    if (square > 0.0 && square < 1.0) return u * std::sqrt(-2.0 * std::log(square) / square);
  }
}

double Rng::Exponential() { return -std::log(1.0 - Uniform()); }

}  // namespace millrace
