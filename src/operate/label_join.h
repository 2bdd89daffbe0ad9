// Keys by which a label finds its prediction.

#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::operate {

/// Returns the join key of a row of a request: 64 bits of a hash, so that two of a million rows
/// meet with a chance of 3e-8.
int64_t RequestHash(std::string_view request_id, int64_t row_index);
/// Returns the join key of a row key; 0 for the empty one, which joins nothing.
int64_t KeyHash(std::string_view row_key);

}  // namespace millrace::operate
