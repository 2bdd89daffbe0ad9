// Ingest: from an opened source to typed rows in the engine and, per row, what the split needs.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "data/ingested_rows.h"
#include "data/quarantine.h"
#include "data/split.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "spec/spec.h"
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

/// Typed rows: an engine table `table_name` with `__row` and the schema's columns.
struct Ingested {
  std::string table_name;
  IngestedRows rows;                      // kept rows only
  std::vector<std::string> target_texts;  // distinct target texts, in order of appearance
  std::vector<int64_t> target_counts;     // kept rows of each
  bool target_varies = false;             // of a target that is a number
  std::vector<QuarantinedRow> quarantined;
  std::vector<int64_t> num_invalid;  // per schema column: cells its type cannot hold
  int64_t num_read = 0;              // rows read, kept or not, without rejected lines
  int64_t num_duplicates = 0;
  int64_t num_missing_target = 0;
  int64_t num_missing_time = 0;
  int64_t num_broke_checks = 0;  // rows that a check set aside
  /// Rows that break a check with set_aside and are kept all the same, with that check as rule.
  std::vector<QuarantinedRow> released;
  /// Names of released rows that the source no longer holds, or that break no such check any more.
  std::vector<std::string> released_absent;
  Digest version;  // schema and content of kept rows, in order
};

inline constexpr size_t kMaxTargetTexts = 100'000;

/// Rows that checks of the specification set aside (DataCheck::set_aside).
struct AsideRules {
  const spec::Spec& spec;
  /// Rows (QuarantinedRow::row) that are kept all the same.
  std::vector<std::string> released;
};

/// Reads the whole source through the one parser. Rows without a target (and, where `roles.time` is
/// set, without a time) are set aside. Rows that the reader could not split are set aside too.
/// Where `roles.part` is set, a kept row whose cell names no part is kInvalidData with its line.
/// A row with a target that breaks a check which sets rows aside is set aside too; kInvalidSpec for
/// such a check that cannot be measured.
/// Memory beside the engine's: some megabytes, whatever the number of rows (what is known of each
/// goes to temporary files), and the rows that are set aside. More than kMaxTargetTexts distinct
/// texts of a target are kInvalidData.
Result<Ingested> Ingest(engine::Engine& engine, const engine::Source& source,
                        const table::Schema& schema, const IngestRoles& roles,
                        const AsideRules& rules);

/// Engine tables that hold the rows of a source, in its order.
struct SourceTables {
  std::string raw;    // `__row` and the texts
  std::string typed;  // `__row` and the schema's columns
};

/// Makes the tables of a source alone: for what needs no roles. Each column has a reader then.
Result<SourceTables> MakeSourceTables(engine::Engine& engine, const engine::Source& source,
                                      const table::Schema& schema);

/// Returns the name of the engine's reader of a column: a function of its texts. NAME_state, beside
/// it, tells a value (0), none (1) and what the type cannot hold (2) apart.
std::string ReaderName(const table::ColumnSchema& column);

}  // namespace millrace::data
