#include "deploy/staging.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "bundle/golden.h"
#include "bundle/layout.h"
#include "deploy/server_process.h"
#include "json/text.h"
#include "net/http_client.h"
#include "serve/deployment.h"

namespace millrace::deploy {
namespace {

constexpr size_t kMaxDifferences = 10;
constexpr std::string_view kMalformed = R"({"rows": [{"a": )";

std::string StatePath(const StagingInputs& inputs) {
  return JoinPath(inputs.folder, "server.json");
}

// Stops the server whatever way the validation ends.
class StopAtEnd {
 public:
  explicit StopAtEnd(const StagingInputs& inputs) : inputs_(inputs) {}
  ~StopAtEnd() {
    if (!stopped_) static_cast<void>(Stop().ok());
  }
  StopAtEnd(const StopAtEnd&) = delete;
  StopAtEnd& operator=(const StopAtEnd&) = delete;
  Status Stop() {
    stopped_ = true;
    return StopServer(StatePath(inputs_), 2.0, inputs_.clock);
  }

 private:
  const StagingInputs& inputs_;
  bool stopped_ = false;
};

Result<serve::ServerState> Start(const StagingInputs& inputs) {
  MILLRACE_RETURN_IF_ERROR(MakeFolders(inputs.folder));
  MILLRACE_RETURN_IF_ERROR(StopServer(StatePath(inputs), 2.0, inputs.clock));
  serve::Deployment deployment;
  deployment.routes = {{inputs.bundle_path, inputs.bundle.digest().ToHex(), 1.0, "staging"}};
  // Golden rows are made from the schema: no data has to be like them.
  deployment.on_invalid = serve::InvalidRows::kAccept;
  const std::string file = JoinPath(inputs.folder, "deployment.json");
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(file, json::WritePretty(ToJson(deployment))));
  ServerStart start;
  start.program = inputs.server_program;
  start.deployment = file;
  start.state_path = StatePath(inputs);
  start.output_path = JoinPath(inputs.folder, "output.log");
  start.threads = 1;
  start.lifetime = Lifetime::kWithCaller;
  return StartServer(start, inputs.clock);
}

Status AskGolden(const StagingInputs& inputs, net::HttpClient& client, StagingResult& result) {
  const json::Json& rows = inputs.bundle.golden()["rows"];
  const json::Json& outputs = inputs.bundle.golden()["outputs"];
  result.validation.golden_rows = static_cast<int64_t>(rows.size());
  MILLRACE_ASSIGN_OR_RETURN(
      const net::HttpResponse response,
      client.PostJson("/v1/predict", json::Write(json::Json::Of({{"rows", rows}}))));
  const Result<json::Json> answer = json::Parse(response.body, "answer");
  if (response.status != 200 || !answer.ok() || (*answer)["predictions"].size() != rows.size()) {
    result.differences.push_back(
        Format("status {}: {}", response.status, response.body.substr(0, 200)));
    return {};
  }
  for (size_t row = 0; row < rows.size(); ++row) {
    const auto got = OutputsOfAnswer(inputs.bundle, (*answer)["predictions"][row]);
    bool equal = got.ok() && got->size() == outputs[row].size();
    for (size_t i = 0; equal && i < got->size(); ++i) {
      equal = bundle::NearlyEqual((*got)[i], outputs[row][i].AsNumber(NAN), bundle::kGoldenUlps);
    }
    if (equal) {
      ++result.validation.golden_equal;
    } else if (result.differences.size() < kMaxDifferences) {
      result.differences.push_back(Format("golden row {}: stored {}, answered {}", row,
                                          json::Write(outputs[row]),
                                          json::Write((*answer)["predictions"][row])));
    }
  }
  return {};
}

Status MeasureLatency(const StagingInputs& inputs, net::HttpClient& client, StagingResult& result) {
  const json::Json& rows = inputs.bundle.golden()["rows"];
  std::vector<std::string> bodies;
  for (const json::Json& row : rows.AsArray()) {
    bodies.push_back(json::Write(json::Json::Of({{"rows", json::Json::MakeArray().Append(row)}})));
  }
  if (bodies.empty()) return {};
  constexpr int64_t kWarmUp = 20;
  for (int64_t i = 0; i < kWarmUp + inputs.num_requests; ++i) {
    const std::string& body = bodies[static_cast<size_t>(i) % bodies.size()];
    const double begin = inputs.clock.MonotonicSeconds();
    MILLRACE_ASSIGN_OR_RETURN(const net::HttpResponse response,
                              client.PostJson("/v1/predict", body));
    if (i < kWarmUp || response.status != 200) continue;
    result.latencies_ms.push_back((inputs.clock.MonotonicSeconds() - begin) * 1e3);
  }
  std::vector<double> sorted = result.latencies_ms;
  std::sort(sorted.begin(), sorted.end());
  result.validation.requests = static_cast<int64_t>(sorted.size());
  const auto quantile = [&sorted](double share) {
    if (sorted.empty()) return 0.0;
    const double place = std::ceil(share * static_cast<double>(sorted.size())) - 1.0;
    return sorted[static_cast<size_t>(std::max(0.0, place))];
  };
  result.validation.latency_p50_ms = quantile(0.50);
  result.validation.latency_p99_ms = quantile(0.99);
  return {};
}

}  // namespace

Result<std::vector<double>> OutputsOfAnswer(const bundle::Bundle& bundle,
                                            const json::Json& answer) {
  const std::vector<std::string>& labels = bundle.class_labels();
  if (labels.empty()) {
    if (!answer["prediction"].is_number()) return Corrupt("answer: prediction: absent");
    return std::vector<double>{answer["prediction"].AsNumber()};
  }
  std::vector<double> outputs;
  for (size_t i = labels.size() == 2 && bundle.task() == table::Task::kBinary ? 1 : 0;
       i < labels.size(); ++i) {
    const json::Json& probability = answer["probabilities"][labels[i]];
    if (!probability.is_number()) {
      return Corrupt(Format("answer: probabilities.{}: absent", labels[i]));
    }
    outputs.push_back(probability.AsNumber());
  }
  return outputs;
}

Result<StagingResult> ValidateInStaging(const StagingInputs& inputs) {
  StopAtEnd stop(inputs);
  MILLRACE_ASSIGN_OR_RETURN(const serve::ServerState server, Start(inputs));
  StagingResult result;
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ServedRoute> routes, AskRoutes(server));
  result.validation.ready =
      routes.size() == 1 && routes.front().digest == inputs.bundle.digest().ToHex();
  MILLRACE_ASSIGN_OR_RETURN(const net::Url url, net::ParseUrl(server.Url()));
  net::HttpClient client(url.host, url.port);
  MILLRACE_RETURN_IF_ERROR(AskGolden(inputs, client, result));
  MILLRACE_RETURN_IF_ERROR(MeasureLatency(inputs, client, result));
  MILLRACE_ASSIGN_OR_RETURN(const net::HttpResponse malformed,
                            client.PostJson("/v1/predict", kMalformed));
  result.validation.bad_request_status = malformed.status;
  MILLRACE_RETURN_IF_ERROR(stop.Stop());
  return result;
}

bool IsValid(const Validation& validation) {
  return validation.ready && validation.golden_rows > 0 &&
         validation.golden_equal == validation.golden_rows && validation.requests > 0 &&
         validation.bad_request_status == 400;
}

json::Json ToJson(const Validation& validation) {
  return json::Json::Of({{"ready", validation.ready},
                         {"golden_rows", validation.golden_rows},
                         {"golden_equal", validation.golden_equal},
                         {"requests", validation.requests},
                         {"latency_p50_ms", validation.latency_p50_ms},
                         {"latency_p99_ms", validation.latency_p99_ms},
                         {"bad_request_status", validation.bad_request_status}});
}

Validation ValidationFromJson(const json::Json& document) {
  Validation validation;
  validation.ready = document["ready"].AsBool();
  validation.golden_rows = document["golden_rows"].AsInteger();
  validation.golden_equal = document["golden_equal"].AsInteger();
  validation.requests = document["requests"].AsInteger();
  validation.latency_p50_ms = document["latency_p50_ms"].AsNumber();
  validation.latency_p99_ms = document["latency_p99_ms"].AsNumber();
  validation.bad_request_status = document["bad_request_status"].AsInteger();
  return validation;
}

}  // namespace millrace::deploy
