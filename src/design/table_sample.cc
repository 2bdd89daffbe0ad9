#include "design/table_sample.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/digest.h"
#include "base/format.h"
#include "table/value_parser.h"

namespace millrace::design {
namespace {

constexpr uint64_t kSampleSeed = 0x9a3f;

void AppendCell(const table::Cell& cell, table::Column& column) {
  if (cell.state != table::CellState::kValue) {
    column.AppendMissing();
  } else if (table::IsNumeric(column.type())) {
    column.AppendNumber(cell.number);
  } else {
    column.AppendText(cell.text);
  }
}

}  // namespace

Result<table::Schema> SampleSchema(const profile::SourceProfile& profile, const std::string& target,
                                   table::Task task) {
  MILLRACE_ASSIGN_OR_RETURN(const table::Schema schema, profile.ToSchema());
  std::vector<table::ColumnSchema> columns;
  for (table::ColumnSchema column : schema.columns()) {
    const bool labels = column.name == target && task != table::Task::kRegression;
    if (labels) column.type = table::ColumnType::kCategory;
    columns.push_back(std::move(column));
  }
  return table::Schema::Make(std::move(columns));
}

Result<table::Table> ReadSample(engine::Engine& engine, const engine::Source& source,
                                const table::Schema& schema, int64_t num_rows, int64_t wanted) {
  std::vector<table::ValueParser> parsers;
  for (const table::ColumnSchema& column : schema.columns()) parsers.emplace_back(column);
  table::Table sample(std::make_shared<const table::Schema>(schema));
  const double share =
      static_cast<double>(wanted) / static_cast<double>(std::max<int64_t>(1, num_rows));
  uint64_t row = 0;
  MILLRACE_RETURN_IF_ERROR(
      engine.Stream(Format("SELECT * FROM {}", engine::QuoteIdentifier(source.view_name)),
                    [&](const table::Table& batch) -> Status {
                      for (int64_t r = 0; r < batch.num_rows(); ++r) {
                        if (UnitFromHash(MixHash(row++, kSampleSeed)) >= share) continue;
                        for (int64_t c = 0; c < schema.num_columns(); ++c) {
                          const table::Column& from = batch.column(c);
                          table::Column& to = sample.mutable_column(c);
                          if (from.valid(r)) {
                            AppendCell(parsers[static_cast<size_t>(c)].Parse(from.text(r)), to);
                          } else {
                            to.AppendMissing();
                          }
                        }
                      }
                      return {};
                    }));
  return sample;
}

}  // namespace millrace::design
