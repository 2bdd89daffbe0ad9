// Digests: SHA-256 for identity (content addresses, bundles, audit), xxHash64 for sampling and
// row keys. Both are stable across builds and machines.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace {

/// A SHA-256 value.
struct Digest {
  std::array<uint8_t, 32> bytes{};

  /// Returns 64 lower-case hexadecimal digits.
  std::string ToHex() const;
  /// Returns the first `digits` hexadecimal digits, as shown to people.
  std::string Short(int digits = 8) const;
  /// Reads 64 hexadecimal digits; kInvalidData otherwise.
  static Result<Digest> FromHex(std::string_view hex);

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

/// SHA-256 of bytes that arrive in pieces (FIPS 180-4). One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::string_view bytes);
  /// Adds the length (8 bytes, little endian) and the bytes, so that fields cannot run together.
  void UpdateField(std::string_view bytes);
  /// Returns the digest and starts anew.
  Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Returns the SHA-256 of `bytes`.
Digest DigestOf(std::string_view bytes);

/// Returns xxHash64 of `bytes` with `seed`; stable, not cryptographic.
uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);
/// Returns a well-mixed combination of two hashes (order matters).
uint64_t MixHash(uint64_t a, uint64_t b);
/// Returns `hash` as a number in [0, 1) with 53 bits.
double UnitFromHash(uint64_t hash);

/// Returns `num_bytes` bytes from the operating system's generator in hexadecimal; for tokens and
/// ids only, never for anything that must be reproducible. kIoError when there is none.
Result<std::string> RandomHex(int64_t num_bytes);

}  // namespace millrace
