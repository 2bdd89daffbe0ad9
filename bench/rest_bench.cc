// Requests per second of millrace-server beside a raw epoll responder, in one run: each of them on
// processor 0 with one thread, wrk on processor 1 with 64 connections, one row a request. The
// processor time of a request is printed too: it says the same on a machine that others use.
// Prints the curve over the number of trees, the cost of the prediction log, memory and start time.
// Usage: rest_bench [SECONDS_EACH]      (default 3)

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "measured_server.h"
#include "net/http_client.h"
#include "synthetic_bundle.h"

namespace millrace::bench {
namespace {

constexpr std::string_view kScript = R"lua(
local requests, next_request = {}, 0
function init(args)
  local headers = {["Content-Type"] = "application/json", ["Host"] = "127.0.0.1"}
  for line in io.lines(os.getenv("BODY")) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, line)
  end
end
function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end
done = function(s, l, r)
  io.write(string.format("RESULT %.1f %.4f %.4f %d\n", s.requests / s.duration * 1e6,
    l:percentile(50) / 1e3, l:percentile(99) / 1e3, s.errors.status + s.errors.connect + s.errors.read + s.errors.timeout))
end
)lua";

struct Load {
  double cpu_us = 0.0;  // processor time of the server for one request
  double per_second = 0.0;
  double p50_ms = 0.0;
  double p99_ms = 0.0;
  double errors = 0.0;
};

Result<Load> Measure(const MeasuredServer& server, const std::string& folder, int64_t seconds,
                     int64_t connections) {
  const std::string out = JoinPath(folder, "wrk.txt");
  MILLRACE_RETURN_IF_ERROR(RemoveAll(out));
  ChildOptions options;
  options.arguments = {"/usr/bin/env",
                       "BODY=" + JoinPath(folder, "body.json"),
                       "taskset",
                       "-c",
                       "1",
                       "wrk",
                       "-t1",
                       Format("-c{}", connections),
                       Format("-d{}s", seconds),
                       "--latency",
                       "-s",
                       JoinPath(folder, "post.lua"),
                       Format("http://127.0.0.1:{}/v1/predict", server.port())};
  options.stdout_path = options.stderr_path = out;
  const double cpu_before = server.CpuSeconds();
  MILLRACE_ASSIGN_OR_RETURN(const int64_t process, StartChild(options));
  MILLRACE_ASSIGN_OR_RETURN(const auto code,
                            WaitChild(process, static_cast<double>(seconds) + 20.0));
  const double cpu_seconds = server.CpuSeconds() - cpu_before;
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(out));
  const size_t at = text.find("RESULT ");
  if (!code || *code != 0 || at == std::string::npos) {
    return Unavailable(Format("bench: wrk: {}", text)).WithHint("apt-get install wrk");
  }
  Load load;
  if (std::sscanf(text.c_str() + at, "RESULT %lf %lf %lf %lf", &load.per_second, &load.p50_ms,
                  &load.p99_ms, &load.errors) != 4) {
    return Internal(Format("bench: wrk said: {}", text));
  }
  load.cpu_us = 1e6 * cpu_seconds / (load.per_second * static_cast<double>(seconds));
  return load;
}

void Print(const std::string& name, const Load& load, const Load& raw, double memory) {
  std::printf(
      "%-34s %8.0f /s %5.2f x raw  cpu %6.2f us %5.2f x raw  p50 %6.3f ms  p99 %6.3f ms  "
      "errors %.0f  %.0f MiB\n",
      name.c_str(), load.per_second, load.per_second / raw.per_second, load.cpu_us,
      raw.cpu_us / load.cpu_us, load.p50_ms, load.p99_ms, load.errors, memory);
  std::fflush(stdout);
}

// The same bundle with a check of every column, which every request keeps. Two rounds of both, one
// after the other, as the machine may have other work.
Status MeasureChecks(int64_t num_trees, const std::vector<std::string>& arguments,
                     const std::string& port_file, const std::string& folder, int64_t seconds,
                     const Load& raw) {
  using Checks = SyntheticOptions::Checks;
  for (int round = 0; round < 2; ++round) {
    for (const Checks checks : {Checks::kNone, Checks::kAll}) {
      MILLRACE_ASSIGN_OR_RETURN(const std::string bytes,
                                SyntheticBundle({.num_trees = num_trees, .checks = checks}));
      MILLRACE_RETURN_IF_ERROR(WriteFile(JoinPath(folder, "model.mill"), bytes));
      MILLRACE_ASSIGN_OR_RETURN(const MeasuredServer server,
                                MeasuredServer::Start(arguments, port_file));
      MILLRACE_ASSIGN_OR_RETURN(const Load load, Measure(server, folder, seconds, 64));
      Print(checks == Checks::kAll ? "  64 connections, 20 columns checked"
                                   : "  64 connections, nothing checked",
            load, raw, server.Memory());
    }
  }
  return {};
}

Status MeasureTrees(int64_t num_trees, const std::string& program, const std::string& folder,
                    int64_t seconds, const Load& raw) {
  const SyntheticOptions options{.num_trees = num_trees};
  const std::string bundle = JoinPath(folder, "model.mill");
  const std::string port_file = JoinPath(folder, "port");
  MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, SyntheticBundle(options));
  MILLRACE_RETURN_IF_ERROR(WriteFile(bundle, bytes));
  SystemClock clock;
  const double before = clock.MonotonicSeconds();
  const std::vector<std::string> arguments = {program,     "--bundle", bundle,        "--port", "0",
                                              "--threads", "1",        "--port-file", port_file};
  {
    MILLRACE_ASSIGN_OR_RETURN(const MeasuredServer server,
                              MeasuredServer::Start(arguments, port_file));
    net::HttpClient client("127.0.0.1", server.port());
    MILLRACE_ASSIGN_OR_RETURN(const auto answer,
                              client.PostJson("/v1/predict", SyntheticRequest(options, 0)));
    if (answer.status != 200) return Internal(Format("bench: {}", answer.body));
    std::printf("%-34s %9.1f ms to the first good answer, bundle %.1f MB\n",
                Format("{} trees x 31 leaves", num_trees).c_str(),
                (clock.MonotonicSeconds() - before) * 1e3, static_cast<double>(bytes.size()) / 1e6);
    for (const int64_t connections : {int64_t{1}, int64_t{64}}) {
      MILLRACE_ASSIGN_OR_RETURN(const Load load, Measure(server, folder, seconds, connections));
      Print(Format("  {} connections", connections), load, raw, server.Memory());
    }
  }
  MILLRACE_RETURN_IF_ERROR(MeasureChecks(num_trees, arguments, port_file, folder, seconds, raw));
  std::vector<std::string> logged = arguments;
  logged.insert(logged.end(), {"--log", JoinPath(folder, "log")});
  {
    MILLRACE_ASSIGN_OR_RETURN(const MeasuredServer server,
                              MeasuredServer::Start(logged, port_file));
    MILLRACE_ASSIGN_OR_RETURN(const Load load, Measure(server, folder, seconds, 64));
    Print("  64 connections, prediction log on", load, raw, server.Memory());
  }
  return RemoveAll(JoinPath(folder, "log"));
}

Status Run(int64_t seconds) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string self, CurrentProgramPath());
  const std::string bin = JoinPath(FolderName(FolderName(self)), "bin/millrace-server");
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  // Many rows, so that no branch predictor learns one by heart.
  std::string bodies;
  for (uint64_t row = 0; row < 997; ++row) bodies += SyntheticRequest({}, row) + "\n";
  MILLRACE_RETURN_IF_ERROR(WriteFile(JoinPath(folder.path(), "post.lua"), kScript));
  MILLRACE_RETURN_IF_ERROR(WriteFile(JoinPath(folder.path(), "body.json"), bodies));
  Load raw;
  {
    const std::string port_file = JoinPath(folder.path(), "port");
    MILLRACE_ASSIGN_OR_RETURN(
        const MeasuredServer server,
        MeasuredServer::Start({JoinPath(FolderName(self), "raw_responder"), port_file}, port_file));
    for (const int64_t connections : {int64_t{1}, int64_t{64}}) {
      MILLRACE_ASSIGN_OR_RETURN(const Load load,
                                Measure(server, folder.path(), seconds, connections));
      raw = load;
      Print(Format("raw epoll responder, {} connections", connections), load, raw, server.Memory());
    }
  }
  for (const int64_t trees : {int64_t{100}, int64_t{200}, int64_t{500}}) {
    MILLRACE_RETURN_IF_ERROR(MeasureTrees(trees, bin, folder.path(), seconds, raw));
  }
  return {};
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  const int64_t seconds = argc > 1 ? std::atoll(argv[1]) : 3;
  const millrace::Status status = millrace::bench::Run(seconds < 1 ? 1 : seconds);
  if (status.ok()) return 0;
  std::fprintf(stderr, "rest_bench: %s\n", status.ToString().c_str());
  return millrace::ExitCode(status.code());
}
