// Garbage collection: removes objects that nothing refers to.

#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "store/catalog.h"
#include "store/object_store.h"

namespace millrace::store {

enum class GcMode { kDryRun, kRemove };

struct GcOptions {
  GcMode mode = GcMode::kDryRun;
  /// Unreferenced objects younger than this stay: a running command may be about to name them.
  double grace_seconds = 86400.0;
};

struct GcOutcome {
  int64_t num_kept = 0;
  int64_t num_removed = 0;  // or would be, in a dry run
  int64_t bytes_removed = 0;
  int64_t num_temporary = 0;  // left-over temporary files of interrupted writes, removed too
};

/// Removes objects that are reachable neither from the catalog nor, through digests written in
/// them, from a reachable JSON object, and are older than the grace period. A digest is anything
/// that reads as 64 hexadecimal digits: the walk keeps too much rather than too little. Writers
/// wait meanwhile. kIoError, kCorrupt (catalog).
Result<GcOutcome> CollectGarbage(const Catalog& catalog, const ObjectStore& objects,
                                 const Clock& clock, const GcOptions& options);

}  // namespace millrace::store
