#include <algorithm>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "engine/source.h"
#include "profile/source_profile.h"

namespace millrace::cli {
namespace {

std::string Spread(const profile::ColumnProfile& p) {
  if (p.minimum && p.maximum && p.type != table::ColumnType::kDate && p.quantiles.size() > 4) {
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
        "{}{} {}", i == 0 ? "" : ", ", Ellipsize(p.top_values[i].value, 18),
        FormatShare(static_cast<double>(p.top_values[i].count), static_cast<double>(p.num_rows)));
  }
  return text;
}

}  // namespace

Status RunDataProfile(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  const std::string path = context.arguments.Text("FILE");
  MILLRACE_ASSIGN_OR_RETURN(
      const engine::Source source,
      engine::OpenSource(*engine, context.in_current_folder ? "." : context.folder, {path},
                         {.delimiter = context.arguments.Text("--delimiter"), .encoding = ""},
                         "source"));
  MILLRACE_ASSIGN_OR_RETURN(const profile::SourceProfile profile,
                            profile::ProfileSource(*engine, source, {}));
  context.output.Text(Format("{}   {} rows, {} columns, {}, {} duplicate rows\n\n", BaseName(path),
                             FormatCount(profile.num_rows), profile.columns.size(),
                             FormatBytes(source.files[0].size_bytes),
                             FormatCount(profile.num_duplicate_rows)));
  size_t width = 6;
  for (const profile::ColumnProfile& p : profile.columns) {
    width = std::clamp<size_t>(p.name.size(), width, 28);
  }
  context.output.Text(Format("  {:<{}}  {:<8}  {:>8}  {:>9}  {}\n", "column", width, "type",
                             "missing", "distinct", "min .. median .. max, or most frequent"));
  for (const profile::ColumnProfile& p : profile.columns) {
    context.output.Text(Format(
        "  {:<{}}  {:<8}  {:>8}  {:>9}  {}\n", Ellipsize(p.name, 28), width,
        table::ColumnTypeName(p.type),
        FormatShare(static_cast<double>(p.num_missing), static_cast<double>(p.num_rows)),
        Format("{}{}", p.distinct_is_exact ? "" : "~", FormatCount(p.num_distinct)), Spread(p)));
  }
  context.output.Document(profile::ToJson(profile));
  return {};
}

}  // namespace millrace::cli
