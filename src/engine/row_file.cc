#include "engine/row_file.h"

#include <utility>

#include "base/files.h"

namespace millrace::engine {
namespace {

constexpr size_t kFlushBytes = size_t{1} << 20;

}  // namespace

Result<RowFile> RowFile::Make(const std::string& path, const std::vector<std::string>& columns) {
  RowFile file(path);
  MILLRACE_RETURN_IF_ERROR(WriteFile(path, ""));
  std::vector<TextCell> names(columns.begin(), columns.end());
  MILLRACE_RETURN_IF_ERROR(file.Add(names));
  file.num_rows_ = 0;
  return file;
}

void RowFile::AppendCell(std::string_view text) {
  // A cell of white space alone in an only column would read as a blank line.
  const bool plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos;
  if (plain) {
    pending_ += text;
    return;
  }
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
    // A row of one NULL is written as "", or it would be no row at all.
    if (cells[i] || cells.size() == 1) AppendCell(cells[i].value_or(""));
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
