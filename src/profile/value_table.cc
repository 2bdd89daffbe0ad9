#include "profile/value_table.h"

#include "base/check.h"

namespace millrace::profile {

ValueTable::ValueTable(int64_t max_entries) : max_entries_(max_entries), slots_(kFirstSlots, 0) {
  MILLRACE_CHECK(max_entries < int64_t{kIndexMask}, "callers track far fewer values");
}

uint64_t ValueTable::Append(std::string_view text) {
  const uint64_t offset = bytes_.size();
  bytes_ += text;
  return offset << kLengthBits | text.size();
}

void ValueTable::Insert(size_t slot, uint64_t hash, uint64_t bits) {
  entries_.push_back({.hash = hash, .bits = bits, .count = 1});
  slots_[slot] = TagOf(hash) | static_cast<uint32_t>(entries_.size());
  if (entries_.size() * (slots_.size() < kSparseSlots ? 8 : 2) < slots_.size()) return;
  std::vector<uint32_t> wider(slots_.size() * 2, 0);
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t at = entries_[i].hash & (wider.size() - 1);
    while (wider[at] != 0) at = (at + 1) & (wider.size() - 1);
    wider[at] = TagOf(entries_[i].hash) | static_cast<uint32_t>(i + 1);
  }
  slots_ = std::move(wider);
}

}  // namespace millrace::profile
