// What phase 2 puts on the report page, and its checkpoint.

#pragma once

#include <vector>

#include "data/data_phase.h"
#include "data/ingest.h"
#include "data/labels.h"
#include "engine/source.h"
#include "report/document.h"

namespace millrace::data {

/// Draws the section from what was measured. `user_checks` are appended to the checkpoint.
report::Section MakeDataSection(const DataRecord& record, const engine::Source& source,
                                const Ingested& rows, const SplitResult& split,
                                const Labels& labels, std::vector<report::Check> user_checks);

}  // namespace millrace::data
