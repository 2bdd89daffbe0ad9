#include "operate/reference.h"

#include <cmath>
#include <utility>
#include <vector>

#include "base/files.h"
#include "json/text.h"
#include "serve/deployment.h"

namespace millrace::operate {
namespace {

// Where the file of a bundle may lie, likeliest first.
std::vector<std::string> Candidates(const store::Project& project,
                                    const store::ObjectStore& objects,
                                    const store::Catalog& catalog) {
  std::vector<std::string> paths;
  const Result<serve::Deployment> deployment = serve::ReadDeployment(project.deployment_path());
  if (deployment.ok()) {
    for (const serve::RouteSpec& route : deployment->routes) paths.push_back(route.bundle);
  }
  const Result<std::vector<store::DeploymentRow>> deployments = catalog.ListDeployments();
  if (deployments.ok()) {
    for (const store::DeploymentRow& row : *deployments) {
      paths.push_back(objects.PathOf(row.bundle));
    }
  }
  const Result<std::vector<store::VersionRow>> versions = catalog.ListVersions("bundle");
  if (versions.ok()) {
    for (const store::VersionRow& row : *versions) {
      paths.push_back(objects.PathOf(row.digest));
      const Result<Digest> object = Digest::FromHex(row.detail["object"].AsString());
      if (object.ok()) paths.push_back(objects.PathOf(*object));
    }
  }
  return paths;
}

double NumberOrNan(const json::Json& value) { return value.AsNumber(std::nan("")); }

std::optional<metric::Interval> MetricOfRecord(const json::Json& record,
                                               const std::string& metric) {
  for (const json::Json& item : record["metrics"].AsArray()) {
    if (item["name"].AsString() != metric) continue;
    const json::Json& place = item["interval"];
    const metric::Interval interval{NumberOrNan(place["value"]), NumberOrNan(place["low"]),
                                    NumberOrNan(place["high"])};
    if (std::isfinite(interval.value)) return interval;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const Reference> ReferenceFinder::Find(const std::string& bundle) {
  const auto known = found_.find(bundle);
  if (known != found_.end()) return known->second;
  std::shared_ptr<Reference> reference;
  if (const auto opened = OpenBundle(bundle)) {
    reference = std::make_shared<Reference>();
    reference->bundle = opened;
    auto sketches = sketch::ReferenceSketchesFromJson(opened->sketches());
    if (sketches.ok()) reference->sketches = std::move(sketches).value();
    for (const table::ColumnSchema& column : opened->request_schema().columns()) {
      if (column.type == table::ColumnType::kDate) reference->dates.insert(column.name);
    }
    reference->labels = bundle::LabelReader(opened->class_labels());
    reference->metric = metric::FindMetric(opened->task(), opened->primary_metric());
    reference->test = TestMetric(bundle, opened->primary_metric());
  }
  found_[bundle] = reference;
  return reference;
}

std::shared_ptr<const bundle::Bundle> ReferenceFinder::OpenBundle(
    const std::string& identity) const {
  for (const std::string& path : Candidates(project_, objects_, catalog_)) {
    if (!FileExists(path)) continue;
    auto opened = bundle::Bundle::Open(path);
    if (opened.ok() && (*opened)->digest().ToHex() == identity) return std::move(opened).value();
  }
  return nullptr;
}

std::optional<metric::Interval> ReferenceFinder::TestMetric(const std::string& identity,
                                                            const std::string& metric) const {
  const Result<std::vector<store::RunRow>> runs = catalog_.ListRuns();
  if (!runs.ok()) return std::nullopt;
  for (const store::RunRow& run : *runs) {
    const Result<std::vector<store::PhaseRow>> phases = catalog_.ListPhases(run.id);
    if (!phases.ok()) continue;
    for (const store::PhaseRow& phase : *phases) {
      if (phase.phase != "evaluate" || !phase.record) continue;
      const Result<std::string> bytes = objects_.Get(*phase.record);
      if (!bytes.ok()) continue;
      const Result<json::Json> record = json::Parse(*bytes, "record");
      if (!record.ok() || (*record)["bundle"].AsString() != identity) continue;
      if (const auto interval = MetricOfRecord(*record, metric)) return interval;
    }
  }
  return std::nullopt;
}

}  // namespace millrace::operate
