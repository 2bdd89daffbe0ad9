// Logging to stderr: one line a message, plain or JSON. Never holds rows, labels or secrets.
// Thread-safe. The level and form are set once, at the start of main.

#pragma once

#include <string>
#include <string_view>

namespace millrace {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogForm { kText, kJson };

/// Sets level and form for the process; call before other threads start. Default: kWarning, text.
void SetUpLogging(LogLevel level, LogForm form);

void LogDebug(std::string_view message);
void LogInfo(std::string_view message);
void LogWarning(std::string_view message);
void LogError(std::string_view message);

}  // namespace millrace
