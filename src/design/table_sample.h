// TableSample: some rows of a source in memory, typed by its profile, for probes.
//
// Deterministic: which rows are taken depends on their number alone.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "profile/source_profile.h"
#include "table/schema.h"
#include "table/table.h"
#include "table/task.h"

namespace millrace::design {

/// Returns the schema that the profile shows; the target of a classification is a category, as its
/// labels are compared as texts.
Result<table::Schema> SampleSchema(const profile::SourceProfile& profile, const std::string& target,
                                   table::Task task);

/// Reads about `wanted` of the source's `num_rows` rows (all when there are fewer), in file order,
/// by the schema's types and rules. Cells that a type cannot hold are missing. One scan.
Result<table::Table> ReadSample(engine::Engine& engine, const engine::Source& source,
                                const table::Schema& schema, int64_t num_rows, int64_t wanted);

}  // namespace millrace::design
