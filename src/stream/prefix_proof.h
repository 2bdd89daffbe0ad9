// Prefix proof: shows that the beginning of a file is still what it was, without keeping it and
// without reading it again from its start.
//
// The bytes are cut into blocks of 1 MiB. chain = 0 at first, then SHA-256(chain || SHA-256(block))
// for each block that is complete and not the last; the last block, full or not, is kept as a
// digest of its own. A prefix that grows reads its last block again and goes on from there: however
// the bytes arrive, equal bytes give an equal proof (docs/formats/stream.md).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"

namespace millrace::stream {

inline constexpr int64_t kProofBlockBytes = int64_t{1} << 20;
inline constexpr int64_t kProofHeadBytes = 4096;

struct PrefixProof {
  int64_t size_bytes = 0;   // of the prefix
  Digest head;              // of its first kProofHeadBytes, or of all when it is shorter
  int64_t num_chained = 0;  // blocks in `chain`; the last block is never one of them
  Digest chain;
  Digest tail;  // of the last block

  /// Where the last block begins: bytes from here on are read again to go on.
  int64_t tail_offset() const { return num_chained * kProofBlockBytes; }
  /// Returns the identity of all bytes of the prefix.
  Digest Content() const;

  friend bool operator==(const PrefixProof&, const PrefixProof&) = default;
};

json::Json ToJson(const PrefixProof& proof);
/// kCorrupt when the document is no proof, or one that no bytes can have.
Result<PrefixProof> PrefixProofFromJson(const json::Json& document, std::string_view where);

/// Returns the proof of the longer prefix. `bytes` are those of the file from proof.tail_offset()
/// on, at least up to proof.size_bytes; kInvalidData when its part that is known already has
/// changed.
Result<PrefixProof> Extend(const PrefixProof& proof, std::string_view bytes);

/// Reads head and last block of `path` and compares. kInvalidData, naming the file and what is
/// wrong: shorter than the prefix, another beginning, another end. kNotFound, kIoError. Cost: 1 MiB
/// at most; a change in the middle is not seen.
Status CheckEnds(const PrefixProof& proof, const std::string& path);
/// Reads the whole prefix and compares; as CheckEnds, and a change anywhere is seen. Bounded
/// memory.
Status CheckAll(const PrefixProof& proof, const std::string& path);

}  // namespace millrace::stream
