// Golden rows: rows made from the schema alone (never from training data), stored with the
// outputs that the packing program computed, replayed at every load.

#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "json/value.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::bundle {

/// Returns `num_rows` rows as request objects: the first one all missing, the rest drawn from each
/// column's range, values and some unseen and missing ones, by a fixed seed.
json::Json SynthesiseGoldenRows(const table::Schema& schema, int64_t num_rows);

/// Reads request objects into a table of the schema: numbers, texts, booleans and null; an absent
/// member is missing. kInvalidData `rows[3].age: not a number: "n/a"`.
Result<table::Table> RowsFromJson(const std::shared_ptr<const table::Schema>& schema,
                                  const json::Json& rows);

/// Returns true when the numbers differ by at most `ulps` units in the last place of the larger
/// one, or both by less than 1e-15 in size.
bool NearlyEqual(double a, double b, int64_t ulps);

}  // namespace millrace::bundle
