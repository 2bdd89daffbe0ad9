#include "serve/endpoints.h"

namespace millrace::serve {
namespace {

constexpr EndpointInfo kEndpoints[] = {
    {Endpoint::kPredict, "POST", "/v1/predict", false, "Predict rows"},
    {Endpoint::kFeedback, "POST", "/v1/feedback", false,
     "Tell the label of a prediction when it is known"},
    {Endpoint::kExplain, "POST", "/v1/explain", false,
     "Contributions of the columns; this version answers 501"},
    {Endpoint::kInvocations, "POST", "/invocations", false,
     "Predict in the forms of MLflow's scoring server, JSON or CSV"},
    {Endpoint::kInstances, "POST", "/v1/models/{model}:predict", false,
     "Predict instances, as TensorFlow Serving and KServe V1"},
    {Endpoint::kInfer, "POST", "/v2/models/{model}/infer", false,
     "Predict tensors, Open Inference Protocol v2"},
    {Endpoint::kModelMetadata, "GET", "/v2/models/{model}", false, "Inputs and outputs of a model"},
    {Endpoint::kModelReady, "GET", "/v2/models/{model}/ready", true, "Whether a model is ready"},
    {Endpoint::kModels, "GET", "/v2/models", false, "Names of the models"},
    {Endpoint::kServerMetadata, "GET", "/v2", false, "Name, version and extensions of the server"},
    {Endpoint::kModelStatus, "GET", "/v1/models/{model}", false, "Whether a model is ready, V1"},
    {Endpoint::kLive, "GET", "/v1/live", true, "The process answers"},
    {Endpoint::kReady, "GET", "/v1/ready", true, "Bundles are loaded and verified"},
    {Endpoint::kLive, "GET", "/v2/health/live", true, "The process answers"},
    {Endpoint::kReady, "GET", "/v2/health/ready", true, "Bundles are loaded and verified"},
    {Endpoint::kLive, "GET", "/ping", true, "The process answers"},
    {Endpoint::kLive, "GET", "/health", true, "The process answers"},
    {Endpoint::kVersion, "GET", "/version", true, "Version of the program"},
    {Endpoint::kMetrics, "GET", "/metrics", false, "Counters for Prometheus"},
    {Endpoint::kOpenApi, "GET", "/openapi.json", false, "This interface as a machine reads it"},
};

constexpr std::string_view kModel = "{model}";

struct ModelParts {
  std::string_view model;
  std::string_view version;
};

// Matches a path with a model, and optionally "/versions/{version}" after it.
std::optional<ModelParts> MatchModel(std::string_view pattern, std::string_view path) {
  const size_t at = pattern.find(kModel);
  const std::string_view before = pattern.substr(0, at);
  const std::string_view after = pattern.substr(at + kModel.size());
  if (path.size() <= before.size() + after.size() || path.substr(0, before.size()) != before ||
      path.substr(path.size() - after.size()) != after) {
    return std::nullopt;
  }
  const std::string_view middle =
      path.substr(before.size(), path.size() - before.size() - after.size());
  const size_t slash = middle.find('/');
  ModelParts parts{middle.substr(0, slash), {}};
  if (slash != std::string_view::npos) {
    constexpr std::string_view kVersions = "/versions/";
    const std::string_view rest = middle.substr(slash);
    if (rest.substr(0, kVersions.size()) != kVersions) return std::nullopt;
    parts.version = rest.substr(kVersions.size());
    if (parts.version.empty()) return std::nullopt;
  }
  const bool is_plain = parts.version.find('/') == std::string_view::npos && !parts.model.empty();
  return is_plain ? std::optional<ModelParts>(parts) : std::nullopt;
}

}  // namespace

std::span<const EndpointInfo> AllEndpoints() { return kEndpoints; }

bool SpeaksTensors(const EndpointInfo& info) { return info.path.starts_with("/v2"); }

std::optional<EndpointMatch> FindEndpoint(std::string_view method, std::string_view path) {
  std::optional<EndpointMatch> other_method;
  for (const EndpointInfo& info : kEndpoints) {
    ModelParts parts;
    if (info.path.find(kModel) == std::string_view::npos) {
      if (info.path != path) continue;
    } else {
      const std::optional<ModelParts> matched = MatchModel(info.path, path);
      if (!matched) continue;
      parts = *matched;
    }
    const EndpointMatch match{info, parts.model, parts.version};
    if (info.method == method) return match;
    if (!other_method) other_method.emplace(match);
  }
  return other_method;
}

}  // namespace millrace::serve
