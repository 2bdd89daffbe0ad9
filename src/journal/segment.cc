#include "journal/segment.h"

#include <zlib.h>

#include "base/format.h"

namespace millrace::journal {
namespace {

uint32_t Crc(std::string_view bytes) {
  return static_cast<uint32_t>(crc32(crc32(0, nullptr, 0),
                                     reinterpret_cast<const Bytef*>(bytes.data()),
                                     static_cast<uInt>(bytes.size())));
}

void Put32(std::string& out, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>((value >> (8 * i)) & 0xff);
}

uint32_t Get32(std::string_view bytes, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

}  // namespace

void BeginFrame(std::string& out) { out.append(kFrameHeader, '\0'); }

void EndFrame(std::string& out, size_t start) {
  const std::string_view payload = std::string_view(out).substr(start + kFrameHeader);
  const auto size = static_cast<uint32_t>(payload.size());
  const uint32_t sum = Crc(payload);
  Put32(out, start, size);
  Put32(out, start + 4, sum);
}

void AppendFrame(std::string& out, std::string_view payload) {
  const size_t start = out.size();
  BeginFrame(out);
  out += payload;
  EndFrame(out, start);
}

std::optional<Frame> FrameAt(std::string_view bytes, size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < 8) return std::nullopt;
  const size_t size = Get32(bytes, offset);
  if (size == 0 || size > kMaxPayload || bytes.size() - offset - 8 < size) return std::nullopt;
  const std::string_view payload = bytes.substr(offset + 8, size);
  if (Crc(payload) != Get32(bytes, offset + 4)) return std::nullopt;
  return Frame{payload, offset + 8 + size};
}

std::string SegmentName(int64_t started_micros, int64_t process_id, int64_t number) {
  return Format("{:020}-{}-{:06}{}", started_micros, process_id, number, kSegmentSuffix);
}

}  // namespace millrace::journal
