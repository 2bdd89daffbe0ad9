// How phase 2 shows the split: bars of the parts, counts per part and class, spans of time.

#pragma once

#include <vector>

#include "data/data_phase.h"
#include "data/ingest.h"
#include "data/labels.h"
#include "data/split.h"
#include "report/document.h"

namespace millrace::data {

/// Returns the blocks of the split, in order of reading. `rows` and `split.parts` are parallel.
std::vector<report::Block> SplitBlocks(const DataRecord& record, const Ingested& rows,
                                       const SplitResult& split, const Labels& labels);

/// Returns the number of groups with rows on both sides: 0 unless the user's own column of parts
/// tears them apart.
int64_t CountTornGroups(const Ingested& rows, const SplitResult& split);

}  // namespace millrace::data
