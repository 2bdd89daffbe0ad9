// QualityRows: the rows that the quality checks look at: all of a version, or a sample by row key
// where they are many. A row is in the sample or not whatever the other rows are.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/cell_hash.h"
#include "data/data_phase.h"
#include "engine/engine.h"
#include "store/object_store.h"
#include "table/table.h"

namespace millrace::data {

struct QualityRows {
  table::Table rows;            // columns of the record's schema, in row order
  std::vector<int64_t> places;  // [num_rows] place in the source, 0-based
  std::vector<uint64_t> keys;   // [num_rows] row keys
  std::vector<SplitPart> parts;
  std::vector<double> labels;  // as LabelsOf gives them

  /// Returns the indexes of a part's rows, ascending.
  std::vector<int64_t> RowsOf(SplitPart part) const;
  /// Returns `count` of `rows` (all when they are fewer), ascending: those whose mixed key is
  /// smallest. Rows with an equal key are in or out together, but for one key at most, of whose
  /// rows the first are in.
  std::vector<int64_t> Sample(const std::vector<int64_t>& rows, int64_t count) const;
  const table::Column& column(const std::string& name) const;
};

/// Cells that are held at most.
inline constexpr int64_t kQualityCells = 5'000'000;

/// Loads the rows of `record`. kNotFound and kCorrupt as LoadRows.
Result<QualityRows> LoadQualityRows(const DataRecord& record, const store::ObjectStore& objects,
                                    engine::Engine& engine);

}  // namespace millrace::data
