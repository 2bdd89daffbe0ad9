// Chunker: cuts bytes at places that their content decides, so that an insertion or a deletion
// changes the chunks around it and leaves all others as they are.
//
// Sources: FastCDC with normalized chunking (Xia et al. 2016, USENIX ATC) over a gear hash; marks
// of similarity by content-based sampling (Odess: Zou et al. 2021, ICDE): the greatest of three
// linear transforms of the rolling hash at the places that it chooses itself.
//
// Thread safety: pure functions. Determinism: a function of the bytes alone; the sizes and the
// gear table belong to the format (docs/formats/data_versions.md) and never change under a version.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace millrace::version {

inline constexpr int64_t kMinChunk = 16 << 10;      // bytes
inline constexpr int64_t kAverageChunk = 64 << 10;  // of content without repetition
inline constexpr int64_t kMaxChunk = 256 << 10;

/// Three marks; chunks that share one are alike in most of their bytes. All zero: too short.
using Marks = std::array<uint32_t, 3>;

struct Cut {
  int64_t size = 0;  // of the first chunk, 1 to kMaxChunk
  Marks marks = {};
};

/// Returns the first chunk of `bytes` (not empty). `bytes` must hold kMaxChunk bytes or reach to
/// the end of the content, else the cut would depend on how the content was read.
Cut FirstChunk(std::string_view bytes);

}  // namespace millrace::version
