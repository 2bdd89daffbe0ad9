#include "deploy/route_counters.h"

#include <cmath>
#include <limits>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "net/http_client.h"

namespace millrace::deploy {
namespace {

// One line `name{key="value",...} number` of the text format; labels without escapes.
struct Sample {
  std::string_view name;
  std::map<std::string, std::string> labels;
  double value = 0.0;
};

std::optional<Sample> ReadSample(std::string_view line) {
  const size_t open = line.find('{');
  const size_t close = line.rfind("} ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  Sample sample;
  sample.name = line.substr(0, open);
  for (const std::string_view pair : Split(line.substr(open + 1, close - open - 1), ',')) {
    const size_t equals = pair.find("=\"");
    if (equals == std::string_view::npos || pair.back() != '"') return std::nullopt;
    sample.labels[std::string(pair.substr(0, equals))] =
        pair.substr(equals + 2, pair.size() - equals - 3);
  }
  const std::optional<double> value = ParseDouble(Trim(line.substr(close + 2)));
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

}  // namespace

double RouteCounters::error_rate() const {
  return requests == 0 ? 0.0 : static_cast<double>(errors) / static_cast<double>(requests);
}

double RouteCounters::Quantile(double share) const {
  if (buckets.empty() || buckets.back().second == 0) return 0.0;
  const double wanted = share * static_cast<double>(buckets.back().second);
  for (const auto& [bound, count] : buckets) {
    if (static_cast<double>(count) >= wanted) return bound;
  }
  return buckets.back().first;
}

RouteCounters RouteCounters::Since(const RouteCounters& before) const {
  if (before.requests > requests || before.buckets.size() != buckets.size()) return *this;
  RouteCounters since = *this;
  since.requests -= before.requests;
  since.errors -= before.errors;
  since.seconds -= before.seconds;
  for (size_t i = 0; i < since.buckets.size(); ++i) {
    since.buckets[i].second -= before.buckets[i].second;
  }
  return since;
}

std::map<std::string, RouteCounters> CountersFromText(std::string_view text) {
  std::map<std::string, RouteCounters> routes;
  for (const std::string_view line : Split(text, '\n')) {
    constexpr std::string_view kPrefix = "millrace_route_";
    if (line.substr(0, kPrefix.size()) != kPrefix) continue;
    const std::optional<Sample> sample = ReadSample(line);
    if (!sample || sample->labels.count("route") == 0) continue;
    RouteCounters& counters = routes[sample->labels.at("route")];
    const auto count = static_cast<int64_t>(sample->value);
    if (sample->name == "millrace_route_requests_total") counters.requests = count;
    if (sample->name == "millrace_route_errors_total") counters.errors = count;
    if (sample->name == "millrace_route_seconds_sum") counters.seconds = sample->value;
    if (sample->name == "millrace_route_seconds_bucket" && sample->labels.count("le") != 0) {
      const std::optional<double> bound = ParseDouble(sample->labels.at("le"));
      counters.buckets.emplace_back(bound.value_or(std::numeric_limits<double>::infinity()), count);
    }
  }
  return routes;
}

Result<std::map<std::string, RouteCounters>> AskCounters(const serve::ServerState& server) {
  MILLRACE_ASSIGN_OR_RETURN(const net::Url url, net::ParseUrl(server.MetricsUrl()));
  net::HttpClient client(url.host, url.port, 5.0);
  MILLRACE_ASSIGN_OR_RETURN(const net::HttpResponse answer, client.Get("/metrics"));
  if (answer.status != 200) {
    return Unavailable(Format("{}/metrics: status {}", server.MetricsUrl(), answer.status));
  }
  return CountersFromText(answer.body);
}

json::Json ToJson(const RouteCounters& counters) {
  json::Json buckets = json::Json::MakeArray();
  for (const auto& [bound, count] : counters.buckets) {
    // The last bound is infinite, which JSON does not have: null.
    buckets.Append(json::Json::MakeArray().Append(bound).Append(count));
  }
  return json::Json::Of({{"requests", counters.requests},
                         {"errors", counters.errors},
                         {"seconds", counters.seconds},
                         {"buckets", std::move(buckets)}});
}

RouteCounters CountersFromJson(const json::Json& document) {
  RouteCounters counters;
  counters.requests = document["requests"].AsInteger();
  counters.errors = document["errors"].AsInteger();
  counters.seconds = document["seconds"].AsNumber();
  for (const json::Json& bucket : document["buckets"].AsArray()) {
    counters.buckets.emplace_back(
        bucket[size_t{0}].AsNumber(std::numeric_limits<double>::infinity()),
        bucket[size_t{1}].AsInteger());
  }
  return counters;
}

}  // namespace millrace::deploy
