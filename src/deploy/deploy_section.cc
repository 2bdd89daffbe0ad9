#include "deploy/deploy_section.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "bundle/golden.h"
#include "data/request_checks.h"
#include "deploy/production.h"
#include "json/text.h"

namespace millrace::deploy {
namespace {

using report::Check;
using report::CheckState;

std::string Milliseconds(double value) { return FormatSignificant(value, 3) + " ms"; }

Check MakeCheck(std::string id, std::string label, CheckState state, std::string evidence,
                std::string fix) {
  Check check;
  check.id = std::move(id);
  check.label = std::move(label);
  check.state = state;
  check.blocks = true;
  check.evidence = std::move(evidence);
  if (state != CheckState::kMet) check.fix = std::move(fix);
  return check;
}

CheckState StateOf(bool met) { return met ? CheckState::kMet : CheckState::kNotMet; }

// The gate on latency was measured in phase 4 in memory; over HTTP, on a machine that does other
// work too, it warns and does not block.
Check LatencyCheck(const Validation& validation, const spec::Spec& spec) {
  Check check = MakeCheck(
      "deploy.latency_p99", "latency p99 over HTTP", StateOf(validation.requests > 0),
      Format("p50 {}, p99 {} over {} one-row requests", Milliseconds(validation.latency_p50_ms),
             Milliseconds(validation.latency_p99_ms), validation.requests),
      "staging answered no request");
  check.value = validation.latency_p99_ms;
  check.unit = "ms";
  for (const spec::Gate& gate : spec.require.gates) {
    if (gate.metric != "latency_p99") continue;
    check.requirement = gate.BoundText();
    check.source = Format("millrace.yaml:{}", gate.place.line);
    if (check.state == CheckState::kMet && !gate.IsMetBy(validation.latency_p99_ms * 1e-3)) {
      check.state = CheckState::kWarning;
      check.fix = "measure again on a machine that is idle, or serve a smaller model";
    }
  }
  return check;
}

std::vector<Check> MakeChecks(const DeployRecord& record, const StagingResult& staging,
                              const spec::Spec& spec) {
  const Validation& validation = record.validation;
  const std::string differences = Join(staging.differences, "; ");
  std::vector<Check> checks;
  checks.push_back(MakeCheck("deploy.staging_ready", "staging ready", StateOf(validation.ready),
                             Format("bundle {} verified and loaded", record.bundle.Short()),
                             "read the server's words in .millrace/staging/output.log"));
  Check golden = MakeCheck(
      "deploy.golden_rows", "golden rows over HTTP",
      StateOf(validation.golden_rows > 0 && validation.golden_equal == validation.golden_rows),
      Format("{} of {} equal", validation.golden_equal, validation.golden_rows), differences);
  golden.value = static_cast<double>(validation.golden_equal);
  golden.unit = "rows";
  golden.requirement = Format(">= {}", validation.golden_rows);
  checks.push_back(std::move(golden));
  checks.push_back(MakeCheck("deploy.bad_request", "malformed request refused",
                             StateOf(validation.bad_request_status == 400),
                             Format("status {}", validation.bad_request_status),
                             "a malformed body must get status 400"));
  checks.push_back(LatencyCheck(validation, spec));
  checks.push_back(MakeCheck(
      "deploy.production", "production answers with this bundle", StateOf(!record.url.empty()),
      record.url.empty() ? "not promoted" : Format("{}, process {}", record.url, record.process_id),
      "the checks above say why"));
  return checks;
}

report::Facts MakeFacts(const DeployRecord& record, const spec::Spec& spec) {
  report::Facts facts;
  facts.title = "Production";
  facts.facts.push_back({"address", record.url, "deploy.address and deploy.port"});
  facts.facts.push_back({"bundle", record.bundle.Short(12), "promoted by an atomic switch"});
  facts.facts.push_back({"before", record.previous ? record.previous->Short(12) : "none",
                         record.previous ? "millrace rollback puts it back" : "first deployment"});
  facts.facts.push_back({"access", NeedsToken(spec.deploy) ? "bearer token" : "open",
                         NeedsToken(spec.deploy) ? "only its SHA-256 is stored"
                                                 : "reachable from this machine only"});
  facts.facts.push_back({"replicas",
                         Format("{} to {}", spec.deploy.min_replicas, spec.deploy.max_replicas),
                         "for millrace export kubernetes; here one process"});
  return facts;
}

report::DataTable Endpoints() {
  report::DataTable table;
  table.title = "Endpoints";
  table.columns = {"request", "what it does"};
  table.numeric = {false, false};
  table.folded = true;
  table.rows = {
      {"POST /v1/predict", "predicts rows: {\"rows\": [{...}]}, or one row"},
      {"POST /v1/feedback", "takes the label of a prediction when it is known"},
      {"POST /invocations", "MLflow's forms in JSON and CSV; also SageMaker's and Vertex's"},
      {"POST /v2/models/{name}/infer",
       "Open Inference Protocol v2, as KServe and Triton clients speak it"},
      {"POST /v1/models/{name}:predict", "instances, as TensorFlow Serving"},
      {"GET /v2/health/live, /v2/health/ready", "probes"},
      {"GET /metrics", "requests, latency, predictions for Prometheus"},
      {"GET /openapi.json", "the interface as a machine reads it"}};
  return table;
}

std::optional<report::Histogram> LatencyHistogram(const std::vector<double>& latencies) {
  if (latencies.size() < 20) return std::nullopt;
  std::vector<double> sorted = latencies;
  std::sort(sorted.begin(), sorted.end());
  // The slowest request would squeeze all others into one bar.
  const double upper = sorted[sorted.size() * 99 / 100];
  const double lower = sorted.front();
  if (!(upper > lower)) return std::nullopt;
  constexpr size_t kBins = 24;
  report::Histogram histogram;
  histogram.title = "Latency in staging";
  histogram.axis = "milliseconds, one row";
  histogram.counts.assign(kBins, 0.0);
  for (size_t i = 0; i <= kBins; ++i) {
    histogram.edges.push_back(lower + (upper - lower) * static_cast<double>(i) / kBins);
  }
  int64_t beyond = 0;
  for (const double value : sorted) {
    if (value > upper) {
      ++beyond;
      continue;
    }
    const auto bin = static_cast<size_t>((value - lower) / (upper - lower) * kBins);
    histogram.counts[std::min(bin, kBins - 1)] += 1.0;
  }
  if (beyond > 0) {
    histogram.note = Format("{} slower, up to {}", beyond, Milliseconds(sorted.back()));
  }
  return histogram;
}

// Whether a golden row keeps the checks of requests: what the page shows should be answered.
bool KeepsChecks(const bundle::Bundle& bundle, const json::Json& row) {
  const auto rows =
      bundle::RowsFromJson(bundle.scorer().shared_schema(), json::Json::MakeArray().Append(row));
  if (!rows.ok()) return false;
  for (int64_t c = 0; c < rows->num_columns(); ++c) {
    const table::Column& column = rows->column(c);
    table::Cell cell;
    if (column.valid(0)) {
      cell.state = table::CellState::kValue;
      if (table::IsNumeric(column.type())) {
        cell.number = column.number(0);
      } else {
        cell.text = column.text(0);
      }
    }
    for (const int32_t rule : bundle.row_checks().RulesOf(static_cast<size_t>(c))) {
      if (!bundle.row_checks().Holds(rule, cell)) return false;
    }
  }
  return true;
}

}  // namespace

std::string ExampleRequest(const std::string& url, const bundle::Bundle& bundle, bool with_token) {
  // From the last golden row on: the first one is all missing.
  const json::Array& rows = bundle.golden()["rows"].AsArray();
  json::Json row = rows.empty() ? json::Json::MakeObject() : rows.back();
  for (size_t i = rows.size(); i > 0; --i) {
    if (!KeepsChecks(bundle, rows[i - 1])) continue;
    row = rows[i - 1];
    break;
  }
  const std::string body =
      json::Write(json::Json::Of({{"rows", json::Json::MakeArray().Append(row)}}));
  return Format("curl {}/v1/predict -H 'content-type: application/json'{} -d '{}'", url,
                with_token ? " -H \"authorization: Bearer $MILLRACE_TOKEN\"" : "",
                ReplaceAll(body, "'", "'\\''"));
}

report::Section MakeSection(const DeployRecord& record, const StagingResult& staging,
                            const spec::Spec& spec, const bundle::Bundle& bundle) {
  report::Section section;
  section.phase = 5;
  section.title = "Production deployment";
  section.checkpoint = {
      .phase = 5, .percent = 90, .title = "model deployed to production", .checks = {}};
  section.checkpoint.checks = MakeChecks(record, staging, spec);
  section.blocks.emplace_back(MakeFacts(record, spec));
  if (auto histogram = LatencyHistogram(staging.latencies_ms)) {
    section.blocks.emplace_back(*std::move(histogram));
  }
  section.blocks.emplace_back(Endpoints());
  for (report::Block& block : data::RequestChecksBlocks(
           data::RequestChecksOf(spec, bundle.request_schema()), spec.deploy.on_invalid)) {
    section.blocks.push_back(std::move(block));
  }
  if (!record.url.empty()) {
    section.blocks.emplace_back(report::Preformatted{
        "Ask it", ExampleRequest(record.url, bundle, NeedsToken(spec.deploy))});
  }
  return section;
}

}  // namespace millrace::deploy
