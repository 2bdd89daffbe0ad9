// Deployment: the one file that says what a server serves. Replaced atomically by whoever deploys.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "serve/invalid_field.h"

namespace millrace::serve {

/// Limits of a server; a request beyond one is refused, never queued without bound.
struct Limits {
  int64_t max_body_bytes = 8 << 20;
  int64_t max_header_bytes = 16 << 10;
  int64_t max_rows = 10'000;  // of one request
  int64_t max_connections = 4096;
  double idle_seconds = 60.0;     // of a kept-alive connection
  double request_seconds = 30.0;  // to read one request or write one answer

  friend bool operator==(const Limits&, const Limits&) = default;
};

struct RouteSpec {
  std::string bundle;   // path, relative to the folder of the deployment file
  std::string digest;   // of the bundle's manifest; empty: not checked
  double weight = 1.0;  // share of keys, relative to the other routes; > 0
  std::string label;    // "champion", "challenger"

  friend bool operator==(const RouteSpec&, const RouteSpec&) = default;
};

struct Deployment {
  std::string name = "model";             // of the model in paths that name one; no '/'
  std::vector<RouteSpec> routes;          // at least one
  std::string sticky_by;                  // field of a row that is its key; may be empty
  std::vector<std::string> token_hashes;  // SHA-256 (hexadecimal) of accepted tokens; empty: open
  Limits limits;
  /// Rows that break a check of their bundle, where the check leaves it to the server.
  InvalidRows on_invalid = InvalidRows::kFlag;

  friend bool operator==(const Deployment&, const Deployment&) = default;
};

/// "flag", "reject", "accept".
std::string_view InvalidRowsName(InvalidRows value);
std::optional<InvalidRows> InvalidRowsFromName(std::string_view name);

json::Json ToJson(const Deployment& deployment);
/// kInvalidSpec naming the key.
Result<Deployment> DeploymentFromJson(const json::Json& document, std::string_view where);
/// Reads a deployment file; relative bundle paths are made absolute.
Result<Deployment> ReadDeployment(const std::string& path);

}  // namespace millrace::serve
