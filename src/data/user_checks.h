// User checks: expectations on the data from data.checks, measured on the typed rows.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "report/checkpoint.h"
#include "spec/spec.h"
#include "table/schema.h"

namespace millrace::data {

/// Measures every check of the specification on the engine table `typed_table`. A check of severity
/// block that is not met blocks the phase. kInvalidSpec, with the check's place, when it names an
/// unknown column, a bound on a text column, or SQL that the engine refuses.
Result<std::vector<report::Check>> RunUserChecks(const spec::Spec& spec, engine::Engine& engine,
                                                 std::string_view typed_table,
                                                 const table::Schema& schema);

}  // namespace millrace::data
