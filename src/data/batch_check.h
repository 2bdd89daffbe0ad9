// Batch check: what a batch of a stream shows before it is committed: cells that their type cannot
// hold, rows that phase 2 will set aside, checks of the specification that are not met. Nothing is
// dropped here: phase 2 decides over all rows by the same rules, so that a stream and a whole file
// end in the same data.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "spec/spec.h"
#include "table/schema.h"

namespace millrace::data {

class BatchCheck {
 public:
  /// `schema`: of the newest data version; nothing: the first batch of 100 rows or more shows the
  /// types. `spec` is borrowed.
  BatchCheck(const spec::Spec& spec, std::optional<table::Schema> schema)
      : spec_(spec), schema_(std::move(schema)) {}

  /// Returns a sentence per finding; none when the batch is as the data before it. `table_name`: of
  /// an engine table with the VARCHAR columns `columns`. kInvalidSpec for a check that cannot be
  /// measured.
  Result<std::vector<std::string>> Examine(engine::Engine& engine, const std::string& table_name,
                                           const std::vector<std::string>& columns);

 private:
  Status LearnTypes(engine::Engine& engine, const std::string& table_name,
                    const std::vector<std::string>& columns);

  const spec::Spec& spec_;
  std::optional<table::Schema> schema_;
};

}  // namespace millrace::data
