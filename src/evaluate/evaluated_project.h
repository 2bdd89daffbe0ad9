// A made data set with a model that is known, for tests: rows whose label follows one number, with
// weaknesses planted where a test asks for them.

#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "evaluate/evaluate_phase.h"
#include "feature/graph.h"
#include "json/text.h"
#include "model/linear_model.h"
#include "store/object_store.h"

namespace millrace::evaluate {

enum class Planted { kNothing, kGroupBias, kBadSlice };

struct MadeData {
  table::Task task = table::Task::kBinary;
  Planted planted = Planted::kNothing;
  int64_t num_rows = 3000;
  double weight = 2.0;  // of the model: 2 is the truth, 0 a model that says nothing
  uint64_t seed = 11;
};

class EvaluatedProject {
 public:
  EvaluatedProject() {
    engine_ =
        engine::MakeDuckDbEngine({.num_threads = 1, .memory_bytes = int64_t{1} << 30}).value();
    folder_ = std::make_unique<TemporaryFolder>(TemporaryFolder::Make().value());
    objects_ = std::make_unique<store::ObjectStore>(
        store::ObjectStore::Open(JoinPath(folder_->path(), "objects")).value());
    spec_.problem.target = "y";
    spec_.problem.description = "predict y";
    spec_.data.paths = {"d.csv"};
    spec_.data.sensitive = {"sex"};
    spec_.split.test = 0.5;
  }

  // Columns: a decides, b is noise, city and sex say nothing; y follows 2 a.
  static std::string MakeCsv(const MadeData& made) {
    Rng rng(made.seed);
    std::string csv = "a,b,city,sex,y\n";
    for (int64_t i = 0; i < made.num_rows; ++i) {
      const double a = rng.Normal();
      const uint64_t city = rng.Below(5);
      const bool woman = rng.Below(2) == 1;
      double score = 2.0 * a;
      if (made.planted == Planted::kGroupBias && woman) score = 2.0 * a + 2.0;
      if (made.planted == Planted::kBadSlice && city == 3) score = -score;
      std::string y;
      if (made.task == table::Task::kRegression) {
        y = Format("{:.4f}", score + 0.3 * rng.Normal());
      } else {
        const bool yes = rng.Uniform() < 1.0 / (1.0 + std::exp(-score));
        y = made.task == table::Task::kBinary ? (yes ? "yes" : "no")
            : score > 1.5                     ? "high"
            : score > -1.5                    ? "mid"
                                              : "low";
      }
      csv += Format("{:.4f},{:.3f},town{},{},{}\n", a, rng.Normal(), city, woman ? "F" : "M", y);
    }
    return csv;
  }

  void Make(const MadeData& made) {
    MILLRACE_CHECK(WriteFile(JoinPath(folder_->path(), "d.csv"), MakeCsv(made)).ok(), "writable");
    auto data = data::RunData({.spec = spec_,
                               .project_folder = folder_->path(),
                               .task = made.task,
                               .positive = made.task == table::Task::kBinary ? "yes" : "",
                               .objects = *objects_,
                               .engine = *engine_,
                               .progress = progress_,
                               .previous_salt = std::nullopt});
    data_ = std::make_unique<data::DataRecord>(std::move(data).value());
    develop_ = MakeDevelop(made);
  }

  develop::DevelopRecord MakeDevelop(const MadeData& made) {
    develop::DevelopRecord record;
    record.request_schema = data_->schema.Select({"a", "b"}).value();
    feature::Node a{.column = "a", .name = "a"};
    feature::Node b{.column = "b", .name = "b"};
    const auto graph = feature::Graph::Make(record.request_schema, {a, b});
    record.graph_object = objects_->Put(json::Write(graph->ToJson())).value();
    model::LinearParts parts;
    model::LinearTerm first;
    model::LinearTerm second;
    second.first_column = 1;
    parts.terms = {first, second};
    if (made.task == table::Task::kMulticlass) {  // labels: high, low, mid
      parts.link = model::Link::kSoftmax;
      parts.num_scores = 3;
      parts.intercepts = {0.0, 0.0, 2.0};
      parts.weights = {2.0 * made.weight, 0.0, -2.0 * made.weight, 0.0, 0.0, 0.0};
    } else {
      parts.link =
          made.task == table::Task::kBinary ? model::Link::kSigmoid : model::Link::kIdentity;
      parts.intercepts = {0.0};
      parts.weights = {made.weight, 0.0};
    }
    record.model_object =
        objects_->Put(model::LinearModel::Make(parts).value()->Serialize()).value();
    record.primary_metric = std::string(metric::DefaultMetric(made.task));
    record.estimate = {0.8, 0.78, 0.82};
    record.leaderboard.push_back(
        {.name = "linear model", .learner = "linear", .score = record.estimate, .chosen = true});
    return record;
  }

  Result<EvaluateRecord> Evaluate(int num_threads = 2) {
    return RunEvaluate({.spec = spec_,
                        .data = *data_,
                        .develop = develop_,
                        .objects = *objects_,
                        .engine = *engine_,
                        .progress = progress_,
                        .clock = clock_,
                        .num_threads = num_threads,
                        .provenance = json::Json::Of({{"seed", 7}})});
  }

  static const report::Check* FindCheck(const EvaluateRecord& record, std::string_view id) {
    for (const report::Check& check : record.section.checkpoint.checks) {
      if (check.id == id) return &check;
    }
    return nullptr;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::ObjectStore> objects_;
  std::unique_ptr<data::DataRecord> data_;
  develop::DevelopRecord develop_;
  spec::Spec spec_;
  SilentProgress progress_;
  SystemClock clock_;
};

}  // namespace millrace::evaluate
