#include "base/threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/text.h"

namespace millrace {
namespace {

// Returns the processors that a quota of the control group leaves, rounded up; 0 when unlimited.
int ProcessorsOfQuota() {
  const auto version2 = ReadFile("/sys/fs/cgroup/cpu.max");
  if (version2.ok()) {
    const std::vector<std::string_view> parts = Split(Trim(*version2), ' ');
    if (parts.size() == 2) {
      const auto quota = ParseDouble(parts[0]);
      const auto period = ParseDouble(parts[1]);
      if (quota && period && *period > 0) return static_cast<int>(std::ceil(*quota / *period));
    }
    return 0;
  }
  const auto quota_text = ReadFile("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto period_text = ReadFile("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (!quota_text.ok() || !period_text.ok()) return 0;
  const auto quota = ParseDouble(Trim(*quota_text));
  const auto period = ParseDouble(Trim(*period_text));
  if (!quota || !period || *quota <= 0 || *period <= 0) return 0;
  return static_cast<int>(std::ceil(*quota / *period));
}

}  // namespace

int NumProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = 0;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) count = CPU_COUNT(&set);
  if (count < 1) count = static_cast<int>(std::thread::hardware_concurrency());
  const int quota = ProcessorsOfQuota();
  if (quota > 0) count = std::min(count, quota);
  return std::max(count, 1);
}

void ParallelFor(int num_threads, int64_t num_tasks, const std::function<void(int64_t)>& work) {
  std::atomic<int64_t> next{0};
  std::mutex failure_mutex;
  std::exception_ptr failure;
  const auto drain = [&] {
    try {
      for (int64_t i = next.fetch_add(1); i < num_tasks; i = next.fetch_add(1)) work(i);
    } catch (...) {
      next = num_tasks;
      const std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    const int64_t num_helpers = std::min<int64_t>(num_threads, num_tasks) - 1;
    std::vector<std::jthread> helpers;
    for (int64_t i = 0; i < num_helpers; ++i) {
      try {
        helpers.emplace_back(drain);
      } catch (const std::system_error&) {
        break;  // no more threads to be had: those that run do all the work
      }
    }
    drain();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace millrace
