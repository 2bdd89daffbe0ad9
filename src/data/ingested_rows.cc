#include "data/ingested_rows.h"

#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/format.h"

namespace millrace::data {
namespace {

static_assert(std::is_trivially_copyable_v<IngestedRow>, "rows are written as they lie in memory");

std::string PathOf(const TemporaryFolder& folder, int64_t file) {
  return JoinPath(folder.path(), Format("rows_{}", file));
}

}  // namespace

Status IngestedRows::Add(const IngestedRow& row) {
  held_.push_back(row);
  return held_.size() >= max_held_ ? Store() : Status();
}

Status IngestedRows::Store() {
  if (folder_ == nullptr) {
    MILLRACE_ASSIGN_OR_RETURN(TemporaryFolder folder, TemporaryFolder::Make());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder));
  }
  const std::string_view bytes(reinterpret_cast<const char*>(held_.data()),
                               held_.size() * sizeof(IngestedRow));
  MILLRACE_RETURN_IF_ERROR(WriteFile(PathOf(*folder_, num_files_), bytes));
  ++num_files_;
  num_stored_ += static_cast<int64_t>(held_.size());
  held_.clear();
  return {};
}

Status IngestedRows::ForEach(const std::function<Status(const IngestedRow&)>& take) const {
  // One file at a time: what is mapped counts as memory of the process.
  for (int64_t i = 0; i < num_files_; ++i) {
    MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(PathOf(*folder_, i)));
    for (size_t at = 0; at + sizeof(IngestedRow) <= file.bytes().size();
         at += sizeof(IngestedRow)) {
      IngestedRow row;
      std::memcpy(&row, file.bytes().data() + at, sizeof(row));
      MILLRACE_RETURN_IF_ERROR(take(row));
    }
  }
  for (const IngestedRow& row : held_) MILLRACE_RETURN_IF_ERROR(take(row));
  return {};
}

}  // namespace millrace::data
