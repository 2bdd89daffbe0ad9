// Checks file: what data must hold, and how it is read, without a project: the keys that stand
// under `data:` of millrace.yaml, in a file of their own.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/spec.h"

namespace millrace::spec {

/// Reads checks, columns, missing and the form of a source (format, delimiter, encoding, quote,
/// comment, header, skip) from YAML text, as `millrace data suggest` writes them; `file` is how
/// errors name it. The result has no source and no role. kInvalidSpec with place and hint, also for
/// a file without a check.
Result<Spec> ParseChecks(std::string_view yaml, std::string_view file);
/// Reads them from a file. kNotFound when there is none.
Result<Spec> ReadChecks(const std::string& path);

}  // namespace millrace::spec
