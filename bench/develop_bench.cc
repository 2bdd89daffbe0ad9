// Phase 2 and 3 on one file: ingest, development within a budget, score on the held-out part.
//   develop_bench FILE TARGET TASK [--budget SECONDS] [--threads N] [--test FILE] [--test-share S]
//       [--verbose 1] [--compute-clock 1] [--without LEARNER] [--repeats N]
// Prints the out-of-fold estimate, the score on held-out rows, size and times; for
// docs/benchmarks.md.

#include <cstdio>
#include <ctime>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"
#include "data/data_phase.h"
#include "data/ingest.h"
#include "develop/develop_phase.h"
#include "feature/graph.h"
#include "json/text.h"
#include "learner/registry.h"
#include "model/calibrated_model.h"
#include "model/model.h"

namespace millrace {
namespace {

// Time that the process computed, shared by its threads: the same search on a busy machine as on an
// idle one.
class ComputeClock final : public Clock {
 public:
  explicit ComputeClock(int threads) : threads_(threads) {}
  int64_t NowMicros() const override { return static_cast<int64_t>(1e6 * MonotonicSeconds()); }
  double MonotonicSeconds() const override {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC / static_cast<double>(threads_);
  }
  void SleepSeconds(double) override {}

 private:
  int threads_;
};

struct Arguments {
  std::string file;
  std::string target;
  std::string test;
  table::Task task = table::Task::kBinary;
  double budget = 10.0;
  int threads = NumProcessors();
  double test_share = 0.33;
  int verbose = 0;
  int compute_clock = 0;
  std::string without;
  int64_t repeats = 1;
};

// Rows of a second file, read by the schema of the first; it has the target too.
Result<table::Table> ReadTestFile(engine::Engine& engine, const data::DataRecord& data,
                                  const std::string& path,
                                  const std::vector<std::string>& columns) {
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source,
                            engine::OpenSource(engine, ".", {path}, {}, "bench_test"));
  data::IngestRoles roles;
  roles.target = data.target;
  MILLRACE_ASSIGN_OR_RETURN(const data::Ingested rows, data::Ingest(engine, source, data.schema,
                                                                    roles, {.spec = spec::Spec{}}));
  std::string list;
  for (const std::string& name : columns) {
    const auto index = data.schema.Find(name);
    const bool text = !table::IsNumeric(data.schema.column(*index).type);
    list += Format("{}CAST({} AS {})", list.empty() ? "" : ", ", engine::QuoteIdentifier(name),
                   text ? "VARCHAR" : "DOUBLE");
    list += Format(" AS {}", engine::QuoteIdentifier(name));
  }
  return engine::Query(engine, Format("SELECT {} FROM {} ORDER BY __row", list,
                                      engine::QuoteIdentifier(rows.table_name)));
}

// Prints each model when it is done.
class PrintingProgress final : public ProgressSink {
 public:
  explicit PrintingProgress(const Clock& clock) : clock_(clock) {}
  void Report(const ProgressEvent& event) override {
    std::printf("  %.2f s %s, %s\n", clock_.MonotonicSeconds(), event.step.c_str(),
                event.best.c_str());
  }

 private:
  const Clock& clock_;
};

// Log loss of the same answers as they were before they were recalibrated; empty where none were.
std::string ScoreBefore(const model::Model& model, const table::Matrix& features,
                        metric::Scored scored) {
  const auto* calibrated = dynamic_cast<const model::CalibratedModel*>(&model);
  if (calibrated == nullptr) return "";
  std::vector<double> outputs(scored.outputs.size());
  model::Predict(calibrated->inner(), features.values(), features.num_rows(), outputs);
  scored.outputs = outputs;
  const metric::MetricInfo& log_loss = *metric::FindMetric(scored.task, "log_loss");
  return Format(" log_loss_before={}", FormatSignificant(metric::Compute(log_loss, scored), 5));
}

Result<int> Run(const Arguments& arguments) {
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine,
                            engine::MakeDuckDbEngine({.num_threads = arguments.threads,
                                                      .memory_bytes = int64_t{4} << 30}));
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  MILLRACE_ASSIGN_OR_RETURN(const store::ObjectStore objects,
                            store::ObjectStore::Open(JoinPath(folder.path(), "objects")));
  spec::Spec spec;
  spec.problem.target = arguments.target;
  spec.data.paths = {arguments.file};
  spec.split.test = arguments.test_share;
  spec.split.repeats = arguments.repeats;
  const learner::Registry registry = learner::RegisterLearners();
  for (const auto& learner : registry.all()) {
    if (arguments.without.empty() || learner->name() == arguments.without) continue;
    spec.develop.learners.emplace_back(learner->name());
  }
  SystemClock wall;
  ComputeClock compute(arguments.threads);
  Clock& clock = arguments.compute_clock > 0 ? static_cast<Clock&>(compute) : wall;
  SilentProgress silent;
  PrintingProgress printing(clock);
  ProgressSink& progress = arguments.verbose > 1 ? static_cast<ProgressSink&>(printing) : silent;
  const double start = clock.MonotonicSeconds();
  MILLRACE_ASSIGN_OR_RETURN(const data::DataRecord data,
                            data::RunData({.spec = spec,
                                           .project_folder = ".",
                                           .task = arguments.task,
                                           .positive = "",
                                           .objects = objects,
                                           .engine = *engine,
                                           .progress = progress,
                                           .previous_salt = std::nullopt}));
  const double ingested = clock.MonotonicSeconds();
  MILLRACE_ASSIGN_OR_RETURN(const develop::DevelopRecord record,
                            develop::RunDevelop({.spec = spec,
                                                 .data = data,
                                                 .objects = objects,
                                                 .engine = *engine,
                                                 .progress = progress,
                                                 .clock = clock,
                                                 .num_threads = arguments.threads,
                                                 .memory_bytes = 0,
                                                 .seconds = arguments.budget,
                                                 .plan = std::nullopt}));
  const double developed = clock.MonotonicSeconds();
  MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, objects.Get(record.model_object));
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<model::Model> model, model::LoadModel(bytes));
  MILLRACE_ASSIGN_OR_RETURN(const std::string graph_text, objects.Get(record.graph_object));
  MILLRACE_ASSIGN_OR_RETURN(const json::Json graph_json, json::Parse(graph_text, "graph"));
  MILLRACE_ASSIGN_OR_RETURN(const feature::Graph graph,
                            feature::Graph::FromJson(record.request_schema, graph_json));
  std::vector<std::string> columns = graph.columns();
  columns.push_back(data.target);
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table rows,
      arguments.test.empty()
          ? data::LoadRows(data, objects, *engine, data::SplitPart::kTest, columns)
          : ReadTestFile(*engine, data, arguments.test, columns));
  MILLRACE_ASSIGN_OR_RETURN(const table::Matrix features, graph.Apply(rows));
  const std::vector<double> labels = data::LabelsOf(data, rows);
  std::vector<double> outputs(labels.size() * static_cast<size_t>(model->num_scores()));
  const double before = clock.MonotonicSeconds();
  model::Predict(*model, features.values(), features.num_rows(), outputs);
  const double predicted = clock.MonotonicSeconds();
  const metric::Scored scored{.task = data.task,
                              .num_classes = static_cast<int64_t>(data.labels.size()),
                              .labels = labels,
                              .outputs = outputs,
                              .threshold = record.threshold};
  std::string scores;
  for (const std::string_view name : {"auc", "log_loss", "accuracy", "rmse", "r2", "f1"}) {
    const metric::MetricInfo* metric = metric::FindMetric(data.task, name);
    if (metric == nullptr) continue;
    scores += Format(" {}={}", name, FormatSignificant(metric::Compute(*metric, scored), 5));
  }
  scores += ScoreBefore(*model, features, scored);
  std::printf(
      "%s rows=%lld+%lld oof_%s=%s%s candidates=%zu mb=%.2f ingest_s=%.2f develop_s=%.2f "
      "us_per_row=%.1f peak_mb=%.0f\n",
      arguments.file.substr(arguments.file.rfind('/') + 1).c_str(),
      static_cast<long long>(data.num_train), static_cast<long long>(data.num_test),
      record.primary_metric.c_str(), FormatSignificant(record.estimate.value, 5).c_str(),
      scores.c_str(), record.leaderboard.size(), static_cast<double>(bytes.size()) * 1e-6,
      ingested - start, developed - ingested,
      1e6 * (predicted - before) / static_cast<double>(labels.size()),
      static_cast<double>(PeakResidentBytes()) * 1e-6);
  if (arguments.verbose > 0) {
    if (!record.calibration.empty()) std::printf("  %s\n", record.calibration.c_str());
    for (const develop::Candidate& candidate : record.leaderboard) {
      std::printf("  %-50s %s rounds %lld bytes %lld %s %s\n", candidate.name.c_str(),
                  FormatSignificant(candidate.score.value, 5).c_str(),
                  static_cast<long long>(candidate.rounds),
                  static_cast<long long>(candidate.model_bytes), candidate.note.c_str(),
                  json::Write(candidate.options).c_str());
    }
  }
  return 0;
}

}  // namespace
}  // namespace millrace

int main(int count, char** values) {
  using namespace millrace;
  if (count < 4) {
    std::fprintf(stderr, "usage: develop_bench FILE TARGET TASK [--budget S] [--threads N]\n");
    return 2;
  }
  Arguments arguments;
  arguments.file = values[1];
  arguments.target = values[2];
  const auto task = table::TaskFromName(values[3]);
  if (!task) return 2;
  arguments.task = *task;
  for (int i = 4; i + 1 < count; i += 2) {
    const std::string_view key = values[i];
    const double number = ParseDouble(values[i + 1]).value_or(0.0);
    if (key == "--budget") arguments.budget = number;
    if (key == "--test") arguments.test = values[i + 1];
    if (key == "--repeats") arguments.repeats = static_cast<int64_t>(number);
    if (key == "--without") arguments.without = values[i + 1];
    if (key == "--threads") arguments.threads = static_cast<int>(number);
    if (key == "--test-share") arguments.test_share = number;
    if (key == "--compute-clock") arguments.compute_clock = static_cast<int>(number);
    if (key == "--verbose") arguments.verbose = static_cast<int>(number);
  }
  const auto done = Run(arguments);
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.status().ToString().c_str());
  return done.ok() ? 0 : 1;
}
