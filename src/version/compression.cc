#include "version/compression.h"

#include <zstd.h>

#include "base/format.h"

namespace millrace::version {
namespace {

// Level 3 is the library's balance. The window must reach over base and block together.
constexpr int kLevel = 3;
constexpr int kWindowLog = 21;

struct FreeDecompression {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

struct Compressor::Context {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> library;
};

Compressor::Compressor() : context_(std::make_unique<Context>()) {
  context_->library.reset(ZSTD_createCCtx());
}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;

Result<std::string> Compressor::Compress(std::string_view bytes) {
  return CompressAgainst(bytes, {});
}

Result<std::string> Compressor::CompressAgainst(std::string_view bytes, std::string_view base) {
  ZSTD_CCtx* library = context_->library.get();
  if (library == nullptr) return ResourceExhausted("data version: no memory to compress");
  ZSTD_CCtx_reset(library, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(library, ZSTD_c_compressionLevel, kLevel);
  if (!base.empty()) {
    ZSTD_CCtx_setParameter(library, ZSTD_c_windowLog, kWindowLog);
    ZSTD_CCtx_refPrefix(library, base.data(), base.size());
  }
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size =
      ZSTD_compress2(library, frame.data(), frame.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) {
    return ResourceExhausted(
        Format("data version: cannot be compressed: {}", ZSTD_getErrorName(size)));
  }
  frame.resize(size);
  return frame;
}

Result<std::string> Decompress(std::string_view frame, int64_t size, std::string_view base) {
  const std::unique_ptr<ZSTD_DCtx, FreeDecompression> library(ZSTD_createDCtx());
  if (!library) return ResourceExhausted("data version: no memory to decompress");
  if (!base.empty()) ZSTD_DCtx_refPrefix(library.get(), base.data(), base.size());
  std::string bytes(static_cast<size_t>(size), '\0');
  const size_t got =
      ZSTD_decompressDCtx(library.get(), bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != bytes.size()) {
    return Corrupt("data version: a stored block cannot be decompressed");
  }
  return bytes;
}

}  // namespace millrace::version
