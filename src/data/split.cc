#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "base/digest.h"
#include "base/format.h"
#include "data/ranks.h"

namespace millrace::data {
namespace {

constexpr int64_t kSmallestStratum = 5;

// Rows of a stratum, and those of them that are held out.
struct StratumCounts {
  int64_t rows = 0;
  int64_t tests = 0;
};

// Returns the worst share error over strata that are large enough.
Result<double> WorstShareError(const SplitRows& each_row, const SplitOptions& options,
                               uint64_t salt) {
  std::vector<StratumCounts> strata;
  MILLRACE_RETURN_IF_ERROR(each_row([&](const SplitRow& row) {
    const auto stratum = static_cast<size_t>(row.stratum);
    if (stratum >= strata.size()) strata.resize(stratum + 1);
    ++strata[stratum].rows;
    if (PartOf(row.key_hash, options.seed, salt, options.test_share) == SplitPart::kTest) {
      ++strata[stratum].tests;
    }
  }));
  double worst = 0.0;
  for (const auto& [rows, tests] : strata) {
    if (rows == 0) continue;
    const double share = static_cast<double>(tests) / static_cast<double>(rows);
    // A stratum without a test row cannot be evaluated; without a train row, not learnt.
    if (rows >= 2 && (tests == 0 || tests == rows)) worst = std::max(worst, 1.0);
    if (rows >= kSmallestStratum) worst = std::max(worst, std::abs(share - options.test_share));
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

Result<SplitResult> SplitByKey(const SplitRows& rows, const SplitOptions& options) {
  SplitResult result;
  if (options.salt) {
    result.salt = *options.salt;
    MILLRACE_ASSIGN_OR_RETURN(result.worst_share_error,
                              WorstShareError(rows, options, result.salt));
  } else {
    result.worst_share_error = 2.0;
    for (uint64_t salt = 0; salt < kNumSalts; ++salt) {
      MILLRACE_ASSIGN_OR_RETURN(const double error, WorstShareError(rows, options, salt));
      if (error < result.worst_share_error) {
        result.worst_share_error = error;
        result.salt = salt;
      }
      if (error < 0.005) break;
    }
  }
  MILLRACE_RETURN_IF_ERROR(rows([&](const SplitRow& row) {
    result.parts.push_back(PartOf(row.key_hash, options.seed, result.salt, options.test_share));
  }));
  MILLRACE_RETURN_IF_ERROR(CheckBothParts(result.parts));
  return result;
}

Result<SplitResult> SplitByKey(std::span<const uint64_t> key_hashes,
                               std::span<const int32_t> strata, const SplitOptions& options) {
  const SplitRows rows = [&](const std::function<void(const SplitRow&)>& take) -> Status {
    for (size_t i = 0; i < key_hashes.size(); ++i) {
      take({.key_hash = key_hashes[i], .stratum = strata[i]});
    }
    return {};
  };
  return SplitByKey(rows, options);
}

Result<SplitResult> SplitByTime(const SplitRows& rows, double test_share, double embargo_seconds) {
  SplitResult result;
  const NumberStream times = [&rows](const std::function<void(double)>& take) {
    return rows([&take](const SplitRow& row) { take(row.time); });
  };
  int64_t num_rows = 0;
  MILLRACE_RETURN_IF_ERROR(rows([&num_rows](const SplitRow&) { ++num_rows; }));
  if (num_rows == 0) return InvalidData("split: no rows");
  const auto first_test =
      static_cast<int64_t>(std::floor(static_cast<double>(num_rows) * (1.0 - test_share)));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<double> borders,
                            ValuesAtRanks(times, {std::min(first_test, num_rows - 1)}));
  const double border = borders.front();
  int64_t tests = 0;
  MILLRACE_RETURN_IF_ERROR(rows([&](const SplitRow& row) {
    const bool close = row.time < border && row.time > border - embargo_seconds;
    result.parts.push_back(row.time >= border ? SplitPart::kTest
                           : close            ? SplitPart::kEmbargo
                                              : SplitPart::kTrain);
    tests += row.time >= border ? 1 : 0;
  }));
  result.worst_share_error =
      std::abs(static_cast<double>(tests) / static_cast<double>(num_rows) - test_share);
  MILLRACE_RETURN_IF_ERROR(CheckBothParts(result.parts));
  return result;
}

Result<SplitResult> SplitByTime(std::span<const double> times, double test_share,
                                double embargo_seconds) {
  const SplitRows rows = [&](const std::function<void(const SplitRow&)>& take) -> Status {
    for (const double time : times) take({.time = time});
    return {};
  };
  return SplitByTime(rows, test_share, embargo_seconds);
}

Result<SplitResult> SplitByStatement(const SplitRows& rows) {
  SplitResult result;
  std::map<int32_t, StratumCounts> counts;
  int64_t tests = 0;
  MILLRACE_RETURN_IF_ERROR(rows([&](const SplitRow& row) {
    const bool test = row.stated == StatedPart::kTest;
    result.parts.push_back(test ? SplitPart::kTest : SplitPart::kTrain);
    tests += test ? 1 : 0;
    StratumCounts& stratum = counts[row.stratum];
    ++stratum.rows;
    stratum.tests += test ? 1 : 0;
  }));
  MILLRACE_RETURN_IF_ERROR(CheckBothParts(result.parts));
  const double share = static_cast<double>(tests) / static_cast<double>(result.parts.size());
  for (const auto& [stratum, count] : counts) {
    if (count.rows < kSmallestStratum) continue;
    const double own = static_cast<double>(count.tests) / static_cast<double>(count.rows);
    result.worst_share_error = std::max(result.worst_share_error, std::abs(own - share));
  }
  return result;
}

Result<SplitResult> SplitByStatement(std::span<const StatedPart> stated,
                                     std::span<const int32_t> strata) {
  return SplitByStatement([&](const std::function<void(const SplitRow&)>& take) -> Status {
    for (size_t i = 0; i < stated.size(); ++i) {
      take({.stratum = strata[i], .stated = stated[i]});
    }
    return {};
  });
}

}  // namespace millrace::data
