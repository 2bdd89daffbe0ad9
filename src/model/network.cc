#include "model/network.h"

#include <algorithm>
#include <cmath>

#include "model/dense_kernels.h"

namespace millrace::model {
namespace {

// Limits that keep sizes of damaged files within reason.
constexpr uint32_t kMaxWidth = 4096;
constexpr uint32_t kMaxLayers = 16;
constexpr uint32_t kMaxMembers = 256;
constexpr uint32_t kMaxScores = 65'536;
constexpr uint32_t kMaxVectors = 1u << 24;

bool AllFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

Status CheckFeatures(const NetworkParts& parts) {
  uint64_t vectors = 0;
  uint64_t knots = 0;
  for (const NetworkFeature& feature : parts.features) {
    if (feature.category > 1 || feature.first_vector != vectors || feature.num_vectors < 1 ||
        feature.num_vectors > kMaxVectors) {
      return Corrupt("model: a bad feature of a network");
    }
    vectors += feature.num_vectors;
    if (feature.category != 0) continue;
    if (feature.first_knot != knots) return Corrupt("model: knots of a network out of place");
    knots += feature.num_vectors - 1;
    if (knots > parts.knots.size()) return Corrupt("model: a network lacks knots");
    for (uint64_t k = feature.first_knot + uint64_t{1}; k < knots; ++k) {
      if (!(parts.knots[k - 1] < parts.knots[k])) {
        return Corrupt("model: knots of a network do not rise");
      }
    }
  }
  if (vectors != parts.size.num_vectors || knots != parts.knots.size()) {
    return Corrupt("model: features of a network do not fill its vectors");
  }
  return {};
}

void Rectify(std::span<float> values) {
  for (float& value : values) value = value > 0.0f ? value : 0.0f;
}

}  // namespace

NetworkLayout::NetworkLayout(const NetworkSize& size) {
  const auto width = static_cast<size_t>(size.width);
  head_width = PaddedWidth(size.num_scores);
  layer_weights = width * width + width;
  head_weights = width * head_width + head_width;
  member_scales = vectors + size.num_vectors * width;
  member_shifts = member_scales + size.num_members * width;
  layers = member_shifts + size.num_members * width;
  heads = layers + size.num_layers * layer_weights;
  num_weights = heads + size.num_members * head_weights;
}

Status CheckNetwork(const NetworkParts& parts) {
  const NetworkSize& size = parts.size;
  if (size.width == 0 || size.width % kLanes != 0 || size.width > kMaxWidth ||
      size.num_layers > kMaxLayers || size.num_members < 1 || size.num_members > kMaxMembers ||
      size.num_scores < 1 || size.num_scores > kMaxScores || size.num_vectors > kMaxVectors) {
    return Corrupt("model: bad sizes of a network");
  }
  MILLRACE_RETURN_IF_ERROR(CheckFeatures(parts));
  if (parts.weights.size() != NetworkLayout(size).num_weights || !AllFinite(parts.weights) ||
      !AllFinite(parts.knots)) {
    return Corrupt("model: bad weights of a network");
  }
  if (!std::isfinite(parts.shift) || !std::isfinite(parts.scale) || !std::isfinite(parts.low) ||
      !std::isfinite(parts.high) || parts.low > parts.high) {
    return Corrupt("model: a bad range of a network");
  }
  return {};
}

Mixed MixOf(const NetworkParts& parts, const NetworkFeature& feature, float value) {
  const uint32_t known = feature.num_vectors - 1;
  if (feature.category != 0) {
    const bool seen = value >= 0.0f && value < static_cast<float>(known);
    return {feature.first_vector + (seen ? static_cast<uint32_t>(value) : known), 0.0f};
  }
  if (std::isnan(value) || known == 0) return {feature.first_vector + known, 0.0f};
  const float* first = parts.knots.data() + feature.first_knot;
  if (value <= first[0]) return {feature.first_vector, 0.0f};
  if (value >= first[known - 1]) return {feature.first_vector + known - 1, 0.0f};
  const auto above = static_cast<uint32_t>(std::upper_bound(first, first + known, value) - first);
  // Halves, so that the distance of two huge knots stays finite.
  const float below = 0.5f * first[above - 1];
  const float share = (0.5f * value - below) / (0.5f * first[above] - below);
  return {feature.first_vector + above - 1, share};
}

void Forward(const NetworkParts& parts, std::span<const float> weights, std::span<const float> rows,
             size_t num_rows, Dropout* dropout, NetworkScratch& scratch) {
  const NetworkLayout layout(parts.size);
  const auto width = static_cast<size_t>(parts.size.width);
  const auto members = static_cast<size_t>(parts.size.num_members);
  const size_t num_features = parts.features.size();
  const size_t count = num_rows * members;
  const auto grow = [](auto& memory, size_t size) {
    if (memory.size() < size) memory.resize(size);
  };
  grow(scratch.mixed, num_rows * num_features);
  grow(scratch.first, num_rows * width);
  grow(scratch.hidden, parts.size.num_layers + size_t{1});
  for (std::vector<float>& hidden : scratch.hidden) grow(hidden, count * width);
  grow(scratch.outputs, count * layout.head_width);

  for (size_t r = 0; r < num_rows; ++r) {
    float* sum = scratch.first.data() + r * width;
    std::fill_n(sum, width, 0.0f);
    for (size_t f = 0; f < num_features; ++f) {
      const Mixed mixed = MixOf(parts, parts.features[f], rows[r * num_features + f]);
      scratch.mixed[r * num_features + f] = mixed;
      const float* vector = weights.data() + layout.vectors + mixed.vector * width;
      AddScaled(1.0f - mixed.share, vector, width, sum);
      if (mixed.share != 0.0f) AddScaled(mixed.share, vector + width, width, sum);
    }
    for (size_t m = 0; m < members; ++m) {
      const float* scale = weights.data() + layout.member_scales + m * width;
      const float* shift = weights.data() + layout.member_shifts + m * width;
      float* to = scratch.hidden[0].data() + (r * members + m) * width;
      for (size_t j = 0; j < width; ++j) to[j] = sum[j] * scale[j] + shift[j];
    }
  }
  const auto pass = [&](size_t layer) {
    const std::span<float> hidden(scratch.hidden[layer].data(), count * width);
    Rectify(hidden);
    if (dropout != nullptr) dropout->Drop(layer, hidden);
  };
  pass(0);
  for (size_t l = 0; l < parts.size.num_layers; ++l) {
    const float* from = weights.data() + layout.layers + l * layout.layer_weights;
    float* to = scratch.hidden[l + 1].data();
    for (size_t i = 0; i < count; ++i) std::copy_n(from + width * width, width, to + i * width);
    AddProduct({scratch.hidden[l].data(), width, 1}, from, count, width, width, to);
    pass(l + 1);
  }
  for (size_t m = 0; m < members; ++m) {
    const float* head = weights.data() + layout.heads + m * layout.head_weights;
    float* to = scratch.outputs.data() + m * num_rows * layout.head_width;
    for (size_t r = 0; r < num_rows; ++r) {
      std::copy_n(head + width * layout.head_width, layout.head_width, to + r * layout.head_width);
    }
    const float* last = scratch.hidden[parts.size.num_layers].data() + m * width;
    AddProduct({last, members * width, 1}, head, num_rows, width, layout.head_width, to);
  }
}

void MeanOutputs(const NetworkSize& size, size_t num_rows, const NetworkScratch& scratch,
                 std::span<double> scores) {
  const size_t head_width = PaddedWidth(size.num_scores);
  for (size_t r = 0; r < num_rows; ++r) {
    for (size_t k = 0; k < size.num_scores; ++k) {
      double sum = 0.0;
      for (size_t m = 0; m < size.num_members; ++m) {
        sum += static_cast<double>(scratch.outputs[(m * num_rows + r) * head_width + k]);
      }
      scores[r * size.num_scores + k] = sum / static_cast<double>(size.num_members);
    }
  }
}

}  // namespace millrace::model
