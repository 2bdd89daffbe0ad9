#include "data/split_section.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::data {
namespace {

constexpr size_t kShownClasses = 30;

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

struct PartCounts {
  int64_t rows = 0;
  int64_t stated_validation = 0;
  std::vector<int64_t> classes;
  std::optional<double> first, last;
};

PartCounts CountPart(SplitPart part, const Ingested& rows, const SplitResult& split,
                     const Labels& labels) {
  PartCounts counts;
  counts.classes.assign(labels.names.size(), 0);
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    if (split.parts[i] != part) continue;
    const IngestedRow& row = rows.rows[i];
    ++counts.rows;
    counts.stated_validation += row.part == StatedPart::kValidation ? 1 : 0;
    if (!labels.names.empty()) {
      ++counts.classes[static_cast<size_t>(
          labels.class_of_text[static_cast<size_t>(row.target_text)])];
    }
    counts.first = std::min(counts.first.value_or(row.time), row.time);
    counts.last = std::max(counts.last.value_or(row.time), row.time);
  }
  return counts;
}

}  // namespace

std::vector<report::Block> SplitBlocks(const DataRecord& record, const Ingested& rows,
                                       const SplitResult& split, const Labels& labels) {
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
  const auto total = static_cast<double>(rows.rows.size());
  for (const PartRow& part : kParts) {
    const PartCounts counts = CountPart(part.part, rows, split, labels);
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

int64_t CountTornGroups(const Ingested& rows, const SplitResult& split) {
  std::unordered_map<uint64_t, int> sides;  // of a group: 1 training, 2 test
  int64_t torn = 0;
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    const bool left_out =
        split.parts[i] == SplitPart::kEmbargo || split.parts[i] == SplitPart::kSetAside;
    if (left_out) continue;
    int& seen = sides[rows.rows[i].side_hash];
    const int before = seen;
    seen |= split.parts[i] == SplitPart::kTest ? 2 : 1;
    torn += before != 3 && seen == 3 && before != 0 ? 1 : 0;
  }
  return torn;
}

}  // namespace millrace::data
