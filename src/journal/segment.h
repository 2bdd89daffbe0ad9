// Segments: the file framing of the log (docs/formats/journal.md).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::journal {

inline constexpr std::string_view kSegmentHeader = "millrace-journal-1\n";
inline constexpr std::string_view kSegmentSuffix = ".mlog";
inline constexpr size_t kMaxPayload = size_t{16} << 20;

inline constexpr size_t kFrameHeader = 8;  // size and checksum of the payload

/// A frame in two steps: room for its header is appended, then the caller's payload, then the
/// header of the frame that began at `start` is filled in.
void BeginFrame(std::string& out);
void EndFrame(std::string& out, size_t start);
/// Appends the frame of one payload (at most kMaxPayload bytes).
void AppendFrame(std::string& out, std::string_view payload);

/// One frame found in a segment.
struct Frame {
  std::string_view payload;
  size_t end = 0;  // offset after it
};
/// Returns the frame at `offset`, or nothing when it is torn or damaged.
std::optional<Frame> FrameAt(std::string_view bytes, size_t offset);

/// Returns the file name of a segment: 20 digits of microseconds, process id, suffix; sorts by
/// time.
std::string SegmentName(int64_t started_micros, int64_t process_id, int64_t number);

}  // namespace millrace::journal
