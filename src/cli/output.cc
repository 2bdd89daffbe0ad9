#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "json/text.h"

namespace millrace::cli {

void Output::Raw(std::string_view text) {
  while (!text.empty() && !closed_ && error_ == 0) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
}

void Output::Text(std::string_view text) {
  if (form_ == Form::kText) Raw(text);
}

void Output::FlushDocument() {
  if (form_ == Form::kJson && !document_.is_null()) Raw(json::WritePretty(document_));
  document_ = json::Json();
}

Status Output::Finish() {
  FlushDocument();
  if (error_ == 0) return {};
  const std::string message = Format("standard output: {}", std::strerror(error_));
  return error_ == ENOSPC || error_ == EDQUOT ? ResourceExhausted(message) : IoError(message);
}

}  // namespace millrace::cli
