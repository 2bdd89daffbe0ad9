#include "version/pack.h"

#include <utility>

#include "base/format.h"
#include "version/bytes.h"

namespace millrace::version {
namespace {

constexpr std::string_view kMagic = "MRPACK";
constexpr std::string_view kEnd = "MRPEND";
constexpr uint16_t kFormat = 1;
constexpr size_t kHeaderSize = 8;
constexpr size_t kFooterSize = 32 + 8 + 6;  // checksum, size of the table, end mark

Status Damaged(std::string_view what) { return Corrupt(Format("pack of chunks: {}", what)); }

std::string WriteTable(const PackTable& table) {
  std::string bytes;
  PutNumber(bytes, static_cast<uint32_t>(table.blocks.size()));
  for (const Block& block : table.blocks) {
    PutNumber(bytes, block.offset);
    PutNumber(bytes, block.stored_size);
    PutNumber(bytes, block.size);
    PutNumber(bytes, static_cast<uint8_t>(block.form));
    if (block.form == BlockForm::kDelta) PutDigest(bytes, block.base);
  }
  PutNumber(bytes, static_cast<uint32_t>(table.chunks.size()));
  for (const PackedChunk& chunk : table.chunks) {
    PutDigest(bytes, chunk.digest);
    PutNumber(bytes, chunk.block);
    PutNumber(bytes, chunk.offset);
    PutNumber(bytes, chunk.size);
    for (const uint32_t mark : chunk.marks) PutNumber(bytes, mark);
  }
  return bytes;
}

Result<Block> ReadBlock(FieldReader& reader, size_t table_begin) {
  Block block;
  block.offset = reader.Number<uint64_t>();
  block.stored_size = reader.Number<uint32_t>();
  block.size = reader.Number<uint32_t>();
  const auto form = reader.Number<uint8_t>();
  if (form > static_cast<uint8_t>(BlockForm::kDelta)) return Damaged("unknown form of a block");
  block.form = static_cast<BlockForm>(form);
  if (block.form == BlockForm::kDelta) block.base = reader.Hash();
  if (!reader.complete()) return Damaged("its table is cut short");
  const bool inside = block.offset >= kHeaderSize && block.offset <= table_begin &&
                      block.stored_size <= table_begin - block.offset;
  if (!inside) return Damaged("a block lies outside");
  const bool fits = block.form != BlockForm::kStored || block.size == block.stored_size;
  if (!fits || block.size > kMaxBlock) return Damaged("a block has an impossible size");
  return block;
}

Result<PackedChunk> ReadChunk(FieldReader& reader, const std::vector<Block>& blocks) {
  PackedChunk chunk;
  chunk.digest = reader.Hash();
  chunk.block = reader.Number<uint32_t>();
  chunk.offset = reader.Number<uint32_t>();
  chunk.size = reader.Number<uint32_t>();
  for (uint32_t& mark : chunk.marks) mark = reader.Number<uint32_t>();
  if (!reader.complete()) return Damaged("its table is cut short");
  if (chunk.block >= blocks.size()) return Damaged("a chunk lies in no block");
  const uint32_t size = blocks[chunk.block].size;
  if (chunk.offset > size || chunk.size > size - chunk.offset) {
    return Damaged("a chunk lies outside its block");
  }
  return chunk;
}

}  // namespace

PackBuilder::PackBuilder() {
  bytes_ = kMagic;
  PutNumber(bytes_, kFormat);
}

void PackBuilder::Add(Block block, std::string_view stored, std::vector<PackedChunk> chunks) {
  block.offset = bytes_.size();
  block.stored_size = static_cast<uint32_t>(stored.size());
  bytes_.append(stored);
  for (PackedChunk& chunk : chunks) {
    chunk.block = static_cast<uint32_t>(table_.blocks.size());
    table_.chunks.push_back(chunk);
  }
  table_.blocks.push_back(block);
}

std::string PackBuilder::Finish() {
  const std::string table = WriteTable(table_);
  std::string bytes = std::move(bytes_);
  bytes += table;
  PutDigest(bytes, DigestOf(table));
  PutNumber(bytes, static_cast<uint64_t>(table.size()));
  bytes += kEnd;
  *this = PackBuilder();
  return bytes;
}

Result<PackTable> ReadPackTable(std::string_view bytes) {
  if (bytes.size() < kHeaderSize + kFooterSize) return Damaged("is cut short");
  if (!bytes.starts_with(kMagic) || !bytes.ends_with(kEnd)) return Damaged("is none");
  FieldReader header(bytes.substr(kMagic.size(), 2));
  const auto format = header.Number<uint16_t>();
  if (format != kFormat) {
    return Unsupported(Format("pack of chunks: format {}", format))
        .WithHint("a newer millrace wrote it");
  }
  FieldReader footer(bytes.substr(bytes.size() - kFooterSize));
  const Digest checksum = footer.Hash();
  const auto size = footer.Number<uint64_t>();
  if (size > bytes.size() - kHeaderSize - kFooterSize) return Damaged("is cut short");
  const size_t begin = bytes.size() - kFooterSize - static_cast<size_t>(size);
  const std::string_view table_bytes = bytes.substr(begin, static_cast<size_t>(size));
  if (DigestOf(table_bytes) != checksum) return Damaged("its table is damaged");
  FieldReader reader(table_bytes);
  PackTable table;
  const auto num_blocks = reader.Number<uint32_t>();
  for (uint32_t b = 0; b < num_blocks; ++b) {
    MILLRACE_ASSIGN_OR_RETURN(const Block block, ReadBlock(reader, begin));
    table.blocks.push_back(block);
  }
  const auto num_chunks = reader.Number<uint32_t>();
  for (uint32_t c = 0; c < num_chunks; ++c) {
    MILLRACE_ASSIGN_OR_RETURN(const PackedChunk chunk, ReadChunk(reader, table.blocks));
    table.chunks.push_back(chunk);
  }
  if (!reader.at_end()) return Damaged("its table has another size");
  return table;
}

}  // namespace millrace::version
