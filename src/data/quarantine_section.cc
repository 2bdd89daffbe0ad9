#include "data/quarantine_section.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::data {
namespace {

constexpr size_t kShownRows = 20;
constexpr int64_t kShownValue = 60;

std::string PlaceOf(const QuarantinedRow& row) { return Format("{}:{}", row.file, row.line); }

}  // namespace

report::Check QuarantineCheck(const Ingested& rows) {
  const auto aside = static_cast<int64_t>(rows.quarantined.size());
  report::Check check;
  check.id = "data.quarantine";
  check.label = "rows set aside";
  check.state = report::CheckState::kMet;
  check.value = static_cast<double>(aside);
  check.evidence = "none";
  if (aside == 0) return check;
  check.evidence = Format(
      "{}: {} without a target, {} that could not be split", FormatCount(aside),
      FormatCount(rows.num_missing_target),
      FormatCount(aside - rows.num_missing_target - rows.num_missing_time - rows.num_broke_checks));
  if (rows.num_broke_checks > 0) {
    check.evidence += Format(", {} that break a check", FormatCount(rows.num_broke_checks));
  }
  check.state = report::CheckState::kWarning;
  check.fix = "millrace data quarantine shows each with its reason";
  return check;
}

std::optional<report::Check> ReleasedCheck(const Ingested& rows) {
  const auto kept = static_cast<int64_t>(rows.released.size());
  if (kept == 0 && rows.released_absent.empty()) return std::nullopt;
  report::Check check;
  check.id = "data.released";
  check.label = "rows put back";
  check.state = report::CheckState::kMet;
  check.value = static_cast<double>(kept);
  check.evidence = Format("{} kept though they break a check", FormatCount(kept));
  if (rows.released_absent.empty()) return check;
  constexpr size_t kShownNames = 5;
  const size_t shown = std::min(rows.released_absent.size(), kShownNames);
  const std::string names = Join(
      std::vector<std::string>(rows.released_absent.begin(),
                               rows.released_absent.begin() + static_cast<std::ptrdiff_t>(shown)),
      " ");
  check.state = report::CheckState::kWarning;
  check.evidence += Format(
      "; {} released rows are not in the data any more, or break no check that sets rows aside: "
      "{}{}",
      FormatCount(static_cast<int64_t>(rows.released_absent.size())), names,
      shown < rows.released_absent.size() ? " ..." : "");
  check.fix = Format("millrace data quarantine undo --row {}", names);
  return check;
}

std::vector<report::Block> QuarantineTables(const Ingested& rows) {
  std::vector<report::Block> blocks;
  std::map<std::string, std::pair<int64_t, const QuarantinedRow*>> rules;
  for (const QuarantinedRow& row : rows.quarantined) {
    auto& [count, first] = rules.try_emplace(row.rule, 0, &row).first->second;
    ++count;
  }
  if (!rules.empty()) {
    report::DataTable table;
    table.title = "Rows set aside, by rule";
    table.columns = {"rule", "rows", "first", "column", "value"};
    table.numeric = {false, true, false, false, false};
    for (const auto& [rule, found] : rules) {
      table.rows.push_back({Ellipsize(rule, 80), FormatCount(found.first), PlaceOf(*found.second),
                            found.second->column, Ellipsize(found.second->value, kShownValue)});
    }
    blocks.emplace_back(std::move(table));
  }
  if (rows.released.empty()) return blocks;
  report::DataTable table;
  table.title = "Rows that were put back from the quarantine";
  table.columns = {"row", "column", "value", "breaks"};
  for (size_t i = 0; i < std::min(rows.released.size(), kShownRows); ++i) {
    const QuarantinedRow& row = rows.released[i];
    table.rows.push_back({PlaceOf(row), row.column, Ellipsize(row.value, kShownValue), row.rule});
  }
  if (rows.released.size() > kShownRows) {
    table.title += Format(": the first {} of {}", kShownRows,
                          FormatCount(static_cast<int64_t>(rows.released.size())));
  }
  blocks.emplace_back(std::move(table));
  return blocks;
}

}  // namespace millrace::data
