#include "store/object_store.h"

#include <utility>

#include "base/files.h"
#include "base/format.h"

namespace millrace::store {
namespace {

constexpr size_t kShardDigits = 2;
constexpr size_t kHashChunk = size_t{1} << 20;

// Digest of a file's content, read through a mapping.
Result<Digest> DigestOfFile(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  Sha256 sha;
  for (size_t at = 0; at < file.bytes().size(); at += kHashChunk) {
    sha.Update(file.bytes().substr(at, kHashChunk));
  }
  return sha.Finish();
}

Status Damaged(const Digest& digest, const std::string& path) {
  return Corrupt(Format("object {}: is damaged: {}", digest.Short(12), path))
      .WithHint("`millrace run` makes it anew where it can; else put a copy back");
}

Status Missing(const Digest& digest, const std::string& path) {
  return NotFound(Format("object {}: does not exist: {}", digest.Short(12), path))
      .WithHint("`millrace run` makes it anew where it can");
}

// Makes the shard's folder, and its entry in the store's folder durable: another process may have
// made it a moment ago and not synced it yet.
Status PrepareShard(const std::string& folder, const std::string& object_path) {
  MILLRACE_RETURN_IF_ERROR(MakeFolders(FolderName(object_path)));
  return SyncFolder(folder);
}

// Returns true when an intact object is there, after marking it as young and durable.
Result<bool> KeepExisting(const Digest& digest, const std::string& path) {
  if (!FileExists(path)) return false;
  MILLRACE_ASSIGN_OR_RETURN(const Digest found, DigestOfFile(path));
  if (found != digest) return false;  // the caller replaces it
  // Young again: garbage collection spares what somebody is about to name.
  MILLRACE_RETURN_IF_ERROR(TouchFile(path));
  // Its writer may have died between rename and sync.
  MILLRACE_RETURN_IF_ERROR(SyncFolder(FolderName(path)));
  return true;
}

Result<std::string> IncomingPath(const std::string& folder) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string suffix, RandomHex(8));
  return JoinPath(folder, Format(".incoming.{}.tmp", suffix));
}

// Moves a synced file of the store's file system to its place.
Result<Digest> Settle(const ObjectStore& store, const std::string& incoming) {
  const auto digest = DigestOfFile(incoming);
  Status status = digest.status();
  bool kept = false;
  if (status.ok()) {
    const auto existing = KeepExisting(*digest, store.PathOf(*digest));
    status = existing.status();
    kept = existing.ok() && *existing;
  }
  if (status.ok() && !kept) {
    const std::string path = store.PathOf(*digest);
    status = PrepareShard(store.folder(), path);
    if (status.ok()) status = RenameFile(incoming, path);
    if (status.ok()) return *digest;
  }
  const Status removed = RemoveAll(incoming);
  if (!status.ok()) return status;
  MILLRACE_RETURN_IF_ERROR(removed);
  return *digest;
}

}  // namespace

Result<ObjectStore> ObjectStore::Open(std::string folder) {
  MILLRACE_RETURN_IF_ERROR(MakeFolders(folder));
  MILLRACE_RETURN_IF_ERROR(SyncFolder(FolderName(folder)));
  return ObjectStore(std::move(folder));
}

std::string ObjectLockPath(const ObjectStore& store) { return JoinPath(store.folder(), ".lock"); }

Result<Digest> ObjectStore::Put(std::string_view bytes) const {
  const Digest digest = DigestOf(bytes);
  const std::string path = PathOf(digest);
  MILLRACE_ASSIGN_OR_RETURN(const FileLock lock,
                            FileLock::Wait(ObjectLockPath(*this), LockKind::kShared));
  MILLRACE_ASSIGN_OR_RETURN(const bool kept, KeepExisting(digest, path));
  if (kept) return digest;
  MILLRACE_RETURN_IF_ERROR(PrepareShard(folder_, path));
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(path, bytes));
  return digest;
}

Result<Digest> ObjectStore::PutFile(const std::string& path) const {
  MILLRACE_ASSIGN_OR_RETURN(const FileLock lock,
                            FileLock::Wait(ObjectLockPath(*this), LockKind::kShared));
  // Copied first and hashed after: the source may change meanwhile.
  MILLRACE_ASSIGN_OR_RETURN(const std::string incoming, IncomingPath(folder_));
  MILLRACE_RETURN_IF_ERROR(CopyFileAtomic(path, incoming));
  return Settle(*this, incoming);
}

Result<Digest> ObjectStore::AdoptFile(const std::string& path) const {
  MILLRACE_ASSIGN_OR_RETURN(const std::string incoming, IncomingPath(folder_));
  {
    MILLRACE_ASSIGN_OR_RETURN(const FileLock lock,
                              FileLock::Wait(ObjectLockPath(*this), LockKind::kShared));
    MILLRACE_RETURN_IF_ERROR(SyncFile(path));
    if (RenameFile(path, incoming).ok()) return Settle(*this, incoming);
  }
  // Another file system: copy.
  MILLRACE_ASSIGN_OR_RETURN(const Digest digest, PutFile(path));
  MILLRACE_RETURN_IF_ERROR(RemoveAll(path));
  return digest;
}

Result<std::string> ObjectStore::Get(const Digest& digest) const {
  const std::string path = PathOf(digest);
  auto bytes = ReadFile(path);
  if (!bytes.ok()) {
    return bytes.status().code() == Code::kNotFound ? Missing(digest, path) : bytes.status();
  }
  if (DigestOf(*bytes) != digest) return Damaged(digest, path);
  return bytes;
}

bool ObjectStore::Has(const Digest& digest) const { return FileExists(PathOf(digest)); }

std::string ObjectStore::PathOf(const Digest& digest) const {
  const std::string hex = digest.ToHex();
  return JoinPath(JoinPath(folder_, hex.substr(0, kShardDigits)), hex.substr(kShardDigits));
}

Status ObjectStore::Verify(const Digest& digest) const {
  const std::string path = PathOf(digest);
  const auto found = DigestOfFile(path);
  if (!found.ok()) {
    return found.status().code() == Code::kNotFound ? Missing(digest, path) : found.status();
  }
  return *found == digest ? Status() : Damaged(digest, path);
}

Result<int64_t> ObjectStore::SizeOf(const Digest& digest) const {
  auto size = FileSize(PathOf(digest));
  if (!size.ok() && size.status().code() == Code::kNotFound) return Missing(digest, PathOf(digest));
  return size;
}

Result<std::vector<Digest>> ObjectStore::List() const {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> shards, ListFolder(folder_));
  std::vector<Digest> digests;
  for (const std::string& shard : shards) {
    if (shard.size() != kShardDigits || shard[0] == '.') continue;
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                              ListFolder(JoinPath(folder_, shard)));
    for (const std::string& name : names) {
      const auto digest = Digest::FromHex(shard + name);
      if (digest.ok()) digests.push_back(*digest);
    }
  }
  return digests;
}

}  // namespace millrace::store
