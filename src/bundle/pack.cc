#include <cmath>

#include "base/build_info.h"
#include "base/format.h"
#include "bundle/bundle.h"
#include "bundle/golden.h"
#include "bundle/layout.h"
#include "bundle/zip.h"
#include "feature/graph.h"
#include "json/text.h"
#include "model/model.h"

namespace millrace::bundle {
namespace {

Result<Scorer> ScorerOf(const BundleParts& parts) {
  ScorerParts scorer;
  scorer.task = parts.task;
  scorer.class_labels = parts.class_labels;
  scorer.threshold = parts.threshold;
  scorer.schema = std::make_shared<const table::Schema>(parts.request_schema);
  MILLRACE_ASSIGN_OR_RETURN(feature::Graph graph,
                            feature::Graph::FromJson(parts.request_schema, parts.graph));
  scorer.graph = std::make_shared<const feature::Graph>(std::move(graph));
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<model::Model> model, model::LoadModel(parts.model));
  scorer.model = std::move(model);
  return Scorer::Make(std::move(scorer));
}

Result<json::Json> MakeGolden(const BundleParts& parts) {
  MILLRACE_ASSIGN_OR_RETURN(const Scorer scorer, ScorerOf(parts));
  const json::Json rows = SynthesiseGoldenRows(parts.request_schema, kNumGoldenRows);
  MILLRACE_ASSIGN_OR_RETURN(const table::Table table, RowsFromJson(scorer.shared_schema(), rows));
  MILLRACE_ASSIGN_OR_RETURN(const Predictions predictions, scorer.Score(table));
  json::Json outputs = json::Json::MakeArray();
  for (int64_t row = 0; row < predictions.num_rows; ++row) {
    json::Json one = json::Json::MakeArray();
    for (int64_t i = 0; i < predictions.num_outputs; ++i) {
      if (!std::isfinite(predictions.output(row, i))) {
        return Corrupt(Format("golden row {}: the model answers no finite number", row));
      }
      one.Append(predictions.output(row, i));
    }
    outputs.Append(std::move(one));
  }
  return json::Json::Of({{"rows", rows}, {"outputs", std::move(outputs)}});
}

}  // namespace

Result<std::string> Pack(const BundleParts& parts) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Json golden, MakeGolden(parts));
  MILLRACE_ASSIGN_OR_RETURN(const expect::RowChecks checks,
                            expect::RowChecks::Compile(parts.checks, parts.request_schema));
  std::vector<std::pair<std::string_view, std::string>> contents = {
      {kSchemaEntry, json::WritePretty(parts.request_schema.ToJson())},
      {kGraphEntry, json::Write(parts.graph)},
      {kModelEntry, parts.model},
      {kSketchesEntry, json::Write(parts.sketches)},
      {kGoldenEntry, json::Write(golden)},
      {kCardEntry, parts.card},
      {kProvenanceEntry, json::WritePretty(parts.provenance)},
  };
  if (!checks.empty()) contents.emplace_back(kChecksEntry, json::WritePretty(checks.ToJson()));
  json::Json entries = json::Json::MakeArray();
  for (const auto& [name, content] : contents) {
    entries.Append(json::Json::Of({{"name", name},
                                   {"size", static_cast<int64_t>(content.size())},
                                   {"sha256", DigestOf(content).ToHex()}}));
  }
  const json::Json manifest =
      json::Json::Of({{"format", "millrace-bundle"},
                      {"format_version", kFormatVersion},
                      {"program_version", ProgramVersion()},
                      {"task", table::TaskName(parts.task)},
                      {"target", parts.target},
                      {"class_labels", json::Json::ArrayOf(parts.class_labels)},
                      {"positive", parts.positive},
                      {"threshold", parts.threshold},
                      {"primary_metric", parts.primary_metric},
                      {"entries", std::move(entries)}});
  const std::string manifest_text = json::WritePretty(manifest);
  std::vector<ZipEntry> zip = {{std::string(kManifestEntry), manifest_text}};
  for (const auto& [name, content] : contents) zip.push_back({std::string(name), content});
  return WriteZip(zip);
}

Status Bundle::BuildScorer(std::string_view where) {
  Result<Scorer> scorer = ScorerOf(parts_);
  if (!scorer.ok()) {
    return Corrupt(Format("{}: damaged bundle: {}", where, scorer.status().message()));
  }
  scorer_ = std::move(scorer).value();
  return {};
}

}  // namespace millrace::bundle
