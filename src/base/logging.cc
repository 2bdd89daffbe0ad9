#include "base/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/format.h"

namespace millrace {
namespace {

// JSON string escapes (RFC 8259, section 7); here because base lies below json.
std::string EscapeJson(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      escaped += '\\';
      escaped += c;
    } else if (byte < 0x20) {
      escaped += Format("\\u{:04x}", static_cast<int>(byte));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const auto since_epoch = message.time.time_since_epoch();
    const int64_t micros =
        std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
    const auto level = spdlog::level::to_string_view(message.level);
    const std::string text =
        Format("{{\"time\":\"{}\",\"level\":\"{}\",\"message\":\"{}\"}}\n", FormatUtc(micros),
               std::string_view(level.data(), level.size()),
               EscapeJson(std::string_view(message.payload.data(), message.payload.size())));
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

// One line a message: line breaks inside would let a logged value forge lines.
std::string OneLine(std::string_view message) {
  std::string line(message);
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

std::shared_ptr<spdlog::logger> MakeLogger(LogLevel level, LogForm form) {
  auto logger = std::make_shared<spdlog::logger>("millrace",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err,
                                                   spdlog::level::off};
  logger->set_level(kLevels[static_cast<size_t>(level)]);
  if (form == LogForm::kJson) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_pattern("%Y-%m-%dT%H:%M:%SZ %l: %v", spdlog::pattern_time_type::utc);
  }
  logger->flush_on(spdlog::level::debug);
  return logger;
}

std::shared_ptr<spdlog::logger> Logger() {
  std::shared_ptr<spdlog::logger> logger = spdlog::get("millrace");
  if (logger) return logger;
  // Not set up yet: warnings as text. spdlog's registry holds the process-wide logger.
  SetUpLogging(LogLevel::kWarning, LogForm::kText);
  logger = spdlog::get("millrace");
  return logger ? logger : MakeLogger(LogLevel::kWarning, LogForm::kText);
}

void Log(spdlog::level::level_enum level, std::string_view message) {
  const std::string line = OneLine(message);
  Logger()->log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void SetUpLogging(LogLevel level, LogForm form) {
  auto logger = MakeLogger(level, form);
  spdlog::drop("millrace");
  try {
    spdlog::register_logger(std::move(logger));
  } catch (const spdlog::spdlog_ex&) {
    // Another thread set it up between the two calls: its logger is as good.
  }
}

void LogDebug(std::string_view message) { Log(spdlog::level::debug, message); }
void LogInfo(std::string_view message) { Log(spdlog::level::info, message); }
void LogWarning(std::string_view message) { Log(spdlog::level::warn, message); }
void LogError(std::string_view message) { Log(spdlog::level::err, message); }

}  // namespace millrace
