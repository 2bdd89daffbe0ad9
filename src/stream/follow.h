// Follow: reads what is new of a stream in batches and commits each: rows as a segment, and the
// position after them, in one transaction.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "stream/stream_source.h"
#include "stream/stream_state.h"

namespace millrace::stream {

/// A batch on its way into the store.
struct PendingBatch {
  std::string part;
  /// Engine table with the rows, VARCHAR columns in order; empty when there is no row.
  std::string table_name;
  std::vector<std::string> columns;
};

/// A committed batch.
struct CommittedBatch {
  std::string part;
  int64_t begin = 0;  // offsets
  int64_t end = 0;
  int64_t rows = 0;
  int64_t num_rejected = 0;
  std::vector<std::string> remarks;  // drift: said in words, and kept as the last batch's
  double seconds = 0.0;              // from reading to commit
};

/// Watches a follower; called from one thread.
class FollowObserver {
 public:
  virtual ~FollowObserver() = default;
  /// Looks at a batch before it is committed and returns what is to be said of it. A failure stops
  /// the follower; the batch is then not committed.
  virtual Result<std::vector<std::string>> Examine(engine::Engine& engine,
                                                   const PendingBatch& batch) = 0;
  virtual void Committed(const CommittedBatch& batch) = 0;
};

struct FollowOptions {
  PollLimit limit;
  double every_seconds = 1.0;  // between two looks at the source
  bool until_idle = false;     // true: ends when nothing is new
};

/// What a follower has done.
struct FollowSummary {
  int64_t num_batches = 0;
  int64_t rows = 0;
  int64_t num_rejected = 0;
  int64_t bytes = 0;          // of offsets
  int64_t waiting_bytes = 0;  // there but not read at the end: a record that is not complete
};

/// Borrowed for the call.
struct FollowInputs {
  StreamSource& source;
  StreamStore& store;
  engine::Engine& engine;
  Clock& clock;
  FollowObserver& observer;
  /// Asked between batches and while waiting; true ends the call, as a success.
  std::function<bool()> stop;
};

/// Follows until `stop` or, with until_idle, until nothing is new. Parts are read in turn, a batch
/// each. Errors: those of the source and the store; what was committed before stays. Many small
/// segments of a part are merged on the way.
Result<FollowSummary> Follow(const FollowInputs& inputs, const FollowOptions& options);

/// Returns how many units of offset lie after the committed positions.
int64_t LagOf(const StreamState& state, const std::vector<Part>& parts);

}  // namespace millrace::stream
