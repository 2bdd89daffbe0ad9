#include "deploy/capacity.h"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "deploy/server_process.h"
#include "json/text.h"
#include "net/http_client.h"
#include "serve/deployment.h"

namespace millrace::deploy {
namespace {

// Returns "VmHWM" of /proc/<id>/status in bytes.
Result<int64_t> PeakResidentOf(int64_t process_id) {
  const std::string path = Format("/proc/{}/status", process_id);
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  for (const std::string_view line : Split(text, '\n')) {
    constexpr std::string_view kName = "VmHWM:";
    if (line.substr(0, kName.size()) != kName) continue;
    const std::string_view value = Trim(line.substr(kName.size()));
    const std::optional<int64_t> kilobytes = ParseInt(value.substr(0, value.find(' ')));
    if (kilobytes) return *kilobytes * 1024;
  }
  return Internal(Format("{}: has no VmHWM", path));
}

// Returns user and system time of a process (fields 14 and 15 of /proc/<id>/stat) in seconds.
Result<double> ProcessorSecondsOf(int64_t process_id) {
  const std::string path = Format("/proc/{}/stat", process_id);
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const size_t end = text.rfind(") ");
  if (end == std::string::npos) return Internal(Format("{}: unreadable", path));
  const std::vector<std::string_view> fields = Split(std::string_view(text).substr(end + 2), ' ');
  if (fields.size() < 13) return Internal(Format("{}: unreadable", path));
  const int64_t ticks = ParseInt(fields[11]).value_or(0) + ParseInt(fields[12]).value_or(0);
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Result<Capacity> Load(const CapacityInputs& inputs, const bundle::Bundle& bundle,
                      const serve::ServerState& server) {
  std::vector<std::string> bodies;
  for (const json::Json& row : bundle.golden()["rows"].AsArray()) {
    bodies.push_back(json::Write(json::Json::Of({{"rows", json::Json::MakeArray().Append(row)}})));
  }
  if (bodies.empty()) return Corrupt("bundle: no golden rows");
  MILLRACE_ASSIGN_OR_RETURN(const net::Url url, net::ParseUrl(server.Url()));
  net::HttpClient client(url.host, url.port);
  MILLRACE_ASSIGN_OR_RETURN(const double before, ProcessorSecondsOf(server.process_id));
  const double begin = inputs.clock.MonotonicSeconds();
  double now = begin;
  Capacity capacity;
  while (now - begin < inputs.seconds) {
    const std::string& body = bodies[static_cast<size_t>(capacity.num_requests) % bodies.size()];
    MILLRACE_ASSIGN_OR_RETURN(const net::HttpResponse answer, client.PostJson("/v1/predict", body));
    if (answer.status != 200) {
      return Unavailable(Format("{}: a golden row got status {}", server.Url(), answer.status));
    }
    ++capacity.num_requests;
    now = inputs.clock.MonotonicSeconds();
  }
  MILLRACE_ASSIGN_OR_RETURN(const double after, ProcessorSecondsOf(server.process_id));
  MILLRACE_ASSIGN_OR_RETURN(capacity.peak_resident_bytes, PeakResidentOf(server.process_id));
  const auto requests = static_cast<double>(capacity.num_requests);
  capacity.requests_per_second = requests / (now - begin);
  capacity.cpu_seconds_per_request = (after - before) / requests;
  return capacity;
}

}  // namespace

Result<Capacity> MeasureCapacity(const CapacityInputs& inputs) {
  MILLRACE_ASSIGN_OR_RETURN(const auto bundle, bundle::Bundle::Open(inputs.bundle_path));
  MILLRACE_RETURN_IF_ERROR(MakeFolders(inputs.folder));
  serve::Deployment deployment;
  deployment.routes = {{AbsolutePath(inputs.bundle_path), bundle->digest().ToHex(), 1.0, "load"}};
  deployment.on_invalid = serve::InvalidRows::kAccept;  // rows are golden ones
  ServerStart start;
  start.program = inputs.server_program;
  start.deployment = JoinPath(inputs.folder, "deployment.json");
  start.state_path = JoinPath(inputs.folder, "server.json");
  start.output_path = JoinPath(inputs.folder, "output.log");
  start.journal = JoinPath(inputs.folder, "log");
  start.threads = 1;
  start.lifetime = Lifetime::kWithCaller;
  MILLRACE_RETURN_IF_ERROR(
      WriteFileAtomic(start.deployment, json::WritePretty(serve::ToJson(deployment))));
  const double begin = inputs.clock.MonotonicSeconds();
  MILLRACE_ASSIGN_OR_RETURN(const serve::ServerState server, StartServer(start, inputs.clock));
  const double started = inputs.clock.MonotonicSeconds() - begin;
  Result<Capacity> capacity = Load(inputs, *bundle, server);
  const Status stopped = StopServer(start.state_path, 5.0, inputs.clock);
  if (!capacity.ok()) return capacity;
  MILLRACE_RETURN_IF_ERROR(stopped);
  capacity->start_seconds = started;
  return capacity;
}

}  // namespace millrace::deploy
