// Cursor: how far each segment of a journal folder was read. Several processes may append to one
// folder at the same time (a server that drains while its successor starts), so one position in
// the order of names is not enough: an older segment may still grow.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/record.h"

namespace millrace::journal {

/// Segment name to the offset after the last record that was read. Stored by monitors.
struct Cursor {
  std::map<std::string, int64_t> offsets;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

struct NewRecords {
  std::vector<Record> records;  // of older segments first, in the order of each segment
  Cursor next;
  int64_t num_segments = 0;
  int64_t num_torn = 0;  // segments that end in a frame that is not whole (yet)
  bool more = false;     // the limit was reached: read again
};

/// Reads up to `limit` (>= 1) records that `from` has not seen. A segment that is gone (archived)
/// is forgotten; an absent folder holds no records. A torn frame stops its segment only, and is
/// tried again by the next call. Memory: the records and one mapped segment. kIoError.
Result<NewRecords> ReadNew(const std::string& folder, const Cursor& from, int64_t limit);

}  // namespace millrace::journal
