#include "evaluate/binning.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::evaluate {
namespace {

using table::Column;
using table::ColumnType;

constexpr int64_t kShownLetters = 40;

std::string ShowNumber(ColumnType type, double value) {
  if (type == ColumnType::kBoolean) return value == 1.0 ? "true" : "false";
  if (type == ColumnType::kDate) {
    return FormatUtc(static_cast<int64_t>(value) * 1'000'000).substr(0, 10);
  }
  return FormatSignificant(value, 6);
}

// Drops parts without rows and numbers the others anew.
Binning Compact(Binning binning) {
  std::vector<int64_t> counts(binning.parts.size());
  for (const int32_t part : binning.part_of_row) ++counts[static_cast<size_t>(part)];
  std::vector<int32_t> now(binning.parts.size());
  Binning compact;
  compact.column = binning.column;
  for (size_t part = 0; part < counts.size(); ++part) {
    now[part] = static_cast<int32_t>(compact.parts.size());
    if (counts[part] == 0) continue;
    compact.parts.push_back(std::move(binning.parts[part]));
    compact.phrases.push_back(std::move(binning.phrases[part]));
  }
  for (int32_t& part : binning.part_of_row) part = now[static_cast<size_t>(part)];
  compact.part_of_row = std::move(binning.part_of_row);
  return compact;
}

void AddMissingPart(const Column& column, Binning& binning) {
  const auto missing = static_cast<int32_t>(binning.parts.size());
  binning.parts.emplace_back("missing");
  binning.phrases.push_back(binning.column + " missing");
  for (int64_t row = 0; row < column.size(); ++row) {
    if (!column.valid(row)) binning.part_of_row[static_cast<size_t>(row)] = missing;
  }
}

Binning BinTexts(const std::string& name, const Column& column, const BinningOptions& options) {
  std::map<std::string, int64_t, std::less<>> counts;
  for (int64_t row = 0; row < column.size(); ++row) {
    if (!column.valid(row)) continue;
    const auto found = counts.find(column.text(row));
    if (found == counts.end()) {
      counts.emplace(std::string(column.text(row)), 1);
    } else {
      ++found->second;
    }
  }
  std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (sorted.size() > static_cast<size_t>(options.max_values)) {
    sorted.resize(static_cast<size_t>(options.max_values));
  }
  Binning binning;
  binning.column = name;
  std::unordered_map<std::string, int32_t> part_of_text;
  for (const auto& [text, count] : sorted) {
    part_of_text.emplace(text, static_cast<int32_t>(binning.parts.size()));
    binning.parts.push_back(text.empty() ? "\"\"" : Ellipsize(text, kShownLetters));
    binning.phrases.push_back(Format("{} = {}", name, binning.parts.back()));
  }
  const auto other = static_cast<int32_t>(binning.parts.size());
  binning.parts.emplace_back("other values");
  binning.phrases.push_back(name + " has another value");
  for (int64_t row = 0; row < column.size(); ++row) {
    const auto found = part_of_text.find(std::string(column.text(row)));
    binning.part_of_row.push_back(found == part_of_text.end() ? other : found->second);
  }
  AddMissingPart(column, binning);
  return Compact(std::move(binning));
}

// First values of the ranges, after the first range.
std::vector<double> Borders(const std::vector<double>& sorted, int64_t num_ranges) {
  std::vector<double> borders;
  const auto parts = static_cast<size_t>(num_ranges);
  for (size_t q = 1; q < parts; ++q) {
    const double border = sorted[sorted.size() * q / parts];
    if (border > sorted.front() && (borders.empty() || border > borders.back())) {
      borders.push_back(border);
    }
  }
  // One value may fill every quantile ("0" of a gain that few rows have): the rest is a range.
  if (borders.empty()) {
    const auto above = std::upper_bound(sorted.begin(), sorted.end(), sorted.front());
    if (above != sorted.end()) borders.push_back(*above);
  }
  return borders;
}

Binning BinNumbers(const std::string& name, const Column& column, const BinningOptions& options) {
  std::vector<double> sorted;
  for (int64_t row = 0; row < column.size(); ++row) {
    if (column.valid(row)) sorted.push_back(column.number(row));
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> distinct = sorted;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const auto show = [&column](double value) { return ShowNumber(column.type(), value); };
  Binning binning;
  binning.column = name;
  std::vector<double> borders;
  if (distinct.size() <= static_cast<size_t>(options.max_distinct)) {
    for (size_t i = 0; i < distinct.size(); ++i) {
      if (i > 0) borders.push_back(distinct[i]);
      binning.parts.push_back(show(distinct[i]));
      binning.phrases.push_back(Format("{} = {}", name, binning.parts.back()));
    }
  } else {
    borders = Borders(sorted, options.max_ranges);
    for (size_t i = 0; i <= borders.size(); ++i) {
      const std::string part = i == 0 ? "below " + show(borders[0])
                               : i == borders.size()
                                   ? "from " + show(borders[i - 1])
                                   : show(borders[i - 1]) + " to below " + show(borders[i]);
      binning.parts.push_back(part);
      binning.phrases.push_back(name + " " + part);
    }
  }
  if (binning.parts.empty()) {  // every value is missing
    binning.parts.emplace_back("no value");
    binning.phrases.push_back(name + " without a value");
  }
  for (int64_t row = 0; row < column.size(); ++row) {
    binning.part_of_row.push_back(static_cast<int32_t>(
        std::upper_bound(borders.begin(), borders.end(), column.number(row)) - borders.begin()));
  }
  AddMissingPart(column, binning);
  return Compact(std::move(binning));
}

}  // namespace

Binning BinColumn(const table::ColumnSchema& schema, const Column& column,
                  const BinningOptions& options) {
  return table::IsNumeric(column.type()) ? BinNumbers(schema.name, column, options)
                                         : BinTexts(schema.name, column, options);
}

Binning Cross(const Binning& left, const Binning& right) {
  Binning cross;
  cross.column = left.column + " and " + right.column;
  for (size_t l = 0; l < left.parts.size(); ++l) {
    for (size_t r = 0; r < right.parts.size(); ++r) {
      cross.parts.push_back(left.parts[l] + ", " + right.parts[r]);
      cross.phrases.push_back(left.phrases[l] + " and " + right.phrases[r]);
    }
  }
  const auto width = static_cast<int32_t>(right.parts.size());
  for (size_t row = 0; row < left.part_of_row.size(); ++row) {
    cross.part_of_row.push_back(left.part_of_row[row] * width + right.part_of_row[row]);
  }
  return Compact(std::move(cross));
}

std::string ShowValue(const Column& column, int64_t row) {
  if (!column.valid(row)) return "missing";
  if (table::IsNumeric(column.type())) return ShowNumber(column.type(), column.number(row));
  return Ellipsize(std::string(column.text(row)), kShownLetters);
}

}  // namespace millrace::evaluate
