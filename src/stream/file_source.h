// File source: files that grow and folders that gain files, as a stream source. Each file is a
// part; offsets are bytes. The file is polled: no watcher, no state outside of positions.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stream/stream_source.h"

namespace millrace::stream {

struct FileSourceOptions {
  std::string folder;              // that relative paths start from
  std::vector<std::string> paths;  // files, patterns with * and ?, folders
  std::optional<char> delimiter;   // nullopt: by the header
  /// Opens files that are taken as a whole (Parquet); borrowed. Null: Poll refuses them.
  engine::Engine* engine = nullptr;
};

/// Delimited text (.csv .tsv .txt .psv .data) and JSON lines (.jsonl .ndjson), UTF-8 or Latin-1,
/// grow. Parquet does not: a file is taken as a whole, once its end is written, and may not change.
/// Files whose name begins with "." or "_", or that no reader is for, are passed over in a folder
/// and behind a pattern; named by themselves they are kUnsupported. Parts are ordered by the place
/// in `paths`, then by name.
class FileSource final : public StreamSource {
 public:
  explicit FileSource(FileSourceOptions options) : options_(std::move(options)) {}

  Result<std::vector<Part>> Parts() override;
  Result<Batch> Poll(const Position& from, const PollLimit& limit) override;
  Status Verify(const Position& position) override;

 private:
  std::string PathOf(const std::string& part) const;
  Result<Batch> PollWhole(const Position& from, const std::string& path) const;

  FileSourceOptions options_;
};

}  // namespace millrace::stream
