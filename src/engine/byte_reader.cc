#include "engine/byte_reader.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "base/file_range.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"

namespace millrace::engine {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 17;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

class PlainReader final : public ByteReader {
 public:
  PlainReader(std::string path, OpenFile file) : path_(std::move(path)), file_(std::move(file)) {}

  Result<size_t> Read(std::span<char> buffer) override {
    const size_t count = std::fread(buffer.data(), 1, buffer.size(), file_.get());
    if (count == 0 && std::ferror(file_.get()) != 0) {
      return IoError(Format("{}: cannot be read: {}", path_, std::strerror(errno)));
    }
    return count;
  }

 private:
  std::string path_;
  OpenFile file_;
};

Status Damaged(const std::string& path, std::string_view kind, std::string_view what) {
  return Corrupt(Format("{}: the {} file is damaged: {}", path, kind, what))
      .WithHint("fetch or pack it again");
}

// Packed bytes come from a plain reader, a block at a time.
class Block {
 public:
  explicit Block(std::unique_ptr<ByteReader> from) : from_(std::move(from)), bytes_(kBlockBytes) {}

  // Fills the block when all of it was used; false at the end of the file.
  Result<bool> Fill() {
    if (begin_ < end_) return true;
    MILLRACE_ASSIGN_OR_RETURN(end_, from_->Read(bytes_));
    begin_ = 0;
    return end_ > 0;
  }
  const char* data() const { return bytes_.data() + begin_; }
  size_t size() const { return end_ - begin_; }
  void Use(size_t count) { begin_ += count; }

 private:
  std::unique_ptr<ByteReader> from_;
  std::vector<char> bytes_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

class GzipReader final : public ByteReader {
 public:
  GzipReader(std::string path, std::unique_ptr<ByteReader> from)
      : path_(std::move(path)), block_(std::move(from)) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;
  ~GzipReader() override { inflateEnd(&stream_); }

  Result<size_t> Read(std::span<char> buffer) override {
    if (!ready_) return ResourceExhausted(Format("{}: no memory to unpack", path_));
    size_t given = 0;
    while (given == 0) {
      MILLRACE_ASSIGN_OR_RETURN(const bool more, block_.Fill());
      if (!more) {
        if (in_member_) return Damaged(path_, "gzip", "it ends too early");
        return size_t{0};
      }
      if (!in_member_) {
        // Zeros after the last member are padding.
        if (members_ > 0 && block_.data()[0] == '\0') {
          block_.Use(1);
          continue;
        }
        if (members_ > 0) inflateReset(&stream_);
        in_member_ = true;
      }
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block_.data()));
      stream_.avail_in = static_cast<uInt>(block_.size());
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = static_cast<uInt>(buffer.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      block_.Use(block_.size() - stream_.avail_in);
      given = buffer.size() - stream_.avail_out;
      if (code == Z_STREAM_END) {
        in_member_ = false;
        ++members_;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return Damaged(path_, "gzip", stream_.msg == nullptr ? "bad data" : stream_.msg);
      }
    }
    return given;
  }

 private:
  std::string path_;
  Block block_;
  z_stream stream_{};
  bool ready_ = false;
  bool in_member_ = false;
  int members_ = 0;
};

struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdReader final : public ByteReader {
 public:
  ZstdReader(std::string path, std::unique_ptr<ByteReader> from)
      : path_(std::move(path)), block_(std::move(from)), context_(ZSTD_createDCtx()) {}

  Result<size_t> Read(std::span<char> buffer) override {
    if (context_ == nullptr) return ResourceExhausted(Format("{}: no memory to unpack", path_));
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    while (out.pos == 0) {
      MILLRACE_ASSIGN_OR_RETURN(const bool more, block_.Fill());
      ZSTD_inBuffer in{block_.data(), block_.size(), 0};
      const size_t wanted = ZSTD_decompressStream(context_.get(), &out, &in);
      block_.Use(in.pos);
      if (ZSTD_isError(wanted) != 0) return Damaged(path_, "zstd", ZSTD_getErrorName(wanted));
      if (!more && out.pos == 0) {
        if (in_frame_) return Damaged(path_, "zstd", "it ends too early");
        return size_t{0};
      }
      in_frame_ = wanted != 0;
    }
    return out.pos;
  }

 private:
  std::string path_;
  Block block_;
  std::unique_ptr<ZSTD_DCtx, FreeZstd> context_;
  bool in_frame_ = false;
};

}  // namespace

Packing PackingOf(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b")) return Packing::kGzip;
  if (first_bytes.starts_with("\x28\xb5\x2f\xfd")) return Packing::kZstd;
  return Packing::kNone;
}

Result<Packing> PackingOfFile(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string first, ReadFileRange(path, 0, 4));
  return PackingOf(first);
}

Result<std::unique_ptr<ByteReader>> OpenBytes(const std::string& path) {
  OpenFile file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    if (errno == ENOENT) return NotFound(Format("{}: no such file", path));
    return IoError(Format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  char first[4] = {};
  const size_t count = std::fread(first, 1, sizeof(first), file.get());
  std::rewind(file.get());
  auto plain = std::make_unique<PlainReader>(path, std::move(file));
  std::unique_ptr<ByteReader> reader;
  switch (PackingOf({first, count})) {
    case Packing::kGzip:
      reader = std::make_unique<GzipReader>(path, std::move(plain));
      break;
    case Packing::kZstd:
      reader = std::make_unique<ZstdReader>(path, std::move(plain));
      break;
    case Packing::kNone:
      reader = std::move(plain);
      break;
  }
  return reader;
}

Status CopyStdin(const std::string& path) {
  if (isatty(STDIN_FILENO) != 0) {
    return InvalidSpec("standard input: is a terminal").WithHint("cat rows.csv | millrace ...");
  }
  MILLRACE_RETURN_IF_ERROR(WriteFile(path, ""));
  std::string block(size_t{1} << 20, '\0');
  while (true) {
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    const ssize_t count = read(STDIN_FILENO, block.data(), block.size());
    if (count == 0) return {};
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return IoError(Format("standard input: {}", std::strerror(errno)));
    MILLRACE_RETURN_IF_ERROR(
        AppendFile(path, std::string_view(block).substr(0, static_cast<size_t>(count))));
  }
}

Status Unpack(const std::string& path, const std::string& out) {
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<ByteReader> reader, OpenBytes(path));
  MILLRACE_RETURN_IF_ERROR(WriteFile(out, ""));
  std::string block(size_t{1} << 20, '\0');
  while (true) {
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    MILLRACE_ASSIGN_OR_RETURN(const size_t count, reader->Read(block));
    if (count == 0) return {};
    MILLRACE_RETURN_IF_ERROR(AppendFile(out, std::string_view(block).substr(0, count)));
  }
}

Result<std::string> ReadFront(const std::string& path, size_t max_bytes) {
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<ByteReader> reader, OpenBytes(path));
  std::string bytes(max_bytes, '\0');
  size_t used = 0;
  while (used < max_bytes) {
    MILLRACE_ASSIGN_OR_RETURN(const size_t count, reader->Read(std::span(bytes).subspan(used)));
    if (count == 0) break;
    used += count;
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace millrace::engine
