#include "version/file_tree.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "version/bytes.h"
#include "version/chunker.h"

namespace millrace::version {
namespace {

constexpr std::string_view kMagic = "MRTREE";
constexpr uint16_t kFormat = 1;
constexpr int64_t kMaxFileBytes = int64_t{1} << 50;

Status Damaged(std::string_view what) {
  return Corrupt(Format("data version: list of files: {}", what));
}

// A file of n bytes has at least n / kMaxChunk chunks and, but for the last, chunks of kMinChunk.
bool ChunksFit(const FileEntry& file) {
  if (file.chunks.empty()) return true;
  const auto count = static_cast<int64_t>(file.chunks.size());
  return file.size_bytes <= count * kMaxChunk && file.size_bytes > (count - 1) * kMinChunk;
}

}  // namespace

int64_t FileTree::TotalBytes() const {
  int64_t total = 0;
  for (const FileEntry& file : files) total += file.size_bytes;
  return total;
}

const FileEntry* FileTree::Find(std::string_view path) const {
  const auto at = std::ranges::lower_bound(files, path, {}, &FileEntry::path);
  return at != files.end() && at->path == path ? &*at : nullptr;
}

bool IsSafePath(std::string_view path) {
  if (path.empty() || path.size() > 4096 || !IsValidUtf8(path)) return false;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  for (const std::string_view part : Split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

Digest IdentityOf(const FileTree& tree) {
  Sha256 sha;
  sha.UpdateField("millrace files 1");
  for (const FileEntry& file : tree.files) {
    sha.UpdateField(file.path);
    sha.UpdateField(file.executable ? "x" : "-");
    sha.UpdateField(std::to_string(file.size_bytes));
    sha.UpdateField(file.content.ToHex());
  }
  return sha.Finish();
}

std::string WriteTree(const FileTree& tree) {
  std::string bytes(kMagic);
  PutNumber(bytes, kFormat);
  PutNumber(bytes, static_cast<uint64_t>(tree.files.size()));
  for (const FileEntry& file : tree.files) {
    PutText(bytes, file.path);
    PutNumber(bytes, static_cast<uint8_t>(file.executable ? 1 : 0));
    PutNumber(bytes, file.size_bytes);
    PutDigest(bytes, file.content);
    // The one chunk of a small file is the file: its digest is not written twice.
    const bool same = file.chunks.size() == 1 && file.chunks[0] == file.content;
    PutNumber(bytes, same ? uint32_t{0xffffffff} : static_cast<uint32_t>(file.chunks.size()));
    if (same) continue;
    for (const Digest& chunk : file.chunks) PutDigest(bytes, chunk);
  }
  return bytes;
}

Result<FileTree> ReadTree(std::string_view bytes) {
  FieldReader reader(bytes);
  if (reader.Take(kMagic.size()) != kMagic) return Damaged("is none");
  const auto format = reader.Number<uint16_t>();
  if (format != kFormat) {
    return Unsupported(Format("data version: list of files: format {}", format))
        .WithHint("a newer millrace wrote it");
  }
  const auto count = reader.Number<uint64_t>();
  FileTree tree;
  for (uint64_t i = 0; i < count; ++i) {
    FileEntry file;
    file.path = reader.Text();
    const auto mode = reader.Number<uint8_t>();
    file.executable = mode == 1;
    file.size_bytes = reader.Number<int64_t>();
    file.content = reader.Hash();
    const auto chunks = reader.Number<uint32_t>();
    if (!reader.complete()) return Damaged("is cut short");
    if (mode > 1 || file.size_bytes < 0 || file.size_bytes > kMaxFileBytes) {
      return Damaged(Format("impossible entry {}", i));
    }
    if (!IsSafePath(file.path)) return Damaged(Format("unsafe path in entry {}", i));
    if (!tree.files.empty() && tree.files.back().path >= file.path) {
      return Damaged(Format("entry {} is out of order", i));
    }
    if (chunks == 0xffffffff) {
      file.chunks = {file.content};
    } else {
      if (chunks > reader.remaining() / 32) return Damaged("is cut short");
      for (uint32_t c = 0; c < chunks; ++c) file.chunks.push_back(reader.Hash());
      if (chunks == 1 && file.chunks[0] == file.content) return Damaged("has two forms");
    }
    if (!ChunksFit(file)) return Damaged(Format("impossible chunks in entry {}", i));
    tree.files.push_back(std::move(file));
  }
  if (!reader.at_end()) return Damaged("has bytes after its end");
  return tree;
}

}  // namespace millrace::version
