// JUnit XML: a checkpoint as CI systems read test results.

#pragma once

#include <string>
#include <string_view>

#include "report/checkpoint.h"

namespace millrace::report {

/// Returns one test suite named `suite` with one test case a check: a failure where a blocking
/// check is not met, `skipped` where it was not measured; a warning passes and says so in
/// `system-out`. Any text gives well-formed XML 1.0: characters that it cannot hold become U+FFFD.
std::string RenderJUnit(const Checkpoint& checkpoint, std::string_view suite);

}  // namespace millrace::report
