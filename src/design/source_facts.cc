#include "design/source_facts.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "design/column_plan.h"
#include "guide/guide.h"

namespace millrace::design {
namespace {

using report::Check;
using report::CheckState;

constexpr double kDay = 86'400.0;
constexpr double kMicros = 1e6;

std::string Moment(double seconds) {
  return FormatUtc(static_cast<int64_t>(seconds * kMicros)).substr(0, 16);
}

std::string Span(double seconds) {
  return seconds >= 2.0 * kDay ? Format("{} days", FormatFigure(std::round(seconds / kDay)))
                               : FormatDuration(seconds);
}

}  // namespace

std::optional<Freshness> FreshnessOf(const profile::SourceProfile& profile,
                                     const std::string& time) {
  const profile::ColumnProfile* column = profile.Find(time);
  const bool dates = column != nullptr && column->type == table::ColumnType::kDate;
  if (!dates || !column->minimum || !column->maximum) return std::nullopt;
  Freshness found;
  found.newest = *column->maximum;
  found.text =
      Format("rows from {} to {} by {}", Moment(*column->minimum), Moment(found.newest), time);
  const auto rows = static_cast<double>(profile.num_rows - column->num_missing);
  if (rows > 1.0 && found.newest > *column->minimum) {
    found.mean_distance = (found.newest - *column->minimum) / (rows - 1.0);
    found.text += Format(", one every {} in the mean", Span(found.mean_distance));
  }
  return found;
}

std::optional<report::Fact> FreshnessFact(const profile::SourceProfile& profile,
                                          const std::string& time, const engine::Source& source) {
  const std::optional<Freshness> found = FreshnessOf(profile, time);
  if (!found) return std::nullopt;
  int64_t written = 0;
  for (const engine::SourceFile& file : source.files) {
    written = std::max(written, file.modified_micros);
  }
  report::Fact fact{"newest row", Moment(found->newest), ""};
  if (written == 0) {
    fact.reason = found->text;
    return fact;
  }
  const double lag = static_cast<double>(written) / kMicros - found->newest;
  fact.reason = lag >= -kDay
                    ? Format("the newest file was written {} later", Span(std::max(0.0, lag)))
                    : Format(
                          "the newest file was written {} before: {} holds plans, or is read "
                          "with day and month the wrong way round",
                          Span(-lag), time);
  return fact;
}

report::DataTable SourceTable(const Situation& s, const engine::Source& source) {
  report::DataTable table;
  table.title = "Sources";
  table.columns = {"source", "size", "state"};
  table.numeric = {false, true, false};
  table.folded = source.files.size() > 20;
  for (const engine::SourceFile& file : source.files) {
    std::string state = Format("readable, {} columns", source.columns.size());
    if (source.files.size() == 1) state += Format(", {} rows", FormatCount(s.profile.num_rows));
    table.rows.push_back({BaseName(file.path), FormatBytes(file.size_bytes), std::move(state)});
  }
  return table;
}

Check FreshnessCheck(const Situation& s) {
  Check check;
  check.id = "design.freshness";
  check.label = "freshness";
  const std::optional<Freshness> found =
      s.spec.data.time ? FreshnessOf(s.profile, *s.spec.data.time) : std::nullopt;
  if (!found) {
    check.state = CheckState::kNotMeasured;
    check.evidence = "no column of times is named under data.time";
    return check;
  }
  check.state = CheckState::kMet;
  check.evidence = found->text;
  check.value = found->mean_distance;
  check.unit = "s from row to row in the mean";
  return check;
}

Check AvailabilityCheck(const Situation& s, const std::vector<LaterColumn>& later) {
  Check check;
  check.id = "design.availability";
  check.label = "known when a prediction is made";
  check.state = CheckState::kMet;
  const auto& named = s.spec.data.not_at_prediction;
  check.value = static_cast<double>(named.size());
  check.unit = "columns too late";
  check.evidence =
      named.empty() ? "no column is named as too late" : Format("left out: {}", Join(named, ", "));
  std::vector<std::string> suspects;
  for (const LaterColumn& column : later) {
    if (column.evidence == LaterEvidence::kPossible) continue;
    suspects.push_back(Format("{} ({})", column.name, column.reason));
  }
  if (suspects.empty()) return check;
  check.state = CheckState::kWarning;
  check.evidence += Format("; features that look so: {}", Join(suspects, "; "));
  check.fix = Format("name them under data.not_at_prediction unless they are known in time ({})",
                     guide::Cite("point-in-time"));
  return check;
}

}  // namespace millrace::design
