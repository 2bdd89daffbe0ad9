#include "version/file_index.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "version/bytes.h"

namespace millrace::version {
namespace {

constexpr std::string_view kMagic = "MRFIDX01";
// Some file systems keep times to the second, some to two.
constexpr int64_t kGrainNanos = 2'000'000'000;
constexpr size_t kLeastEntry = 77;  // bytes of an entry without its path

}  // namespace

FileIndex FileIndex::Load(const std::string& path) {
  FileIndex index;
  const auto bytes = ReadFile(path);
  if (!bytes.ok() || bytes->size() < kMagic.size() + 8) return index;
  const std::string_view content = std::string_view(*bytes).substr(0, bytes->size() - 8);
  FieldReader checksum(std::string_view(*bytes).substr(content.size()));
  if (checksum.Number<uint64_t>() != Hash64(content)) return index;
  FieldReader reader(content);
  if (reader.Take(kMagic.size()) != kMagic) return index;
  const auto count = reader.Number<uint64_t>();
  index.entries_.reserve(std::min<size_t>(count, reader.remaining() / kLeastEntry));
  for (uint64_t i = 0; i < count && reader.complete(); ++i) {
    std::string name(reader.Text());
    Entry entry;
    entry.state.size_bytes = reader.Number<int64_t>();
    entry.state.modified_nanos = reader.Number<int64_t>();
    entry.state.changed_nanos = reader.Number<int64_t>();
    entry.state.inode = reader.Number<uint64_t>();
    entry.state.executable = reader.Number<uint8_t>() == 1;
    entry.content = reader.Hash();
    entry.read_nanos = reader.Number<int64_t>();
    if (reader.complete()) index.entries_.emplace(std::move(name), entry);
  }
  return index;
}

Status FileIndex::Save(const std::string& path) {
  std::erase_if(entries_,
                [](const auto& known) { return !known.second.seen && !FileExists(known.first); });
  std::string bytes(kMagic);
  PutNumber(bytes, static_cast<uint64_t>(entries_.size()));
  for (const auto& [name, entry] : entries_) {
    PutText(bytes, name);
    PutNumber(bytes, entry.state.size_bytes);
    PutNumber(bytes, entry.state.modified_nanos);
    PutNumber(bytes, entry.state.changed_nanos);
    PutNumber(bytes, entry.state.inode);
    PutNumber(bytes, static_cast<uint8_t>(entry.state.executable ? 1 : 0));
    PutDigest(bytes, entry.content);
    PutNumber(bytes, entry.read_nanos);
  }
  PutNumber(bytes, Hash64(bytes));
  MILLRACE_ASSIGN_OR_RETURN(FileWriter writer, FileWriter::Open(path, FileWriter::Mode::kPlain));
  MILLRACE_RETURN_IF_ERROR(writer.Write(bytes));
  return writer.Commit();
}

std::optional<Digest> FileIndex::Find(const std::string& path, const FileState& state) {
  const auto at = entries_.find(path);
  if (at == entries_.end()) return std::nullopt;
  at->second.seen = true;
  if (at->second.state != state) return std::nullopt;
  const int64_t last_change = std::max(state.modified_nanos, state.changed_nanos);
  if (last_change + kGrainNanos > at->second.read_nanos) return std::nullopt;
  return at->second.content;
}

void FileIndex::Put(const std::string& path, const FileState& state, const Digest& content,
                    int64_t read_nanos) {
  entries_.insert_or_assign(path, Entry{state, content, read_nanos, true});
  changed_ = true;
}

}  // namespace millrace::version
