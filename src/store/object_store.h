// ObjectStore: bytes named by their SHA-256, one file each (docs/formats/objects.md).
//
// An object is written to a temporary file, synced and renamed; what Put returned survives a crash.
// Thread safety: const use from many threads and processes. Objects are never changed; only
// CollectGarbage (gc.h) removes them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace millrace::store {

class ObjectStore {
 public:
  /// Opens the store in `folder`, making the folder when missing. kIoError.
  static Result<ObjectStore> Open(std::string folder);

  /// Stores bytes durably and returns their digest; bytes that are there already are not written
  /// again (a damaged copy is replaced). kIoError, kResourceExhausted when the disk is full.
  Result<Digest> Put(std::string_view bytes) const;
  /// Stores a copy of a file, in bounded memory.
  Result<Digest> PutFile(const std::string& path) const;
  /// Stores a file by moving it into the store where the file system can, else by copying; the
  /// caller's path is gone afterwards. For large temporary files that nobody else writes to.
  Result<Digest> AdoptFile(const std::string& path) const;

  /// Returns the bytes, checked against the digest. kNotFound; kCorrupt when they do not match.
  Result<std::string> Get(const Digest& digest) const;
  /// Returns true when the object exists; its content is not checked.
  bool Has(const Digest& digest) const;
  /// Returns where the object lies (or would lie), for reading or mapping. Not checked.
  std::string PathOf(const Digest& digest) const;
  /// Reads the object in bounded memory. kNotFound; kCorrupt when it does not match.
  Status Verify(const Digest& digest) const;
  /// Returns the size in bytes. kNotFound.
  Result<int64_t> SizeOf(const Digest& digest) const;
  /// Returns the digests of all objects, sorted.
  Result<std::vector<Digest>> List() const;

  const std::string& folder() const { return folder_; }

 private:
  explicit ObjectStore(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
};

/// The lock file of a store: writers hold it shared, garbage collection exclusively, so that no
/// object is removed while a writer finds it present.
std::string ObjectLockPath(const ObjectStore& store);

}  // namespace millrace::store
