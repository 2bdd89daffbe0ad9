#include "version/chunk_store.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <set>

#include "base/format.h"
#include "base/threads.h"
#include "version/compression.h"

namespace millrace::version {
namespace {

constexpr uint32_t kWaiting = 0xffffffff;
// A pack is one synced file: few of them for 100,000 files, and little to hold in memory.
constexpr int64_t kPackBytes = int64_t{32} << 20;
constexpr int64_t kBlockBytes = int64_t{1} << 20;
static_assert(kBlockBytes + kMaxChunk <= kMaxBlock);
// A delta is taken where it saves clearly more than compression alone would.
constexpr size_t kDeltaGain = 5;
constexpr size_t kRecentBlocks = 8;

Status NotStored(const Digest& digest) {
  return NotFound(Format("data version: chunk {} is not in the store", digest.Short(12)))
      .WithHint("put a copy of .millrace/objects back");
}

Status BadChunk(const Digest& digest) {
  return Corrupt(Format("data version: chunk {} is damaged", digest.Short(12)))
      .WithHint("put a copy of .millrace/objects back");
}

}  // namespace

// One block on its way into a pack.
struct ChunkStore::WorkItem {
  std::vector<const ChunkPiece*> pieces;
  std::string base_bytes;  // of a delta
  std::optional<Digest> base;
  std::string stored;
  Block block;
  Status status;
};

size_t DigestHash::operator()(const Digest& digest) const {
  size_t hash = 0;
  std::memcpy(&hash, digest.bytes.data(), sizeof(hash));
  return hash;
}

Result<ChunkStore> ChunkStore::Open(const store::ObjectStore& objects,
                                    std::span<const Digest> packs, MissingPacks missing,
                                    int num_threads) {
  ChunkStore chunks(objects, std::max(1, num_threads));
  for (const Digest& pack : packs) {
    Status opened = chunks.OpenPack(pack);
    if (!opened.ok() && missing == MissingPacks::kRefused) return opened;
  }
  return chunks;
}

Status ChunkStore::OpenPack(const Digest& digest) {
  auto file = MappedFile::Open(objects_->PathOf(digest));
  if (!file.ok()) {
    if (file.status().code() != Code::kNotFound) return file.status();
    return NotFound(Format("data version: pack {} is not in the store", digest.Short(12)))
        .WithHint("put a copy of .millrace/objects back");
  }
  MILLRACE_ASSIGN_OR_RETURN(const PackTable table, ReadPackTable(file->bytes()));
  const auto number = static_cast<uint32_t>(packs_.size());
  packs_.push_back(
      {digest, table.blocks, std::make_shared<const MappedFile>(std::move(file).value())});
  Register(number, table);
  return {};
}

void ChunkStore::Register(uint32_t pack, const PackTable& table) {
  for (const PackedChunk& chunk : table.chunks) {
    const Place place{pack, chunk.block, chunk.offset, chunk.size};
    const bool is_delta = table.blocks[chunk.block].form == BlockForm::kDelta;
    const auto [at, is_new] = index_.try_emplace(chunk.digest, place);
    if (!is_new && at->second.pack != kWaiting) {
      // A copy that needs no other chunk is the better one.
      const Place& known = at->second;
      if (is_delta || packs_[known.pack].blocks[known.block].form != BlockForm::kDelta) continue;
    }
    at->second = place;
    if (is_delta || chunk.marks == Marks{}) continue;
    for (size_t i = 0; i < chunk.marks.size(); ++i) {
      // The newest chunk is the likeliest to be alike to what comes next.
      alike_[i].insert_or_assign(chunk.marks[i], chunk.digest);
    }
  }
}

std::optional<Digest> ChunkStore::FindAlike(const Marks& marks) const {
  if (marks == Marks{}) return std::nullopt;
  for (size_t i = 0; i < marks.size(); ++i) {
    const auto at = alike_[i].find(marks[i]);
    if (at != alike_[i].end()) return at->second;
  }
  return std::nullopt;
}

Result<std::string> ChunkStore::ReadBlock(const Pack& pack, const Block& block) {
  const std::string_view stored = pack.file->bytes().substr(block.offset, block.stored_size);
  if (block.form == BlockForm::kStored) return std::string(stored);
  std::string base;
  if (block.form == BlockForm::kDelta) {
    const auto at = index_.find(block.base);
    const bool plain = at != index_.end() && at->second.pack != kWaiting &&
                       packs_[at->second.pack].blocks[at->second.block].form != BlockForm::kDelta;
    if (!plain) return NotStored(block.base);
    MILLRACE_ASSIGN_OR_RETURN(base, Get(block.base));
  }
  return Decompress(stored, block.size, base);
}

Result<std::shared_ptr<const std::string>> ChunkStore::BlockBytes(uint32_t pack, uint32_t block) {
  const uint64_t key = (uint64_t{pack} << 32) | block;
  for (auto at = recent_.begin(); at != recent_.end(); ++at) {
    if (at->first != key) continue;
    recent_.splice(recent_.begin(), recent_, at);
    return recent_.front().second;
  }
  MILLRACE_ASSIGN_OR_RETURN(std::string bytes, ReadBlock(packs_[pack], packs_[pack].blocks[block]));
  recent_.emplace_front(key, std::make_shared<const std::string>(std::move(bytes)));
  if (recent_.size() > kRecentBlocks) recent_.pop_back();
  return recent_.front().second;
}

Result<std::string> ChunkStore::Get(const Digest& digest) {
  const auto at = index_.find(digest);
  if (at == index_.end() || at->second.pack == kWaiting) return NotStored(digest);
  const Place place = at->second;
  MILLRACE_ASSIGN_OR_RETURN(const std::shared_ptr<const std::string> block,
                            BlockBytes(place.pack, place.block));
  std::string bytes = block->substr(place.offset, place.size);
  if (DigestOf(bytes) != digest) return BadChunk(digest);
  return bytes;
}

Status ChunkStore::Add(std::span<const ChunkPiece> pieces) {
  std::vector<WorkItem> items;
  size_t group = 0;  // index + 1 of the item that plain chunks join
  int64_t group_bytes = 0;
  for (const ChunkPiece& piece : pieces) {
    if (!index_.try_emplace(piece.digest, Place{.pack = kWaiting}).second) continue;
    if (const std::optional<Digest> alike = FindAlike(piece.marks)) {
      // A base that cannot be read is no base; the chunk is stored by itself.
      auto base = Get(*alike);
      if (base.ok()) {
        WorkItem& item = items.emplace_back();
        item.pieces = {&piece};
        item.base = alike;
        item.base_bytes = std::move(base).value();
        continue;
      }
    }
    if (group == 0 || group_bytes >= kBlockBytes) {
      items.emplace_back();
      group = items.size();
      group_bytes = 0;
    }
    items[group - 1].pieces.push_back(&piece);
    group_bytes += static_cast<int64_t>(piece.bytes.size());
  }
  return StoreItems(items);
}

Status ChunkStore::StoreItems(std::vector<WorkItem>& items) {
  std::vector<Compressor> compressors;
  const auto num_tasks =
      std::min<int64_t>(static_cast<int64_t>(items.size()), int64_t{num_threads_} * 4);
  for (int64_t t = 0; t < num_tasks; ++t) compressors.emplace_back();
  const auto pack_one = [](WorkItem& item, Compressor& compressor) -> Status {
    std::string bytes;
    for (const ChunkPiece* piece : item.pieces) bytes += piece->bytes;
    item.block.size = static_cast<uint32_t>(bytes.size());
    if (item.base) {
      MILLRACE_ASSIGN_OR_RETURN(item.stored, compressor.CompressAgainst(bytes, item.base_bytes));
      if (item.stored.size() * kDeltaGain <= bytes.size()) {
        item.block.form = BlockForm::kDelta;
        item.block.base = *item.base;
        return {};
      }
    }
    MILLRACE_ASSIGN_OR_RETURN(item.stored, compressor.Compress(bytes));
    item.block.form = BlockForm::kCompressed;
    if (item.stored.size() >= bytes.size()) {
      item.block.form = BlockForm::kStored;
      item.stored = std::move(bytes);
    }
    return {};
  };
  ParallelFor(num_threads_, num_tasks, [&](int64_t task) {
    for (auto i = static_cast<size_t>(task); i < items.size();
         i += static_cast<size_t>(num_tasks)) {
      items[i].status = pack_one(items[i], compressors[static_cast<size_t>(task)]);
      items[i].base_bytes = {};
    }
  });
  for (WorkItem& item : items) {
    MILLRACE_RETURN_IF_ERROR(item.status);
    std::vector<PackedChunk> chunks;
    uint32_t offset = 0;
    for (const ChunkPiece* piece : item.pieces) {
      const auto size = static_cast<uint32_t>(piece->bytes.size());
      chunks.push_back({piece->digest, 0, offset, size, piece->marks});
      offset += size;
    }
    open_pack_.Add(item.block, item.stored, std::move(chunks));
    if (open_pack_.size_bytes() >= kPackBytes) MILLRACE_RETURN_IF_ERROR(Flush());
  }
  return {};
}

Status ChunkStore::Flush() {
  if (open_pack_.empty()) return {};
  const std::string bytes = open_pack_.Finish();
  MILLRACE_ASSIGN_OR_RETURN(const Digest digest, objects_->Put(bytes));
  num_new_bytes_ += static_cast<int64_t>(bytes.size());
  return OpenPack(digest);
}

Result<std::vector<Digest>> ChunkStore::PacksOf(std::span<const Digest> chunks) const {
  std::set<uint32_t> used;
  for (const Digest& digest : chunks) {
    const auto at = index_.find(digest);
    if (at == index_.end() || at->second.pack == kWaiting) return NotStored(digest);
    used.insert(at->second.pack);
    const Block& block = packs_[at->second.pack].blocks[at->second.block];
    if (block.form != BlockForm::kDelta) continue;
    const auto base = index_.find(block.base);
    if (base == index_.end() || base->second.pack == kWaiting) return NotStored(block.base);
    used.insert(base->second.pack);
  }
  std::vector<Digest> packs;
  for (const uint32_t pack : used) packs.push_back(packs_[pack].digest);
  std::ranges::sort(packs);
  return packs;
}

}  // namespace millrace::version
