// Writer: appends records to segments in a folder; a thread of its own commits them in groups.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "journal/record.h"

namespace millrace::journal {

struct WriterOptions {
  int64_t segment_bytes = 64 << 20;  // a new segment starts after this size
  int64_t queue_bytes = 32 << 20;    // waiting records beyond this are dropped and counted
  double commit_seconds = 0.05;      // longest wait before a group is written and synced
  double retry_seconds = 1.0;        // between attempts to go on after the disk failed
};

/// Thread-safe. Destruction commits what waits. When the disk fails (full, gone), records are
/// dropped and counted, and writing goes on in a new segment as soon as one can be started.
class Writer {
 public:
  /// Opens the folder (made when missing) and starts a new segment. kIoError.
  static Result<std::unique_ptr<Writer>> Open(const std::string& folder,
                                              WriterOptions options = {});
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Queues a record without waiting for the disk; false when the queue is full or the disk failed
  /// (counted as a drop).
  bool Append(const Record& record);
  /// The same without a copy of its texts. `scratch`: memory that the caller reuses.
  bool Append(const PredictionView& prediction, std::string& scratch);
  /// Waits until everything queued before the call is on disk (fsync). kIoError or
  /// kResourceExhausted when a part of it was given up.
  Status Commit();
  int64_t num_written() const;
  int64_t num_dropped() const;

 private:
  class Implementation;

 public:
  /// For Open only: nobody else can name the type.
  explicit Writer(std::unique_ptr<Implementation> implementation);

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::journal
