#include "feature/group_keys.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>

#include "base/digest.h"

namespace millrace::feature {
namespace {

constexpr std::pair<GroupStatistic, std::string_view> kStatistics[] = {
    {GroupStatistic::kMean, "mean"},       {GroupStatistic::kMin, "min"},
    {GroupStatistic::kMax, "max"},         {GroupStatistic::kStd, "std"},
    {GroupStatistic::kMedian, "median"},   {GroupStatistic::kCount, "count"},
    {GroupStatistic::kNunique, "nunique"}, {GroupStatistic::kShare, "share"},
};
constexpr std::pair<GroupView, std::string_view> kViews[] = {
    {GroupView::kValue, "value"},
    {GroupView::kDifference, "difference"},
    {GroupView::kRatio, "ratio"},
};

template <typename Enum>
std::string_view NameIn(std::span<const std::pair<Enum, std::string_view>> table, Enum value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return {};
}

bool Ascend(const std::vector<double>& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); }) &&
         std::ranges::adjacent_find(numbers, std::greater_equal<>()) == numbers.end();
}

}  // namespace

std::vector<GroupStatistic> AllGroupStatistics() {
  std::vector<GroupStatistic> all;
  for (const auto& [statistic, name] : kStatistics) all.push_back(statistic);
  return all;
}

std::string_view GroupStatisticName(GroupStatistic statistic) {
  return NameIn<GroupStatistic>(kStatistics, statistic);
}

std::optional<GroupStatistic> GroupStatisticFromName(std::string_view name) {
  for (const auto& [statistic, known] : kStatistics) {
    if (known == name) return statistic;
  }
  return std::nullopt;
}

std::string_view GroupViewName(GroupView view) { return NameIn<GroupView>(kViews, view); }

std::optional<GroupView> GroupViewFromName(std::string_view name) {
  for (const auto& [view, known] : kViews) {
    if (known == name) return view;
  }
  return std::nullopt;
}

std::optional<GroupIndex> GroupIndex::Make(const GroupKeys& keys, std::span<const bool> texts) {
  const size_t width = keys.by.size();
  if (width == 0 || width > kMaxGroupColumns || keys.codes.size() % width != 0) return std::nullopt;
  GroupIndex index;
  for (size_t i = 0; i < width; ++i) {
    const GroupColumn& column = keys.by[i];
    if (!(texts[i] ? column.numbers.empty() : column.texts.empty())) return std::nullopt;
    if (!Ascend(column.numbers)) return std::nullopt;
    index.texts_.push_back(texts[i] ? TextIndex::Make(column.texts) : std::nullopt);
    if (texts[i] && !index.texts_.back()) return std::nullopt;
    index.numbers_.push_back(column.numbers);
    const auto count = static_cast<int64_t>(std::max(column.numbers.size(), column.texts.size()));
    for (size_t at = i; at < keys.codes.size(); at += width) {
      if (keys.codes[at] < 0 || keys.codes[at] >= count) return std::nullopt;
    }
  }
  index.codes_ = keys.codes;
  index.slots_.assign(std::bit_ceil(2 * keys.num_groups() + 1), -1);
  for (size_t group = 0; group < keys.num_groups(); ++group) {
    int32_t& slot = index.slots_[index.SlotOf(std::span(keys.codes).subspan(group * width, width))];
    if (slot >= 0) return std::nullopt;
    slot = static_cast<int32_t>(group);
  }
  return index;
}

size_t GroupIndex::SlotOf(std::span<const int32_t> codes) const {
  uint64_t hash = 0;
  for (const int32_t code : codes) hash = MixHash(hash, static_cast<uint64_t>(code));
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    if (slots_[at] < 0) return at;
    const auto first = codes_.begin() +
                       static_cast<std::ptrdiff_t>(static_cast<size_t>(slots_[at]) * codes.size());
    if (std::equal(codes.begin(), codes.end(), first)) return at;
  }
}

int32_t GroupIndex::Find(std::span<const RawValue> values, std::span<const size_t> columns) const {
  Codes codes;
  bool unseen = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const RawValue& value = values[columns[i]];
    if (value.missing) return kMissing;
    if (texts_[i]) {
      codes[i] = texts_[i]->Find(value.text);
      unseen = unseen || codes[i] < 0;
      continue;
    }
    if (std::isnan(value.number)) return kMissing;
    const auto at = std::ranges::lower_bound(numbers_[i], value.number);
    unseen = unseen || at == numbers_[i].end() || *at != value.number;
    codes[i] = static_cast<int32_t>(at - numbers_[i].begin());
  }
  if (unseen) return kUnseen;
  return slots_[SlotOf(std::span(codes).first(columns.size()))];
}

}  // namespace millrace::feature
