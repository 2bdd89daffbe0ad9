// A small ZIP container: stored entries, content aligned to 64 bytes, fixed times. Exactly one byte
// sequence is valid for a list of entries, so a changed bit anywhere is found.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::bundle {

struct ZipEntry {
  std::string name;
  std::string_view content;
};

/// Returns the archive. Names must be distinct, 1..255 bytes; less than 4 GiB in all
/// (kUnsupported).
Result<std::string> WriteZip(const std::vector<ZipEntry>& entries);
/// Returns the entries in order, views into `bytes`. kCorrupt unless `bytes` is exactly what
/// WriteZip makes of them; `where` names the file in errors.
Result<std::vector<ZipEntry>> ReadZip(std::string_view bytes, std::string_view where);

}  // namespace millrace::bundle
