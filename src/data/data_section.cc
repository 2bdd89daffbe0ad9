#include "data/data_section.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "data/profile_maps.h"
#include "data/quarantine_section.h"
#include "data/split_section.h"
#include "table/value_parser.h"

namespace millrace::data {
namespace {

using report::Check;
using report::CheckState;

constexpr size_t kChartColumns = 24;
constexpr size_t kShownFindings = 20;

std::string Count(int64_t count) { return FormatCount(count); }

Check Measured(std::string id, std::string label, double value, std::string evidence) {
  Check check;
  check.id = std::move(id);
  check.label = std::move(label);
  check.state = CheckState::kMet;
  check.value = value;
  check.evidence = std::move(evidence);
  return check;
}

Check Warning(Check check, std::string fix) {
  check.state = CheckState::kWarning;
  check.fix = std::move(fix);
  return check;
}

std::vector<Check> MakeChecks(const DataRecord& record, const engine::Source& source,
                              const Ingested& rows, const SplitResult& split, int64_t torn) {
  std::vector<Check> checks;
  int64_t bytes = 0;
  for (const engine::SourceFile& file : source.files) bytes += file.size_bytes;
  checks.push_back(Measured(
      "data.rows", "rows kept", static_cast<double>(record.num_rows),
      Format("{} of {} rows, {} columns, {} in {} file{}", Count(record.num_rows),
             Count(rows.num_read + static_cast<int64_t>(rows.quarantined.size()) -
                   rows.num_missing_target - rows.num_missing_time - rows.num_broke_checks),
             record.schema.num_columns(), FormatBytes(bytes), source.files.size(),
             source.files.size() == 1 ? "" : "s")));
  checks.push_back(QuarantineCheck(rows));
  if (auto released = ReleasedCheck(rows)) checks.push_back(*std::move(released));
  Check duplicates = Measured(
      "data.duplicates", "duplicate rows", static_cast<double>(rows.num_duplicates),
      rows.num_duplicates == 0 ? "none"
                               : Format("{} ({}) equal an earlier row; copies stay on one side "
                                        "of the split",
                                        Count(rows.num_duplicates),
                                        FormatShare(static_cast<double>(rows.num_duplicates),
                                                    static_cast<double>(record.num_rows))));
  if (rows.num_duplicates > 0) {
    duplicates = Warning(std::move(duplicates), "drop them at the source if they are no real rows");
  }
  checks.push_back(std::move(duplicates));
  int64_t invalid = 0;
  std::string worst;
  int64_t worst_count = 0;
  const auto num_columns = static_cast<int64_t>(record.profile.columns.size());
  for (int64_t c = 0; c < num_columns; ++c) {
    const int64_t count = rows.num_invalid[static_cast<size_t>(c)] +
                          UnusualMissing(record.profile.columns[static_cast<size_t>(c)]);
    invalid += count;
    if (count > worst_count) {
      worst_count = count;
      worst = record.schema.column(c).name;
    }
  }
  Check cells = Measured("data.invalid_cells", "unreadable cells", static_cast<double>(invalid),
                         invalid == 0 ? "none"
                                      : Format("{} read as missing, most in \"{}\" ({})",
                                               Count(invalid), worst, Count(worst_count)));
  if (invalid > 0) cells = Warning(std::move(cells), "set data.columns for the column's form");
  checks.push_back(std::move(cells));
  checks.push_back(
      Measured("data.split", "held-out rows", static_cast<double>(record.num_test),
               record.num_test == 0
                   ? "none: every row is for training"
                   : Format("{} to learn from, {} held out, {}; the class shares differ by at most "
                            "{}",
                            Count(record.num_train), Count(record.num_test), record.split_kind,
                            FormatShare(split.worst_share_error, 1.0))));
  if (torn > 0) {
    checks.push_back(Warning(
        Measured("data.split_groups", "groups on both sides", static_cast<double>(torn),
                 Format("{} groups, ids or equal rows have rows in training and in test: scores "
                        "may look better than they are",
                        Count(torn))),
        "give all rows of a group one part in split.column"));
  }
  checks.push_back(Measured("data.version", "data version", static_cast<double>(record.num_rows),
                            record.version.Short()));
  return checks;
}

report::DataTable ColumnTable(const DataRecord& record) {
  report::DataTable columns;
  columns.title = "Columns";
  columns.columns = {"column", "type", "missing", "distinct", "min",
                     "median", "max",  "use",     "reason"};
  columns.numeric = {false, false, true, true, true, true, true, false, false};
  columns.folded = true;
  for (const profile::ColumnProfile& p : record.profile.columns) {
    std::string use = p.name == record.target ? "target" : "feature";
    std::string reason = p.reason;
    for (const ExcludedColumn& excluded : record.excluded) {
      if (excluded.name == p.name) {
        use = "left out";
        reason = excluded.reason;
      }
    }
    const auto number = [](const std::optional<double>& value) {
      return value ? FormatSignificant(*value, 4) : std::string();
    };
    columns.rows.push_back(
        {p.name, std::string(table::ColumnTypeName(p.type)),
         FormatShare(static_cast<double>(p.num_missing), static_cast<double>(p.num_rows)),
         Format("{}{}", p.distinct_is_exact ? "" : "~", Count(p.num_distinct)), number(p.minimum),
         p.quantiles.size() > 4 ? FormatSignificant(p.quantiles[4], 4) : std::string(),
         number(p.maximum), use, reason});
  }
  return columns;
}

report::Multiples ColumnCharts(const DataRecord& record) {
  report::Multiples charts;
  charts.title = "Distributions";
  for (const profile::ColumnProfile& p : record.profile.columns) {
    if (charts.charts.size() >= kChartColumns) break;
    const std::string missing =
        p.num_missing > 0 ? Format("{} missing", FormatShare(static_cast<double>(p.num_missing),
                                                             static_cast<double>(p.num_rows)))
                          : std::string();
    if (table::IsNumeric(p.type) && p.type != table::ColumnType::kBoolean &&
        p.histogram_counts.size() > 1) {
      report::Histogram histogram;
      histogram.title = p.name;
      histogram.edges = p.histogram_edges;
      for (const int64_t count : p.histogram_counts) {
        histogram.counts.push_back(static_cast<double>(count));
      }
      histogram.note = missing;
      charts.charts.emplace_back(std::move(histogram));
    } else if (!p.top_values.empty() && p.num_distinct <= 200) {
      report::BarChart bars;
      bars.title = p.name;
      bars.axis = "rows";
      for (size_t i = 0; i < std::min<size_t>(p.top_values.size(), 8); ++i) {
        bars.items.push_back({p.top_values[i].value, static_cast<double>(p.top_values[i].count),
                              FormatShare(static_cast<double>(p.top_values[i].count),
                                          static_cast<double>(p.num_rows))});
      }
      charts.charts.emplace_back(std::move(bars));
    }
  }
  return charts;
}

}  // namespace

int64_t UnusualMissing(const profile::ColumnProfile& column) {
  if (!table::IsNumeric(column.type)) return 0;
  int64_t count = 0;
  for (const profile::ValueCount& word : column.missing_words) {
    if (!table::LooksMissing(word.value)) count += word.count;
  }
  return count;
}

report::Section MakeDataSection(const DataRecord& record, const engine::Source& source,
                                const Ingested& rows, const SplitResult& split,
                                const SplitCounts& counts, const Labels& labels,
                                QualityFindings quality, std::vector<report::Check> user_checks) {
  report::Section section;
  section.phase = 2;
  section.title = "Data pipeline";
  section.checkpoint.phase = 2;
  section.checkpoint.percent = 40;
  section.checkpoint.title = "data pipeline operational";
  section.checkpoint.checks = MakeChecks(record, source, rows, split, counts.torn_groups);
  for (Check& check : quality.checks) section.checkpoint.checks.push_back(std::move(check));
  for (Check& check : user_checks) section.checkpoint.checks.push_back(std::move(check));

  report::Facts facts;
  facts.title = "Version";
  facts.facts.push_back({"data version", record.version.Short(16), "digest of schema and rows"});
  facts.facts.push_back(
      {"features", Format("{} of {} columns", record.features.size(), record.schema.num_columns()),
       Format("{} left out, each with its reason below", record.excluded.size())});
  facts.facts.push_back(
      {"split", Format("{} / {}", Count(record.num_train), Count(record.num_test)),
       record.split_kind == "column" ? std::string("as the column of parts says")
       : record.split_kind == "time"
           ? std::string("the latest rows are held out")
           : Format("{} by hash of the row key: new rows never move old ones", record.split_kind)});
  section.blocks.emplace_back(std::move(facts));
  if (!labels.names.empty()) {
    report::BarChart classes;
    classes.title = "Classes of " + record.target;
    classes.axis = "rows";
    for (size_t i = 0; i < std::min<size_t>(labels.names.size(), 30); ++i) {
      classes.items.push_back({labels.names[i], static_cast<double>(labels.counts[i]),
                               FormatShare(static_cast<double>(labels.counts[i]),
                                           static_cast<double>(record.num_rows))});
    }
    section.blocks.emplace_back(std::move(classes));
  }
  if (record.num_test > 0) {
    for (report::Block& block : SplitBlocks(record, counts, labels)) {
      section.blocks.push_back(std::move(block));
    }
  }
  for (report::Block& block : QuarantineTables(rows)) section.blocks.push_back(std::move(block));
  section.blocks.emplace_back(ColumnCharts(record));
  if (auto map = AssociationMap(record.profile)) section.blocks.emplace_back(std::move(*map));
  section.blocks.emplace_back(ColumnTable(record));
  for (report::DataTable& table : quality.tables) {
    const size_t found = table.rows.size();
    if (found > kShownFindings) {
      table.rows.resize(kShownFindings);
      table.title +=
          Format(": the first {} of {}", kShownFindings, Count(static_cast<int64_t>(found)));
    }
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

}  // namespace millrace::data
