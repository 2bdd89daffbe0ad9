// Groups of rows: statistics of groups are looked up by the values of one or more columns. Names of
// the statistics, the stored keys, and the index that finds a row's group.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feature/raw_value.h"
#include "feature/text_index.h"

namespace millrace::feature {

/// What is measured of the rows of a group. Do not renumber: stored by name.
enum class GroupStatistic { kMean, kMin, kMax, kStd, kMedian, kCount, kNunique, kShare };
/// What a row gets: the statistic of its group, or how its own value stands to it.
enum class GroupView { kValue, kDifference, kRatio };

std::vector<GroupStatistic> AllGroupStatistics();
std::string_view GroupStatisticName(GroupStatistic statistic);  // "mean", "min", ...
std::optional<GroupStatistic> GroupStatisticFromName(std::string_view name);
std::string_view GroupViewName(GroupView view);  // "value", "difference", "ratio"
std::optional<GroupView> GroupViewFromName(std::string_view name);

/// Columns that a row is grouped by, at most.
inline constexpr size_t kMaxGroupColumns = 8;

/// One column of the key, with the values that groups have in it: texts, or numbers in ascending
/// order (dates in seconds, yes and no as 1 and 0).
struct GroupColumn {
  std::string name;
  std::vector<std::string> texts;  // distinct
  std::vector<double> numbers;     // finite, ascending, distinct

  friend bool operator==(const GroupColumn&, const GroupColumn&) = default;
};

struct GroupKeys {
  std::vector<GroupColumn> by;  // 1 .. kMaxGroupColumns
  /// [num_groups, by.size()], row-major: the place of each part in its column's values; rows
  /// distinct.
  std::vector<int32_t> codes;

  size_t num_groups() const { return by.empty() ? 0 : codes.size() / by.size(); }
  friend bool operator==(const GroupKeys&, const GroupKeys&) = default;
};

/// Finds the group of a row. Thread safety: immutable; Find from many threads.
class GroupIndex {
 public:
  static constexpr int32_t kUnseen = -1;   // no group has this key
  static constexpr int32_t kMissing = -2;  // a part of the key is missing

  /// Returns nothing when keys are not as GroupKeys says. `by` columns that hold texts are those
  /// with `texts[i]`.
  static std::optional<GroupIndex> Make(const GroupKeys& keys, std::span<const bool> texts);

  /// Returns the place of the row's group, kUnseen or kMissing; the parts of the key stand in
  /// `values` at `columns` [by.size()]. No allocation.
  int32_t Find(std::span<const RawValue> values, std::span<const size_t> columns) const;

 private:
  using Codes = std::array<int32_t, kMaxGroupColumns>;

  GroupIndex() = default;
  /// Returns the slot that holds the codes, or the free one where they belong.
  size_t SlotOf(std::span<const int32_t> codes) const;

  std::vector<std::optional<TextIndex>> texts_;  // [width]; none where the part is a number
  std::vector<std::vector<double>> numbers_;     // [width]
  std::vector<int32_t> codes_;                   // [num_groups, width]
  std::vector<int32_t> slots_;                   // places, -1: free; a power of two, half full
};

}  // namespace millrace::feature
