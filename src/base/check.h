// MILLRACE_CHECK: stops the program on a broken invariant of ours, in release builds too.
// User input, files and requests can never reach one; return a Status for those.

#pragma once

namespace millrace {

/// Writes the place and the reason to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const char* why_impossible);

}  // namespace millrace

#define MILLRACE_CHECK(condition, why_impossible)                                              \
  do {                                                                                         \
    if (!(condition)) ::millrace::CheckFailed(__FILE__, __LINE__, #condition, why_impossible); \
  } while (false)
