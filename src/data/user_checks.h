// User checks: expectations on the data from data.checks, measured on the typed rows.
//
// All that count rows are measured by one query over the table, whatever their number; a mean, an
// order and an age have one of their own (column_checks.h). Deterministic for any order of threads.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "report/checkpoint.h"
#include "spec/spec.h"
#include "table/schema.h"

namespace millrace::data {

/// A row that breaks a check with set_aside.
struct BrokenCheck {
  std::string column;  // of the check; empty for SQL
  std::string words;   // "age >= 0 and <= 120"
};

/// Returns, by `__row` (0-based), the rows that break a check which sets rows aside, each with the
/// first such check in the order of the specification. Errors as RunUserChecks.
Result<std::map<int64_t, BrokenCheck>> RowsThatBreakChecks(const spec::Spec& spec,
                                                           engine::Engine& engine,
                                                           std::string_view typed_table,
                                                           const table::Schema& schema);

/// Measures every check of the specification on the engine table `typed_table`, which has `__row`
/// (0-based) besides the columns of `schema`. A check of a column gives one result for what each
/// value must be, one for the share of missing values and one for uniqueness, where it asks for
/// them. One of severity block that is not met blocks the phase; its evidence names the first rows
/// that break it (from 1). kInvalidSpec, with the check's place, when it names an unknown column, a
/// bound that the column's type cannot have, a pattern or SQL that the engine refuses.
Result<std::vector<report::Check>> RunUserChecks(const spec::Spec& spec, engine::Engine& engine,
                                                 std::string_view typed_table,
                                                 const table::Schema& schema);

}  // namespace millrace::data
