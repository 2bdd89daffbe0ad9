// Stream source: the seam behind which something grows: files of a folder today (file_source.h),
// partitions of a message log or keys of a bucket later.
//
// A source consists of parts. Each part is a sequence of records that only grows, read from a
// position on. Whoever reads remembers positions; the source remembers nothing, so that reading
// again from a position gives the same records again: with positions and records committed
// together, each record is taken exactly once.
//
// Thread safety: one thread at a time.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/source.h"
#include "json/value.h"
#include "table/table.h"

namespace millrace::stream {

/// Where reading of one part stands. A function of the records before it alone: not of the batches
/// in which they came, nor of any time.
struct Position {
  std::string part;     // "clicks/2026-03-01.csv"; of a message log: the partition
  int64_t offset = 0;   // where the next record begins: bytes of a file; grows
  int64_t records = 0;  // rows and rejected records before it
  int64_t lines = 0;    // lines before it; 0 where there are none
  /// What the source needs to go on from here, and to prove that nothing before has changed. Null
  /// at the beginning of a part.
  json::Json token;

  friend bool operator==(const Position&, const Position&) = default;
};

/// A part as it is now.
struct Part {
  std::string name;
  engine::SourceFile file;  // path and size; of a source that has no files: name and end offset
  int64_t end = 0;          // what an offset is after all that is there now
};

struct PollLimit {
  int64_t max_rows = 200'000;
  int64_t max_bytes = int64_t{16} << 20;  // of the source, about
};

/// Records of one part.
struct Batch {
  table::Table rows;           // kText columns; missing where nothing stands
  std::vector<int64_t> lines;  // of each row: where it begins in the part, from 1
  bool fixed_columns = false;  // the part names its columns once (a header), not record by record
  /// A part that is taken as a whole: its rows are this view of the reader's engine, not `rows`.
  std::optional<engine::Source> whole;
  std::vector<engine::RejectedRow> rejected;
  Position next;      // after the records of this batch
  bool full = false;  // ended at a limit: there may be more
};

class StreamSource {
 public:
  virtual ~StreamSource() = default;
  /// Returns the parts that there are now, in the order in which their rows stand in the data.
  /// No part at all is no error: what is not there yet may come. kIoError, kUnsupported.
  virtual Result<std::vector<Part>> Parts() = 0;
  /// Returns the complete records from `from` on, as many as the limit lets, at least one where
  /// there is one. Nothing new: `next` equals `from`. kInvalidData with what to do when what lies
  /// before `from` is no longer what was read.
  virtual Result<Batch> Poll(const Position& from, const PollLimit& limit) = 0;
  /// Reads all before `position` and proves that it is what was read. Errors as Poll.
  virtual Status Verify(const Position& position) = 0;
};

}  // namespace millrace::stream
