// Champion: the bundle in production, and the data that it was trained on, as far as the catalog
// remembers them. Internal to the folder.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "bundle/bundle.h"
#include "data/data_phase.h"
#include "engine/engine.h"
#include "pipeline/run.h"
#include "table/table.h"

namespace millrace::pipeline {

struct Champion {
  Digest object;
  std::shared_ptr<const bundle::Bundle> bundle;
  /// Record of the data that it was trained on; absent when the catalog has lost it.
  std::optional<data::DataRecord> data;
};

/// Returns the champion, or nothing when no bundle was ever promoted. kNotFound or kCorrupt when
/// its object is gone or damaged.
Result<std::optional<Champion>> FindChampion(const Workspace& workspace);

/// Returns the held-out rows of `challenger` that the champion was not trained on, with the columns
/// of both request schemas and the target. kInvalidData when the champion's rows cannot be told
/// from them: its data are unknown, or the keys of rows are made of other columns now.
Result<table::Table> CommonHeldOutRows(const Workspace& workspace, engine::Engine& engine,
                                       const Champion& champion, const data::DataRecord& challenger,
                                       const bundle::Bundle& challenger_bundle,
                                       const std::optional<std::string>& id_column);

}  // namespace millrace::pipeline
