// ByteReader: the bytes of a file from front to back, unpacked on the way.
//
// Thread safety: one thread at a time. Memory: a quarter of a megabyte, whatever the file's size.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::engine {

class ByteReader {
 public:
  virtual ~ByteReader() = default;
  /// Fills the front of `buffer`; returns how many bytes it gave, 0 at the end. kIoError, kCorrupt
  /// (a packed file that is damaged or cut).
  virtual Result<size_t> Read(std::span<char> buffer) = 0;
};

enum class Packing { kNone, kGzip, kZstd };

/// Returns how a file is packed, by its first bytes.
Packing PackingOf(std::string_view first_bytes);
/// Reads them from the file. kNotFound, kIoError.
Result<Packing> PackingOfFile(const std::string& path);

/// Opens a file: plain, gzip (all members) or zstd (all frames), by its first bytes. kNotFound,
/// kIoError.
Result<std::unique_ptr<ByteReader>> OpenBytes(const std::string& path);

/// Copies what comes on standard input, as it is, to a new file. kInvalidSpec when that is a
/// terminal, kIoError, kCancelled.
Status CopyStdin(const std::string& path);

/// Writes the unpacked bytes of a file to a new one.
Status Unpack(const std::string& path, const std::string& out);

/// Returns up to `max_bytes` unpacked bytes from the front of a file.
Result<std::string> ReadFront(const std::string& path, size_t max_bytes);

}  // namespace millrace::engine
