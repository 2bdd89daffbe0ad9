#include "serve/deployment.h"

#include <cmath>

#include "base/files.h"
#include "base/format.h"
#include "json/text.h"

namespace millrace::serve {
namespace {

Status BadKey(std::string_view where, std::string_view key, std::string_view what) {
  return InvalidSpec(Format("{}: {}: {}", where, key, what));
}

Result<Limits> LimitsFromJson(const json::Json& document, std::string_view where) {
  Limits limits;
  limits.max_body_bytes = document["max_body_bytes"].AsInteger(limits.max_body_bytes);
  limits.max_header_bytes = document["max_header_bytes"].AsInteger(limits.max_header_bytes);
  limits.max_rows = document["max_rows"].AsInteger(limits.max_rows);
  limits.max_connections = document["max_connections"].AsInteger(limits.max_connections);
  limits.idle_seconds = document["idle_seconds"].AsNumber(limits.idle_seconds);
  limits.request_seconds = document["request_seconds"].AsNumber(limits.request_seconds);
  const bool sane = limits.max_body_bytes > 0 && limits.max_header_bytes >= 256 &&
                    limits.max_header_bytes <= (1 << 24) && limits.max_rows > 0 &&
                    limits.max_connections > 0 && limits.idle_seconds > 0 &&
                    limits.idle_seconds < 1e6 && limits.request_seconds > 0 &&
                    limits.request_seconds < 1e6;
  if (!sane) return BadKey(where, "limits", "a limit is out of range");
  return limits;
}

}  // namespace

std::string_view InvalidRowsName(InvalidRows value) {
  switch (value) {
    case InvalidRows::kReject:
      return "reject";
    case InvalidRows::kAccept:
      return "accept";
    case InvalidRows::kFlag:
      break;
  }
  return "flag";
}

std::optional<InvalidRows> InvalidRowsFromName(std::string_view name) {
  for (const InvalidRows value : {InvalidRows::kFlag, InvalidRows::kReject, InvalidRows::kAccept}) {
    if (InvalidRowsName(value) == name) return value;
  }
  return std::nullopt;
}

json::Json ToJson(const Deployment& deployment) {
  json::Json routes = json::Json::MakeArray();
  for (const RouteSpec& route : deployment.routes) {
    routes.Append(json::Json::Of({{"bundle", route.bundle},
                                  {"digest", route.digest},
                                  {"weight", route.weight},
                                  {"label", route.label}}));
  }
  const Limits& limits = deployment.limits;
  return json::Json::Of(
      {{"version", 1},
       {"name", deployment.name},
       {"routes", std::move(routes)},
       {"sticky_by", deployment.sticky_by},
       {"token_hashes", json::Json::ArrayOf(deployment.token_hashes)},
       {"on_invalid", InvalidRowsName(deployment.on_invalid)},
       {"limits", json::Json::Of({{"max_body_bytes", limits.max_body_bytes},
                                  {"max_header_bytes", limits.max_header_bytes},
                                  {"max_rows", limits.max_rows},
                                  {"max_connections", limits.max_connections},
                                  {"idle_seconds", limits.idle_seconds},
                                  {"request_seconds", limits.request_seconds}})}});
}

Result<Deployment> DeploymentFromJson(const json::Json& document, std::string_view where) {
  if (document["version"].AsInteger(0) != 1) return BadKey(where, "version", "not 1");
  Deployment deployment;
  if (document.Has("name")) deployment.name = document["name"].AsString();
  if (deployment.name.empty() || deployment.name.find('/') != std::string::npos) {
    return BadKey(where, "name", "empty, or with a '/'");
  }
  for (const json::Json& item : document["routes"].AsArray()) {
    RouteSpec route;
    route.bundle = item["bundle"].AsString();
    route.digest = item["digest"].AsString();
    route.weight = item["weight"].AsNumber(1.0);
    route.label = item["label"].AsString();
    if (route.bundle.empty()) return BadKey(where, "routes", "a route names no bundle");
    if (!std::isfinite(route.weight) || route.weight <= 0.0) {
      return BadKey(where, "routes", "a weight is not greater than 0");
    }
    deployment.routes.push_back(std::move(route));
  }
  if (deployment.routes.empty()) return BadKey(where, "routes", "none");
  deployment.sticky_by = document["sticky_by"].AsString();
  for (const json::Json& hash : document["token_hashes"].AsArray()) {
    if (hash.AsString().size() != 64) return BadKey(where, "token_hashes", "not a SHA-256");
    deployment.token_hashes.push_back(hash.AsString());
  }
  if (document.Has("on_invalid")) {
    const auto known = InvalidRowsFromName(document["on_invalid"].AsString());
    if (!known) return BadKey(where, "on_invalid", "none of flag, reject, accept");
    deployment.on_invalid = *known;
  }
  MILLRACE_ASSIGN_OR_RETURN(deployment.limits, LimitsFromJson(document["limits"], where));
  return deployment;
}

Result<Deployment> ReadDeployment(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  MILLRACE_ASSIGN_OR_RETURN(const json::Json document, json::Parse(text, path));
  MILLRACE_ASSIGN_OR_RETURN(Deployment deployment, DeploymentFromJson(document, path));
  const std::string folder = FolderName(AbsolutePath(path));
  for (RouteSpec& route : deployment.routes) route.bundle = JoinPath(folder, route.bundle);
  return deployment;
}

}  // namespace millrace::serve
