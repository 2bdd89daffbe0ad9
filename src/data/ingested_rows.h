// What is known of each row that is kept, read in row order as often as it takes. A few rows stay
// in memory; more lie in a temporary folder, so that a source larger than memory can be divided.
//
// Thread safety: one thread at a time.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "spec/stated_part.h"

namespace millrace::data {

/// What is known of a row of the typed table.
struct IngestedRow {
  int64_t row = 0;             // place in the source, 0-based, counting readable rows
  uint64_t key_hash = 0;       // of the id, else of the content
  uint64_t side_hash = 0;      // rows with an equal one lie on one side: group, else key
  double target_number = 0.0;  // regression
  double time = 0.0;           // seconds; 0 without a time column
  int32_t target_text = -1;    // index into target_texts; -1 where the target is a number
  spec::StatedPart part = spec::StatedPart::kTrain;  // where `roles.part` is set
};

class IngestedRows {
 public:
  /// Rows that stay in memory: 48 bytes each.
  static constexpr size_t kHeldRows = size_t{1} << 16;
  explicit IngestedRows(size_t max_held = kHeldRows) : max_held_(max_held) {}

  /// Adds the next row. kIoError, kResourceExhausted when the disk is full.
  Status Add(const IngestedRow& row);
  int64_t size() const { return num_stored_ + static_cast<int64_t>(held_.size()); }
  bool empty() const { return size() == 0; }
  /// Hands all rows over in the order of adding. The first status that is not ok ends it; kIoError.
  Status ForEach(const std::function<Status(const IngestedRow&)>& take) const;

 private:
  Status Store();

  size_t max_held_;
  std::vector<IngestedRow> held_;  // after those that are stored
  int64_t num_stored_ = 0;
  int64_t num_files_ = 0;                    // of max_held_ rows each
  std::unique_ptr<TemporaryFolder> folder_;  // once there is a file
};

}  // namespace millrace::data
