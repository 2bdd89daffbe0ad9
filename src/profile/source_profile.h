// The profile of a source: all columns in one scan.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/threads.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "profile/association.h"
#include "profile/column_evidence.h"
#include "profile/column_profile.h"
#include "table/schema.h"

namespace millrace::profile {

struct SourceProfile {
  int64_t num_rows = 0;
  int64_t num_duplicate_rows = 0;  // rows equal to an earlier one in every cell
  int64_t num_sampled = 0;         // rows that quantiles of many values come from
  /// Of the column names and all cells in row order (as read, without white space around them):
  /// equal content, equal digest, whatever the form of the file.
  Digest content_digest;
  std::vector<ColumnProfile> columns;
  /// Strongest first, kMaxAssociations at most.
  std::vector<Association> associations;

  /// Returns the profile of a column; null when there is none. Valid as long as this object.
  const ColumnProfile* Find(std::string_view name) const;
  /// Returns the schema that the profiles show: types, rules, ranges, category values.
  Result<table::Schema> ToSchema() const;
};

inline constexpr size_t kMaxAssociations = 500;

json::Json ToJson(const SourceProfile& profile);
Result<SourceProfile> SourceProfileFromJson(const json::Json& document);

/// Profiles every column of an opened source in one scan, with `num_threads` threads (the result
/// does not depend on it). `overrides` by column name; an unknown name is kInvalidSpec with the
/// nearest. kInvalidData when the source has no readable row. Memory: at most about 1.5 MB a column
/// of numbers or short texts, 60 MB of one of texts beyond 2 kB (20,000 beginnings of 1 kB and a
/// sample of 20,000 cells of 2 kB), both less above 100 columns; and 32 MB for the rows, however
/// many there are; row hashes beyond that go to a temporary file, 8 bytes a row.
Result<SourceProfile> ProfileSource(engine::Engine& engine, const engine::Source& source,
                                    const std::map<std::string, ColumnOverride>& overrides,
                                    int num_threads = NumProcessors());

}  // namespace millrace::profile
