// NetworkTrainer: gradients and steps of a network (model/network.h).
//
// Loss: cross-entropy, or squared error of standardised values, of each member on its own; its mean
// over rows and members. Steps: Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov &
// Hutter 2019) at a constant rate after a short warm-up; what is used is not the last point but an
// average of the last tenth or so of all points (polynomial-decay averaging: Shamir & Zhang 2013),
// so that training may end at any step without a schedule that knows the end.
//
// Deterministic: one thread, one order of sums. Not thread-safe.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "model/network.h"

namespace millrace::learner {

struct NetworkTraining {
  double learning_rate = 2e-3;
  double weight_decay = 1e-2;
  double dropout = 0.1;  // share of hidden numbers that a step leaves out
};

class NetworkTrainer {
 public:
  /// `parts` gives features, knots and sizes; its weights are where training starts. Borrowed.
  NetworkTrainer(const model::NetworkParts& parts, const NetworkTraining& training, Rng rng);

  /// One step on rows [targets.size(), features]. `targets`: class indexes, or standardised values
  /// where the link is the identity.
  void Step(std::span<const float> rows, std::span<const double> targets);
  /// Returns the averaged weights.
  const std::vector<float>& averaged() const { return averaged_; }

 private:
  class RandomDropout;
  void OutputGradients(std::span<const double> targets);
  void Backward(size_t num_rows);
  void BackwardThroughFirst(size_t num_rows);
  void Update();

  const model::NetworkParts& parts_;
  NetworkTraining training_;
  model::NetworkLayout layout_;
  Rng rng_;
  std::vector<float> weights_;
  std::vector<float> averaged_;
  std::vector<float> gradient_;
  std::vector<float> mean_;      // of gradients
  std::vector<float> variance_;  // of gradients, uncentred
  std::vector<float> decays_;    // [weights] 1 where the weight decays
  int64_t steps_ = 0;
  model::NetworkScratch scratch_;
  std::vector<std::vector<uint8_t>> kept_;     // per hidden layer; empty without dropout
  std::vector<float> output_gradients_;        // [members, rows, head_width]
  std::vector<std::vector<float>> gradients_;  // per hidden layer, [rows, members, width]
  std::vector<float> turned_;                  // a layer's weights, rows and columns exchanged
};

}  // namespace millrace::learner
