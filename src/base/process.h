// Child processes and signals: start, watch and end programs that we started, by their id.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace millrace {

/// Options of a child process.
struct ChildOptions {
  std::vector<std::string> arguments;  // arguments[0] is the program's path
  std::string working_folder;          // empty: inherited
  std::string stdout_path;             // empty: inherited; else appended to
  std::string stderr_path;             // empty: inherited; else appended to
  bool new_session = false;            // true: survives the parent's terminal (a daemon)
  int64_t memory_limit_bytes = 0;      // 0: none (RLIMIT_AS)
};

/// Starts a program; returns its process id. kNotFound, kIoError.
Result<int64_t> StartChild(const ChildOptions& options);
/// Returns the exit code (128 + signal when killed) when the child has ended, else nothing.
Result<std::optional<int>> PollChild(int64_t process_id);
/// Waits at most `seconds`; nothing when it still runs.
Result<std::optional<int>> WaitChild(int64_t process_id, double seconds);
/// Sends SIGTERM, waits up to `grace_seconds`, then SIGKILL. A process that is gone is not an
/// error. Works for processes that are not our children too.
Status StopProcess(int64_t process_id, double grace_seconds);
/// Returns true when a process with this id exists (and is not a zombie).
bool ProcessExists(int64_t process_id);
/// Returns the time a process was started in clock ticks since boot; with the id it names a process
/// for good, also after the id is used again. kNotFound.
Result<int64_t> ProcessStartTicks(int64_t process_id);
int64_t CurrentProcessId();
/// Returns the path of the running program.
Result<std::string> CurrentProgramPath();
/// Returns the largest resident size of this process so far, in bytes.
int64_t PeakResidentBytes();
/// Returns the resident size of this process now, in bytes.
int64_t ResidentBytes();

/// Catches SIGINT and SIGTERM once; after that `Interrupted()` is true after the first signal and a
/// second one ends the process at once (exit code 130). Idempotent.
void CatchInterrupts();
/// Returns true after SIGINT or SIGTERM.
bool Interrupted();
/// Returns kCancelled when interrupted, else ok.
Status CheckInterrupted();

}  // namespace millrace
