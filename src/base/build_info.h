// What this program was built from. Part of every cache key and of every bundle's provenance, so
// that a result is never mistaken for that of another program. Implemented by a file that the
// build writes (cmake/source_digest.cmake). All functions are thread-safe and cost nothing.
#pragma once

#include <string_view>

namespace millrace {

/// Returns the version of the program, "major.minor.patch".
std::string_view ProgramVersion();

/// Returns the SHA-256 of all program sources at build time, 64 lower-case hexadecimal digits.
/// Tests and documents don't count. Two builds with equal digests differ at most in compiler and
/// flags.
std::string_view SourceDigest();

/// Returns the compiler with its version, as "gcc 12.2.0".
std::string_view CompilerName();

}  // namespace millrace
