// A deployed project for tests: a bundle with a reference, a deployment file, a prediction log that
// tests write, and a clock that they move.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "bundle/sample_bundle.h"
#include "journal/record.h"
#include "journal/segment.h"
#include "json/text.h"
#include "operate/operate_phase.h"
#include "serve/deployment.h"
#include "sketch/column_sketch.h"

namespace millrace::operate {

/// Rows of the sample bundle, and what its model says of them.
struct SampleRows {
  std::vector<std::string> json;
  table::Table table;
  bundle::Predictions predictions;
};

/// Draws rows: age normal around 45 + `shift` deviations of 10, city Bern with `bern`.
inline SampleRows DrawRows(const bundle::Bundle& bundle, Rng& rng, int64_t count, double shift,
                           double bern) {
  const auto& schema = bundle.scorer().shared_schema();
  SampleRows rows{{}, table::Table(schema), {}};
  for (int64_t i = 0; i < count; ++i) {
    const double age = 45.0 + 10.0 * (rng.Normal() + shift);
    const char* city = rng.Uniform() < bern ? "Bern" : "Basel";
    rows.json.push_back(json::Write(json::Json::Of({{"age", age}, {"city", city}})));
    rows.table.mutable_column(0).AppendNumber(age);
    rows.table.mutable_column(1).AppendText(city);
  }
  rows.predictions = bundle.scorer().Score(rows.table).value();
  return rows;
}

inline json::Json SampleReference(const bundle::Bundle& bundle, int64_t num_rows) {
  Rng rng(3);
  const SampleRows rows = DrawRows(bundle, rng, num_rows, 0.0, 0.5);
  table::Column outputs(table::ColumnType::kNumber);
  table::Column decisions(table::ColumnType::kCategory);
  for (int64_t i = 0; i < num_rows; ++i) {
    outputs.AppendNumber(rows.predictions.output(i));
    decisions.AppendText(bundle.scorer().DecisionLabel(rows.predictions, i));
  }
  sketch::ReferenceSketches reference;
  for (int64_t c = 0; c < 2; ++c) {
    reference.columns.push_back(sketch::ColumnSketch::FromReference(
        rows.table.schema().column(c).name, rows.table.column(c)));
  }
  reference.predictions.outputs.push_back(sketch::ColumnSketch::FromReference("yes", outputs));
  reference.predictions.decisions = sketch::ColumnSketch::FromReference("decision", decisions);
  return sketch::ToJson(reference);
}

class ProjectFixture {
 public:
  explicit ProjectFixture(std::string folder) : folder_(std::move(folder)) {
    project_ = std::make_unique<store::Project>(store::Project::Create(folder_).value());
    objects_ = std::make_unique<store::ObjectStore>(
        store::ObjectStore::Open(project_->objects_folder()).value());
    catalog_ = store::Catalog::Open(project_->catalog_path(), clock_).value();
    spec_.problem.target = "churn";
    spec_.data.paths = {"customers.csv"};
    spec_.monitor.window_rows = 200;
    spec_.monitor.alerts = {{spec::AlertKind::kLog, ""}};
  }

  /// Puts the sample bundle into production.
  void Deploy() {
    bundle::BundleParts parts = bundle::SampleParts();
    const std::string plain = bundle::Pack(parts).value();
    parts.sketches =
        SampleReference(*bundle::Bundle::FromBytes(plain, "test").value(), num_reference_rows);
    const std::string packed = bundle::Pack(parts).value();
    const Digest object = objects_->Put(packed).value();
    bundle_ = bundle::Bundle::Open(objects_->PathOf(object)).value();
    serve::Deployment deployment;
    deployment.routes = {{objects_->PathOf(object), bundle_->digest().ToHex(), 1.0, "champion"}};
    const std::string text = json::Write(serve::ToJson(deployment));
    MILLRACE_CHECK(WriteFileAtomic(project_->deployment_path(), text).ok(), "the disk is there");
    MILLRACE_CHECK(WriteFile(project_->Resolve("customers.csv"), "age,city,churn\n").ok(),
                   "the disk is there");
  }

  /// Records what phase 4 measured of the bundle.
  void RecordTestMetric(double auc) {
    const json::Json record = json::Json::Of(
        {{"bundle", bundle_->digest().ToHex()},
         {"metrics",
          json::Json(json::Array{json::Json::Of(
              {{"name", "auc"},
               {"interval", json::Json::Of({{"value", auc}, {"low", auc}, {"high", auc}})}})})}});
    const Digest object = objects_->Put(json::Write(record)).value();
    store::RunRow run;
    run.id = "run1";
    MILLRACE_CHECK(catalog_->StartRun(run).ok(), "the catalog is there");
    MILLRACE_CHECK(catalog_
                       ->RecordPhase({.run = "run1",
                                      .phase = "evaluate",
                                      .status = store::PhaseStatus::kDone,
                                      .record = object})
                       .ok(),
                   "the catalog is there");
    MILLRACE_CHECK(catalog_->FinishRun("run1", store::RunStatus::kDone).ok(), "as above");
  }

  /// Appends predictions to the log, one a millisecond, and returns the ids of their requests.
  std::vector<std::string> Predict(int64_t count, double shift = 0.0, double bern = 0.5,
                                   const std::string& route = "champion") {
    const SampleRows rows = DrawRows(*bundle_, rng_, count, shift, bern);
    std::vector<std::string> ids;
    std::string bytes;
    for (int64_t i = 0; i < count; ++i) {
      journal::PredictionRecord record;
      record.request_id = Format("r{}", next_request_++);
      record.row_key = "key-" + record.request_id;
      record.time_micros = clock_.NowMicros();
      clock_.Advance(0.001);
      record.bundle = bundle_->digest().ToHex();
      record.route = route;
      record.row_json = rows.json[static_cast<size_t>(i)];
      record.outputs = {rows.predictions.output(i)};
      record.decision = rows.predictions.decisions[static_cast<size_t>(i)];
      outputs[record.request_id] = record.outputs[0];
      journal::AppendFrame(bytes, journal::EncodeRecord(record));
      ids.push_back(record.request_id);
    }
    Append(bytes);
    return ids;
  }

  void Label(journal::FeedbackRecord record) {
    if (record.time_micros == 0) record.time_micros = clock_.NowMicros();
    std::string bytes;
    journal::AppendFrame(bytes, journal::EncodeRecord(record));
    Append(bytes);
  }

  /// Labels requests with "yes" at the chance that the model gave, or at random.
  void LabelAll(const std::vector<std::string>& ids, bool as_predicted) {
    for (const std::string& id : ids) {
      const double chance = as_predicted ? outputs[id] : 0.5;
      Label({.request_id = id, .label = rng_.Uniform() < chance ? "yes" : "no"});
    }
  }

  Result<OperateRecord> Run() {
    return RunOperate({.spec = spec_,
                       .project = *project_,
                       .objects = *objects_,
                       .catalog = *catalog_,
                       .clock = clock_,
                       .progress = progress_});
  }

  void Append(const std::string& bytes) {
    const std::string path =
        JoinPath(PredictionLogFolder(*project_), journal::SegmentName(1, 10, 0));
    MILLRACE_CHECK(MakeFolders(PredictionLogFolder(*project_)).ok(), "the disk is there");
    if (!FileExists(path)) {
      MILLRACE_CHECK(AppendFile(path, journal::kSegmentHeader).ok(), "the disk is there");
    }
    MILLRACE_CHECK(AppendFile(path, bytes).ok(), "the disk is there");
  }

  spec::Spec& spec() { return spec_; }
  FakeClock& clock() { return clock_; }
  const store::Project& project() const { return *project_; }
  store::Catalog& catalog() { return *catalog_; }
  const bundle::Bundle& bundle() const { return *bundle_; }

  int64_t num_reference_rows = 4000;
  std::map<std::string, double> outputs;  // by request id

 private:
  std::string folder_;
  FakeClock clock_;
  SilentProgress progress_;
  spec::Spec spec_;
  std::unique_ptr<store::Project> project_;
  std::unique_ptr<store::ObjectStore> objects_;
  std::unique_ptr<store::Catalog> catalog_;
  std::shared_ptr<const bundle::Bundle> bundle_;
  Rng rng_{17};
  int64_t next_request_ = 0;
};

}  // namespace millrace::operate
