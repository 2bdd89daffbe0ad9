// The one adapter for text formatting: `Format("{} rows", n)`.

#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace millrace {

/// Returns the formatted text; the format string is checked at compile time.
template <typename... Args>
std::string Format(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::format(format, std::forward<Args>(args)...);
}

}  // namespace millrace
