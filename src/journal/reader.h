// Reader: reads the records of a journal folder from a position on, in order; a torn tail is cut.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "journal/record.h"

namespace millrace::journal {

/// Where reading stopped: everything before it was returned. Stored by monitors.
struct Position {
  std::string segment;  // file name; empty: the beginning
  int64_t offset = 0;   // bytes within it
  friend bool operator==(const Position&, const Position&) = default;
};

struct Batch {
  std::vector<Record> records;
  Position next;
  int64_t damaged_segments = 0;  // segments whose rest was skipped because a frame was damaged
};

/// Reads up to `limit` records after `from`. An absent folder holds no records. kIoError.
Result<Batch> ReadRecords(const std::string& folder, const Position& from, int64_t limit);
/// Reads the records of one segment's bytes. kCorrupt when the header is wrong; stops at the first
/// torn or damaged frame, whose offset is `next.offset`.
Result<Batch> ReadSegment(std::string_view bytes, int64_t offset, int64_t limit);

}  // namespace millrace::journal
