#include "learner/linear/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace millrace::learner {
namespace {

struct Pair {
  std::vector<double> step;    // s = x' - x
  std::vector<double> change;  // y = g' - g
  double curvature;            // s y
};

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The two-loop recursion.
std::vector<double> Direction(const std::deque<Pair>& pairs, const std::vector<double>& gradient) {
  std::vector<double> direction = gradient;
  std::vector<double> alphas(pairs.size());
  for (size_t i = pairs.size(); i-- > 0;) {
    alphas[i] = Dot(pairs[i].step, direction) / pairs[i].curvature;
    for (size_t j = 0; j < direction.size(); ++j) direction[j] -= alphas[i] * pairs[i].change[j];
  }
  if (!pairs.empty()) {
    const Pair& last = pairs.back();
    const double scale = last.curvature / Dot(last.change, last.change);
    for (double& value : direction) value *= scale;
  }
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double beta = Dot(pairs[i].change, direction) / pairs[i].curvature;
    for (size_t j = 0; j < direction.size(); ++j) {
      direction[j] += (alphas[i] - beta) * pairs[i].step[j];
    }
  }
  for (double& value : direction) value = -value;
  return direction;
}

double LargestEntry(const std::vector<double>& values) {
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

}  // namespace

LbfgsOutcome MinimiseLbfgs(const Objective& objective, std::vector<double> start,
                           const LbfgsOptions& options) {
  LbfgsOutcome outcome;
  outcome.point = std::move(start);
  std::vector<double> gradient(outcome.point.size());
  outcome.objective = objective(outcome.point, gradient);
  std::deque<Pair> pairs;
  std::vector<double> next_gradient(gradient.size());
  while (outcome.steps < options.max_steps) {
    if (LargestEntry(gradient) <= options.tolerance * std::max(1.0, std::abs(outcome.objective))) {
      outcome.converged = true;
      break;
    }
    if (options.stop && options.stop()) break;
    std::vector<double> direction = Direction(pairs, gradient);
    double slope = Dot(direction, gradient);
    if (slope >= 0.0) {  // rounding spoiled the memory: fall back to steepest descent
      pairs.clear();
      for (size_t j = 0; j < direction.size(); ++j) direction[j] = -gradient[j];
      slope = -Dot(gradient, gradient);
    }
    double length = pairs.empty() ? std::min(1.0, 1.0 / LargestEntry(gradient)) : 1.0;
    std::vector<double> next(outcome.point.size());
    double value = 0.0;
    bool found = false;
    for (int halving = 0; halving < 40 && !found; ++halving, length *= 0.5) {
      for (size_t j = 0; j < next.size(); ++j) next[j] = outcome.point[j] + length * direction[j];
      value = objective(next, next_gradient);
      found = std::isfinite(value) && value <= outcome.objective + 1e-4 * length * slope;
    }
    if (!found) break;  // no descent is left within rounding
    Pair pair{std::vector<double>(next.size()), std::vector<double>(next.size()), 0.0};
    for (size_t j = 0; j < next.size(); ++j) {
      pair.step[j] = next[j] - outcome.point[j];
      pair.change[j] = next_gradient[j] - gradient[j];
    }
    pair.curvature = Dot(pair.step, pair.change);
    if (pair.curvature > 1e-300) {
      pairs.push_back(std::move(pair));
      if (pairs.size() > static_cast<size_t>(options.memory)) pairs.pop_front();
    }
    outcome.point.swap(next);
    gradient.swap(next_gradient);
    outcome.objective = value;
    ++outcome.steps;
  }
  return outcome;
}

}  // namespace millrace::learner
