// Where training of a network starts: features prepared from the training rows, random weights.

#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/rng.h"
#include "learner/learner.h"
#include "model/network.h"

namespace millrace::learner {

struct NetworkShape {
  int64_t width = 64;
  int64_t num_layers = 1;
  int64_t num_members = 4;
  int64_t max_knots = 16;  // of a number; fewer where there are many features
};

/// Returns a network whose first guess is the class shares or the mean. kUnsupported when it would
/// have more than 32 million weights.
Result<model::NetworkParts> StartNetwork(const TrainingData& data, const NetworkShape& shape,
                                         Rng rng);

}  // namespace millrace::learner
