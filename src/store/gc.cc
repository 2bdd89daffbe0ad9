#include "store/gc.h"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/files.h"
#include "store/digest_scan.h"

namespace millrace::store {
namespace {

// Records and specifications are JSON documents; other objects (rows, bundles) name no objects.
bool MayNameObjects(std::string_view bytes) {
  const size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (bytes[first] == '{' || bytes[first] == '[');
}

/// The walk over everything that can be reached.
class Marker {
 public:
  Marker(const ObjectStore& objects, const std::vector<Digest>& existing) : objects_(objects) {
    for (const Digest& digest : existing) existing_.insert(digest.ToHex());
  }

  Status Mark(const std::vector<Digest>& roots) {
    for (const Digest& root : roots) Add(root.ToHex());
    while (!open_.empty()) {
      const std::string hex = std::move(open_.front());
      open_.pop_front();
      MILLRACE_RETURN_IF_ERROR(Scan(hex));
    }
    return Status();
  }
  bool IsReachable(const Digest& digest) const { return marked_.contains(digest.ToHex()); }

 private:
  void Add(std::string hex) {
    if (existing_.contains(hex) && marked_.insert(hex).second) open_.push_back(std::move(hex));
  }
  Status Scan(const std::string& hex) {
    MILLRACE_ASSIGN_OR_RETURN(const Digest digest, Digest::FromHex(hex));
    MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(objects_.PathOf(digest)));
    if (!MayNameObjects(file.bytes())) return Status();
    VisitDigests(file.bytes(), [&](std::string_view found) { Add(std::string(found)); });
    return Status();
  }

  const ObjectStore& objects_;
  std::unordered_set<std::string> existing_;
  std::unordered_set<std::string> marked_;
  std::deque<std::string> open_;
};

bool IsOld(const std::string& path, const Clock& clock, double grace_seconds) {
  const auto modified = FileModifiedMicros(path);
  if (!modified.ok()) return false;
  return static_cast<double>(clock.NowMicros() - *modified) * 1e-6 > grace_seconds;
}

Status RemoveTemporaries(const std::string& folder, const Clock& clock, const GcOptions& options,
                         GcOutcome& outcome) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(folder));
  for (const std::string& name : names) {
    const std::string path = JoinPath(folder, name);
    if (!name.starts_with('.') || !name.ends_with(".tmp")) continue;
    if (!IsOld(path, clock, options.grace_seconds)) continue;
    ++outcome.num_temporary;
    if (options.mode == GcMode::kRemove) MILLRACE_RETURN_IF_ERROR(RemoveAll(path));
  }
  return Status();
}

}  // namespace

Result<GcOutcome> CollectGarbage(const Catalog& catalog, const ObjectStore& objects,
                                 const Clock& clock, const GcOptions& options) {
  MILLRACE_ASSIGN_OR_RETURN(const FileLock lock,
                            FileLock::Wait(ObjectLockPath(objects), LockKind::kExclusive));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Digest> existing, objects.List());
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Digest> roots, catalog.ReferencedDigests());
  Marker marker(objects, existing);
  MILLRACE_RETURN_IF_ERROR(marker.Mark(roots));
  GcOutcome outcome;
  for (const Digest& digest : existing) {
    const std::string path = objects.PathOf(digest);
    if (marker.IsReachable(digest) || !IsOld(path, clock, options.grace_seconds)) {
      ++outcome.num_kept;
      continue;
    }
    MILLRACE_ASSIGN_OR_RETURN(const int64_t size, objects.SizeOf(digest));
    ++outcome.num_removed;
    outcome.bytes_removed += size;
    if (options.mode == GcMode::kRemove) MILLRACE_RETURN_IF_ERROR(RemoveAll(path));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> shards, ListFolder(objects.folder()));
  MILLRACE_RETURN_IF_ERROR(RemoveTemporaries(objects.folder(), clock, options, outcome));
  for (const std::string& shard : shards) {
    const std::string folder = JoinPath(objects.folder(), shard);
    if (IsFolder(folder)) {
      MILLRACE_RETURN_IF_ERROR(RemoveTemporaries(folder, clock, options, outcome));
    }
  }
  return outcome;
}

}  // namespace millrace::store
