#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/digest.h"
#include "base/format.h"

namespace millrace::data {
namespace {

constexpr int64_t kSmallestStratum = 5;

// Returns the worst share error over strata that are large enough.
double WorstShareError(std::span<const uint64_t> keys, std::span<const int32_t> strata,
                       const SplitOptions& options, uint64_t salt, int32_t num_strata) {
  std::vector<int64_t> rows(static_cast<size_t>(num_strata));
  std::vector<int64_t> tests(static_cast<size_t>(num_strata));
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto stratum = static_cast<size_t>(strata[i]);
    ++rows[stratum];
    if (PartOf(keys[i], options.seed, salt, options.test_share) == SplitPart::kTest) {
      ++tests[stratum];
    }
  }
  double worst = 0.0;
  for (size_t s = 0; s < rows.size(); ++s) {
    if (rows[s] == 0) continue;
    const double share = static_cast<double>(tests[s]) / static_cast<double>(rows[s]);
    // A stratum without a test row cannot be evaluated; without a train row, not learnt.
    if (rows[s] >= 2 && (tests[s] == 0 || tests[s] == rows[s])) worst = std::max(worst, 1.0);
    if (rows[s] >= kSmallestStratum) {
      worst = std::max(worst, std::abs(share - options.test_share));
    }
  }
  return worst;
}

Status CheckBothParts(const std::vector<SplitPart>& parts) {
  const auto tests = std::count(parts.begin(), parts.end(), SplitPart::kTest);
  const auto embargoed = std::count(parts.begin(), parts.end(), SplitPart::kEmbargo);
  if (embargoed > 0 && tests + embargoed == static_cast<int64_t>(parts.size())) {
    return InvalidData(Format("split.embargo: leaves no row to learn from: {} rows lie within it",
                              embargoed))
        .WithHint("make split.embargo shorter, or add older rows");
  }
  if (tests == 0 || tests == static_cast<int64_t>(parts.size())) {
    return InvalidData(Format("split: {} rows are too few to hold some out", parts.size()))
        .WithHint("add rows, or change split.test");
  }
  return {};
}

}  // namespace

std::string_view SplitPartName(SplitPart part) {
  switch (part) {
    case SplitPart::kTest:
      return "test";
    case SplitPart::kEmbargo:
      return "embargo";
    case SplitPart::kSetAside:
      return "set_aside";
    case SplitPart::kTrain:
      break;
  }
  return "train";
}

SplitPart PartOf(uint64_t key_hash, uint64_t seed, uint64_t salt, double test_share) {
  const uint64_t hash = MixHash(MixHash(key_hash, seed), salt);
  return UnitFromHash(hash) < test_share ? SplitPart::kTest : SplitPart::kTrain;
}

Result<SplitResult> SplitByKey(std::span<const uint64_t> key_hashes,
                               std::span<const int32_t> strata, const SplitOptions& options) {
  int32_t num_strata = 1;
  for (const int32_t stratum : strata) num_strata = std::max(num_strata, stratum + 1);
  SplitResult result;
  if (options.salt) {
    result.salt = *options.salt;
    result.worst_share_error =
        WorstShareError(key_hashes, strata, options, result.salt, num_strata);
  } else {
    result.worst_share_error = 2.0;
    for (uint64_t salt = 0; salt < kNumSalts; ++salt) {
      const double error = WorstShareError(key_hashes, strata, options, salt, num_strata);
      if (error < result.worst_share_error) {
        result.worst_share_error = error;
        result.salt = salt;
      }
      if (error < 0.005) break;
    }
  }
  result.parts.reserve(key_hashes.size());
  for (const uint64_t key : key_hashes) {
    result.parts.push_back(PartOf(key, options.seed, result.salt, options.test_share));
  }
  MILLRACE_RETURN_IF_ERROR(CheckBothParts(result.parts));
  return result;
}

Result<SplitResult> SplitByTime(std::span<const double> times, double test_share,
                                double embargo_seconds) {
  SplitResult result;
  if (times.empty()) return InvalidData("split: no rows");
  std::vector<double> sorted(times.begin(), times.end());
  std::sort(sorted.begin(), sorted.end());
  const auto first_test =
      static_cast<size_t>(std::floor(static_cast<double>(sorted.size()) * (1.0 - test_share)));
  const double border = sorted[std::min(first_test, sorted.size() - 1)];
  int64_t tests = 0;
  for (const double time : times) {
    const bool close = time < border && time > border - embargo_seconds;
    result.parts.push_back(time >= border ? SplitPart::kTest
                           : close        ? SplitPart::kEmbargo
                                          : SplitPart::kTrain);
    tests += time >= border ? 1 : 0;
  }
  result.worst_share_error =
      std::abs(static_cast<double>(tests) / static_cast<double>(times.size()) - test_share);
  MILLRACE_RETURN_IF_ERROR(CheckBothParts(result.parts));
  return result;
}

Result<SplitResult> SplitByStatement(std::span<const StatedPart> stated,
                                     std::span<const int32_t> strata) {
  SplitResult result;
  std::map<int32_t, std::pair<int64_t, int64_t>> counts;  // rows and test rows of a stratum
  int64_t tests = 0;
  for (size_t i = 0; i < stated.size(); ++i) {
    const bool test = stated[i] == StatedPart::kTest;
    result.parts.push_back(test ? SplitPart::kTest : SplitPart::kTrain);
    tests += test ? 1 : 0;
    ++counts[strata[i]].first;
    counts[strata[i]].second += test ? 1 : 0;
  }
  MILLRACE_RETURN_IF_ERROR(CheckBothParts(result.parts));
  const double share = static_cast<double>(tests) / static_cast<double>(stated.size());
  for (const auto& [stratum, count] : counts) {
    if (count.first < kSmallestStratum) continue;
    const double own = static_cast<double>(count.second) / static_cast<double>(count.first);
    result.worst_share_error = std::max(result.worst_share_error, std::abs(own - share));
  }
  return result;
}

}  // namespace millrace::data
