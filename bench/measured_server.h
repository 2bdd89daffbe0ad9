// A server program on one processor whose port, processor time and memory a bench can read.

#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"

namespace millrace::bench {

// A program on processor 0 that writes its port into a file; ended with this object.
class MeasuredServer {
 public:
  static Result<MeasuredServer> Start(std::vector<std::string> arguments,
                                      const std::string& port_file) {
    MILLRACE_RETURN_IF_ERROR(RemoveAll(port_file));
    ChildOptions options;
    options.arguments = {"/usr/bin/taskset", "-c", "0"};
    options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
    options.stdout_path = options.stderr_path = port_file + ".log";
    MILLRACE_ASSIGN_OR_RETURN(const int64_t process, StartChild(options));
    SystemClock clock;
    for (int i = 0; i < 2000; ++i) {
      const Result<std::string> text = ReadFile(port_file);
      const auto port = text.ok() ? ParseInt(Trim(*text)) : std::nullopt;
      if (port) return MeasuredServer(process, *port);
      clock.SleepSeconds(0.005);
    }
    (void)StopProcess(process, 1.0);
    return Unavailable(Format("bench: {} does not start", arguments[0]));
  }
  MeasuredServer(MeasuredServer&& other) noexcept : process_(other.process_), port_(other.port_) {
    other.process_ = 0;
  }
  MeasuredServer& operator=(MeasuredServer&&) = delete;
  ~MeasuredServer() {
    if (process_ != 0) (void)StopProcess(process_, 5.0);
  }
  int64_t port() const { return port_; }
  // Processor time so far in seconds, user and system.
  double CpuSeconds() const {
    const Result<std::string> text = ReadFile(Format("/proc/{}/stat", process_));
    if (!text.ok()) return 0.0;
    const auto fields = Split(text->substr(text->rfind(')') + 2), ' ');
    if (fields.size() < 13) return 0.0;
    const auto ticks = ParseInt(fields[11]).value_or(0) + ParseInt(fields[12]).value_or(0);
    return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  // Resident memory in MiB.
  double Memory() const {
    const Result<std::string> text = ReadFile(Format("/proc/{}/statm", process_));
    if (!text.ok()) return 0.0;
    const auto fields = Split(*text, ' ');
    const auto pages = fields.size() > 1 ? ParseInt(fields[1]) : std::nullopt;
    return static_cast<double>(pages.value_or(0) * sysconf(_SC_PAGESIZE)) / (1 << 20);
  }

 private:
  MeasuredServer(int64_t process, int64_t port) : process_(process), port_(port) {}
  int64_t process_;
  int64_t port_;
};

}  // namespace millrace::bench
