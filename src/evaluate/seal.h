// Sealing: model, graph, reference sketches, card and provenance become one bundle in the object
// store. Used by phase 4, and alone for a model that was trained on every row.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "data/data_phase.h"
#include "develop/develop_phase.h"
#include "engine/engine.h"
#include "evaluate/held_out.h"
#include "expect/column_check.h"
#include "fit/reference_sketches.h"
#include "json/value.h"
#include "spec/spec.h"
#include "store/object_store.h"

namespace millrace::evaluate {

/// A bundle in the object store.
struct SealedBundle {
  Digest digest;  // identity
  Digest object;  // the file
  int64_t bytes = 0;
  std::string card;
};

struct SealInputs {
  const data::DataRecord& data;
  const develop::DevelopRecord& develop;
  const TrainedModel& trained;
  const store::ObjectStore& objects;
  /// Reference of drift, as sketch::ToJson gives it.
  const json::Json& sketches;
  const std::string& card;
  const json::Json& provenance;
  /// What rows of requests are checked for.
  std::vector<expect::ColumnCheck> checks;
};

/// Packs, verifies by opening, and stores. Equal inputs give equal bytes. kCorrupt when the parts
/// do not fit or a golden row has no finite answer; errors of the store.
Result<SealedBundle> Seal(const SealInputs& inputs);

/// Returns reference sketches: columns of a request over the training rows, outputs and decisions
/// as given, of rows that the model should not have seen where there are such.
Result<json::Json> ReferenceSketchesOf(const data::DataRecord& data,
                                       const develop::DevelopRecord& develop,
                                       const store::ObjectStore& objects, engine::Engine& engine,
                                       const fit::ReferencePredictions& predictions);

/// Predictions that SealTrained makes a reference of drift of: ten bins need no more, and each is
/// time that the search lacks.
inline constexpr int64_t kReferenceRows = 5'000;

struct SealTrainedInputs {
  const spec::Spec& spec;
  const data::DataRecord& data;
  const develop::DevelopRecord& develop;
  const store::ObjectStore& objects;
  engine::Engine& engine;
  int num_threads = 1;
  json::Json provenance;
};

/// Seals a model that no row was held out for: the card gives the out-of-fold estimates of
/// development and says so; prediction sketches come from training rows, kReferenceRows at most,
/// evenly spread. Errors of Seal and LoadTrained.
Result<SealedBundle> SealTrained(const SealTrainedInputs& inputs);

}  // namespace millrace::evaluate
