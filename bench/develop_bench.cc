// Phase 2 and 3 on one file: ingest, development within a budget, score on the held-out part.
//   develop_bench FILE TARGET TASK [--budget SECONDS] [--threads N] [--test FILE]
// Prints the out-of-fold estimate, the score on held-out rows, size and times; for
// docs/benchmarks.md.

#include <cstdio>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"
#include "data/data_phase.h"
#include "develop/develop_phase.h"
#include "feature/graph.h"
#include "json/text.h"
#include "model/model.h"

namespace millrace {
namespace {

struct Arguments {
  std::string file;
  std::string target;
  table::Task task = table::Task::kBinary;
  double budget = 10.0;
  int threads = NumProcessors();
  double test_share = 0.33;
  int verbose = 0;
};

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
  SystemClock clock;
  SilentProgress progress;
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
      data::LoadRows(data, objects, *engine, data::SplitPart::kTest, columns));
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
  std::printf(
      "%s rows=%lld+%lld oof_%s=%s%s candidates=%zu mb=%.2f ingest_s=%.2f develop_s=%.2f "
      "us_per_row=%.1f peak_mb=%.0f form=%s\n",
      arguments.file.substr(arguments.file.rfind('/') + 1).c_str(),
      static_cast<long long>(data.num_train), static_cast<long long>(data.num_test),
      record.primary_metric.c_str(), FormatSignificant(record.estimate.value, 5).c_str(),
      scores.c_str(), record.leaderboard.size(), static_cast<double>(bytes.size()) * 1e-6,
      ingested - start, developed - ingested,
      1e6 * (predicted - before) / static_cast<double>(labels.size()),
      static_cast<double>(PeakResidentBytes()) * 1e-6, record.plan["final"].AsString().c_str());
  if (arguments.verbose > 0) {
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
    if (key == "--threads") arguments.threads = static_cast<int>(number);
    if (key == "--test-share") arguments.test_share = number;
    if (key == "--verbose") arguments.verbose = static_cast<int>(number);
  }
  const auto done = Run(arguments);
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.status().ToString().c_str());
  return done.ok() ? 0 : 1;
}
