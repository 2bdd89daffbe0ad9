#include "base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace millrace {
namespace {

TEST(ThreadsTest, EachTaskRunsOnce) {
  for (const int threads : {1, 2, 7}) {
    std::vector<int> done(1000);
    ParallelFor(threads, 1000, [&](int64_t i) { ++done[static_cast<size_t>(i)]; });
    EXPECT_EQ(done, std::vector<int>(1000, 1));
  }
}

TEST(ThreadsTest, NoTasksIsFine) {
  ParallelFor(4, 0, [](int64_t) { FAIL(); });
}

// An exception that leaves a thread would end the program.
TEST(ThreadsTest, AnExceptionOfAHelperThreadReachesTheCaller) {
  const auto caller = std::this_thread::get_id();
  std::latch both{2};  // one task a thread
  std::atomic<int> ended = 0;
  const auto work = [&](int64_t) {
    both.arrive_and_wait();
    if (std::this_thread::get_id() != caller) (void)std::vector<int>(3).at(3);
    ++ended;
  };
  EXPECT_THROW(ParallelFor(2, 2, work), std::out_of_range);
  EXPECT_EQ(ended, 1);
}

TEST(ThreadsTest, NoTaskBeginsAfterAnException) {
  std::atomic<int> begun = 0;
  const auto work = [&](int64_t) {
    ++begun;
    (void)std::vector<int>(3).at(3);
  };
  EXPECT_THROW(ParallelFor(1, 100, work), std::out_of_range);
  EXPECT_EQ(begun, 1);
  begun = 0;
  EXPECT_THROW(ParallelFor(4, 100, work), std::out_of_range);
  EXPECT_LE(begun, 4);
}

TEST(ThreadsTest, ThereIsAProcessor) { EXPECT_GE(NumProcessors(), 1); }

}  // namespace
}  // namespace millrace
