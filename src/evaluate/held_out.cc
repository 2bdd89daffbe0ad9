#include "evaluate/held_out.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/format.h"
#include "base/threads.h"
#include "json/text.h"

namespace millrace::evaluate {
namespace {

using table::Task;

constexpr int64_t kRowsPerBlock = 4096;
// Losses of single rows are bounded, so that one row cannot carry a slice.
constexpr double kLargestLogLoss = 15.0;

void AddOnce(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// A binary model may hold two outputs; metrics want the probability of class 1 alone.
std::vector<double> MetricOutputs(const bundle::Predictions& predictions, Task task) {
  if (task != Task::kBinary || predictions.num_outputs == 1) return predictions.outputs;
  std::vector<double> outputs;
  for (int64_t row = 0; row < predictions.num_rows; ++row) {
    outputs.push_back(predictions.output(row, predictions.num_outputs - 1));
  }
  return outputs;
}

}  // namespace

Result<TrainedModel> LoadTrained(const data::DataRecord& data,
                                 const develop::DevelopRecord& develop,
                                 const store::ObjectStore& objects) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, objects.Get(develop.graph_object));
  MILLRACE_ASSIGN_OR_RETURN(json::Json document, json::Parse(text, "graph object"));
  MILLRACE_ASSIGN_OR_RETURN(feature::Graph graph,
                            feature::Graph::FromJson(develop.request_schema, document));
  MILLRACE_ASSIGN_OR_RETURN(std::string model_bytes, objects.Get(develop.model_object));
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<model::Model> model, model::LoadModel(model_bytes));
  bundle::ScorerParts parts;
  parts.task = data.task;
  parts.class_labels = data.labels;
  parts.threshold = develop.threshold;
  parts.schema = std::make_shared<const table::Schema>(develop.request_schema);
  parts.graph = std::make_shared<const feature::Graph>(std::move(graph));
  parts.model = std::move(model);
  MILLRACE_ASSIGN_OR_RETURN(bundle::Scorer scorer, bundle::Scorer::Make(parts));
  return TrainedModel{.graph_document = std::move(document),
                      .model_bytes = std::move(model_bytes),
                      .graph = parts.graph,
                      .model = parts.model,
                      .scorer = std::move(scorer)};
}

int64_t HeldOut::num_outputs() const {
  return task == Task::kMulticlass ? static_cast<int64_t>(class_labels.size()) : 1;
}

metric::Scored HeldOut::scored() const {
  return {.task = task,
          .num_classes = static_cast<int64_t>(class_labels.size()),
          .labels = labels,
          .outputs = outputs,
          .threshold = threshold,
          .ranks = output_ranks};
}

std::vector<double> HeldOut::RowLosses() const {
  std::vector<double> losses;
  losses.reserve(labels.size());
  for (size_t row = 0; row < labels.size(); ++row) {
    if (task == Task::kRegression) {
      losses.push_back(std::abs(outputs[row] - labels[row]));
      continue;
    }
    const double p = task == Task::kBinary
                         ? (labels[row] == 1.0 ? outputs[row] : 1.0 - outputs[row])
                         : outputs[row * class_labels.size() + static_cast<size_t>(labels[row])];
    losses.push_back(p > 0.0 ? std::min(-std::log(p), kLargestLogLoss) : kLargestLogLoss);
  }
  return losses;
}

Result<bundle::Predictions> ScoreRows(const bundle::Scorer& scorer, const table::Table& rows,
                                      int num_threads) {
  const int64_t num_blocks = (rows.num_rows() + kRowsPerBlock - 1) / kRowsPerBlock;
  std::vector<bundle::Predictions> blocks(static_cast<size_t>(num_blocks));
  std::vector<Status> states(static_cast<size_t>(num_blocks));
  ParallelFor(num_threads, num_blocks, [&](int64_t block) {
    const int64_t first = block * kRowsPerBlock;
    std::vector<int64_t> some(
        static_cast<size_t>(std::min(kRowsPerBlock, rows.num_rows() - first)));
    std::iota(some.begin(), some.end(), first);
    Result<bundle::Predictions> scored = scorer.Score(rows.Take(some));
    if (scored.ok()) {
      blocks[static_cast<size_t>(block)] = std::move(scored).value();
    } else {
      states[static_cast<size_t>(block)] = scored.status();
    }
  });
  bundle::Predictions all;
  for (size_t block = 0; block < blocks.size(); ++block) {
    MILLRACE_RETURN_IF_ERROR(states[block]);
    const bundle::Predictions& part = blocks[block];
    all.num_rows += part.num_rows;
    all.num_outputs = part.num_outputs;
    all.outputs.insert(all.outputs.end(), part.outputs.begin(), part.outputs.end());
    all.decisions.insert(all.decisions.end(), part.decisions.begin(), part.decisions.end());
    all.features.insert(all.features.end(), part.features.begin(), part.features.end());
  }
  return all;
}

Result<HeldOut> LoadHeldOut(const data::DataRecord& data, const develop::DevelopRecord& develop,
                            const TrainedModel& trained, const store::ObjectStore& objects,
                            engine::Engine& engine, const std::vector<std::string>& more_columns,
                            int num_threads) {
  std::vector<std::string> columns = develop.request_schema.names();
  for (const std::string& name : more_columns) AddOnce(columns, name);
  AddOnce(columns, data.target);
  columns.emplace_back("__row");
  MILLRACE_ASSIGN_OR_RETURN(table::Table rows,
                            data::LoadRows(data, objects, engine, data::SplitPart::kTest, columns));
  if (rows.num_rows() == 0) {
    return InvalidData("evaluate: no row is held out")
        .WithHint("set split.test to a share that leaves rows to measure on");
  }
  const std::vector<double> labels = data::LabelsOf(data, rows);
  std::vector<int64_t> source_rows;
  const table::Column& places = rows.column(rows.num_columns() - 1);
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    source_rows.push_back(static_cast<int64_t>(places.number(row)));
  }
  MILLRACE_ASSIGN_OR_RETURN(bundle::Predictions predictions,
                            ScoreRows(trained.scorer, rows, num_threads));
  for (const double output : predictions.outputs) {
    if (!std::isfinite(output)) return Corrupt("evaluate: the model's answer is no finite number");
  }
  HeldOut held_out{.task = data.task,
                   .class_labels = data.labels,
                   .threshold = develop.threshold,
                   .rows = std::move(rows),
                   .source_rows = std::move(source_rows),
                   .labels = labels,
                   .outputs = MetricOutputs(predictions, data.task),
                   .output_ranks = {},
                   .features = std::move(predictions.features)};
  if (data.task == Task::kBinary) held_out.output_ranks = metric::RankOutputs(held_out.outputs);
  return held_out;
}

}  // namespace millrace::evaluate
