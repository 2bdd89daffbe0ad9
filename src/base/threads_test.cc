#include "base/threads.h"

#include <gtest/gtest.h>

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

TEST(ThreadsTest, ThereIsAProcessor) { EXPECT_GE(NumProcessors(), 1); }

}  // namespace
}  // namespace millrace
