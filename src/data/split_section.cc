#include "data/split_section.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::data {
namespace {

constexpr size_t kShownClasses = 30;
constexpr uint64_t kGroupsAtOnce = 500'000;  // 20 MB

struct PartRow {
  SplitPart part;
  std::string_view words;
};
constexpr std::array<PartRow, 4> kParts = {{{SplitPart::kTrain, "training"},
                                            {SplitPart::kEmbargo, "embargo, left out"},
                                            {SplitPart::kSetAside, "outliers, set aside"},
                                            {SplitPart::kTest, "test, held out"}}};

std::string Day(double seconds) {
  return FormatUtc(static_cast<int64_t>(seconds * 1e6)).substr(0, 16);
}

Result<int64_t> CountTornGroups(const Ingested& rows, const SplitResult& split) {
  // As many groups as fit are looked at in each pass: those with one beginning of their hash.
  const uint64_t num_passes = static_cast<uint64_t>(rows.rows.size()) / kGroupsAtOnce + 1;
  int64_t torn = 0;
  for (uint64_t pass = 0; pass < num_passes; ++pass) {
    std::unordered_map<uint64_t, int> sides;  // of a group: 1 training, 2 test
    size_t i = 0;
    MILLRACE_RETURN_IF_ERROR(rows.rows.ForEach([&](const IngestedRow& row) -> Status {
      const SplitPart part = split.parts[i++];
      const bool left_out = part == SplitPart::kEmbargo || part == SplitPart::kSetAside;
      if (left_out || MixHash(row.side_hash, 1) % num_passes != pass) return {};
      int& seen = sides[row.side_hash];
      const int before = seen;
      seen |= part == SplitPart::kTest ? 2 : 1;
      torn += before != 3 && seen == 3 && before != 0 ? 1 : 0;
      return {};
    }));
  }
  return torn;
}

}  // namespace

Result<SplitCounts> CountSplit(const DataRecord& record, const Ingested& rows,
                               const SplitResult& split, const Labels& labels) {
  SplitCounts counts;
  for (PartCounts& part : counts.parts) part.classes.assign(labels.names.size(), 0);
  size_t i = 0;
  MILLRACE_RETURN_IF_ERROR(rows.rows.ForEach([&](const IngestedRow& row) -> Status {
    PartCounts& part = counts.parts[static_cast<size_t>(split.parts[i++])];
    ++part.rows;
    part.stated_validation += row.part == StatedPart::kValidation ? 1 : 0;
    if (!labels.names.empty()) {
      ++part.classes[static_cast<size_t>(
          labels.class_of_text[static_cast<size_t>(row.target_text)])];
    }
    part.first = std::min(part.first.value_or(row.time), row.time);
    part.last = std::max(part.last.value_or(row.time), row.time);
    return {};
  }));
  // Other splits keep groups together.
  if (record.split_kind == "column") {
    MILLRACE_ASSIGN_OR_RETURN(counts.torn_groups, CountTornGroups(rows, split));
  }
  return counts;
}

std::vector<report::Block> SplitBlocks(const DataRecord& record, const SplitCounts& split,
                                       const Labels& labels) {
  const bool by_time = record.split_kind == "time";
  report::BarChart bars;
  bars.title = "Split of the rows: " + record.split_kind;
  bars.axis = "rows";
  report::DataTable table;
  table.title = "Rows per part" + std::string(labels.names.empty() ? "" : " and class");
  table.columns = {"part", "rows", "share"};
  table.numeric = {false, true, true};
  const size_t shown = std::min(labels.names.size(), kShownClasses);
  for (size_t c = 0; c < shown; ++c) {
    table.columns.push_back(labels.names[c]);
    table.numeric.push_back(true);
  }
  if (by_time) {
    for (const char* name : {"from", "to"}) {
      table.columns.emplace_back(name);
      table.numeric.push_back(false);
    }
  }
  const auto total = static_cast<double>(record.num_rows);
  for (const PartRow& part : kParts) {
    const PartCounts& counts = split.parts[static_cast<size_t>(part.part)];
    if (counts.rows == 0) continue;
    const std::string share = FormatShare(static_cast<double>(counts.rows), total);
    std::string note = share;
    if (by_time) note += Format(", {} to {}", Day(*counts.first), Day(*counts.last));
    if (counts.stated_validation > 0) {
      note += Format(", {} of them stated as validation", FormatCount(counts.stated_validation));
    }
    bars.items.push_back({std::string(part.words), static_cast<double>(counts.rows), note});
    std::vector<std::string> cells = {std::string(part.words), FormatCount(counts.rows), share};
    for (size_t c = 0; c < shown; ++c) cells.push_back(FormatCount(counts.classes[c]));
    if (by_time) {
      cells.push_back(Day(*counts.first));
      cells.push_back(Day(*counts.last));
    }
    table.rows.push_back(std::move(cells));
  }
  std::vector<report::Block> blocks;
  blocks.emplace_back(std::move(bars));
  blocks.emplace_back(std::move(table));
  return blocks;
}

}  // namespace millrace::data
