#include "stream/prefix_proof.h"

#include <algorithm>

#include "base/file_range.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::stream {
namespace {

using json::Json;

Digest Chained(const Digest& chain, std::string_view block) {
  Sha256 hash;
  hash.UpdateField(chain.ToHex());
  hash.UpdateField(DigestOf(block).ToHex());
  return hash.Finish();
}

Status Changed(const std::string& path, std::string_view what) {
  return InvalidData(Format("{}: what was read before has changed: {}", path, what));
}

Status CheckSize(const PrefixProof& proof, const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t size, FileSize(path));
  if (size >= proof.size_bytes) return {};
  return Changed(path, Format("it has {} bytes, {} were read", FormatCount(size),
                              FormatCount(proof.size_bytes)));
}

}  // namespace

Digest PrefixProof::Content() const {
  Sha256 hash;
  hash.UpdateField("millrace prefix 1");
  hash.UpdateField(std::to_string(size_bytes));
  hash.UpdateField(chain.ToHex());
  hash.UpdateField(tail.ToHex());
  return hash.Finish();
}

Json ToJson(const PrefixProof& proof) {
  return Json::Of({{"bytes", proof.size_bytes},
                   {"head", proof.head.ToHex()},
                   {"blocks", proof.num_chained},
                   {"chain", proof.chain.ToHex()},
                   {"tail", proof.tail.ToHex()}});
}

Result<PrefixProof> PrefixProofFromJson(const Json& document, std::string_view where) {
  PrefixProof proof;
  MILLRACE_ASSIGN_OR_RETURN(proof.size_bytes, document.RequireInteger(where, "bytes"));
  MILLRACE_ASSIGN_OR_RETURN(proof.num_chained, document.RequireInteger(where, "blocks"));
  const auto digest = [&](std::string_view key) -> Result<Digest> {
    MILLRACE_ASSIGN_OR_RETURN(const std::string hex, document.RequireString(where, key));
    const auto read = Digest::FromHex(hex);
    if (!read.ok()) return Corrupt(Format("{}: {}: not a digest", where, key));
    return *read;
  };
  MILLRACE_ASSIGN_OR_RETURN(proof.head, digest("head"));
  MILLRACE_ASSIGN_OR_RETURN(proof.chain, digest("chain"));
  MILLRACE_ASSIGN_OR_RETURN(proof.tail, digest("tail"));
  const int64_t last = std::max<int64_t>(proof.size_bytes, 1) - 1;
  if (proof.size_bytes < 0 || proof.num_chained != last / kProofBlockBytes) {
    return Corrupt(
        Format("{}: {} bytes have no {} blocks", where, proof.size_bytes, proof.num_chained));
  }
  return proof;
}

Result<PrefixProof> Extend(const PrefixProof& proof, std::string_view bytes) {
  const int64_t from = proof.tail_offset();
  const auto known = static_cast<size_t>(proof.size_bytes - from);
  if (bytes.size() < known) return InvalidData("what was read before has changed: it is shorter");
  if (known > 0 && DigestOf(bytes.substr(0, known)) != proof.tail) {
    return InvalidData("what was read before has changed: its end is another");
  }
  PrefixProof longer = proof;
  longer.size_bytes = from + static_cast<int64_t>(bytes.size());
  // Shorter than a block before: the bytes hold the whole prefix.
  if (proof.size_bytes < kProofHeadBytes) longer.head = DigestOf(bytes.substr(0, kProofHeadBytes));
  while (static_cast<int64_t>(bytes.size()) > kProofBlockBytes) {
    longer.chain = Chained(longer.chain, bytes.substr(0, kProofBlockBytes));
    ++longer.num_chained;
    bytes.remove_prefix(kProofBlockBytes);
  }
  longer.tail = DigestOf(bytes);
  return longer;
}

Status CheckEnds(const PrefixProof& proof, const std::string& path) {
  if (proof.size_bytes == 0) return {};
  MILLRACE_RETURN_IF_ERROR(CheckSize(proof, path));
  MILLRACE_ASSIGN_OR_RETURN(const std::string head,
                            ReadFileRange(path, 0, std::min(proof.size_bytes, kProofHeadBytes)));
  if (DigestOf(head) != proof.head) return Changed(path, "its beginning is another");
  MILLRACE_ASSIGN_OR_RETURN(
      const std::string tail,
      ReadFileRange(path, proof.tail_offset(), proof.size_bytes - proof.tail_offset()));
  if (DigestOf(tail) != proof.tail) {
    return Changed(path, Format("bytes {} to {} are others", FormatCount(proof.tail_offset()),
                                FormatCount(proof.size_bytes)));
  }
  return {};
}

Status CheckAll(const PrefixProof& proof, const std::string& path) {
  MILLRACE_RETURN_IF_ERROR(CheckEnds(proof, path));
  Digest chain;
  for (int64_t block = 0; block < proof.num_chained; ++block) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string bytes,
                              ReadFileRange(path, block * kProofBlockBytes, kProofBlockBytes));
    chain = Chained(chain, bytes);
  }
  if (chain == proof.chain) return {};
  return Changed(path,
                 Format("something within the first {} bytes", FormatCount(proof.size_bytes)));
}

}  // namespace millrace::stream
