// Checks of a column as a whole: its mean, the order of its values, the age of its newest date.
// Kinds that count rows one by one are user_checks.h.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "report/checkpoint.h"
#include "spec/spec.h"
#include "table/schema.h"

namespace millrace::data {

/// Measures min_mean, max_mean, order and max_age of every check of a column on the engine table
/// `typed_table`, which has `__row` (0-based) besides the columns of `schema`. Missing values are
/// passed over; a column without a value is met by every kind but max_age.
/// The mean is the sum of the values as whole multiples of 2^-52 of the largest, so that it is the
/// same number for any order of rows and threads, off by 2^-53 of the largest at most.
/// max_age is left as not measured, with the newest time as its value (seconds since 1970-01-01
/// UTC): the record of a phase knows no clock; JudgeAges() compares.
/// kInvalidSpec, with the check's place, for a column that is unknown or of a type that has no
/// mean, order or age.
Result<std::vector<report::Check>> RunColumnChecks(const spec::Spec& spec, engine::Engine& engine,
                                                   std::string_view typed_table,
                                                   const table::Schema& schema);

/// Decides the max_age checks that `checks` holds as not measured: met where the newest time is not
/// further before `now_micros` (since 1970-01-01 UTC) than the specification allows. A time that
/// lies ahead is met. Call it whenever the checks are looked at: age comes with time.
void JudgeAges(const spec::Spec& spec, int64_t now_micros, std::vector<report::Check>& checks);

}  // namespace millrace::data
