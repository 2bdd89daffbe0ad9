// File range: a piece of a file that others may be writing to.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace millrace {

/// Returns up to `max_bytes` bytes from `offset` on; fewer only where the file ends before, none
/// beyond its end. Safe while others append. kNotFound when missing,
/// kResourceExhausted without an open file left, kIoError otherwise.
Result<std::string> ReadFileRange(const std::string& path, int64_t offset, int64_t max_bytes);

}  // namespace millrace
