#include "journal/reader.h"

#include <algorithm>
#include <optional>

#include "base/files.h"
#include "journal/segment.h"

namespace millrace::journal {

Result<Batch> ReadSegment(std::string_view bytes, int64_t offset, int64_t limit) {
  Batch batch;
  if (bytes.size() < kSegmentHeader.size() && kSegmentHeader.substr(0, bytes.size()) == bytes) {
    return batch;  // a segment whose header is still being written
  }
  if (bytes.substr(0, kSegmentHeader.size()) != kSegmentHeader) {
    return Corrupt("journal segment: no header");
  }
  size_t at = std::max(kSegmentHeader.size(), static_cast<size_t>(std::max<int64_t>(0, offset)));
  while (static_cast<int64_t>(batch.records.size()) < limit && at < bytes.size()) {
    const std::optional<Frame> frame = FrameAt(bytes, at);
    if (!frame) {
      batch.damaged_segments = 1;
      break;
    }
    Result<Record> record = DecodeRecord(frame->payload);
    if (record.ok()) batch.records.push_back(std::move(record).value());
    at = frame->end;
  }
  batch.next.offset = static_cast<int64_t>(at);
  return batch;
}

Result<Batch> ReadRecords(const std::string& folder, const Position& from, int64_t limit) {
  Batch all;
  all.next = from;
  const Result<std::vector<std::string>> names = ListFolder(folder);
  if (!names.ok()) {
    if (names.status().code() == Code::kNotFound) return all;
    return names.status();
  }
  std::vector<std::string> segments;
  for (const std::string& name : *names) {
    if (name.ends_with(kSegmentSuffix) && name >= from.segment) segments.push_back(name);
  }
  for (const std::string& name : segments) {
    const int64_t left = limit - static_cast<int64_t>(all.records.size());
    if (left <= 0) break;
    MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(JoinPath(folder, name)));
    Result<Batch> batch = ReadSegment(bytes, name == from.segment ? from.offset : 0, left);
    if (!batch.ok()) {
      ++all.damaged_segments;
      continue;
    }
    for (Record& record : batch->records) all.records.push_back(std::move(record));
    all.damaged_segments += batch->damaged_segments;
    all.next = {name, batch->next.offset};
  }
  return all;
}

}  // namespace millrace::journal
