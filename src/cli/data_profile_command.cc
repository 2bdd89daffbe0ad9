#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/fold.h"
#include "cli/project_access.h"
#include "engine/source.h"
#include "profile/source_profile.h"
#include "report/terminal.h"
#include "spec/locator.h"

namespace millrace::cli {
namespace {

std::string Spread(const profile::ColumnProfile& p) {
  if (p.minimum && p.maximum && p.type != table::ColumnType::kDate &&
      p.type != table::ColumnType::kBoolean && p.quantiles.size() > 4) {
    return Format("{} .. {} .. {}", FormatSignificant(*p.minimum, 4),
                  FormatSignificant(p.quantiles[4], 4), FormatSignificant(*p.maximum, 4));
  }
  if (p.minimum && p.maximum && p.type == table::ColumnType::kDate) {
    return Format("{} .. {}", FormatUtc(static_cast<int64_t>(*p.minimum * 1e6)).substr(0, 10),
                  FormatUtc(static_cast<int64_t>(*p.maximum * 1e6)).substr(0, 10));
  }
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(p.top_values.size(), 3); ++i) {
    text += Format(
        "{}{} {}", i == 0 ? "" : ", ", Ellipsize(report::Clean(p.top_values[i].value), 18),
        FormatShare(static_cast<double>(p.top_values[i].count), static_cast<double>(p.num_rows)));
  }
  return text;
}

// The distribution in one line: eight heights of bars, of the histogram of a number or of the most
// frequent values.
std::string Bars(const profile::ColumnProfile& p) {
  constexpr size_t kMostBars = 10;
  if (p.num_distinct == 0) return std::string(kMostBars, ' ');
  static constexpr std::string_view kHeights[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                                  "\u2585", "\u2586", "\u2587", "\u2588"};
  std::vector<double> counts;
  if (p.histogram_counts.size() > 1 && p.type != table::ColumnType::kBoolean) {
    counts.assign(std::min(kMostBars, p.histogram_counts.size()), 0.0);
    for (size_t i = 0; i < p.histogram_counts.size(); ++i) {
      counts[i * counts.size() / p.histogram_counts.size()] +=
          static_cast<double>(p.histogram_counts[i]);
    }
  } else if (p.num_distinct <= profile::kMaxTopValues) {
    for (const profile::ValueCount& value : p.top_values) {
      if (counts.size() < kMostBars) counts.push_back(static_cast<double>(value.count));
    }
  }
  if (counts.size() < 2) return std::string(kMostBars, ' ');
  const double most = *std::max_element(counts.begin(), counts.end());
  std::string bars;
  for (const double count : counts) {
    bars += kHeights[static_cast<size_t>(std::clamp(count / most * 8.0, 0.0, 7.0))];
  }
  return bars + std::string(kMostBars - counts.size(), ' ');
}

// What to know about the readings, and which columns go together.
std::string Remarks(const profile::SourceProfile& profile) {
  constexpr size_t kMostPairs = 5;
  constexpr double kWeakest = 0.3;
  std::string text;
  for (const profile::ColumnProfile& p : profile.columns) {
    if (p.is_notable) {
      text += Format("  {}: {}\n", report::Clean(p.name), report::Clean(p.reason));
    }
  }
  if (!text.empty()) text = "\nReadings to look at\n" + text;
  std::string pairs;
  for (size_t i = 0; i < std::min(kMostPairs, profile.associations.size()); ++i) {
    const profile::Association& pair = profile.associations[i];
    if (std::abs(pair.value) < kWeakest) break;
    pairs += Format("  {:>5}  {} and {} ({})\n", FormatFixed(pair.value, 2),
                    report::Clean(profile.columns[static_cast<size_t>(pair.first)].name),
                    report::Clean(profile.columns[static_cast<size_t>(pair.second)].name),
                    profile::AssociationKindName(pair.kind));
  }
  if (!pairs.empty()) text += "\nStrongest associations, on a sample of rows\n" + pairs;
  return text;
}

}  // namespace

Status RunDataProfile(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  const std::string path = context.arguments.Text("FILE");
  MILLRACE_ASSIGN_OR_RETURN(
      const engine::Source source,
      engine::OpenSource(*engine, context.in_current_folder ? "." : context.folder, {path},
                         SourceOptionsOf(context), "source"));
  MILLRACE_ASSIGN_OR_RETURN(const profile::SourceProfile profile,
                            profile::ProfileSource(*engine, source, {}));
  int64_t bytes = 0;
  for (const engine::SourceFile& file : source.files) bytes += file.size_bytes;
  context.output.Text(Format("{}   {} rows, {} columns, {}, {} duplicate rows\n\n",
                             spec::ShortName(path), FormatCount(profile.num_rows),
                             profile.columns.size(), FormatBytes(bytes),
                             FormatCount(profile.num_duplicate_rows)));
  int64_t width = 6;
  for (const profile::ColumnProfile& p : profile.columns) {
    width = std::clamp<int64_t>(CountCodePoints(p.name), width, 28);
  }
  // With room, the distribution as bars.
  const bool wide = TextWidth() >= 100;
  context.output.Text(Format("  {:<{}}  {:<8}  {:>8}  {:>9}  {}{}\n", "column", width, "type",
                             "missing", "distinct", wide ? "            " : "",
                             "min .. median .. max, or most frequent"));
  for (const profile::ColumnProfile& p : profile.columns) {
    context.output.Text(Format(
        "  {}  {:<8}  {:>8}  {:>9}  {}{}\n",
        report::Pad(Ellipsize(report::Clean(p.name), 28), width), table::ColumnTypeName(p.type),
        FormatShare(static_cast<double>(p.num_missing), static_cast<double>(p.num_rows)),
        Format("{}{}", p.distinct_is_exact ? "" : "~", FormatCount(p.num_distinct)),
        wide ? Bars(p) + "  " : "", Spread(p)));
  }
  context.output.Text(Remarks(profile));
  context.output.Text(Format("\ncontent digest {}\n", profile.content_digest.Short(16)));
  context.output.Document(profile::ToJson(profile));
  return {};
}

}  // namespace millrace::cli
