// The profile of a source: all columns in one scan.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "profile/column_profile.h"
#include "table/schema.h"

namespace millrace::profile {

/// What the user fixed about a column (data.columns in the specification).
struct ColumnOverride {
  std::optional<table::ColumnType> type;
  std::optional<std::vector<std::string>> missing_texts;
};

struct SourceProfile {
  int64_t num_rows = 0;
  int64_t num_duplicate_rows = 0;  // rows equal to an earlier one in every cell
  std::vector<ColumnProfile> columns;

  /// Returns the profile of a column; null when there is none. Valid as long as this object.
  const ColumnProfile* Find(std::string_view name) const;
  /// Returns the schema that the profiles show: types, rules, ranges, category values.
  Result<table::Schema> ToSchema() const;
};

json::Json ToJson(const SourceProfile& profile);
Result<SourceProfile> SourceProfileFromJson(const json::Json& document);

/// Profiles every column of an opened source in one scan. `overrides` by column name; an unknown
/// name is kInvalidSpec with the nearest. kInvalidData when the source has no readable row.
Result<SourceProfile> ProfileSource(engine::Engine& engine, const engine::Source& source,
                                    const std::map<std::string, ColumnOverride>& overrides);

}  // namespace millrace::profile
