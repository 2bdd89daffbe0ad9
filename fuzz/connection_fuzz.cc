// Any bytes on a connection: no crash, bounded memory, and the same answers however they are cut.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/clock.h"
#include "bundle/sample_bundle.h"
#include "serve/connection.h"

namespace {

using namespace millrace;

struct Server {
  static std::shared_ptr<const serve::Routing> RoutingOf() {
    auto routing = std::make_shared<serve::Routing>();
    serve::Route route;
    route.label = "champion";
    route.bundle = *bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts()), "a");
    route.digest = route.bundle->digest().ToHex();
    routing->routes.push_back(std::move(route));
    return routing;
  }

  Server() {
    limits.max_body_bytes = 4096;
    limits.max_header_bytes = 1024;
  }
  serve::Router router{RoutingOf()};
  serve::Metrics metrics;
  FakeClock clock;
  serve::Service service{router, metrics, nullptr, clock};
  serve::Limits limits;
};

// The length of all answers: request ids count up, so the texts themselves differ.
size_t Answer(const Server& server, std::string_view bytes, size_t piece) {
  serve::Connection connection(server.service, server.limits);
  auto worker = server.service.MakeWorker();
  MILLRACE_CHECK(worker.ok(), "the system has randomness");
  size_t length = 0;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view part = bytes.substr(at, piece);
    do {
      const auto next = connection.Feed(part, serve::Connection::Serving::kOn, *worker);
      part = {};
      length += connection.out().size();
      connection.out().clear();
      if (next == serve::Connection::Next::kClose) return length;
    } while (connection.has_more());
  }
  return length;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Server server;
  // A head that is wrong may be refused at once or at its end: so each input has an end.
  const std::string bytes = std::string(reinterpret_cast<const char*>(data), size) + "\r\n\r\n";
  const size_t whole = Answer(server, bytes, bytes.size());
  const size_t cut = Answer(server, bytes, 3);
  // A waiting client is told to go on only when its body is late.
  if (bytes.find("100-") == std::string::npos) {
    MILLRACE_CHECK(whole == cut, "answers do not depend on how bytes are cut");
  }
  return 0;
}
