#include "deploy/tar_archive.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/format.h"

namespace millrace::deploy {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kMaxName = 100;
constexpr size_t kMaxPrefix = 155;
constexpr uint64_t kMaxContent = uint64_t{1} << 33;  // eleven octal digits

struct SplitPath {
  std::string prefix;
  std::string name;
};

Result<SplitPath> SplitForUstar(const std::string& path) {
  if (path.size() <= kMaxName) return SplitPath{"", path};
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const size_t rest = path.size() - slash - 1;
    if (slash <= kMaxPrefix && rest <= kMaxName && rest > 0) {
      return SplitPath{path.substr(0, slash), path.substr(slash + 1)};
    }
  }
  return Unsupported(Format("tar: path is too long: {}", path));
}

class Header {
 public:
  Header() { bytes_.fill('\0'); }
  void Text(size_t offset, std::string_view text) {
    std::copy(text.begin(), text.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  // `width` digits and a closing zero byte.
  void Octal(size_t offset, size_t width, uint64_t value) {
    Text(offset, Format("{:0{}o}", value, width));
  }
  void CheckSum() {
    Text(148, "        ");
    uint64_t sum = 0;
    for (const char byte : bytes_) sum += static_cast<unsigned char>(byte);
    Text(148, Format("{:06o}", sum));
    bytes_[154] = '\0';
    bytes_[155] = ' ';
  }
  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, kBlock> bytes_;
};

}  // namespace

Result<std::string> WriteTar(const std::vector<TarEntry>& entries) {
  std::string out;
  for (const TarEntry& entry : entries) {
    if (entry.content.size() >= kMaxContent) {
      return Unsupported(Format("tar: {}: too large: {} bytes", entry.path, entry.content.size()));
    }
    MILLRACE_ASSIGN_OR_RETURN(const SplitPath path, SplitForUstar(entry.path));
    const bool is_folder = !entry.path.empty() && entry.path.back() == '/';
    Header header;
    header.Text(0, path.name);
    header.Octal(100, 7, entry.mode);
    header.Octal(108, 7, entry.owner);
    header.Octal(116, 7, entry.owner);
    header.Octal(124, 11, entry.content.size());
    header.Octal(136, 11, 0);  // 1970-01-01
    header.Text(156, is_folder ? "5" : "0");
    header.Text(257, std::string_view("ustar\00000", 8));
    header.Octal(329, 7, 0);
    header.Octal(337, 7, 0);
    header.Text(345, path.prefix);
    header.CheckSum();
    out += header.bytes();
    out += entry.content;
    out.append((kBlock - entry.content.size() % kBlock) % kBlock, '\0');
  }
  out.append(2 * kBlock, '\0');
  return out;
}

Result<std::string> Gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, 6, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    return ResourceExhausted("gzip: no memory");
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  size_t read = 0;
  size_t written = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    constexpr size_t kMost = std::numeric_limits<uInt>::max();
    const size_t take = std::min(kMost, bytes.size() - read);
    const size_t room = std::min(kMost, out.size() - written);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + read));
    stream.avail_in = static_cast<uInt>(take);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    stream.avail_out = static_cast<uInt>(room);
    state = deflate(&stream, read + take == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    read += take - stream.avail_in;
    written += room - stream.avail_out;
  }
  deflateEnd(&stream);
  if (state != Z_STREAM_END) return Internal(Format("gzip: zlib answered {}", state));
  out.resize(written);
  out[9] = '\xff';  // "unknown" as operating system: the same bytes everywhere
  return out;
}

}  // namespace millrace::deploy
