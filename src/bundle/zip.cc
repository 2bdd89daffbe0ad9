#include "bundle/zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <set>

#include "base/format.h"

namespace millrace::bundle {
namespace {

constexpr uint32_t kLocalMagic = 0x04034b50;
constexpr uint32_t kCentralMagic = 0x02014b50;
constexpr uint32_t kEndMagic = 0x06054b50;
constexpr size_t kLocalSize = 30;
constexpr size_t kCentralSize = 46;
constexpr size_t kEndSize = 22;
constexpr size_t kAlignment = 64;
constexpr uint16_t kPaddingId = 0x4d4c;  // our own extra field: zeros
constexpr uint16_t kVersion = 20;
constexpr uint16_t kUtf8Flag = 0x0800;
constexpr uint16_t kFixedDate = 0x0021;  // 1980-01-01
constexpr uint64_t kMaxSize = 0xffffff00;

void Put16(std::string& out, uint64_t value) {
  out.push_back(static_cast<char>(value & 0xff));
  out.push_back(static_cast<char>((value >> 8) & 0xff));
}

void Put32(std::string& out, uint64_t value) {
  Put16(out, value & 0xffff);
  Put16(out, value >> 16);
}

uint32_t Get(std::string_view bytes, size_t offset, int width) {
  uint32_t value = 0;
  for (int i = 0; i < width; ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[offset + static_cast<size_t>(i)]))
             << (8 * i);
  }
  return value;
}

uint32_t Crc(std::string_view bytes) {
  uLong crc = crc32(0, nullptr, 0);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, size_t{1} << 30);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    bytes.remove_prefix(piece.size());
  }
  return static_cast<uint32_t>(crc);
}

size_t PaddingFor(size_t offset, size_t name_size) {
  const size_t start = offset + kLocalSize + name_size + 4;
  return 4 + (kAlignment - start % kAlignment) % kAlignment;
}

// The fields that the local and the central header share, from "version needed" to "name length".
std::string SharedFields(const ZipEntry& entry, uint32_t crc) {
  std::string out;
  Put16(out, kVersion);
  Put16(out, kUtf8Flag);
  Put16(out, 0);  // stored
  Put16(out, 0);  // 00:00:00
  Put16(out, kFixedDate);
  Put32(out, crc);
  Put32(out, entry.content.size());
  Put32(out, entry.content.size());
  Put16(out, entry.name.size());
  return out;
}

Status CheckEntries(const std::vector<ZipEntry>& entries) {
  std::set<std::string_view> names;
  uint64_t total = kEndSize;
  for (const ZipEntry& entry : entries) {
    if (entry.name.empty() || entry.name.size() > 255 || !names.insert(entry.name).second) {
      return Unsupported(Format("archive: entry name is empty, long or twice: \"{}\"", entry.name));
    }
    total += entry.content.size() + 2 * entry.name.size() + 256;
  }
  if (total > kMaxSize || entries.size() > 0xffff) {
    return Unsupported(Format("archive: larger than 4 GiB: {} bytes", total));
  }
  return {};
}

}  // namespace

Result<std::string> WriteZip(const std::vector<ZipEntry>& entries) {
  MILLRACE_RETURN_IF_ERROR(CheckEntries(entries));
  std::string out;
  std::string directory;
  for (const ZipEntry& entry : entries) {
    const size_t offset = out.size();
    const std::string shared = SharedFields(entry, Crc(entry.content));
    const size_t padding = PaddingFor(offset, entry.name.size());
    Put32(out, kLocalMagic);
    out += shared;
    Put16(out, padding);
    out += entry.name;
    Put16(out, kPaddingId);
    Put16(out, padding - 4);
    out.append(padding - 4, '\0');
    out += entry.content;

    Put32(directory, kCentralMagic);
    Put16(directory, kVersion);
    directory += shared;
    Put16(directory, 0);  // extra
    Put16(directory, 0);  // comment
    Put16(directory, 0);  // disk
    Put16(directory, 0);  // internal attributes
    Put32(directory, 0);  // external attributes
    Put32(directory, offset);
    directory += entry.name;
  }
  const size_t start = out.size();
  out += directory;
  Put32(out, kEndMagic);
  Put16(out, 0);
  Put16(out, 0);
  Put16(out, entries.size());
  Put16(out, entries.size());
  Put32(out, directory.size());
  Put32(out, start);
  Put16(out, 0);
  return out;
}

Result<std::vector<ZipEntry>> ReadZip(std::string_view bytes, std::string_view where) {
  const auto damaged = [&](std::string_view what) {
    return Corrupt(Format("{}: damaged bundle: {}", where, what))
        .WithHint("fetch the file again or pack it anew");
  };
  if (bytes.size() < kEndSize) return damaged("too short");
  const size_t end = bytes.size() - kEndSize;
  if (Get(bytes, end, 4) != kEndMagic) return damaged("no end record");
  const size_t count = Get(bytes, end + 10, 2);
  size_t at = Get(bytes, end + 16, 4);
  if (at > end) return damaged("directory outside the file");
  const size_t directory_start = at;
  std::vector<ZipEntry> entries;
  for (size_t i = 0; i < count; ++i) {
    if (end - at < kCentralSize || Get(bytes, at, 4) != kCentralMagic) {
      return damaged("directory entry");
    }
    const size_t size = Get(bytes, at + 24, 4);
    const size_t name_size = Get(bytes, at + 28, 2);
    const size_t offset = Get(bytes, at + 42, 4);
    if (end - at - kCentralSize < name_size) return damaged("entry name");
    const size_t head = kLocalSize + name_size + PaddingFor(offset, name_size);
    if (offset > directory_start || directory_start - offset < head ||
        directory_start - offset - head < size) {
      return damaged("entry outside the file");
    }
    entries.push_back({std::string(bytes.substr(at + kCentralSize, name_size)),
                       bytes.substr(offset + head, size)});
    at += kCentralSize + name_size;
  }
  // The total of the sizes is bounded by the file before anything is built from it.
  size_t total = 0;
  for (const ZipEntry& entry : entries) total += entry.content.size();
  if (total > bytes.size()) return damaged("overlapping entries");
  const Result<std::string> canonical = WriteZip(entries);
  if (!canonical.ok()) return damaged(canonical.status().message());
  if (*canonical != bytes) {
    const auto difference =
        std::mismatch(bytes.begin(), bytes.end(), canonical->begin(), canonical->end());
    return damaged(
        Format("a byte at offset {} is not as written", difference.first - bytes.begin()));
  }
  return entries;
}

}  // namespace millrace::bundle
