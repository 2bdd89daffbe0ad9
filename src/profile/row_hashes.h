// The hashes of all rows of a scan: their digest, and how many rows equal an earlier one. Hashes
// beyond a bound in memory go to a file, parted by their first bits, so that memory does not grow
// with the rows: 8 bytes of disk for each.
//
// Thread safety: one thread at a time.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/files.h"
#include "base/result.h"

namespace millrace::profile {

class RowHashes {
 public:
  /// `max_in_memory`: hashes held before they go to a file.
  explicit RowHashes(int64_t max_in_memory) : max_in_memory_(static_cast<size_t>(max_in_memory)) {}

  /// Adds the hashes of the next rows. kIoError, kResourceExhausted when the disk is full.
  Status Add(std::span<const uint64_t> hashes);

  struct Summary {
    Digest digest;               // of all hashes in order
    int64_t num_duplicates = 0;  // rows whose hash an earlier row has
  };
  /// Ends the adding. Errors of Add.
  Result<Summary> Finish();

 private:
  static constexpr size_t kNumParts = 64;
  Status Spill();

  size_t max_in_memory_;
  std::vector<uint64_t> held_;
  std::unique_ptr<TemporaryFolder> folder_;  // once there is a file
  Sha256 digest_;
};

}  // namespace millrace::profile
