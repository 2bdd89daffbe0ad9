// Stream state: what of a stream is committed: positions of its parts and the segments that hold
// their rows (docs/formats/stream.md). It lies in the catalog; a segment and the position after it
// change in one transaction, so that after a crash at any instant each record is in exactly one
// segment or still to be read.
//
// Rows are kept as the texts of their cells: a column's type is decided over all rows, and deciding
// it anew must not read the source again (docs/adr/0075-append-only-sources.md).

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "stream/stream_source.h"

namespace millrace::stream {

/// Rows of a stretch of one part.
struct Segment {
  int64_t number = 0;  // 1, 2, ... in the order of commits; gaps where segments were merged
  std::string part;
  int64_t begin = 0;  // offsets in the part: [begin, end)
  int64_t end = 0;
  int64_t rows = 0;
  std::optional<Digest> object;      // Parquet with VARCHAR columns; none without a row
  std::vector<std::string> columns;  // of the object, in order
  int64_t num_rejected = 0;
  std::optional<Digest> rejected;  // JSON lines: file, line, column, rule, text
};

/// The last commit, for people.
struct LastBatch {
  int64_t time_micros = 0;  // 0: none yet
  int64_t rows = 0;
  int64_t num_rejected = 0;
  std::vector<std::string> remarks;  // drift that it brought
};

struct StreamState {
  std::map<std::string, Position> parts;
  std::vector<Segment> segments;     // by number
  std::vector<std::string> columns;  // of parts with a header, as the first one named them
  int64_t next_number = 1;
  int64_t rows = 0;
  int64_t num_rejected = 0;
  int64_t num_batches = 0;
  LastBatch last;
};

/// The committed state of a project's stream. Borrows both; threads and errors as the catalog.
class StreamStore {
 public:
  StreamStore(store::Catalog& catalog, const store::ObjectStore& objects)
      : catalog_(catalog), objects_(objects) {}

  /// Returns what is committed; an empty state where nothing was ever read. kCorrupt.
  Result<StreamState> Load() const;
  /// Commits a position and, where the batch has rows or rejected records, its segment; `state`
  /// follows. kUnavailable when another process has committed meanwhile: nothing is changed then.
  Status Commit(StreamState& state, const Position& next, Segment segment, LastBatch last);
  /// Replaces neighbouring segments of one part by one that holds their rows; `state` follows.
  Status Merge(StreamState& state, std::span<const int64_t> numbers, Segment merged);
  /// Forgets positions and segments: the source is read anew.
  Status Forget();

  const store::ObjectStore& objects() const { return objects_; }

 private:
  Status CheckUnchanged(const StreamState& state) const;

  store::Catalog& catalog_;
  const store::ObjectStore& objects_;
};

/// Identity of what was read up to a position, wherever the file lies.
Digest ContentOf(const Position& position);

/// Returns the committed rows as a source, in the order of `parts` and of the records in them, as a
/// reader of the whole would see them. kInvalidData when a part with rows is none of `parts` any
/// more; kCorrupt when an object is gone or damaged. Cost: one read of the objects.
Result<engine::KeptCells> CommittedCells(const StreamState& state, const std::vector<Part>& parts,
                                         const store::ObjectStore& objects);

/// Stores rows as a segment's object. kIoError, kResourceExhausted.
Result<Digest> StoreSegment(engine::Engine& engine, const store::ObjectStore& objects,
                            const std::string& query);

/// JSON lines of rejected records, and back. kCorrupt.
std::string WriteRejected(const std::vector<engine::RejectedRow>& rows);
Result<std::vector<engine::RejectedRow>> ReadRejected(std::string_view lines);

json::Json ToJson(const Position& position);
json::Json ToJson(const Segment& segment);
/// kCorrupt when the document is none.
Result<Position> PositionFromJson(const json::Json& document);
Result<Segment> SegmentFromJson(const json::Json& document);

}  // namespace millrace::stream
