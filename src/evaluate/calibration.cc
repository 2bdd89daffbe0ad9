#include "evaluate/calibration.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "base/threads.h"

namespace millrace::evaluate {
namespace {

using table::Task;

constexpr int64_t kDraws = 200;
constexpr size_t kMaxRows = 50'000;
// An error below this changes no decision worth a word.
constexpr double kSmallError = 0.02;

// Probability of what is claimed for each row.
std::vector<double> Claims(const metric::Scored& scored) {
  std::vector<double> claims;
  for (size_t i = 0; i < scored.labels.size(); ++i) {
    if (scored.task == Task::kBinary) {
      claims.push_back(scored.outputs[i]);
    } else {
      const auto chosen =
          static_cast<size_t>(metric::PredictedClass(scored, static_cast<int64_t>(i)));
      claims.push_back(scored.outputs[i * static_cast<size_t>(scored.num_classes) + chosen]);
    }
  }
  std::sort(claims.begin(), claims.end());
  return claims;
}

// The error of one world in which the sorted claims are true.
double DrawError(const std::vector<double>& claims, size_t num_bins, Rng rng) {
  std::vector<metric::CalibrationBin> bins;
  for (size_t bin = 0; bin < num_bins; ++bin) {
    const size_t first = claims.size() * bin / num_bins;
    const size_t last = claims.size() * (bin + 1) / num_bins;
    if (first == last) continue;
    metric::CalibrationBin one;
    one.rows = static_cast<double>(last - first);
    for (size_t i = first; i < last; ++i) {
      one.claimed += claims[i] / one.rows;
      if (rng.Uniform() < claims[i]) one.observed += 1.0 / one.rows;
    }
    bins.push_back(one);
  }
  return metric::CalibrationError(bins);
}

}  // namespace

bool Calibration::off() const { return error > by_chance && error > kSmallError; }

Calibration MeasureCalibration(const metric::Scored& held_out, const Rng& rng, int num_threads) {
  Calibration found;
  found.bins = metric::CalibrationBins(held_out);
  found.error = metric::CalibrationError(found.bins);
  std::vector<double> claims = Claims(held_out);
  const size_t all = claims.size();
  if (all > kMaxRows) {
    std::vector<double> some;
    for (size_t i = 0; i < kMaxRows; ++i) some.push_back(claims[i * all / kMaxRows]);
    claims = std::move(some);
  }
  std::vector<double> errors(static_cast<size_t>(kDraws));
  ParallelFor(num_threads, kDraws, [&](int64_t i) {
    errors[static_cast<size_t>(i)] =
        DrawError(claims, 10, rng.Fork("draw", static_cast<uint64_t>(i)));
  });
  std::sort(errors.begin(), errors.end());
  // The error of chance shrinks with the root of the rows.
  const double shrink =
      std::sqrt(static_cast<double>(claims.size()) / static_cast<double>(std::max<size_t>(1, all)));
  found.by_chance = errors[errors.size() * 95 / 100] * shrink;
  return found;
}

report::Check CheckCalibration(const Calibration& calibration) {
  report::Check check;
  check.id = "evaluate.calibration";
  check.label = "calibration error";
  check.value = calibration.error;
  check.state = calibration.off() ? report::CheckState::kWarning : report::CheckState::kMet;
  check.evidence = Format("a calibrated model stays below {} on as many rows",
                          FormatSignificant(calibration.by_chance, 2));
  if (calibration.off()) {
    check.fix =
        "use the order of the probabilities, not their values, or optimise log_loss: "
        "develop.metric";
  }
  return check;
}

}  // namespace millrace::evaluate
