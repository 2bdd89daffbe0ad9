// Rows per second and core of the compiled trees, beside LightGBM's own predictor and the plain
// walk split by split, on the same trees and rows in the same run; and the time of a single row.
// Prints one line per number of trees.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/format.h"
#include "base/rng.h"
#include "learner/boosting/lightgbm_booster.h"
#include "learner/boosting/lightgbm_model_text.h"
#include "model/tree_ensemble.h"

namespace millrace::bench {
namespace {

constexpr int64_t kRows = 20'000;
constexpr int64_t kColumns = 30;

// Seconds of the fastest of three calls.
template <typename Work>
double Fastest(Work work) {
  SystemClock clock;
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double start = clock.MonotonicSeconds();
    work();
    best = std::min(best, clock.MonotonicSeconds() - start);
  }
  return best;
}

table::Matrix RandomMatrix(Rng& rng) {
  table::Matrix matrix(kRows, kColumns);
  for (float& value : matrix.mutable_values()) {
    value = rng.Below(20) == 0 ? NAN : static_cast<float>(rng.Normal());
  }
  return matrix;
}

Status Run() {
  Rng rng(7);
  const table::Matrix train = RandomMatrix(rng);
  const table::Matrix test = RandomMatrix(rng);
  std::vector<float> labels;
  for (int64_t r = 0; r < kRows; ++r) {
    double sum = rng.Normal();
    for (int64_t c = 0; c < kColumns; ++c) {
      const float x = train.at(r, c);
      if (!std::isnan(x))
        sum += c % 3 == 0 ? std::sin(2.0 * static_cast<double>(x)) : 0.2 * static_cast<double>(x);
    }
    labels.push_back(sum > 0.0 ? 1.0f : 0.0f);
  }
  const std::string parameters =
      "objective=binary num_leaves=31 verbosity=-1 num_threads=1 learning_rate=0.05";
  MILLRACE_ASSIGN_OR_RETURN(const auto data,
                            learner::LightGbmData::Make(train, labels, parameters));
  MILLRACE_ASSIGN_OR_RETURN(auto booster,
                            learner::LightGbmBooster::Make(data, nullptr, parameters));
  for (int64_t done = 0; const int64_t trees : {100, 200, 500}) {
    for (; done < trees; ++done) MILLRACE_RETURN_IF_ERROR(booster.Update().status());
    MILLRACE_ASSIGN_OR_RETURN(const std::string text, booster.ModelText(trees));
    MILLRACE_ASSIGN_OR_RETURN(model::TreeParts parts,
                              learner::ReadLightGbmModel(text, kColumns, model::Link::kSigmoid));
    MILLRACE_ASSIGN_OR_RETURN(const auto model, model::TreeEnsemble::Make(std::move(parts)));
    std::vector<double> scores(static_cast<size_t>(kRows));
    std::vector<double> engine_scores;
    Status failed;
    const double compiled = Fastest([&] { model->PredictRaw(test.values(), kRows, scores); });
    const double walked = Fastest([&] { model->PredictRawBySplits(test.values(), kRows, scores); });
    const double engine = Fastest([&] {
      auto raw = booster.RawScores(test, trees);
      if (raw.ok())
        engine_scores = std::move(*raw);
      else
        failed = raw.status();
    });
    MILLRACE_RETURN_IF_ERROR(failed);
    double largest = 0.0;
    for (size_t i = 0; i < scores.size(); ++i) {
      largest = std::max(largest, std::abs(scores[i] - engine_scores[i]));
    }
    const double single = Fastest([&] {
      for (int64_t r = 0; r < kRows; ++r) {
        model->PredictRaw(test.row(r), 1, std::span(scores).subspan(static_cast<size_t>(r), 1));
      }
    });
    const auto rate = [](double seconds) { return static_cast<double>(kRows) / seconds; };
    std::printf(
        "%4lld trees x 31 leaves, 30 columns: compiled %8.0f rows/s, LightGBM %8.0f (x %.1f), by "
        "splits "
        "%8.0f (x %.1f); one row %.2f us; largest difference to LightGBM %.1e\n",
        static_cast<long long>(trees), rate(compiled), rate(engine), engine / compiled,
        rate(walked), walked / compiled, 1e6 * single / static_cast<double>(kRows), largest);
  }
  return {};
}

}  // namespace
}  // namespace millrace::bench

int main() {
  const millrace::Status status = millrace::bench::Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "trees_bench: %s\n", status.ToString().c_str());
  return millrace::ExitCode(status.code());
}
