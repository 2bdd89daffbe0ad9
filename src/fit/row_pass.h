// RowPass: one scan of the training rows in their order, for all statistics that are sums of
// numbers or are read from texts. Internal to fit/.
//
// One thread. Consumers see every batch in turn, so their results do not depend on threads.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::fit {

/// Returns SQL "CAST(name AS DOUBLE) AS c7": the cells of a column as numbers or texts by its type,
/// named by its place.
std::string CellsAs(const table::ColumnSchema& column, int64_t place);

class RowPass {
 public:
  /// Sees a batch: columns as numbered by Read, numbers or texts by their type.
  using Consumer = std::function<void(const table::Table& batch)>;

  /// Asks for a column and returns its place in batches; the same place when asked twice.
  int64_t Read(const table::ColumnSchema& column);
  /// Adds what sees the batches; it must outlive Run.
  void Add(Consumer consumer) { consumers_.push_back(std::move(consumer)); }

  /// Reads `relation` (SQL as after FROM) once; not at all when nobody asked. Errors of the engine.
  Status Run(engine::Engine& engine, const std::string& relation) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::string> selected_;
  std::vector<Consumer> consumers_;
};

}  // namespace millrace::fit
