// Tar archives (POSIX.1-1988 ustar) and gzip members, written so that equal content gives equal
// bytes: entries in the order given, owner and mode as said, every time 1970-01-01.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::deploy {

struct TarEntry {
  std::string path;      // relative, "usr/bin/x"; folders end in '/'
  std::string content;   // of a file
  uint32_t mode = 0644;  // permission bits
  uint32_t owner = 0;    // user and group
};

/// Returns the archive with its two closing blocks. kUnsupported for a path that ustar cannot hold
/// (name of more than 100 bytes, folder of more than 155) or content of 8 GiB and more.
Result<std::string> WriteTar(const std::vector<TarEntry>& entries);

/// Returns one gzip member (RFC 1952) without name and time, compressed by zlib at level 6. Equal
/// bytes for equal input with one version of zlib. kResourceExhausted when memory is short.
Result<std::string> Gzip(std::string_view bytes);

}  // namespace millrace::deploy
