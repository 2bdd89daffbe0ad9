#include "journal/writer.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/logging.h"
#include "base/process.h"
#include "journal/segment.h"

namespace millrace::journal {
class Writer::Implementation {
 public:
  Implementation(std::string folder, WriterOptions options)
      : folder_(std::move(folder)), options_(options) {}

  Status Start() {
    MILLRACE_RETURN_IF_ERROR(MakeFolders(folder_));
    MILLRACE_RETURN_IF_ERROR(StartSegment());
    thread_ = std::jthread([this] { Run(); });
    return {};
  }

  ~Implementation() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
  }

  // `frame` is whole before the lock is taken: threads wait for a copy, not for a checksum.
  bool Append(const std::string& frame) {
    const std::lock_guard lock(mutex_);
    if (frame.size() > kMaxPayload + kFrameHeader ||
        queue_.size() + frame.size() > static_cast<size_t>(options_.queue_bytes) ||
        !failure_.ok()) {
      ++num_dropped_;
      return false;
    }
    queue_ += frame;
    ++num_queued_;
    return true;
  }

  Status Commit() {
    std::unique_lock lock(mutex_);
    if (!failure_.ok()) return failure_;
    const int64_t before = num_settled_;
    const int64_t wanted = num_queued_;
    commit_now_ = true;
    wake_.notify_all();
    settled_.wait(lock, [&] { return num_settled_ >= wanted; });
    return failed_through_ > before ? last_failure_ : Status();
  }

  int64_t num_written() const {
    const std::lock_guard lock(mutex_);
    return num_written_;
  }
  int64_t num_dropped() const {
    const std::lock_guard lock(mutex_);
    return num_dropped_;
  }

 private:
  Status StartSegment() {
    path_ =
        JoinPath(folder_, SegmentName(SystemClock().NowMicros(), CurrentProcessId(), number_++));
    Status status = AppendFile(path_, kSegmentHeader);
    if (status.ok()) status = SyncFile(path_);
    if (!status.ok()) {
      // Retried once a second while the disk is full: no heap of empty files may stay behind.
      const Status removed = RemoveAll(path_);
      return removed.ok() ? status : removed;
    }
    segment_bytes_ = 0;
    return SyncFolder(folder_);
  }

  Status WriteGroup(const std::string& group) {
    if (segment_bytes_ >= options_.segment_bytes) MILLRACE_RETURN_IF_ERROR(StartSegment());
    MILLRACE_RETURN_IF_ERROR(AppendFile(path_, group));
    segment_bytes_ += static_cast<int64_t>(group.size());
    return SyncFile(path_);
  }

  void Run() {
    std::string group;
    std::unique_lock lock(mutex_);
    while (true) {
      const auto wait = std::chrono::duration<double>(options_.commit_seconds);
      wake_.wait_for(lock, wait, [&] { return stopping_ || commit_now_; });
      commit_now_ = false;
      const bool last = stopping_;
      if (!failure_.ok() && !last) Recover(lock);
      std::swap(group, queue_);
      const int64_t queued = num_queued_;
      lock.unlock();
      Status status;
      if (!group.empty()) status = WriteGroup(group);
      group.clear();
      lock.lock();
      Settle(queued, status);
      if (last && queue_.empty()) return;
    }
  }

  // A frame may be torn at the end of the segment: what follows goes to a new one.
  void Recover(std::unique_lock<std::mutex>& lock) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_attempt_) return;
    next_attempt_ = now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                              std::chrono::duration<double>(options_.retry_seconds));
    lock.unlock();
    const Status status = StartSegment();
    lock.lock();
    if (!status.ok()) return;
    failure_ = Status();
    LogWarning(Format("journal: writing goes on after {} dropped records", num_dropped_));
  }

  // Everything queued up to `queued` is written, or given up.
  void Settle(int64_t queued, const Status& status) {
    const int64_t count = queued - num_settled_;
    num_settled_ = queued;
    if (status.ok()) {
      num_written_ += count;
    } else {
      num_dropped_ += count;
      failed_through_ = queued;
      failure_ = last_failure_ = status;
      next_attempt_ = {};
      LogError("journal: writing stopped: " + status.ToString());
    }
    settled_.notify_all();
  }

  const std::string folder_;
  const WriterOptions options_;
  mutable std::mutex mutex_;  // guards all below but path_, number_, segment_bytes_ (thread_)
  std::condition_variable wake_;
  std::condition_variable settled_;
  std::string queue_;  // frames that wait
  int64_t num_queued_ = 0;
  int64_t num_settled_ = 0;     // of the queued ones: written or given up
  int64_t failed_through_ = 0;  // the last one that was given up
  int64_t num_written_ = 0;
  int64_t num_dropped_ = 0;
  bool commit_now_ = false;
  bool stopping_ = false;
  Status failure_;  // not ok: records are dropped until a new segment can be started
  Status last_failure_;
  std::chrono::steady_clock::time_point next_attempt_;
  std::string path_;
  int64_t number_ = 0;
  int64_t segment_bytes_ = 0;
  std::jthread thread_;  // last: joined before the rest dies
};

Writer::Writer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Writer::~Writer() = default;

Result<std::unique_ptr<Writer>> Writer::Open(const std::string& folder, WriterOptions options) {
  auto implementation = std::make_unique<Implementation>(folder, options);
  MILLRACE_RETURN_IF_ERROR(implementation->Start());
  return std::make_unique<Writer>(std::move(implementation));
}

bool Writer::Append(const Record& record) {
  std::string frame;
  BeginFrame(frame);
  frame += EncodeRecord(record);
  EndFrame(frame, 0);
  return implementation_->Append(frame);
}
bool Writer::Append(const PredictionView& prediction, std::string& scratch) {
  constexpr size_t kKept = size_t{1} << 20;
  scratch.clear();
  if (scratch.capacity() > kKept) scratch.shrink_to_fit();
  BeginFrame(scratch);
  AppendPrediction(scratch, prediction);
  EndFrame(scratch, 0);
  return implementation_->Append(scratch);
}
Status Writer::Commit() { return implementation_->Commit(); }
int64_t Writer::num_written() const { return implementation_->num_written(); }
int64_t Writer::num_dropped() const { return implementation_->num_dropped(); }

}  // namespace millrace::journal
