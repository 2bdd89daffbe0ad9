// What phase 2 puts on the report page, and its checkpoint.

#pragma once

#include <vector>

#include "data/data_phase.h"
#include "data/ingest.h"
#include "data/labels.h"
#include "data/quality/quality.h"
#include "data/split_section.h"
#include "engine/source.h"
#include "report/document.h"

namespace millrace::data {

/// Returns the number of cells of a number or date column whose text is none ("1e400", "inf", "see
/// note") and no usual word for missing either: the reading rules take them as missing.
int64_t UnusualMissing(const profile::ColumnProfile& column);

/// Draws the section from what was measured: its checks, then those of `quality` (tables of at most
/// 20 rows on the page), then the user's.
report::Section MakeDataSection(const DataRecord& record, const engine::Source& source,
                                const Ingested& rows, const SplitResult& split,
                                const SplitCounts& counts, const Labels& labels,
                                QualityFindings quality, std::vector<report::Check> user_checks);

}  // namespace millrace::data
