#include "data/file_check.h"

#include <map>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "data/data_section.h"
#include "data/ingest.h"
#include "data/user_checks.h"
#include "engine/source.h"
#include "profile/spec_rules.h"
#include "table/value_parser.h"

namespace millrace::data {
namespace {

using report::Check;
using report::CheckState;
using table::ColumnType;
using Overrides = std::map<std::string, profile::ColumnOverride>;

constexpr int kShownCells = 3;

// What a check needs its column to be; nothing: any type will do.
std::optional<ColumnType> NeededType(const spec::DataCheck& check,
                                     const profile::ColumnProfile& column) {
  const bool numeric = table::IsNumeric(column.type);
  if ((check.minimum || check.maximum) && !numeric) return ColumnType::kNumber;
  if (!numeric) return std::nullopt;
  if (!check.pattern.empty() || check.min_length || check.max_length) return ColumnType::kText;
  const table::ValueParser parser(
      {.name = column.name, .type = column.type, .rules = column.rules});
  for (const std::string& value : check.values) {
    if (parser.Parse(value).state != table::CellState::kValue) return ColumnType::kCategory;
  }
  return std::nullopt;
}

// The types that checks need where inference found another one; what the user states stays.
Overrides TypesOfChecks(const spec::Spec& spec, const profile::SourceProfile& profile,
                        const Overrides& stated) {
  Overrides needed;
  for (const spec::DataCheck& check : spec.data.checks) {
    const profile::ColumnProfile* column =
        check.column.empty() ? nullptr : profile.Find(check.column);
    if (column == nullptr || needed.contains(check.column)) continue;
    const auto known = stated.find(check.column);
    if (known != stated.end() && known->second.type) continue;
    const auto type = NeededType(check, *column);
    if (!type) continue;
    profile::ColumnOverride changed =
        known == stated.end() ? profile::ColumnOverride{} : known->second;
    changed.type = *type;
    needed.emplace(check.column, std::move(changed));
  }
  return needed;
}

bool Blocks(const spec::Spec& spec, const std::string& column) {
  for (const spec::DataCheck& check : spec.data.checks) {
    if (check.column == column && check.severity == spec::Severity::kBlock) return true;
  }
  return false;
}

// Cells of a column with a check that its type cannot hold; nothing where all can be read. `raw`:
// of MakeSourceTables.
class TypeChecks {
 public:
  TypeChecks(engine::Engine& engine, std::string raw) : engine_(engine), raw_(std::move(raw)) {}

  Result<std::optional<Check>> Measure(const profile::ColumnProfile& column,
                                       const table::ColumnSchema& schema, bool blocks) {
    if (!table::IsNumeric(schema.type)) return std::optional<Check>();
    const std::string cell = engine::QuoteIdentifier(schema.name);
    const std::string invalid = Format("{}_state({}) = 2", ReaderName(schema), cell);
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table counted,
        Query(engine_, Format("SELECT count(*) FILTER (WHERE {}), count(*) FROM {}", invalid,
                              engine::QuoteIdentifier(raw_))));
    const double wrong = counted.column(0).number(0) + static_cast<double>(UnusualMissing(column));
    if (wrong == 0.0) return std::optional<Check>();
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table first,
        Query(engine_, Format("SELECT __row + 1, {} FROM {} WHERE {} ORDER BY __row LIMIT {}", cell,
                              engine::QuoteIdentifier(raw_), invalid, kShownCells)));
    std::vector<std::string> shown;
    for (int64_t r = 0; r < first.num_rows(); ++r) {
      shown.push_back(Format("row {}: {}",
                             FormatCount(static_cast<int64_t>(first.column(0).number(r))),
                             Ellipsize(first.column(1).text(r), 40)));
    }
    Check check;
    check.id = Format("data.type.{}", schema.name);
    check.label = Format("{} is {}", schema.name, WithArticle(table::ColumnTypeName(schema.type)));
    check.blocks = blocks;
    check.state = check.blocks ? CheckState::kNotMet : CheckState::kWarning;
    check.value = 1.0 - wrong / counted.column(1).number(0);
    check.requirement = "all of them";
    check.evidence = Format("{} of {} cells are none", FormatCount(static_cast<int64_t>(wrong)),
                            FormatCount(static_cast<int64_t>(counted.column(1).number(0))));
    check.fix = Format("mend the data{}{}{}, or set columns: for the column's form",
                       shown.empty() ? "" : " (", Join(shown, "; "), shown.empty() ? "" : ")");
    return std::optional<Check>(std::move(check));
  }

 private:
  engine::Engine& engine_;
  std::string raw_;
};

report::DataTable ColumnsOf(const profile::SourceProfile& profile) {
  report::DataTable table;
  table.title = "Columns";
  table.columns = {"column", "type", "missing", "distinct", "min", "max"};
  table.numeric = {false, false, true, true, true, true};
  for (const profile::ColumnProfile& p : profile.columns) {
    const auto number = [](const std::optional<double>& value) {
      return value ? FormatSignificant(*value, 4) : std::string();
    };
    table.rows.push_back(
        {p.name, std::string(table::ColumnTypeName(p.type)),
         FormatShare(static_cast<double>(p.num_missing), static_cast<double>(p.num_rows)),
         Format("{}{}", p.distinct_is_exact ? "" : "~", FormatCount(p.num_distinct)),
         number(p.minimum), number(p.maximum)});
  }
  return table;
}

Check RowsCheck(int64_t num_rows, int64_t num_rejected) {
  Check rows;
  rows.id = "data.rows";
  rows.label = "rows read";
  rows.state = num_rejected > 0 ? CheckState::kWarning : CheckState::kMet;
  rows.value = static_cast<double>(num_rows);
  rows.evidence = num_rejected == 0 ? Format("{} rows", FormatCount(num_rows))
                                    : Format("{} rows, {} that could not be split",
                                             FormatCount(num_rows), FormatCount(num_rejected));
  if (num_rejected > 0) rows.fix = "mend the lines with too many or too few cells";
  return rows;
}

}  // namespace

Result<FileCheckRecord> CheckFile(const FileCheckInputs& inputs) {
  const spec::Spec& spec = inputs.spec;
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source,
                            engine::OpenSource(inputs.engine, inputs.folder, spec.data.paths,
                                               engine::OptionsOf(spec.data, ""), "source"));
  FileCheckRecord record;
  Overrides overrides = profile::OverridesOf(spec, source.columns);
  MILLRACE_ASSIGN_OR_RETURN(record.profile,
                            profile::ProfileSource(inputs.engine, source, overrides));
  const Overrides needed = TypesOfChecks(spec, record.profile, overrides);
  if (!needed.empty()) {
    for (const auto& [name, override] : needed) overrides.insert_or_assign(name, override);
    MILLRACE_ASSIGN_OR_RETURN(record.profile,
                              profile::ProfileSource(inputs.engine, source, overrides));
  }
  MILLRACE_ASSIGN_OR_RETURN(const table::Schema schema, record.profile.ToSchema());
  MILLRACE_ASSIGN_OR_RETURN(const SourceTables tables,
                            MakeSourceTables(inputs.engine, source, schema));
  MILLRACE_ASSIGN_OR_RETURN(const auto rejected, engine::RejectedRows(inputs.engine, source));
  record.num_rows = record.profile.num_rows;
  record.num_rejected = static_cast<int64_t>(rejected.size());
  report::Section& section = record.section;
  section.phase = 2;
  section.title = "Checks of the data";
  section.checkpoint = {.phase = 2, .percent = 40, .title = "data checked", .checks = {}};
  std::vector<Check>& checks = section.checkpoint.checks;
  checks.push_back(RowsCheck(record.num_rows, record.num_rejected));
  TypeChecks types(inputs.engine, tables.raw);
  for (int64_t c = 0; c < schema.num_columns(); ++c) {
    const table::ColumnSchema& column = schema.column(c);
    MILLRACE_ASSIGN_OR_RETURN(std::optional<Check> check,
                              types.Measure(record.profile.columns[static_cast<size_t>(c)], column,
                                            Blocks(spec, column.name)));
    if (check) checks.push_back(*std::move(check));
  }
  MILLRACE_ASSIGN_OR_RETURN(std::vector<Check> measured,
                            RunUserChecks(spec, inputs.engine, tables.typed, schema));
  for (Check& check : measured) checks.push_back(std::move(check));
  section.blocks.emplace_back(ColumnsOf(record.profile));
  return record;
}

}  // namespace millrace::data
