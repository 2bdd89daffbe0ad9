// Any bytes as a request to any endpoint, in every body format: an answer with a body that can be
// read, never a crash, never a status of our own fault.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/clock.h"
#include "bundle/sample_bundle.h"
#include "json/text.h"
#include "serve/service.h"

namespace {

namespace serve = millrace::serve;

struct Target {
  std::string_view path;
  std::string_view content_type;
};
constexpr std::array<Target, 7> kTargets = {{
    {"/v1/predict", "application/json"},
    {"/v1/feedback", "application/json"},
    {"/invocations", "application/json"},
    {"/invocations", "text/csv"},
    {"/v1/models/model:predict", "application/json"},
    {"/v2/models/model/infer", "application/json"},
    {"/v2/models/model/versions/abcdef/infer", "application/json"},
}};

constexpr uint8_t kPacked = 0x80;  // a first byte from here on

std::shared_ptr<const serve::Routing> MakeRouting() {
  auto routing = std::make_shared<serve::Routing>();
  for (const double weight : {0.05, 0.1}) {
    serve::Route route;
    route.label = weight < 0.1 ? "champion" : "challenger";
    millrace::bundle::BundleParts parts = millrace::bundle::SampleParts(weight);
    parts.checks = {{.column = "age", .minimum = 0.0, .maximum = 120.0},
                    {.column = "city",
                     .values = {"Bern", "Basel"},
                     .pattern = "[A-Z][a-z]*",
                     .max_length = 5,
                     .present = true,
                     .action = weight < 0.1 ? millrace::expect::Action::kFlag
                                            : millrace::expect::Action::kReject}};
    route.bundle = *millrace::bundle::Bundle::FromBytes(*millrace::bundle::Pack(parts), "sample");
    route.digest = route.bundle->digest().ToHex();
    route.upper = weight < 0.1 ? 0.5 : 1.0;
    routing->routes.push_back(std::move(route));
  }
  routing->deployment.sticky_by = "city";
  routing->deployment.limits.max_rows = 50;
  return routing;
}

struct Fixture {
  serve::Router router{MakeRouting()};
  serve::Metrics metrics;
  millrace::FakeClock clock;
  serve::Service service{router, metrics, nullptr, clock};
  serve::Worker worker = *service.MakeWorker();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto fixture = std::make_unique<Fixture>();
  if (size == 0) return 0;
  const Target& target = kTargets[data[0] % kTargets.size()];
  serve::Request request;
  request.method = "POST";
  request.target = target.path;
  request.content_type = target.content_type;
  request.body = std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Packed tensors behind the JSON, which ends at the first zero byte.
  std::string packed;
  std::string json_length;
  if (data[0] >= kPacked) {
    request.target = "/v2/models/model/infer";
    request.content_type = "application/octet-stream";
    const size_t end = std::min(request.body.find('\0'), request.body.size());
    packed = request.body.substr(0, end);
    packed += request.body.substr(std::min(end + 1, request.body.size()));
    json_length = std::to_string(end);
    request.body = packed;
    request.json_length = json_length;
  }
  const serve::Response response = fixture->service.Handle(request, fixture->worker);
  const bool no_log = target.path == "/v1/feedback" && response.status == 503;
  MILLRACE_CHECK(response.status < 500 || no_log, "a client's bytes are never our fault");
  const std::string_view body = response.body;
  const std::string_view json = body.substr(
      0, response.json_length < 0 ? body.size() : static_cast<size_t>(response.json_length));
  MILLRACE_CHECK(millrace::json::Parse(json, "answer").ok(), "an answer can be read");
  return 0;
}
