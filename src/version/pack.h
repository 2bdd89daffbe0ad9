// Pack: many chunks in one object. Chunks lie in blocks that are compressed together, so that small
// files cost neither a file each nor a header each (docs/formats/data_versions.md).
//
// Thread safety: values.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "version/chunker.h"

namespace millrace::version {

enum class BlockForm : uint8_t {
  kStored = 0,      // as it is: did not get smaller
  kCompressed = 1,  // one frame
  kDelta = 2,       // one frame against another chunk; holds one chunk
};

inline constexpr int64_t kMaxBlock = int64_t{2} << 20;  // bytes before compression

struct Block {
  uint64_t offset = 0;  // in the pack
  uint32_t stored_size = 0;
  uint32_t size = 0;  // before compression, at most kMaxBlock
  BlockForm form = BlockForm::kStored;
  Digest base;  // kDelta: the chunk it is written against, never in a delta block itself
  friend bool operator==(const Block&, const Block&) = default;
};

struct PackedChunk {
  Digest digest;
  uint32_t block = 0;   // index
  uint32_t offset = 0;  // in the block, before compression
  uint32_t size = 0;
  Marks marks = {};
  friend bool operator==(const PackedChunk&, const PackedChunk&) = default;
};

struct PackTable {
  std::vector<Block> blocks;
  std::vector<PackedChunk> chunks;
  friend bool operator==(const PackTable&, const PackTable&) = default;
};

/// Builds the bytes of one pack.
class PackBuilder {
 public:
  PackBuilder();
  /// Adds a block; of `block` all but the offset is read. `chunks` lie in it; their block index is
  /// not read.
  void Add(Block block, std::string_view stored, std::vector<PackedChunk> chunks);
  int64_t size_bytes() const { return static_cast<int64_t>(bytes_.size()); }
  bool empty() const { return table_.blocks.empty(); }
  /// Returns the bytes and begins anew.
  std::string Finish();

 private:
  std::string bytes_;
  PackTable table_;
};

/// Reads the table of a pack; blocks are not read. kCorrupt unless table and its checksum fit, all
/// blocks lie in `bytes` and all chunks in their blocks; kUnsupported for a later format.
Result<PackTable> ReadPackTable(std::string_view bytes);

}  // namespace millrace::version
