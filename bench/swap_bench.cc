// Swaps of models under load: a client asks without a pause while the deployment changes between
// two models, again and again. Prints failed requests and the resident memory of the server over
// the swaps, beside that of the server after it has served both models once. Usage: swap_bench
// [SWAPS] [TREES]      (default 1000 500)

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "base/digest.h"
#include "bundle/bundle.h"
#include "json/text.h"
#include "measured_server.h"
#include "net/http_client.h"
#include "serve/deployment.h"
#include "synthetic_bundle.h"

namespace millrace::bench {
namespace {

class SwapBench {
 public:
  SwapBench(std::string folder, int64_t num_swaps, int64_t num_trees)
      : folder_(std::move(folder)), num_swaps_(num_swaps), num_trees_(num_trees) {}

  Status Run(const std::string& program) {
    for (size_t i = 0; i < 2; ++i) {
      MILLRACE_ASSIGN_OR_RETURN(const std::string bytes,
                                SyntheticBundle({.num_trees = num_trees_, .seed = 7 + i}));
      bundles_[i] = JoinPath(folder_, Format("model{}.mill", i));
      MILLRACE_RETURN_IF_ERROR(WriteFile(bundles_[i], bytes));
      MILLRACE_ASSIGN_OR_RETURN(const auto bundle, bundle::Bundle::Open(bundles_[i]));
      digests_[i] = bundle->digest().ToHex();
    }
    MILLRACE_RETURN_IF_ERROR(Deploy(0));
    const std::string port_file = JoinPath(folder_, "port");
    MILLRACE_ASSIGN_OR_RETURN(
        const MeasuredServer server,
        MeasuredServer::Start({program, "--deployment", JoinPath(folder_, "deployment.json"),
                               "--port", "0", "--threads", "2", "--port-file", port_file},
                              port_file));
    std::atomic<bool> done{false};
    std::atomic<int64_t> failed{0};
    std::atomic<int64_t> answered{0};
    std::jthread load([&] {
      net::HttpClient client("127.0.0.1", server.port());
      const std::string body = SyntheticRequest({}, 1);
      while (!done) {
        const auto answer = client.PostJson("/v1/predict", body);
        (answer.ok() && answer->status == 200 ? answered : failed).fetch_add(1);
      }
    });
    const Status status = Swap(server);
    done = true;
    load.join();
    MILLRACE_RETURN_IF_ERROR(status);
    std::printf("%lld swaps of two models of %lld trees: %lld requests answered, %lld failed\n",
                static_cast<long long>(num_swaps_), static_cast<long long>(num_trees_),
                static_cast<long long>(answered), static_cast<long long>(failed));
    return {};
  }

 private:
  Status Deploy(size_t which) {
    serve::Deployment deployment;
    deployment.name = "bench";
    deployment.routes = {
        {.bundle = bundles_[which], .digest = digests_[which], .label = "champion"}};
    return WriteFileAtomic(JoinPath(folder_, "deployment.json"),
                           json::WritePretty(serve::ToJson(deployment)));
  }

  Status Await(const MeasuredServer& server, size_t which) {
    net::HttpClient client("127.0.0.1", server.port());
    SystemClock clock;
    for (int i = 0; i < 2000; ++i) {
      const auto answer = client.Get("/v2/health/ready");
      if (answer.ok() && answer->body.find(digests_[which]) != std::string::npos) return {};
      clock.SleepSeconds(0.002);
    }
    return Unavailable("bench: the server does not take a deployment over");
  }

  Status Swap(const MeasuredServer& server) {
    constexpr int64_t kWarm = 20;  // swaps until both models have been served by every thread
    const int64_t step = std::max<int64_t>(1, num_swaps_ / 10);
    double warm = 0.0;
    for (int64_t swap = 1; swap <= kWarm + num_swaps_; ++swap) {
      const auto which = static_cast<size_t>(swap % 2);
      MILLRACE_RETURN_IF_ERROR(Deploy(which));
      MILLRACE_RETURN_IF_ERROR(Await(server, which));
      if (swap == kWarm) {
        warm = server.Memory();
        std::printf("%34s %7.2f MiB\n", "memory after warm-up", warm);
      } else if (swap > kWarm && (swap - kWarm) % step == 0) {
        std::printf("%27s %6lld %7.2f MiB %5.2f x\n", "swaps", static_cast<long long>(swap - kWarm),
                    server.Memory(), server.Memory() / warm);
      }
    }
    return {};
  }

  const std::string folder_;
  const int64_t num_swaps_;
  const int64_t num_trees_;
  std::array<std::string, 2> bundles_;
  std::array<std::string, 2> digests_;
};

Status Run(int64_t num_swaps, int64_t num_trees) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string self, CurrentProgramPath());
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  return SwapBench(folder.path(), num_swaps, num_trees)
      .Run(JoinPath(FolderName(FolderName(self)), "bin/millrace-server"));
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  const int64_t num_swaps = argc > 1 ? std::atoll(argv[1]) : 1000;
  const int64_t num_trees = argc > 2 ? std::atoll(argv[2]) : 500;
  const millrace::Status status =
      millrace::bench::Run(num_swaps < 1 ? 1 : num_swaps, num_trees < 1 ? 1 : num_trees);
  if (status.ok()) return 0;
  std::fprintf(stderr, "swap_bench: %s\n", status.ToString().c_str());
  return millrace::ExitCode(status.code());
}
