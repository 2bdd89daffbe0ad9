// How phase 2 shows the split: bars of the parts, counts per part and class, spans of time.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "data/data_phase.h"
#include "data/ingest.h"
#include "data/labels.h"
#include "data/split.h"
#include "report/document.h"

namespace millrace::data {

/// What a part holds.
struct PartCounts {
  int64_t rows = 0;
  int64_t stated_validation = 0;
  std::vector<int64_t> classes;       // [labels]
  std::optional<double> first, last;  // time, seconds
};

struct SplitCounts {
  std::array<PartCounts, 4> parts;  // by SplitPart
  /// Groups with rows on both sides: 0 unless the user's own column of parts tears them apart.
  int64_t torn_groups = 0;
};

/// Counts what the parts hold. `rows` and `split.parts` are parallel. Errors of reading the rows.
Result<SplitCounts> CountSplit(const DataRecord& record, const Ingested& rows,
                               const SplitResult& split, const Labels& labels);

/// Returns the blocks of the split, in order of reading.
std::vector<report::Block> SplitBlocks(const DataRecord& record, const SplitCounts& split,
                                       const Labels& labels);

}  // namespace millrace::data
