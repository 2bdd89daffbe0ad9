#include "evaluate/importance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/threads.h"
#include "model/calibrated_model.h"
#include "model/ensemble_model.h"
#include "model/tree_ensemble.h"

namespace millrace::evaluate {
namespace {

using table::Task;

constexpr int64_t kLeastRows = 400;
constexpr int64_t kResamples = 200;

// Node visits of one row, about: trees times a usual depth.
double VisitsOfRow(const model::Model& model) {
  constexpr double kUsualDepth = 8.0;
  if (const auto* trees = dynamic_cast<const model::TreeEnsemble*>(&model)) {
    return kUsualDepth * static_cast<double>(trees->num_trees()) + 1.0;
  }
  if (const auto* ensemble = dynamic_cast<const model::EnsembleModel*>(&model)) {
    double visits = 0.0;
    for (const auto& member : ensemble->members()) visits += VisitsOfRow(*member.model);
    return visits;
  }
  if (const auto* calibrated = dynamic_cast<const model::CalibratedModel*>(&model)) {
    return VisitsOfRow(calibrated->inner()) + static_cast<double>(model.num_scores());
  }
  return static_cast<double>(model.num_features() * model.num_scores());
}

// Rows and labels that are shuffled within.
struct Sample {
  std::vector<int64_t> rows;
  std::vector<double> labels;
  std::vector<float> features;  // [rows, num_features]
};

Sample DrawSample(const HeldOut& held_out, int64_t num_features, int64_t num_rows, Rng rng) {
  std::vector<int64_t> order(static_cast<size_t>(held_out.num_rows()));
  std::iota(order.begin(), order.end(), int64_t{0});
  rng.Shuffle(std::span<int64_t>(order));
  order.resize(static_cast<size_t>(num_rows));
  std::sort(order.begin(), order.end());
  Sample sample;
  for (const int64_t row : order) {
    sample.labels.push_back(held_out.labels[static_cast<size_t>(row)]);
    const auto first = held_out.features.begin() + static_cast<std::ptrdiff_t>(row * num_features);
    sample.features.insert(sample.features.end(), first,
                           first + static_cast<std::ptrdiff_t>(num_features));
  }
  sample.rows = std::move(order);
  return sample;
}

std::vector<double> Answer(const TrainedModel& trained, const std::vector<float>& features,
                           int64_t num_rows, Task task) {
  const int64_t width = trained.model->num_scores();
  std::vector<double> outputs(static_cast<size_t>(num_rows * width));
  model::Predict(*trained.model, features, num_rows, outputs);
  if (task != Task::kBinary || width == 1) return outputs;
  std::vector<double> positive;
  for (size_t i = 1; i < outputs.size(); i += 2) positive.push_back(outputs[i]);
  return positive;
}

}  // namespace

Importance MeasureImportance(const TrainedModel& trained, const HeldOut& held_out,
                             const metric::MetricInfo& metric, const Rng& rng,
                             const ImportanceOptions& options) {
  std::map<std::string, std::vector<size_t>> features_of;
  const std::vector<feature::FeatureInfo> infos = trained.graph->features();
  for (size_t f = 0; f < infos.size(); ++f) features_of[infos[f].column].push_back(f);
  const std::vector<std::string>& columns = trained.graph->columns();
  const auto num_features = static_cast<int64_t>(infos.size());
  const double visits_of_row =
      VisitsOfRow(*trained.model) * static_cast<double>(std::max<size_t>(1, columns.size()));
  const auto affordable = static_cast<int64_t>(options.max_visits / visits_of_row);
  Importance found;
  found.metric = metric.name;
  found.num_rows =
      std::min({held_out.num_rows(), options.max_rows, std::max(kLeastRows, affordable)});
  const Sample sample = DrawSample(held_out, num_features, found.num_rows, rng.Fork("rows"));
  metric::Scored base = held_out.scored();
  const std::vector<double> base_outputs =
      Answer(trained, sample.features, found.num_rows, held_out.task);
  const std::vector<int32_t> base_ranks = metric::RankOutputs(base_outputs);
  base.labels = sample.labels;
  base.outputs = base_outputs;
  base.ranks = held_out.task == Task::kBinary ? std::span<const int32_t>(base_ranks)
                                              : std::span<const int32_t>();
  found.columns.resize(columns.size());
  const double sign = metric.greater_is_better ? 1.0 : -1.0;
  ParallelFor(options.num_threads, static_cast<int64_t>(columns.size()), [&](int64_t c) {
    const std::string& name = columns[static_cast<size_t>(c)];
    Rng own = rng.Fork("shuffle", static_cast<uint64_t>(c));
    std::vector<size_t> order(static_cast<size_t>(found.num_rows));
    std::iota(order.begin(), order.end(), size_t{0});
    own.Shuffle(std::span<size_t>(order));
    std::vector<float> shuffled = sample.features;
    const auto width = static_cast<size_t>(num_features);
    for (const size_t f : features_of.find(name)->second) {
      for (size_t row = 0; row < order.size(); ++row) {
        shuffled[row * width + f] = sample.features[order[row] * width + f];
      }
    }
    const std::vector<double> outputs = Answer(trained, shuffled, found.num_rows, held_out.task);
    const std::vector<int32_t> ranks = metric::RankOutputs(outputs);
    metric::Scored without = base;
    without.outputs = outputs;
    if (held_out.task == Task::kBinary) without.ranks = ranks;
    const metric::Interval difference = metric::BootstrapDifference(
        metric, base, without, rng.Fork("resamples"), {.num_resamples = kResamples});
    found.columns[static_cast<size_t>(c)] = {
        name, sign > 0.0 ? difference
                         : metric::Interval{-difference.value, -difference.high, -difference.low}};
  });
  std::stable_sort(found.columns.begin(), found.columns.end(),
                   [](const ColumnImportance& a, const ColumnImportance& b) {
                     return a.loss.value > b.loss.value;
                   });
  return found;
}

}  // namespace millrace::evaluate
