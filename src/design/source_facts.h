// SourceFacts: what is known of each source and of what it will hold when a prediction is made:
// size, readability, freshness, columns that come too late. Phase 1's page and checkpoint.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "design/approach.h"
#include "design/later_columns.h"
#include "engine/source.h"
#include "report/document.h"

namespace millrace::design {

/// How fresh the rows are by a column of dates.
struct Freshness {
  double newest = 0.0;         // seconds
  double mean_distance = 0.0;  // seconds from row to row
  std::string text;            // "rows from 2024-01-05T00:00 to ... by since, one every 1 d in ..."
};
/// Nothing where `time` is no column of dates.
std::optional<Freshness> FreshnessOf(const profile::SourceProfile& profile,
                                     const std::string& time);

/// Returns the newest row against the time at which the newest file was written, for a new project:
/// file times differ between copies, so no record holds them.
std::optional<report::Fact> FreshnessFact(const profile::SourceProfile& profile,
                                          const std::string& time, const engine::Source& source);

/// Returns a row per source file: size, and that it could be read.
report::DataTable SourceTable(const Situation& situation, const engine::Source& source);

/// Returns how fresh the rows are by data.time; not measured without.
report::Check FreshnessCheck(const Situation& situation);

/// Returns which columns are left out as known too late, and a warning for features that look so
/// (kShown and kLikely of `later`).
report::Check AvailabilityCheck(const Situation& situation, const std::vector<LaterColumn>& later);

}  // namespace millrace::design
