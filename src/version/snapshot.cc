#include "version/snapshot.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"

namespace millrace::version {
namespace {

// What is held in memory at a time while files are read.
constexpr int64_t kSegmentBytes = int64_t{32} << 20;
constexpr size_t kSegmentFiles = 4096;

int64_t NowNanos(const Clock& clock) { return clock.NowMicros() * 1000; }

Status ChangedMeanwhile(const std::string& path) {
  return InvalidData(Format("{}: was changed while it was read", path))
      .WithHint("run again when nothing writes to it");
}

// A file is whole when its state is the same before and after.
Status CheckUnchanged(const ListedFile& file) {
  const auto now = FileStateOf(file.disk);
  if (!now.ok()) return now.status();
  return *now == file.state ? Status() : ChangedMeanwhile(file.disk);
}

/// Stores files one after the other: small ones by the batch, large ones by the segment.
class Storer {
 public:
  Storer(const StoreInputs& inputs, ChunkStore& chunks, FileIndex& index)
      : inputs_(inputs), chunks_(chunks), index_(index) {
    for (const FileEntry& file : inputs.previous.files) known_.emplace(file.content, &file);
  }

  Result<FileTree> Run() {
    for (const ListedFile& file : inputs_.list.files) {
      tree_.files.push_back({.path = file.path,
                             .executable = file.state.executable,
                             .size_bytes = file.state.size_bytes});
    }
    std::vector<size_t> batch;
    int64_t batch_bytes = 0;
    for (size_t i = 0; i < tree_.files.size(); ++i) {
      if (TakeKnown(i)) continue;
      const int64_t size = tree_.files[i].size_bytes;
      if (size > kMinChunk) {
        MILLRACE_RETURN_IF_ERROR(StoreLarge(i));
        continue;
      }
      batch.push_back(i);
      batch_bytes += size;
      if (batch.size() >= kSegmentFiles || batch_bytes >= kSegmentBytes) {
        MILLRACE_RETURN_IF_ERROR(StoreSmall(batch));
        batch.clear();
        batch_bytes = 0;
      }
    }
    MILLRACE_RETURN_IF_ERROR(StoreSmall(batch));
    return std::move(tree_);
  }

 private:
  // Takes over a file whose content is known and stored.
  bool TakeKnown(size_t i) {
    const ListedFile& file = inputs_.list.files[i];
    const std::optional<Digest> content = index_.Find(file.disk, file.state);
    if (!content) return false;
    if (inputs_.keep == Keep::kDigests) {
      tree_.files[i].content = *content;
      return true;
    }
    const auto at = known_.find(*content);
    if (at == known_.end() || at->second->size_bytes != file.state.size_bytes) return false;
    const std::vector<Digest>& chunks = at->second->chunks;
    if (chunks.empty() && file.state.size_bytes > 0) return false;
    for (const Digest& chunk : chunks) {
      if (!chunks_.Has(chunk)) return false;
    }
    tree_.files[i].content = *content;
    tree_.files[i].chunks = chunks;
    return true;
  }

  // Files of one chunk each, read side by side.
  Status StoreSmall(const std::vector<size_t>& batch) {
    if (batch.empty()) return {};
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    const int64_t begin = NowNanos(inputs_.clock);
    std::vector<std::string> contents(batch.size());
    std::vector<Status> outcomes(batch.size());
    ParallelFor(inputs_.num_threads, static_cast<int64_t>(batch.size()), [&](int64_t b) {
      const auto at = static_cast<size_t>(b);
      const ListedFile& file = inputs_.list.files[batch[at]];
      auto content = ReadFile(file.disk);
      if (!content.ok()) {
        outcomes[at] = content.status();
        return;
      }
      outcomes[at] = CheckUnchanged(file);
      if (static_cast<int64_t>(content->size()) != file.state.size_bytes) {
        outcomes[at] = ChangedMeanwhile(file.disk);
      }
      contents[at] = std::move(content).value();
      tree_.files[batch[at]].content = DigestOf(contents[at]);
    });
    std::vector<ChunkPiece> pieces;
    for (size_t b = 0; b < batch.size(); ++b) {
      MILLRACE_RETURN_IF_ERROR(outcomes[b]);
      FileEntry& entry = tree_.files[batch[b]];
      const ListedFile& file = inputs_.list.files[batch[b]];
      index_.Put(file.disk, file.state, entry.content, begin);
      if (inputs_.keep == Keep::kDigests || contents[b].empty()) continue;
      entry.chunks = {entry.content};
      pieces.push_back({contents[b], entry.content, {}});
    }
    return chunks_.Add(pieces);
  }

  // Cuts what is certain: all but the last kMaxChunk bytes, or everything at the end of the file.
  // Digests of chunks and of the whole file are taken side by side.
  Status StoreSegment(std::string& buffer, bool at_end, Sha256& whole, size_t& hashed,
                      FileEntry& entry) {
    std::vector<ChunkPiece> pieces;
    size_t place = 0;
    const std::string_view bytes = buffer;
    while (place < bytes.size() &&
           (at_end || bytes.size() - place >= static_cast<size_t>(kMaxChunk))) {
      const Cut cut = FirstChunk(bytes.substr(place));
      pieces.push_back({bytes.substr(place, static_cast<size_t>(cut.size)), {}, cut.marks});
      place += static_cast<size_t>(cut.size);
    }
    const auto count = static_cast<int64_t>(pieces.size());
    ParallelFor(inputs_.num_threads, count + 1, [&](int64_t task) {
      if (task == 0) {
        whole.Update(bytes.substr(hashed));
      } else {
        ChunkPiece& piece = pieces[static_cast<size_t>(task - 1)];
        piece.digest = DigestOf(piece.bytes);
      }
    });
    for (const ChunkPiece& piece : pieces) entry.chunks.push_back(piece.digest);
    MILLRACE_RETURN_IF_ERROR(chunks_.Add(pieces));
    buffer.erase(0, place);
    hashed = buffer.size();
    return {};
  }

  Status StoreLarge(size_t i) {
    const ListedFile& file = inputs_.list.files[i];
    FileEntry& entry = tree_.files[i];
    const int64_t begin = NowNanos(inputs_.clock);
    MILLRACE_ASSIGN_OR_RETURN(FileReader reader, FileReader::Open(file.disk));
    Sha256 whole;
    std::string buffer;
    size_t hashed = 0;  // bytes of the buffer that `whole` has
    int64_t read_bytes = 0;
    for (bool at_end = false; !at_end;) {
      MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
      MILLRACE_ASSIGN_OR_RETURN(const int64_t got, reader.Append(buffer, kSegmentBytes));
      read_bytes += got;
      at_end = got < kSegmentBytes;
      if (inputs_.keep == Keep::kDigests) {
        whole.Update(buffer);
        buffer.clear();
      } else {
        MILLRACE_RETURN_IF_ERROR(StoreSegment(buffer, at_end, whole, hashed, entry));
      }
    }
    if (read_bytes != file.state.size_bytes) return ChangedMeanwhile(file.disk);
    MILLRACE_RETURN_IF_ERROR(CheckUnchanged(file));
    entry.content = whole.Finish();
    index_.Put(file.disk, file.state, entry.content, begin);
    return {};
  }

  const StoreInputs& inputs_;
  ChunkStore& chunks_;
  FileIndex& index_;
  std::unordered_map<Digest, const FileEntry*, DigestHash> known_;
  FileTree tree_;
};

// The list of files is stored as a file is: one that changed little costs little.
Status StoreTree(const FileTree& tree, ChunkStore& chunks, Manifest& manifest) {
  const std::string bytes = WriteTree(tree);
  manifest.tree_bytes = static_cast<int64_t>(bytes.size());
  manifest.tree_content = DigestOf(bytes);
  std::vector<ChunkPiece> pieces;
  for (std::string_view rest = bytes; !rest.empty();) {
    const Cut cut = FirstChunk(rest);
    const std::string_view chunk = rest.substr(0, static_cast<size_t>(cut.size));
    pieces.push_back({chunk, DigestOf(chunk), {}});
    manifest.tree_chunks.push_back(pieces.back().digest);
    rest.remove_prefix(chunk.size());
  }
  MILLRACE_RETURN_IF_ERROR(chunks.Add(pieces));
  return chunks.Flush();
}

FileWriter::Mode ModeOf(const FileEntry& file) {
  return file.executable ? FileWriter::Mode::kExecutable : FileWriter::Mode::kPlain;
}

Status WriteOne(const FileEntry& file, const std::string& disk, ChunkStore& chunks) {
  MILLRACE_RETURN_IF_ERROR(MakeFolders(FolderName(disk)));
  MILLRACE_ASSIGN_OR_RETURN(FileWriter writer, FileWriter::Open(disk, ModeOf(file)));
  Sha256 whole;
  for (const Digest& chunk : file.chunks) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, chunks.Get(chunk));
    whole.Update(bytes);
    MILLRACE_RETURN_IF_ERROR(writer.Write(bytes));
  }
  if (whole.Finish() != file.content) {
    return Corrupt(Format("data version: {}: its chunks do not make its content", file.path));
  }
  return writer.Commit();
}

// What stands at a place where a file is to be restored.
enum class Standing { kNothing, kSame, kMayGo, kUnsaved };

Result<Standing> WhatStands(const RestoreInputs& inputs, const FileEntry& file,
                            const std::string& disk) {
  if (!FileExists(disk)) return Standing::kNothing;
  if (IsFolder(disk)) return IoError(Format("{}: is a folder, and a file is to go there", disk));
  MILLRACE_ASSIGN_OR_RETURN(const Digest content, FileDigest(disk));
  if (content == file.content) return Standing::kSame;
  const bool may_go =
      inputs.overwrite == Overwrite::kForced || (inputs.is_stored && inputs.is_stored(content));
  return may_go ? Standing::kMayGo : Standing::kUnsaved;
}

}  // namespace

Result<StoredFiles> StoreFiles(const StoreInputs& inputs, ChunkStore& chunks, FileIndex& index) {
  const int64_t before = chunks.num_new_bytes();
  MILLRACE_ASSIGN_OR_RETURN(FileTree tree, Storer(inputs, chunks, index).Run());
  Manifest manifest;
  manifest.files_identity = IdentityOf(tree);
  manifest.keep = inputs.keep;
  manifest.roots = inputs.list.roots;
  manifest.num_files = static_cast<int64_t>(tree.files.size());
  manifest.num_bytes = tree.TotalBytes();
  MILLRACE_RETURN_IF_ERROR(StoreTree(tree, chunks, manifest));
  std::vector<Digest> all = manifest.tree_chunks;
  for (const FileEntry& file : tree.files) {
    all.insert(all.end(), file.chunks.begin(), file.chunks.end());
  }
  MILLRACE_ASSIGN_OR_RETURN(manifest.packs, chunks.PacksOf(all));
  manifest.num_new_bytes = chunks.num_new_bytes() - before;
  return StoredFiles{.manifest = std::move(manifest), .tree = std::move(tree)};
}

Result<FileTree> LoadTree(const Manifest& manifest, ChunkStore& chunks) {
  std::string bytes;
  for (const Digest& chunk : manifest.tree_chunks) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string piece, chunks.Get(chunk));
    bytes += piece;
  }
  if (DigestOf(bytes) != manifest.tree_content) {
    return Corrupt("data version: its list of files is damaged")
        .WithHint("put a copy of .millrace/objects back");
  }
  return ReadTree(bytes);
}

std::vector<FileChange> CompareTrees(const FileTree& from, const FileTree& to) {
  std::vector<FileChange> changes;
  size_t a = 0;
  size_t b = 0;
  while (a < from.files.size() || b < to.files.size()) {
    const bool has_old = a < from.files.size();
    const bool has_new = b < to.files.size();
    if (has_old && (!has_new || from.files[a].path < to.files[b].path)) {
      changes.push_back({ChangeKind::kRemoved, from.files[a].path, from.files[a].size_bytes, 0});
      ++a;
    } else if (has_new && (!has_old || to.files[b].path < from.files[a].path)) {
      changes.push_back({ChangeKind::kAdded, to.files[b].path, 0, to.files[b].size_bytes});
      ++b;
    } else {
      const FileEntry& old_file = from.files[a++];
      const FileEntry& new_file = to.files[b++];
      if (old_file.content == new_file.content && old_file.executable == new_file.executable) {
        continue;
      }
      changes.push_back(
          {ChangeKind::kChanged, new_file.path, old_file.size_bytes, new_file.size_bytes});
    }
  }
  return changes;
}

Result<FileTree> DigestFiles(const FileList& list, const Clock& clock, int num_threads,
                             FileIndex& index) {
  std::vector<std::optional<Digest>> contents(list.files.size());
  std::vector<int64_t> doubtful;
  for (size_t i = 0; i < list.files.size(); ++i) {
    contents[i] = index.Find(list.files[i].disk, list.files[i].state);
    if (!contents[i]) doubtful.push_back(static_cast<int64_t>(i));
  }
  const int64_t begin = NowNanos(clock);
  std::vector<Status> outcomes(doubtful.size());
  ParallelFor(num_threads, static_cast<int64_t>(doubtful.size()), [&](int64_t d) {
    if (Interrupted()) return;
    const auto i = static_cast<size_t>(doubtful[static_cast<size_t>(d)]);
    const auto digest = FileDigest(list.files[i].disk);
    if (digest.ok()) {
      contents[i] = *digest;
    } else if (digest.status().code() != Code::kNotFound) {
      outcomes[static_cast<size_t>(d)] = digest.status();
    }
  });
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  for (size_t d = 0; d < doubtful.size(); ++d) {
    MILLRACE_RETURN_IF_ERROR(outcomes[d]);
    const ListedFile& file = list.files[static_cast<size_t>(doubtful[d])];
    const auto& content = contents[static_cast<size_t>(doubtful[d])];
    if (content && CheckUnchanged(file).ok()) index.Put(file.disk, file.state, *content, begin);
  }
  FileTree tree;
  for (size_t i = 0; i < list.files.size(); ++i) {
    if (!contents[i]) continue;
    tree.files.push_back({.path = list.files[i].path,
                          .executable = list.files[i].state.executable,
                          .size_bytes = list.files[i].state.size_bytes,
                          .content = *contents[i]});
  }
  return tree;
}

Result<RestoreOutcome> RestoreFiles(const RestoreInputs& inputs, ChunkStore& chunks) {
  RestoreOutcome outcome;
  std::vector<std::pair<const FileEntry*, std::string>> to_write;
  std::vector<std::pair<const FileEntry*, std::string>> other_mode;
  std::vector<std::string> unsaved;
  for (const FileEntry& file : inputs.tree.files) {
    const std::string disk = inputs.place(file.path);
    if (disk.empty()) {
      ++outcome.num_left_out;
      continue;
    }
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    MILLRACE_ASSIGN_OR_RETURN(const Standing standing, WhatStands(inputs, file, disk));
    if (standing == Standing::kSame) {
      ++outcome.num_unchanged;
      const auto state = FileStateOf(disk);
      if (state.ok() && state->executable != file.executable) other_mode.emplace_back(&file, disk);
      continue;
    }
    if (standing == Standing::kUnsaved) unsaved.push_back(disk);
    to_write.emplace_back(&file, disk);
  }
  if (!unsaved.empty()) {
    const size_t count = unsaved.size();
    unsaved.resize(std::min<size_t>(count, 5));
    return InvalidData(Format("{} file{} with changes that no version holds: {}{}", count,
                              count == 1 ? "" : "s", Join(unsaved, ", "),
                              count > unsaved.size() ? ", ..." : ""))
        .WithHint(
            "`millrace data add` keeps them first, --out DIR restores elsewhere, --force "
            "overwrites them");
  }
  for (const auto& [file, disk] : other_mode) {
    MILLRACE_RETURN_IF_ERROR(SetExecutable(disk, ModeOf(*file)));
  }
  for (const auto& [file, disk] : to_write) {
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    MILLRACE_RETURN_IF_ERROR(WriteOne(*file, disk, chunks));
    ++outcome.num_written;
    outcome.bytes_written += file->size_bytes;
  }
  return outcome;
}

}  // namespace millrace::version
