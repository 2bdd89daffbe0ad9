// Cache: finds what an earlier run has done already.

#pragma once

#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "store/catalog.h"
#include "store/object_store.h"

namespace millrace::store {

/// A finished phase whose record is readable.
struct FoundPhase {
  Digest record;        // object
  std::string content;  // the record's bytes, checked against the digest
};

/// Looks up phase records. Borrows both; same threads as they.
class Cache {
 public:
  Cache(const Catalog& catalog, const ObjectStore& objects)
      : catalog_(&catalog), objects_(&objects) {}

  /// Returns the record of a finished phase with this key. Nothing when there is none, or when the
  /// record's object is gone or damaged: then the phase runs again and writes it anew.
  Result<std::optional<FoundPhase>> FindPhase(const Digest& key) const;

 private:
  const Catalog* catalog_;
  const ObjectStore* objects_;
};

}  // namespace millrace::store
