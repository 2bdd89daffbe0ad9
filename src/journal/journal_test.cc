#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "journal/reader.h"
#include "journal/segment.h"
#include "journal/writer.h"

namespace millrace::journal {
namespace {

PredictionRecord Sample(int64_t i) {
  PredictionRecord record;
  record.request_id = "r" + std::to_string(i);
  record.row_index = i;
  record.row_key = "k";
  record.time_micros = 17 + i;
  record.bundle = std::string(64, 'a');
  record.route = "champion";
  record.row_json = R"({"age":1})";
  record.outputs = {0.25, -1e300};
  record.decision = -1;
  return record;
}

TEST(Record, BothKindsComeBack) {
  const auto prediction = DecodeRecord(EncodeRecord(Sample(3)));
  ASSERT_TRUE(prediction.ok());
  const auto& back = std::get<PredictionRecord>(*prediction);
  EXPECT_EQ(back.request_id, "r3");
  EXPECT_EQ(back.outputs, Sample(3).outputs);
  EXPECT_EQ(back.decision, -1);
  const auto feedback = DecodeRecord(EncodeRecord(FeedbackRecord{"r3", 2, "", 9, "yes"}));
  ASSERT_TRUE(feedback.ok());
  EXPECT_EQ(std::get<FeedbackRecord>(*feedback).label, "yes");
}

TEST(Record, EveryCutIsRefused) {
  const std::string bytes = EncodeRecord(Sample(1));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeRecord(std::string_view(bytes).substr(0, size)).ok());
  }
}

TEST(Journal, ReadsWhatWasCommittedAndResumesAtAPosition) {
  const auto folder = TemporaryFolder::Make();
  const auto writer = Writer::Open(folder->path());
  ASSERT_TRUE(writer.ok());
  for (int64_t i = 0; i < 100; ++i) ASSERT_TRUE((*writer)->Append(Sample(i)));
  ASSERT_TRUE((*writer)->Commit().ok());
  const auto first = ReadRecords(folder->path(), {}, 60);
  ASSERT_EQ(first->records.size(), 60u);
  const auto rest = ReadRecords(folder->path(), first->next, 1000);
  ASSERT_EQ(rest->records.size(), 40u);
  EXPECT_EQ(std::get<PredictionRecord>(rest->records[0]).row_index, 60);
  EXPECT_EQ(ReadRecords(folder->path(), rest->next, 10)->records.size(), 0u);
}

TEST(Journal, RotatesBySize) {
  const auto folder = TemporaryFolder::Make();
  WriterOptions options;
  options.segment_bytes = 500;
  const auto writer = Writer::Open(folder->path(), options);
  for (int64_t i = 0; i < 20; ++i) {
    (*writer)->Append(Sample(i));
    ASSERT_TRUE((*writer)->Commit().ok());
  }
  EXPECT_GT(ListFolder(folder->path())->size(), 3u);
  const auto all = ReadRecords(folder->path(), {}, 1000);
  ASSERT_EQ(all->records.size(), 20u);
  for (int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(std::get<PredictionRecord>(all->records[static_cast<size_t>(i)]).row_index, i);
  }
}

TEST(Journal, ATornTailIsCut) {
  const auto folder = TemporaryFolder::Make();
  std::string bytes(kSegmentHeader);
  AppendFrame(bytes, EncodeRecord(Sample(0)));
  const size_t whole = bytes.size();
  AppendFrame(bytes, EncodeRecord(Sample(1)));
  for (size_t size = whole; size < bytes.size(); ++size) {
    const auto batch = ReadSegment(std::string_view(bytes).substr(0, size), 0, 10);
    ASSERT_TRUE(batch.ok());
    EXPECT_EQ(batch->records.size(), 1u);
    EXPECT_EQ(batch->next.offset, static_cast<int64_t>(whole));
  }
}

TEST(Journal, AFullQueueDropsAndCounts) {
  const auto folder = TemporaryFolder::Make();
  WriterOptions options;
  options.queue_bytes = 1000;
  options.commit_seconds = 60.0;
  const auto writer = Writer::Open(folder->path(), options);
  int64_t taken = 0;
  for (int64_t i = 0; i < 100; ++i) taken += (*writer)->Append(Sample(i)) ? 1 : 0;
  EXPECT_GT(taken, 0);
  EXPECT_EQ((*writer)->num_dropped(), 100 - taken);
}

TEST(Journal, WhatWasCommittedSurvivesKill) {
  for (int round = 0; round < 5; ++round) {
    const auto folder = TemporaryFolder::Make();
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto writer = Writer::Open(folder->path());
      for (int64_t i = 0; writer.ok(); ++i) {
        (*writer)->Append(Sample(i));
        if (!(*writer)->Commit().ok()) break;
        if (write(pipe_ends[1], &i, sizeof i) != sizeof i) break;
      }
      _exit(1);
    }
    close(pipe_ends[1]);
    int64_t acknowledged = -1;
    const int64_t target = 3 + 4 * round;
    while (acknowledged < target && read(pipe_ends[0], &acknowledged, sizeof acknowledged) > 0) {
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    int64_t more = 0;
    while (read(pipe_ends[0], &more, sizeof more) > 0) acknowledged = more;
    close(pipe_ends[0]);
    const auto batch = ReadRecords(folder->path(), {}, 100000);
    ASSERT_TRUE(batch.ok());
    EXPECT_GE(static_cast<int64_t>(batch->records.size()), acknowledged + 1);
  }
}

// Limits the size of files of this process, as a full disk would.
void LimitFiles(rlim_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
}

// Returns 0, or the number of the expectation that does not hold. Runs in a child process.
int WriteOnAFullDisk(const std::string& folder) {
  signal(SIGXFSZ, SIG_IGN);
  WriterOptions options;
  options.commit_seconds = 0.005;
  options.retry_seconds = 0.01;
  const auto writer = Writer::Open(folder, options);
  if (!writer.ok()) return 1;
  if (!(*writer)->Append(Sample(0)) || !(*writer)->Commit().ok()) return 2;
  LimitFiles(4);
  if (!(*writer)->Append(Sample(1))) return 3;
  if ((*writer)->Commit().ok()) return 4;      // what was not written is not acknowledged
  if ((*writer)->Append(Sample(2))) return 5;  // refused at once, without waiting
  if ((*writer)->Commit().ok()) return 6;
  usleep(60'000);  // several attempts in vain
  if ((*writer)->num_dropped() != 2 || (*writer)->num_written() != 1) return 7;
  LimitFiles(RLIM_INFINITY);
  for (int i = 0; i < 200 && !(*writer)->Append(Sample(3)); ++i) usleep(10'000);
  if (!(*writer)->Commit().ok()) return 8;
  if ((*writer)->num_written() != 2) return 9;
  return 0;
}

TEST(Journal, AFullDiskCostsCountedRecordsOnlyAndWritingGoesOn) {
  const auto folder = TemporaryFolder::Make();
  const pid_t child = fork();
  if (child == 0) {
    fclose(stderr);
    _exit(WriteOnAFullDisk(folder->path()));
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto all = ReadRecords(folder->path(), {}, 100);
  ASSERT_EQ(all->records.size(), 2u);
  EXPECT_EQ(std::get<PredictionRecord>(all->records[1]).row_index, 3);
  EXPECT_EQ(ListFolder(folder->path())->size(), 2u) << "attempts left empty segments behind";
}

}  // namespace
}  // namespace millrace::journal
