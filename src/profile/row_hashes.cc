#include "profile/row_hashes.h"

#include <algorithm>

#include "base/format.h"

namespace millrace::profile {
namespace {

int64_t CountDuplicates(std::vector<uint64_t>& hashes) {
  std::sort(hashes.begin(), hashes.end());
  const auto distinct = std::unique(hashes.begin(), hashes.end());
  return hashes.end() - distinct;
}

std::string_view BytesOf(std::span<const uint64_t> hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size_bytes()};
}

std::string PartPath(const TemporaryFolder& folder, size_t part) {
  return JoinPath(folder.path(), Format("part_{}", part));
}

}  // namespace

Status RowHashes::Add(std::span<const uint64_t> hashes) {
  digest_.Update(BytesOf(hashes));
  held_.insert(held_.end(), hashes.begin(), hashes.end());
  return held_.size() >= max_in_memory_ ? Spill() : Status();
}

Status RowHashes::Spill() {
  if (folder_ == nullptr) {
    MILLRACE_ASSIGN_OR_RETURN(TemporaryFolder folder, TemporaryFolder::Make());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder));
  }
  std::vector<std::vector<uint64_t>> parts(kNumParts);
  for (const uint64_t hash : held_) parts[hash >> 58].push_back(hash);
  held_.clear();
  for (size_t part = 0; part < kNumParts; ++part) {
    MILLRACE_RETURN_IF_ERROR(AppendFile(PartPath(*folder_, part), BytesOf(parts[part])));
  }
  return {};
}

Result<RowHashes::Summary> RowHashes::Finish() {
  Summary summary;
  summary.digest = digest_.Finish();
  if (folder_ == nullptr) {
    summary.num_duplicates = CountDuplicates(held_);
    return summary;
  }
  MILLRACE_RETURN_IF_ERROR(Spill());
  for (size_t part = 0; part < kNumParts; ++part) {
    MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(PartPath(*folder_, part)));
    std::vector<uint64_t> hashes(file.bytes().size() / sizeof(uint64_t));
    std::copy(file.bytes().begin(),
              file.bytes().begin() + static_cast<std::ptrdiff_t>(hashes.size() * sizeof(uint64_t)),
              reinterpret_cast<char*>(hashes.data()));
    summary.num_duplicates += CountDuplicates(hashes);
  }
  return summary;
}

}  // namespace millrace::profile
