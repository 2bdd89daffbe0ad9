// L-BFGS with a backtracking line search (Nocedal & Wright 2006, algorithms 7.4, 7.5 and 3.1).

#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace millrace::learner {

/// Returns the objective at `point` and writes its gradient [point.size()].
using Objective =
    std::function<double(const std::vector<double>& point, std::vector<double>& gradient)>;

struct LbfgsOptions {
  int64_t max_steps = 200;
  int64_t memory = 10;
  /// Ends when the largest gradient entry is below this times max(1, |objective|).
  double tolerance = 1e-6;
  std::function<bool()> stop;  // may be null
};

struct LbfgsOutcome {
  std::vector<double> point;
  double objective = 0.0;
  int64_t steps = 0;
  bool converged = false;
};

/// Minimises a smooth convex function from `start`. Deterministic.
LbfgsOutcome MinimiseLbfgs(const Objective& objective, std::vector<double> start,
                           const LbfgsOptions& options);

}  // namespace millrace::learner
