#include "fit/row_pass.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace millrace::fit {

std::string CellsAs(const table::ColumnSchema& column, int64_t place) {
  return Format("CAST({} AS {}) AS c{}", engine::QuoteIdentifier(column.name),
                table::IsNumeric(column.type) ? "DOUBLE" : "VARCHAR", place);
}

int64_t RowPass::Read(const table::ColumnSchema& column) {
  const auto known = std::ranges::find(names_, column.name);
  const auto place = known - names_.begin();
  if (known != names_.end()) return place;
  names_.push_back(column.name);
  selected_.push_back(CellsAs(column, place));
  return place;
}

Status RowPass::Run(engine::Engine& engine, const std::string& relation) const {
  if (selected_.empty()) return {};
  return engine.Stream(Format("SELECT {} FROM {} AS rows", Join(selected_, ", "), relation),
                       [&](const table::Table& batch) -> Status {
                         for (const Consumer& consumer : consumers_) consumer(batch);
                         return {};
                       });
}

}  // namespace millrace::fit
