// What one pass over the cells of a column gathers, before its type is known.
//
// Thread safety: one thread at a time. Deterministic in row order.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profile/column_profile.h"

namespace millrace::profile {

/// A shape that numbers may be written in: "$5", "12%", "23.4 kmpl".
struct Affixes {
  std::string prefix;
  std::string suffix;
  friend auto operator<=>(const Affixes&, const Affixes&) = default;
};

class ColumnEvidence {
 public:
  explicit ColumnEvidence(std::string name);

  /// Adds the cell of the next row; `text` is ignored where `present` is kNo.
  enum class Present { kNo, kYes };
  void Add(Present present, std::string_view text);

  /// Decides the type (unless overridden) and returns the profile.
  ColumnProfile Finish(const std::optional<table::ColumnType>& fixed_type,
                       const std::optional<std::vector<std::string>>& fixed_missing) const;

 private:
  struct Decision {
    table::ColumnType type;
    table::ReadingRules rules;
    std::string reason;
  };
  Decision Decide() const;
  std::optional<Decision> DecideNumber() const;
  std::optional<Decision> DecideDate() const;
  Decision DecideText() const;
  std::vector<std::string> WordsThatMeanMissing(bool for_text) const;
  void FillNumbers(const table::ColumnSchema& column, ColumnProfile& profile) const;
  void FillTexts(ColumnProfile& profile) const;

  std::string name_;
  int64_t num_rows_ = 0;
  int64_t num_empty_ = 0;
  // Distinct trimmed texts with counts, complete up to kMaxTrackedValues.
  std::unordered_map<std::string, int64_t> values_;
  bool values_complete_ = true;
  int64_t untracked_ = 0;  // cells whose text came after the map was full
  // A sample of cells by the hash of their row number: the smallest hashes, order-independent.
  std::vector<std::pair<uint64_t, std::string>> sample_;
  uint64_t sample_limit_;
  // Distinct estimate beyond the map: the smallest value hashes (Bar-Yossef et al. 2002, KMV).
  std::vector<uint64_t> smallest_hashes_;
  // Moments of all cells that read as plain numbers, in row order (Welford 1962).
  int64_t num_plain_ = 0;
  double plain_mean_ = 0.0;
  double plain_m2_ = 0.0;
  double plain_min_ = 0.0;
  double plain_max_ = 0.0;
  // Shapes over all cells.
  int64_t num_looks_missing_ = 0;
  int64_t num_whole_ = 0;
  int64_t num_leading_zero_ = 0;
  int64_t num_sequence_ = 0;
  double previous_number_ = 0.0;
  int64_t total_length_ = 0;
  int64_t max_length_ = 0;
  int64_t total_words_ = 0;
};

}  // namespace millrace::profile
