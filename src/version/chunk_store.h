// ChunkStore: chunks by their digest, in packs that are objects of the store. Finds what is there
// already, writes what is not, and checks every byte that it hands out.
//
// Thread safety: one thread at a time; storing uses several inside. A pack is durable before Flush
// returns; only then may a manifest name it.

#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/files.h"
#include "base/result.h"
#include "store/object_store.h"
#include "version/pack.h"

namespace millrace::version {

/// For tables of digests: their bytes are as good as random.
struct DigestHash {
  size_t operator()(const Digest& digest) const;
};

/// A chunk to be stored; bytes are borrowed for the call.
struct ChunkPiece {
  std::string_view bytes;
  Digest digest;
  Marks marks = {};
};

class ChunkStore {
 public:
  enum class MissingPacks { kRefused, kSkipped };
  /// Opens the packs (objects of `objects`, borrowed). A pack that is gone or damaged is kNotFound
  /// or kCorrupt, or left out: for writers, who store its chunks anew. Cost: reads the tables.
  static Result<ChunkStore> Open(const store::ObjectStore& objects, std::span<const Digest> packs,
                                 MissingPacks missing, int num_threads);

  /// Returns true when the chunk is stored, or waits to be.
  bool Has(const Digest& digest) const { return index_.contains(digest); }
  /// Returns the bytes, checked against the digest. kNotFound; kCorrupt when they do not match.
  Result<std::string> Get(const Digest& digest);

  /// Stores the pieces that are not there: alone, or written against a chunk that is alike.
  Status Add(std::span<const ChunkPiece> pieces);
  /// Writes what waits. kIoError, kResourceExhausted.
  Status Flush();

  /// Returns the packs that hold these chunks and the chunks that those are written against, each
  /// once, sorted. All must be stored. kNotFound.
  Result<std::vector<Digest>> PacksOf(std::span<const Digest> chunks) const;
  /// Bytes of the packs that this object wrote.
  int64_t num_new_bytes() const { return num_new_bytes_; }

 private:
  struct Place {
    uint32_t pack = 0;  // index into packs_; kWaiting before its pack is written
    uint32_t block = 0;
    uint32_t offset = 0;
    uint32_t size = 0;
  };
  struct Pack {
    Digest digest;
    std::vector<Block> blocks;
    std::shared_ptr<const MappedFile> file;
  };
  struct WorkItem;

  ChunkStore(const store::ObjectStore& objects, int num_threads)
      : objects_(&objects), num_threads_(num_threads) {}
  Status OpenPack(const Digest& digest);
  void Register(uint32_t pack, const PackTable& table);
  std::optional<Digest> FindAlike(const Marks& marks) const;
  Result<std::shared_ptr<const std::string>> BlockBytes(uint32_t pack, uint32_t block);
  Result<std::string> ReadBlock(const Pack& pack, const Block& block);
  Status StoreItems(std::vector<WorkItem>& items);

  const store::ObjectStore* objects_;
  int num_threads_;
  std::vector<Pack> packs_;
  std::unordered_map<Digest, Place, DigestHash> index_;
  std::unordered_map<uint32_t, Digest> alike_[3];  // mark -> chunk that is no delta
  PackBuilder open_pack_;
  int64_t num_new_bytes_ = 0;
  /// Blocks read last, newest first.
  std::list<std::pair<uint64_t, std::shared_ptr<const std::string>>> recent_;
};

}  // namespace millrace::version
