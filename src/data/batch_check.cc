#include "data/batch_check.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "data/ingest.h"
#include "data/user_checks.h"
#include "engine/source.h"
#include "profile/source_profile.h"
#include "profile/spec_rules.h"

namespace millrace::data {
namespace {

constexpr int64_t kRowsThatShowTypes = 100;
constexpr std::string_view kView = "__stream_check";

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&name](const std::string& other) { return ToLower(other) == ToLower(name); });
}

// The batch with exactly the schema's columns; what it lacks is missing.
Status MakeView(engine::Engine& engine, const std::string& table_name,
                const std::vector<std::string>& there, const std::vector<std::string>& wanted) {
  std::vector<std::string> cells;
  for (const std::string& name : wanted) {
    const std::string quoted = engine::QuoteIdentifier(name);
    cells.push_back(Has(there, name) ? quoted : Format("CAST(NULL AS VARCHAR) AS {}", quoted));
  }
  return engine.Execute(Format("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {}", kView,
                               Join(cells, ", "), engine::QuoteIdentifier(table_name)));
}

engine::Source SourceOf(const std::vector<std::string>& columns) {
  engine::Source source;
  source.view_name = std::string(kView);
  source.columns = columns;
  return source;
}

void NoteCells(const Ingested& rows, const table::Schema& schema,
               std::vector<std::string>& remarks) {
  for (int64_t c = 0; c < schema.num_columns(); ++c) {
    const int64_t invalid = rows.num_invalid[static_cast<size_t>(c)];
    if (invalid == 0) continue;
    remarks.push_back(Format("column \"{}\": {} of {} values are no {}", schema.column(c).name,
                             FormatCount(invalid), FormatCount(rows.num_read),
                             table::ColumnTypeName(schema.column(c).type)));
  }
}

}  // namespace

Status BatchCheck::LearnTypes(engine::Engine& engine, const std::string& table_name,
                              const std::vector<std::string>& columns) {
  MILLRACE_RETURN_IF_ERROR(MakeView(engine, table_name, columns, columns));
  auto overrides = profile::OverridesOf(spec_, columns);
  std::erase_if(overrides, [&columns](const auto& entry) { return !Has(columns, entry.first); });
  MILLRACE_ASSIGN_OR_RETURN(const profile::SourceProfile profile,
                            profile::ProfileSource(engine, SourceOf(columns), overrides));
  if (profile.num_rows < kRowsThatShowTypes) return {};
  MILLRACE_ASSIGN_OR_RETURN(schema_, profile.ToSchema());
  return {};
}

Result<std::vector<std::string>> BatchCheck::Examine(engine::Engine& engine,
                                                     const std::string& table_name,
                                                     const std::vector<std::string>& columns) {
  std::vector<std::string> remarks;
  if (!schema_) MILLRACE_RETURN_IF_ERROR(LearnTypes(engine, table_name, columns));
  if (!schema_) return remarks;
  const spec::DataSource& data = spec_.data;
  const IngestRoles roles{.target = spec_.problem.target,
                          .id = data.id.value_or(""),
                          .group = data.group.value_or(""),
                          .time = data.time.value_or(""),
                          .part = spec_.split.column.value_or("")};
  for (const std::string& role : {roles.target, roles.id, roles.group, roles.time, roles.part}) {
    if (role.empty() || schema_->Find(role)) continue;
    remarks.push_back(Format("there is no column \"{}\"", role));
    return remarks;
  }
  if (data.time) {
    const Status times =
        profile::CheckTimeType(data, schema_->column(*schema_->Find(*data.time)).type);
    if (!times.ok()) {
      remarks.push_back(Format("a run will stop at it: {}", times.message()));
      return remarks;
    }
  }
  const std::vector<std::string> names = schema_->names();
  MILLRACE_RETURN_IF_ERROR(MakeView(engine, table_name, columns, names));
  const Result<Ingested> ingested =
      Ingest(engine, SourceOf(names), *schema_, roles, {.spec = spec_});
  if (ingested.status().code() == Code::kInvalidData) {
    // What phase 2 refuses ends no stream: the source may be mended before the next run.
    remarks.push_back(Format("a run will stop at it: {}", ingested.status().message()));
    return remarks;
  }
  MILLRACE_RETURN_IF_ERROR(ingested.status());
  const Ingested& rows = *ingested;
  NoteCells(rows, *schema_, remarks);
  std::map<std::string, int64_t> aside;
  for (const QuarantinedRow& row : rows.quarantined) {
    ++aside[row.column.empty() ? row.rule : Format("{} in \"{}\"", row.rule, row.column)];
  }
  for (const auto& [rule, count] : aside) {
    remarks.push_back(Format("{} of {} rows will be set aside: {}", FormatCount(count),
                             FormatCount(rows.num_read), rule));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<report::Check> checks,
                            RunUserChecks(spec_, engine, rows.table_name, *schema_));
  for (const report::Check& check : checks) {
    if (check.state == report::CheckState::kMet) continue;
    remarks.push_back(Format("check not met: {}: {}, required {}", check.label, check.evidence,
                             check.requirement));
  }
  MILLRACE_RETURN_IF_ERROR(
      engine.Execute(Format("DROP TABLE {}", engine::QuoteIdentifier(rows.table_name))));
  return remarks;
}

}  // namespace millrace::data
