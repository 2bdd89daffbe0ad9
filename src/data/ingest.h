// Ingest: from an opened source to typed rows in the engine and, per row, what the split needs.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "data/quarantine.h"
#include "data/split.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "table/schema.h"

namespace millrace::data {

/// Columns with a role; empty when there is none.
struct IngestRoles {
  std::string target;
  std::string id;
  std::string group;
  std::string time;
  std::string part;
};

/// What is known of each row of the typed table, in row order.
struct IngestedRow {
  int64_t row = 0;                       // place in the source, 0-based, counting readable rows
  uint64_t key_hash = 0;                 // of the id, else of the content
  uint64_t side_hash = 0;                // rows with an equal one lie on one side: group, else key
  double target_number = 0.0;            // regression
  int32_t target_text = -1;              // index into target_texts; -1 where the target is a number
  double time = 0.0;                     // seconds; 0 without a time column
  StatedPart part = StatedPart::kTrain;  // where `roles.part` is set
  bool duplicate = false;                // equal to an earlier row in every cell
};

/// Typed rows: an engine table `table_name` with `__row` and the schema's columns.
struct Ingested {
  std::string table_name;
  std::vector<IngestedRow> rows;          // kept rows only
  std::vector<std::string> target_texts;  // distinct target texts, in order of appearance
  std::vector<QuarantinedRow> quarantined;
  std::vector<int64_t> num_invalid;  // per schema column: cells its type cannot hold
  int64_t num_read = 0;              // rows read, kept or not, without rejected lines
  int64_t num_duplicates = 0;
  int64_t num_missing_target = 0;
  int64_t num_missing_time = 0;
  Digest version;  // schema and content of kept rows, in order
};

/// Reads the whole source through the one parser. Rows without a target (and, where `roles.time` is
/// set, without a time) are set aside. Rows that the reader could not split are set aside too.
/// Where `roles.part` is set, a kept row whose cell names no part is kInvalidData with its line.
Result<Ingested> Ingest(engine::Engine& engine, const engine::Source& source,
                        const table::Schema& schema, const IngestRoles& roles);

}  // namespace millrace::data
