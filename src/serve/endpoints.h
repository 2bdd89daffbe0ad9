// Endpoints: the paths that the service answers. One table.

#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace millrace::serve {

enum class Endpoint {
  kLive,
  kReady,
  kMetrics,
  kOpenApi,
  kVersion,
  kPredict,
  kFeedback,
  kExplain,
  kInvocations,
  kServerMetadata,  // GET /v2
  kModels,          // GET /v2/models
  kModelMetadata,   // GET /v2/models/{model}
  kModelReady,      // GET /v2/models/{model}/ready
  kInfer,           // POST /v2/models/{model}/infer
  kInstances,       // POST /v1/models/{model}:predict
  kModelStatus,     // GET /v1/models/{model}
};

struct EndpointInfo {
  Endpoint endpoint = Endpoint::kLive;
  std::string_view method;   // "GET" or "POST"
  std::string_view path;     // "/v2/models/{model}/infer"; also its name in metrics
  bool is_probe = false;     // answered without a token, also on the metrics port
  std::string_view summary;  // one sentence
};

/// Returns all endpoints, in the order of the documentation.
std::span<const EndpointInfo> AllEndpoints();

/// Returns whether the endpoint belongs to the Open Inference Protocol: its clients read errors as
/// {"error": text}.
bool SpeaksTensors(const EndpointInfo& info);

/// A path that was found: "/v2/models/churn/versions/3f9c/infer".
struct EndpointMatch {
  const EndpointInfo& info;
  std::string_view model;    // "churn", percent encoding as sent; empty where the path has none
  std::string_view version;  // "3f9c"; empty: any
};
/// Finds the endpoint of a path (without query); nothing when there is none. A path that is there
/// for another method is found too.
std::optional<EndpointMatch> FindEndpoint(std::string_view method, std::string_view path);

}  // namespace millrace::serve
