// ProfileMaps: two drawings of the profile: which columns go together, and where cells are missing.

#pragma once

#include <optional>

#include "base/result.h"
#include "data/data_phase.h"
#include "engine/engine.h"
#include "report/document.h"
#include "store/object_store.h"

namespace millrace::data {

/// Returns how strongly the columns of the strongest associations go together, at most 16 of them
/// in file order; nothing where fewer than three can be compared. A pair that is not among the
/// associations of the profile is not known.
std::optional<report::HeatMap> AssociationMap(const profile::SourceProfile& profile);

/// Returns the share of missing cells of the (at most 24) columns with most of them, in up to 32
/// equal runs of rows in file order, so that gaps that begin or end somewhere show; nothing where
/// no cell is missing. One aggregate query over the stored rows.
Result<std::optional<report::HeatMap>> MissingMap(const DataRecord& record,
                                                  const store::ObjectStore& objects,
                                                  engine::Engine& engine);

}  // namespace millrace::data
