// Split: which rows train and which are held out. A row's part depends only on its key, the seed
// and the salt, so new rows never move old ones (consistent hashing of row keys).
//
// Rows with an equal key (duplicates, one id, one group) always lie on one side. Thread safety:
// pure functions. Determinism: independent of row order, except SplitByTime.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/stated_part.h"

namespace millrace::data {

/// The parts that the data phase separates; validation rows are carved from kTrain later. kEmbargo:
/// rows too close before the held-out ones; kSetAside: training rows with an outlier, where
/// data.outliers says so. Both are neither learnt from nor measured on.
enum class SplitPart : uint8_t { kTrain, kTest, kEmbargo, kSetAside };
std::string_view SplitPartName(SplitPart part);  // "train", "test", "embargo", "set_aside"

/// Returns the part of a row key: test when the hash of (key, seed, salt) falls below the share.
SplitPart PartOf(uint64_t key_hash, uint64_t seed, uint64_t salt, double test_share);

/// What SplitByKey balances.
struct SplitOptions {
  double test_share = 0.2;  // in (0, 0.5]
  uint64_t seed = 7;
  /// The salt of an earlier version of the same data; nothing: the best of kNumSalts is taken.
  std::optional<uint64_t> salt;
};

struct SplitResult {
  uint64_t salt = 0;
  std::vector<SplitPart> parts;  // [num_rows]
  /// Largest difference between the test share of a stratum and `test_share`, over strata of at
  /// least 5 rows.
  double worst_share_error = 0.0;
};

/// What a division looks at of a row.
struct SplitRow {
  uint64_t key_hash = 0;
  int32_t stratum = 0;  // small: class index, target quantile; 0 when there is nothing to balance
  double time = 0.0;    // seconds
  spec::StatedPart stated = spec::StatedPart::kTrain;
};

/// Hands all rows over in row order, each time that it is called: rows may lie on disk. A status
/// that is not ok ends the division and is returned from it.
using SplitRows = std::function<Status(const std::function<void(const SplitRow&)>&)>;

/// Number of salts tried so that strata (classes, target quantiles) come out near the share.
inline constexpr uint64_t kNumSalts = 64;

/// Splits rows by key, in one pass for each salt that is tried and one for the parts; memory of one
/// byte a row. Otherwise as below.
Result<SplitResult> SplitByKey(const SplitRows& rows, const SplitOptions& options);
/// Splits rows by key. `strata` [num_rows] are small numbers (class index, target quantile); all
/// zero when there is nothing to balance. kInvalidData when a part would be empty.
Result<SplitResult> SplitByKey(std::span<const uint64_t> key_hashes,
                               std::span<const int32_t> strata, const SplitOptions& options);

/// As below, in nine passes; memory of one byte a row.
Result<SplitResult> SplitByTime(const SplitRows& rows, double test_share, double embargo_seconds);
/// Splits rows by time: the latest `test_share` of rows are test; rows at the border time all go to
/// test; earlier ones closer to it than `embargo_seconds` are kEmbargo. `times` [num_rows],
/// seconds. kInvalidData when training or test would be empty.
Result<SplitResult> SplitByTime(std::span<const double> times, double test_share,
                                double embargo_seconds = 0.0);

using spec::ReadStatedPart;
using spec::StatedPart;
/// As below.
Result<SplitResult> SplitByStatement(const SplitRows& rows);
/// Takes the parts that the user states: validation rows are training rows here, and the rows that
/// develop compares candidates on. `strata` as in SplitByKey, for the worst share error against the
/// share over all rows. kInvalidData when training or test would be empty.
Result<SplitResult> SplitByStatement(std::span<const StatedPart> stated,
                                     std::span<const int32_t> strata);

}  // namespace millrace::data
