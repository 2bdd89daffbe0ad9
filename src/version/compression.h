// Compression of blocks. The adapter of the compression library for data versions.
//
// Thread safety: one thread at a time per object. Determinism: same bytes in, same bytes out, with
// one version of the library.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::version {

class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(Compressor&&) noexcept;

  /// Returns one compressed frame. kResourceExhausted when memory is out.
  Result<std::string> Compress(std::string_view bytes);
  /// The same where `base` is known to the reader too: what both share costs next to nothing.
  Result<std::string> CompressAgainst(std::string_view bytes, std::string_view base);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Returns the bytes of a frame, which must be `size` of them. `base` empty: none was used.
/// kCorrupt when it is no such frame.
Result<std::string> Decompress(std::string_view frame, int64_t size, std::string_view base);

}  // namespace millrace::version
