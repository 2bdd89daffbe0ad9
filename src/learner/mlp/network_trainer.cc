#include "learner/mlp/network_trainer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "model/dense_kernels.h"

namespace millrace::learner {
namespace {

using model::AddProduct;
using model::AddScaled;
using model::Factor;

constexpr double kFirstMoment = 0.9;
constexpr double kSecondMoment = 0.99;
constexpr double kWarmUpSteps = 40.0;
// Of polynomial-decay averaging: the average reaches back over about a tenth of all steps.
constexpr double kAveraging = 9.0;
constexpr float kTiny = 1e-16f;  // added to variances

// 1 / sqrt(x) for x > 0 within 1e-6, by three Newton steps from a first guess out of the bits
// (Lomont 2003): only products, so that it is as fast as they are and equal everywhere.
inline float InverseRoot(float x) {
  float y = std::bit_cast<float>(0x5f37'59df - (std::bit_cast<uint32_t>(x) >> 1));
  const float half = 0.5f * x;
  y = y * (1.5f - half * y * y);
  y = y * (1.5f - half * y * y);
  return y * (1.5f - half * y * y);
}

}  // namespace

// Leaves out a share of the hidden numbers and scales up the others.
class NetworkTrainer::RandomDropout final : public model::Dropout {
 public:
  explicit RandomDropout(NetworkTrainer& trainer) : trainer_(trainer) {
    limit_ = static_cast<uint8_t>(std::lround(256.0 * trainer.training_.dropout));
    scale_ = 256.0f / (256.0f - static_cast<float>(limit_));
  }
  void Drop(size_t layer, std::span<float> hidden) override {
    std::vector<uint8_t>& kept = trainer_.kept_[layer];
    if (kept.size() < hidden.size()) kept.resize(hidden.size());
    for (size_t i = 0; i < hidden.size(); i += 8) {
      const uint64_t bits = trainer_.rng_.Next();
      for (size_t b = 0; b < 8; ++b) {
        const bool keeps = static_cast<uint8_t>(bits >> (8 * b)) >= limit_;
        kept[i + b] = keeps ? 1 : 0;
        hidden[i + b] *= keeps ? scale_ : 0.0f;
      }
    }
  }
  float scale() const { return scale_; }

 private:
  NetworkTrainer& trainer_;
  uint8_t limit_;
  float scale_;
};

NetworkTrainer::NetworkTrainer(const model::NetworkParts& parts, const NetworkTraining& training,
                               Rng rng)
    : parts_(parts),
      training_(training),
      layout_(parts.size),
      rng_(rng),
      weights_(parts.weights),
      averaged_(parts.weights),
      gradient_(parts.weights.size()),
      mean_(parts.weights.size()),
      variance_(parts.weights.size()),
      decays_(parts.weights.size(), 1.0f) {
  // Shifts, and what tells members apart, do not decay.
  const auto keep = [this](size_t first, size_t count) {
    std::fill_n(decays_.begin() + static_cast<std::ptrdiff_t>(first), count, 0.0f);
  };
  const auto width = static_cast<size_t>(parts.size.width);
  keep(layout_.member_scales, 2 * parts.size.num_members * width);
  for (size_t l = 0; l < parts.size.num_layers; ++l) {
    keep(layout_.layers + l * layout_.layer_weights + width * width, width);
  }
  for (size_t m = 0; m < parts.size.num_members; ++m) {
    keep(layout_.heads + m * layout_.head_weights + width * layout_.head_width, layout_.head_width);
  }
  kept_.resize(parts.size.num_layers + size_t{1});
  gradients_.resize(parts.size.num_layers + size_t{1});
}

void NetworkTrainer::Step(std::span<const float> rows, std::span<const double> targets) {
  RandomDropout dropout(*this);
  const bool drops = training_.dropout > 0.0;
  model::Forward(parts_, weights_, rows, targets.size(), drops ? &dropout : nullptr, scratch_);
  OutputGradients(targets);
  std::fill(gradient_.begin(), gradient_.end(), 0.0f);
  Backward(targets.size());
  BackwardThroughFirst(targets.size());
  Update();
}

void NetworkTrainer::OutputGradients(std::span<const double> targets) {
  const size_t num_rows = targets.size();
  const size_t width = layout_.head_width;
  const size_t num_scores = parts_.size.num_scores;
  const size_t count = num_rows * parts_.size.num_members;
  output_gradients_.assign(count * width, 0.0f);
  const double share = 1.0 / static_cast<double>(count);
  std::vector<double> shares(num_scores);
  for (size_t i = 0; i < count; ++i) {
    const double target = targets[i % num_rows];
    const float* out = scratch_.outputs.data() + i * width;
    float* to = output_gradients_.data() + i * width;
    if (parts_.link == model::Link::kSoftmax) {
      const auto largest = static_cast<double>(*std::max_element(out, out + num_scores));
      double sum = 0.0;
      for (size_t k = 0; k < num_scores; ++k) {
        shares[k] = std::exp(static_cast<double>(out[k]) - largest);
        sum += shares[k];
      }
      for (size_t k = 0; k < num_scores; ++k) {
        const double own = k == static_cast<size_t>(target) ? 1.0 : 0.0;
        to[k] = static_cast<float>(share * (shares[k] / sum - own));
      }
    } else {
      const auto score = static_cast<double>(out[0]);
      const double guess =
          parts_.link == model::Link::kSigmoid ? 1.0 / (1.0 + std::exp(-score)) : score;
      to[0] = static_cast<float>(share * (guess - target));
    }
  }
}

// Gradients of heads and dense layers, and of the numbers that the first layer passes on.
void NetworkTrainer::Backward(size_t num_rows) {
  const auto width = static_cast<size_t>(parts_.size.width);
  const auto members = static_cast<size_t>(parts_.size.num_members);
  const size_t num_layers = parts_.size.num_layers;
  const size_t head_width = layout_.head_width;
  const size_t count = num_rows * members;
  for (std::vector<float>& gradients : gradients_) {
    if (gradients.size() < count * width) gradients.resize(count * width);
    std::fill_n(gradients.begin(), count * width, 0.0f);
  }
  turned_.resize(std::max(head_width, width) * width);
  // Of a matrix [rows, columns] the one with both exchanged.
  const auto turn = [this](const float* from, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < columns; ++j) turned_[j * rows + i] = from[i * columns + j];
    }
  };
  for (size_t m = 0; m < members; ++m) {
    const size_t head = layout_.heads + m * layout_.head_weights;
    const float* out = output_gradients_.data() + m * num_rows * head_width;
    const float* hidden = scratch_.hidden[num_layers].data() + m * width;
    AddProduct({hidden, 1, members * width}, out, width, num_rows, head_width,
               gradient_.data() + head);
    float* shifts = gradient_.data() + head + width * head_width;
    for (size_t r = 0; r < num_rows; ++r) AddScaled(1.0f, out + r * head_width, head_width, shifts);
    turn(weights_.data() + head, width, head_width);
    for (size_t r = 0; r < num_rows; ++r) {
      AddProduct({out + r * head_width, head_width, 1}, turned_.data(), 1, parts_.size.num_scores,
                 width, gradients_[num_layers].data() + (r * members + m) * width);
    }
  }
  const bool drops = training_.dropout > 0.0;
  const float scale = RandomDropout(*this).scale();
  const auto gate = [&](size_t layer) {
    const float* hidden = scratch_.hidden[layer].data();
    float* gradients = gradients_[layer].data();
    const float up = drops ? scale : 1.0f;
    // What was left out is 0 after the rectifier too.
    for (size_t i = 0; i < count * width; ++i) gradients[i] *= hidden[i] > 0.0f ? up : 0.0f;
  };
  gate(num_layers);
  for (size_t l = num_layers; l-- > 0;) {
    const size_t layer = layout_.layers + l * layout_.layer_weights;
    const float* above = gradients_[l + 1].data();
    AddProduct({scratch_.hidden[l].data(), 1, width}, above, width, count, width,
               gradient_.data() + layer);
    float* shifts = gradient_.data() + layer + width * width;
    for (size_t i = 0; i < count; ++i) AddScaled(1.0f, above + i * width, width, shifts);
    turn(weights_.data() + layer, width, width);
    AddProduct({above, width, 1}, turned_.data(), count, width, width, gradients_[l].data());
    gate(l);
  }
}

// Gradients of members' scales and shifts and of the features' vectors.
void NetworkTrainer::BackwardThroughFirst(size_t num_rows) {
  const auto width = static_cast<size_t>(parts_.size.width);
  const auto members = static_cast<size_t>(parts_.size.num_members);
  const size_t num_features = parts_.features.size();
  std::vector<float> sum(width);
  for (size_t r = 0; r < num_rows; ++r) {
    const float* first = scratch_.first.data() + r * width;
    std::fill(sum.begin(), sum.end(), 0.0f);
    for (size_t m = 0; m < members; ++m) {
      const float* from = gradients_[0].data() + (r * members + m) * width;
      const float* scale = weights_.data() + layout_.member_scales + m * width;
      float* to_scale = gradient_.data() + layout_.member_scales + m * width;
      float* to_shift = gradient_.data() + layout_.member_shifts + m * width;
      for (size_t j = 0; j < width; ++j) {
        sum[j] += from[j] * scale[j];
        to_scale[j] += from[j] * first[j];
        to_shift[j] += from[j];
      }
    }
    for (size_t f = 0; f < num_features; ++f) {
      const model::Mixed& mixed = scratch_.mixed[r * num_features + f];
      float* to = gradient_.data() + layout_.vectors + mixed.vector * width;
      AddScaled(1.0f - mixed.share, sum.data(), width, to);
      if (mixed.share != 0.0f) AddScaled(mixed.share, sum.data(), width, to + width);
    }
  }
}

void NetworkTrainer::Update() {
  ++steps_;
  const auto step = static_cast<double>(steps_);
  const double rate = training_.learning_rate * std::min(1.0, step / kWarmUpSteps);
  const double first = 1.0 - std::pow(kFirstMoment, step);
  const double second = 1.0 - std::pow(kSecondMoment, step);
  const auto move = static_cast<float>(rate / first);
  const auto unbias = static_cast<float>(1.0 / second);
  const auto decay = static_cast<float>(rate * training_.weight_decay);
  const auto newest = static_cast<float>((kAveraging + 1.0) / (step + kAveraging));
  constexpr auto kKeepMean = static_cast<float>(kFirstMoment);
  constexpr auto kKeepVariance = static_cast<float>(kSecondMoment);
  const size_t count = weights_.size();
  float* weights = weights_.data();
  float* averaged = averaged_.data();
  float* mean = mean_.data();
  float* variance = variance_.data();
  const float* gradient = gradient_.data();
  const float* decays = decays_.data();
  for (size_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    mean[i] = kKeepMean * mean[i] + (1.0f - kKeepMean) * g;
    variance[i] = kKeepVariance * variance[i] + (1.0f - kKeepVariance) * g * g;
    weights[i] -=
        move * mean[i] * InverseRoot(variance[i] * unbias + kTiny) + decay * decays[i] * weights[i];
    averaged[i] += newest * (weights[i] - averaged[i]);
  }
}

}  // namespace millrace::learner
