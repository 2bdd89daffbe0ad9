#include "engine/row_file.h"

#include <utility>

#include "base/files.h"
#include "base/text.h"

namespace millrace::engine {
namespace {

constexpr size_t kFlushBytes = size_t{1} << 20;

// An empty text is told from NULL by its quotes.
bool NeedsQuotes(std::string_view text) {
  return text.empty() || text.find_first_of(",\"\r\n") != std::string_view::npos;
}

}  // namespace

Result<RowFile> RowFile::Make(const std::string& path, const std::vector<std::string>& columns) {
  RowFile file(path);
  MILLRACE_RETURN_IF_ERROR(WriteFile(path, ""));
  std::vector<TextCell> names(columns.begin(), columns.end());
  MILLRACE_RETURN_IF_ERROR(file.Add(names));
  file.num_rows_ = 0;
  return file;
}

void RowFile::AppendQuoted(std::string_view text) {
  pending_ += '"';
  for (const char c : text) {
    if (c == '"') pending_ += '"';
    pending_ += c;
  }
  pending_ += '"';
}

Status RowFile::Add(std::span<const TextCell> cells) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) pending_ += ',';
    const std::string_view text = cells[i].value_or("");
    // NULL or white space in an only column: without quotes the line is blank, no row at all.
    const bool blank_line = cells.size() == 1 && Trim(text).empty();
    if (!cells[i] && !blank_line) continue;
    if (blank_line || NeedsQuotes(text)) {
      AppendQuoted(text);
    } else {
      pending_ += text;
    }
  }
  pending_ += '\n';
  ++num_rows_;
  if (pending_.size() < kFlushBytes) return {};
  return Finish();
}

Status RowFile::Finish() {
  if (pending_.empty()) return {};
  MILLRACE_RETURN_IF_ERROR(AppendFile(path_, pending_));
  pending_.clear();
  return {};
}

}  // namespace millrace::engine
