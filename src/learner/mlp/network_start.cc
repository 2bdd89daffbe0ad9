#include "learner/mlp/network_start.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/format.h"

namespace millrace::learner {
namespace {

using model::NetworkFeature;
using model::NetworkParts;
using table::Task;

constexpr int64_t kMaxCodes = 1024;
constexpr int64_t kMaxAllKnots = 2048;  // shared by the features, but each may have kFewestKnots
constexpr int64_t kFewestKnots = 4;
constexpr size_t kMaxWeights = 32'000'000;
// Values that quantiles are taken from.
constexpr size_t kSampledValues = 20'000;

// Distinct quantiles of the values that are there; all of them where they are few.
std::vector<float> KnotsOf(const TrainingData& data, int64_t feature, int64_t max_knots) {
  std::vector<float> values;
  const size_t num_rows = data.train_rows.size();
  const size_t step = std::max<size_t>(1, num_rows / kSampledValues);
  for (size_t i = 0; i < num_rows; i += step) {
    const float value = data.features.at(data.train_rows[i], feature);
    if (std::isfinite(value)) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  std::vector<float> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const auto count = static_cast<size_t>(max_knots);
  if (distinct.size() <= count) return distinct;
  std::vector<float> knots;
  for (size_t k = 0; k < count; ++k) {
    const float value = values[(values.size() - 1) * k / (count - 1)];
    if (knots.empty() || value > knots.back()) knots.push_back(value);
  }
  return knots;
}

void AddFeatures(const TrainingData& data, int64_t max_knots, NetworkParts& parts) {
  const int64_t num_features = data.features.num_columns();
  const int64_t knots_each =
      std::clamp<int64_t>(kMaxAllKnots / std::max<int64_t>(1, num_features), kFewestKnots,
                          std::max<int64_t>(kFewestKnots, max_knots));
  for (int64_t f = 0; f < num_features; ++f) {
    const feature::FeatureInfo& info = data.infos[static_cast<size_t>(f)];
    NetworkFeature feature{.category = static_cast<uint8_t>(info.category ? 1 : 0),
                           .first_vector = parts.size.num_vectors,
                           .num_vectors = 1,
                           .first_knot = 0};
    if (info.category) {
      feature.num_vectors +=
          static_cast<uint32_t>(std::clamp<int64_t>(info.cardinality, 0, kMaxCodes));
    } else {
      feature.first_knot = static_cast<uint32_t>(parts.knots.size());
      const std::vector<float> knots = KnotsOf(data, f, knots_each);
      parts.knots.insert(parts.knots.end(), knots.begin(), knots.end());
      feature.num_vectors += static_cast<uint32_t>(knots.size());
    }
    parts.size.num_vectors += feature.num_vectors;
    parts.features.push_back(feature);
  }
}

// What the network answers before it has learnt anything.
void SetTarget(const TrainingData& data, NetworkParts& parts, std::vector<float>& first_scores) {
  const auto rows = static_cast<double>(data.train_rows.size());
  const auto label = [&data](int64_t row) { return data.labels[static_cast<size_t>(row)]; };
  if (data.task == Task::kRegression) {
    double mean = 0.0;
    for (const int64_t row : data.train_rows) mean += label(row) / rows;
    double squares = 0.0;
    parts.low = parts.high = label(data.train_rows.front());
    for (const int64_t row : data.train_rows) {
      squares += (label(row) - mean) * (label(row) - mean) / rows;
      parts.low = std::min(parts.low, label(row));
      parts.high = std::max(parts.high, label(row));
    }
    parts.shift = mean;
    parts.scale = squares > 0.0 ? std::sqrt(squares) : 1.0;
    return;
  }
  std::vector<double> counts(static_cast<size_t>(data.num_classes), 0.5);
  for (const int64_t row : data.train_rows) counts[static_cast<size_t>(label(row))] += 1.0;
  if (data.task == Task::kBinary) {
    first_scores[0] = static_cast<float>(std::log(counts[1] / counts[0]));
    return;
  }
  for (size_t k = 0; k < counts.size(); ++k) {
    first_scores[k] = static_cast<float>(std::log(counts[k] / rows));
  }
}

// A number starts as a line over its quantiles, a category with a random vector per code; together
// the features make numbers of unit size.
void FillVectors(NetworkParts& parts, Rng rng) {
  const auto width = static_cast<size_t>(parts.size.width);
  const double size = 1.0 / std::sqrt(std::max(1.0, static_cast<double>(parts.features.size())));
  std::vector<double> slope(width);
  for (const NetworkFeature& feature : parts.features) {
    const uint32_t known = feature.num_vectors - 1;
    for (double& value : slope) value = size * rng.Normal();
    for (uint32_t v = 0; v < known; ++v) {
      float* vector = parts.weights.data() + (feature.first_vector + v) * width;
      // From -1.7 to 1.7: the ends of a flat distribution of unit variance.
      const double place =
          known > 1 ? 3.46 * (static_cast<double>(v) / static_cast<double>(known - 1) - 0.5) : 0.0;
      for (size_t j = 0; j < width; ++j) {
        const double value = feature.category != 0 ? size * rng.Normal()
                                                   : place * slope[j] + 0.1 * size * rng.Normal();
        vector[j] = static_cast<float>(value);
      }
    }
  }
}

void FillLayers(NetworkParts& parts, const std::vector<float>& first_scores, Rng rng) {
  const model::NetworkLayout layout(parts.size);
  const auto width = static_cast<size_t>(parts.size.width);
  const size_t per_member = parts.size.num_members * width;
  for (size_t i = 0; i < per_member; ++i) {
    // Members start as random reflections of the first layer.
    parts.weights[layout.member_scales + i] =
        parts.size.num_members == 1 || rng.Below(2) == 0 ? 1.0f : -1.0f;
    parts.weights[layout.member_shifts + i] = static_cast<float>(rng.Uniform() - 0.5);
  }
  // As large as keeps the size of numbers from layer to layer (He et al. 2015).
  const double size = std::sqrt(2.0 / static_cast<double>(width));
  for (size_t l = 0; l < parts.size.num_layers; ++l) {
    float* layer = parts.weights.data() + layout.layers + l * layout.layer_weights;
    for (size_t i = 0; i < width * width; ++i) layer[i] = static_cast<float>(size * rng.Normal());
  }
  for (size_t m = 0; m < parts.size.num_members; ++m) {
    float* head = parts.weights.data() + layout.heads + m * layout.head_weights;
    for (size_t i = 0; i < width; ++i) {
      for (size_t k = 0; k < parts.size.num_scores; ++k) {
        head[i * layout.head_width + k] = static_cast<float>(0.3 * size * rng.Normal());
      }
    }
    std::copy(first_scores.begin(), first_scores.end(), head + width * layout.head_width);
  }
}

}  // namespace

Result<NetworkParts> StartNetwork(const TrainingData& data, const NetworkShape& shape, Rng rng) {
  NetworkParts parts;
  const bool classes = data.task == Task::kMulticlass;
  parts.link = data.task == Task::kBinary ? model::Link::kSigmoid
               : classes                  ? model::Link::kSoftmax
                                          : model::Link::kIdentity;
  parts.size = {.width = static_cast<uint32_t>(shape.width),
                .num_layers = static_cast<uint32_t>(shape.num_layers),
                .num_members = static_cast<uint32_t>(shape.num_members),
                .num_scores = classes ? static_cast<uint32_t>(data.num_classes) : 1,
                .num_vectors = 0};
  AddFeatures(data, shape.max_knots, parts);
  const size_t num_weights = model::NetworkLayout(parts.size).num_weights;
  if (num_weights > kMaxWeights) {
    return Unsupported(Format("mlp: {} features and {} classes make {} weights; the most is {}",
                              parts.features.size(), parts.size.num_scores, num_weights,
                              kMaxWeights))
        .WithHint("a smaller develop.options.mlp.width, or other learners");
  }
  parts.weights.resize(num_weights);
  std::vector<float> first_scores(parts.size.num_scores);
  SetTarget(data, parts, first_scores);
  FillVectors(parts, rng.Fork("vectors"));
  FillLayers(parts, first_scores, rng.Fork("layers"));
  return parts;
}

}  // namespace millrace::learner
