#include "journal/cursor.h"

#include <utility>

#include "base/files.h"
#include "journal/reader.h"
#include "journal/segment.h"

namespace millrace::journal {

Result<NewRecords> ReadNew(const std::string& folder, const Cursor& from, int64_t limit) {
  NewRecords out;
  const Result<std::vector<std::string>> names = ListFolder(folder);
  if (!names.ok()) {
    if (names.status().code() == Code::kNotFound) return out;
    return names.status();
  }
  for (const std::string& name : *names) {
    if (!name.ends_with(kSegmentSuffix)) continue;
    ++out.num_segments;
    const auto seen = from.offsets.find(name);
    const int64_t offset = seen == from.offsets.end() ? 0 : seen->second;
    if (offset > 0) out.next.offsets[name] = offset;
    const std::string path = JoinPath(folder, name);
    const Result<int64_t> size = FileSize(path);
    if (!size.ok() || *size <= offset) continue;
    const int64_t left = limit - static_cast<int64_t>(out.records.size());
    if (left <= 0) {
      out.more = true;
      continue;
    }
    const Result<MappedFile> file = MappedFile::Open(path);
    if (!file.ok()) {
      if (file.status().code() == Code::kNotFound) continue;  // archived meanwhile
      return file.status();
    }
    Result<Batch> batch = ReadSegment(file->bytes(), offset, left);
    if (!batch.ok()) {
      ++out.num_torn;
      continue;
    }
    for (Record& record : batch->records) out.records.push_back(std::move(record));
    out.num_torn += batch->damaged_segments;
    if (batch->next.offset > 0) out.next.offsets[name] = batch->next.offset;
    if (batch->damaged_segments == 0 &&
        batch->next.offset < static_cast<int64_t>(file->bytes().size())) {
      out.more = true;
    }
  }
  return out;
}

}  // namespace millrace::journal
