#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace {
namespace {

constexpr double kPollSeconds = 0.005;
constexpr int kExitInterrupted = 130;

// The one flag that a signal handler may touch; lock-free and constant-initialised.
std::atomic<int>& NumInterrupts() {
  static constinit std::atomic<int> count{0};
  return count;
}

void OnInterrupt(int) {
  if (NumInterrupts().fetch_add(1) > 0) _exit(kExitInterrupted);
}

// What a child that could not start tells its parent through the pipe.
struct StartFailure {
  int step;   // index into kSteps
  int error;  // errno
};
constexpr std::string_view kSteps[] = {"cannot enter its folder", "cannot open its output",
                                       "cannot limit its memory", "cannot be started"};

[[noreturn]] void ReportAndExit(int pipe_end, int step, int error) {
  const StartFailure failure{step, error};
  // The parent sees a short read as a start that failed for an unknown reason.
  [[maybe_unused]] const ssize_t written = write(pipe_end, &failure, sizeof(failure));
  _exit(127);
}

// Only async-signal-safe calls from here to exec: the parent may have had other threads.
void RedirectOrExit(int pipe_end, const std::string& path, int target) {
  if (path.empty()) return;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0 || dup2(file, target) < 0) ReportAndExit(pipe_end, 1, errno);
}

[[noreturn]] void RunChild(const ChildOptions& options, char* const* arguments, int pipe_end) {
  if (options.new_session) setsid();
  if (!options.working_folder.empty() && chdir(options.working_folder.c_str()) != 0) {
    ReportAndExit(pipe_end, 0, errno);
  }
  RedirectOrExit(pipe_end, options.stdout_path, STDOUT_FILENO);
  RedirectOrExit(pipe_end, options.stderr_path, STDERR_FILENO);
  if (options.new_session) {
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  }
  if (options.memory_limit_bytes > 0) {
    const auto bytes = static_cast<rlim_t>(options.memory_limit_bytes);
    const rlimit limit{bytes, bytes};
    if (setrlimit(RLIMIT_AS, &limit) != 0) ReportAndExit(pipe_end, 2, errno);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv(arguments[0], arguments);
  ReportAndExit(pipe_end, 3, errno);
}

int ExitCodeOf(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

// Returns field `index` (from 1, as in proc(5)) of /proc/<id>/stat; fields 3 and up only.
Result<std::string> ProcessField(int64_t process_id, size_t index) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string stat, ReadFile(Format("/proc/{}/stat", process_id)));
  // The program name (field 2) is in brackets and may hold spaces and brackets itself.
  const size_t end = stat.rfind(") ");
  if (end == std::string::npos) return Internal(Format("/proc/{}/stat: unreadable", process_id));
  const std::vector<std::string_view> fields = Split(Trim(stat).substr(end + 2), ' ');
  if (index < 3 || index - 3 >= fields.size()) {
    return Internal(Format("/proc/{}/stat: has no field {}", process_id, index));
  }
  return std::string(fields[index - 3]);
}

}  // namespace

Result<int64_t> StartChild(const ChildOptions& options) {
  if (options.arguments.empty()) return Internal("child process: no program named");
  const std::string& program = options.arguments[0];
  std::vector<char*> arguments;
  for (const std::string& argument : options.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return IoError(Format("{}: cannot be started: {}", program, std::strerror(errno)));
  }
  const pid_t child = fork();
  if (child < 0) {
    const int error = errno;
    close(ends[0]);
    close(ends[1]);
    return ResourceExhausted(Format("{}: cannot be started: {}", program, std::strerror(error)));
  }
  if (child == 0) {
    close(ends[0]);
    RunChild(options, arguments.data(), ends[1]);
  }
  close(ends[1]);
  StartFailure failure{};
  ssize_t got = 0;
  do {
    got = read(ends[0], &failure, sizeof(failure));
  } while (got < 0 && errno == EINTR);
  close(ends[0]);
  if (got == 0) return int64_t{child};  // exec closed the pipe
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
  const auto step = static_cast<size_t>(std::clamp(failure.step, 0, 3));
  const std::string message =
      Format("{}: {}: {}", program, kSteps[step], std::strerror(failure.error));
  return failure.error == ENOENT ? NotFound(message) : IoError(message);
}

Result<std::optional<int>> PollChild(int64_t process_id) {
  int wait_status = 0;
  while (true) {
    const pid_t ended = waitpid(static_cast<pid_t>(process_id), &wait_status, WNOHANG);
    if (ended == 0) return std::optional<int>();
    if (ended > 0) return std::optional<int>(ExitCodeOf(wait_status));
    if (errno == EINTR) continue;
    return NotFound(Format("process {}: not a child of this program", process_id));
  }
}

Result<std::optional<int>> WaitChild(int64_t process_id, double seconds) {
  SystemClock clock;
  const double end = clock.MonotonicSeconds() + seconds;
  while (true) {
    MILLRACE_ASSIGN_OR_RETURN(const std::optional<int> code, PollChild(process_id));
    const double left = end - clock.MonotonicSeconds();
    if (code || left <= 0.0) return code;
    clock.SleepSeconds(std::min(left, kPollSeconds));
  }
}

Status StopProcess(int64_t process_id, double grace_seconds) {
  if (process_id <= 1) return Internal(Format("process {}: is none of ours", process_id));
  const auto id = static_cast<pid_t>(process_id);
  // A child must be collected, or it stays behind as a zombie; others are only watched.
  const auto gone = [&] {
    int wait_status = 0;
    waitpid(id, &wait_status, WNOHANG);
    return !ProcessExists(process_id);
  };
  if (gone()) return Status();
  if (kill(id, SIGTERM) != 0) {
    if (errno == ESRCH) return Status();
    return IoError(Format("process {}: cannot be stopped: {}", process_id, std::strerror(errno)));
  }
  SystemClock clock;
  double end = clock.MonotonicSeconds() + grace_seconds;
  while (clock.MonotonicSeconds() < end) {
    if (gone()) return Status();
    clock.SleepSeconds(kPollSeconds);
  }
  if (gone()) return Status();
  kill(id, SIGKILL);
  end = clock.MonotonicSeconds() + 5.0;
  while (clock.MonotonicSeconds() < end) {
    if (gone()) return Status();
    clock.SleepSeconds(kPollSeconds);
  }
  return IoError(Format("process {}: does not end", process_id));
}

bool ProcessExists(int64_t process_id) {
  const auto state = ProcessField(process_id, 3);
  return state.ok() && *state != "Z" && *state != "X";
}

Result<int64_t> ProcessStartTicks(int64_t process_id) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string field, ProcessField(process_id, 22));
  const std::optional<int64_t> ticks = ParseInt(field);
  if (!ticks) return Internal(Format("/proc/{}/stat: start time: \"{}\"", process_id, field));
  return *ticks;
}

int64_t CurrentProcessId() { return getpid(); }

Result<std::string> CurrentProgramPath() {
  std::string path(4096, '\0');
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size < 0) return IoError(Format("/proc/self/exe: {}", std::strerror(errno)));
  path.resize(static_cast<size_t>(size));
  return path;
}

int64_t PeakResidentBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

int64_t ResidentBytes() {
  const auto text = ReadFile("/proc/self/statm");
  if (!text.ok()) return 0;
  const std::vector<std::string_view> fields = Split(Trim(*text), ' ');
  if (fields.size() < 2) return 0;
  return ParseInt(fields[1]).value_or(0) * sysconf(_SC_PAGESIZE);
}

void CatchInterrupts() {
  struct sigaction action {};
  action.sa_handler = OnInterrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool Interrupted() { return NumInterrupts().load() > 0; }

Status CheckInterrupted() {
  if (!Interrupted()) return Status();
  return Cancelled("interrupted").WithHint("run the command again to go on where it stopped");
}

}  // namespace millrace
