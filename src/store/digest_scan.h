// Finds digests that are written in text.

#pragma once

#include <functional>
#include <string_view>

namespace millrace::store {

/// Calls `visit` with every 64 hexadecimal digits in a row (lower case) in `text`, overlapping ones
/// too, in order.
void VisitDigests(std::string_view text, const std::function<void(std::string_view)>& visit);

}  // namespace millrace::store
