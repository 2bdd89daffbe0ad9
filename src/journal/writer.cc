#include "journal/writer.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/files.h"
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

  bool Append(const Record& record) {
    const std::string payload = EncodeRecord(record);
    const std::lock_guard lock(mutex_);
    const size_t size = queue_.size() + payload.size();
    if (payload.size() > kMaxPayload || size > static_cast<size_t>(options_.queue_bytes) ||
        !failure_.ok()) {
      ++num_dropped_;
      return false;
    }
    AppendFrame(queue_, payload);
    ++num_queued_;
    return true;
  }

  Status Commit() {
    std::unique_lock lock(mutex_);
    const int64_t wanted = num_queued_;
    commit_now_ = true;
    wake_.notify_all();
    written_.wait(lock, [&] { return num_written_ >= wanted || !failure_.ok(); });
    return failure_;
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
    MILLRACE_RETURN_IF_ERROR(AppendFile(path_, kSegmentHeader));
    MILLRACE_RETURN_IF_ERROR(SyncFile(path_));
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
      std::swap(group, queue_);
      const int64_t queued = num_queued_;
      lock.unlock();
      Status status;
      if (!group.empty()) status = WriteGroup(group);
      group.clear();
      lock.lock();
      if (status.ok()) {
        num_written_ = queued;
      } else if (failure_.ok()) {
        failure_ = status;
        num_dropped_ += queued - num_written_;
        LogError("journal: writing stopped: " + status.ToString());
      }
      written_.notify_all();
      if (last && queue_.empty()) return;
    }
  }

  const std::string folder_;
  const WriterOptions options_;
  mutable std::mutex mutex_;  // guards all below but path_, number_, segment_bytes_ (thread_)
  std::condition_variable wake_;
  std::condition_variable written_;
  std::string queue_;  // frames that wait
  int64_t num_queued_ = 0;
  int64_t num_written_ = 0;
  int64_t num_dropped_ = 0;
  bool commit_now_ = false;
  bool stopping_ = false;
  Status failure_;
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

bool Writer::Append(const Record& record) { return implementation_->Append(record); }
Status Writer::Commit() { return implementation_->Commit(); }
int64_t Writer::num_written() const { return implementation_->num_written(); }
int64_t Writer::num_dropped() const { return implementation_->num_dropped(); }

}  // namespace millrace::journal
