// Threads: fixed splitting of work, so that results do not depend on the number of threads.

#pragma once

#include <cstdint>
#include <functional>

namespace millrace {

/// Returns the number of processors this process may use (>= 1; respects affinity and cgroup
/// quotas).
int NumProcessors();

/// Calls `work(i)` once for each i in [0, num_tasks), on up to `num_threads` threads (the caller is
/// one of them), and returns when all are done. Order is unspecified, so each task must write only
/// its own results. Where `work` ends by an exception (memory that is not there), no further task
/// begins, and the first exception is thrown again to the caller once every thread has ended.
void ParallelFor(int num_threads, int64_t num_tasks, const std::function<void(int64_t)>& work);

}  // namespace millrace
