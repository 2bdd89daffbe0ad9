// Network: a multilayer perceptron over table features, as numbers that model and trainer share.
//
// Each feature adds a learnt vector to the first hidden layer: a category the vector of its code, a
// number the one between the vectors of the two knots around it (piecewise linear encoding:
// Gorishniy, Rubachev & Babenko 2022, "On embeddings for numerical features in tabular deep
// learning"), a missing value one of its own. Members share these vectors and all layers and differ
// by a scale and a shift of the first layer and by their heads; the outputs of members are averaged
// (batch ensemble: Gorishniy, Kotelnikov & Babenko 2025, "TabM", the form that it calls mini).
//
// Thread safety: parts are data; functions are pure but for the scratch that is passed.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/model.h"

namespace millrace::model {

/// Sizes that decide how weights lie.
struct NetworkSize {
  uint32_t width = 64;      // of each hidden layer, a multiple of 16
  uint32_t num_layers = 1;  // dense ones, after the first
  uint32_t num_members = 1;
  uint32_t num_scores = 1;
  uint32_t num_vectors = 0;  // of all features together
  friend bool operator==(const NetworkSize&, const NetworkSize&) = default;
};

/// Where each part of the weights starts. Rows have `width` numbers, heads `head_width`.
struct NetworkLayout {
  explicit NetworkLayout(const NetworkSize& size);
  size_t vectors = 0;        // [num_vectors, width]
  size_t member_scales = 0;  // [num_members, width]
  size_t member_shifts = 0;  // [num_members, width]
  size_t layers = 0;         // per layer: [width, width] from, to; then [width] shifts
  size_t heads = 0;          // per member: [width, head_width], then [head_width] shifts
  size_t num_weights = 0;
  size_t head_width = 16;  // scores, padded
  size_t layer_weights = 0;
  size_t head_weights = 0;
};

struct NetworkFeature {
  uint8_t category = 0;
  uint32_t first_vector = 0;
  uint32_t num_vectors = 1;  // the last is that of missing and unseen values
  uint32_t first_knot = 0;   // numbers: num_vectors - 1 knots, rising
  friend bool operator==(const NetworkFeature&, const NetworkFeature&) = default;
};

struct NetworkParts {
  Link link = Link::kIdentity;
  NetworkSize size;
  std::vector<NetworkFeature> features;
  std::vector<float> knots;
  std::vector<float> weights;  // [NetworkLayout::num_weights]
  // Numbers: score = shift + scale * output, kept within [low, high].
  double shift = 0.0;
  double scale = 1.0;
  double low = 0.0;
  double high = 0.0;
};

/// What a value adds to the first layer: (1 - share) of a vector and share of the next.
struct Mixed {
  uint32_t vector = 0;
  float share = 0.0f;
};

/// kCorrupt unless all indexes, sizes and numbers are sound.
Status CheckNetwork(const NetworkParts& parts);

/// Returns how a value of one feature enters.
Mixed MixOf(const NetworkParts& parts, const NetworkFeature& feature, float value);

/// Working memory of a forward pass; grown on demand, reused.
struct NetworkScratch {
  std::vector<Mixed> mixed;  // [rows, features]
  std::vector<float> first;  // [rows, width] sums of vectors
  /// [1 + num_layers] of [rows, members, width]: each hidden layer after its rectifier.
  std::vector<std::vector<float>> hidden;
  std::vector<float> outputs;  // [members, rows, head_width]
};

/// Called for a hidden layer before it is passed on; drops some of it while training.
class Dropout {
 public:
  virtual ~Dropout() = default;
  /// `hidden` [count] of layer `layer`.
  virtual void Drop(size_t layer, std::span<float> hidden) = 0;
};

/// Computes all layers for rows [num_rows, features]. `dropout` may be null.
void Forward(const NetworkParts& parts, std::span<const float> weights, std::span<const float> rows,
             size_t num_rows, Dropout* dropout, NetworkScratch& scratch);

/// Writes the mean of the members' outputs, before shift and scale, [num_rows, num_scores].
void MeanOutputs(const NetworkSize& size, size_t num_rows, const NetworkScratch& scratch,
                 std::span<double> scores);

}  // namespace millrace::model
