// Distinct values with their counts, complete up to a bound. Open addressing over entries in order
// of first appearance; texts lie in one buffer.
//
// Thread safety: one thread at a time. Deterministic: depends on the order of the values alone.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::profile {

class ValueTable {
 public:
  static constexpr int64_t kNone = -1;

  struct Entry {
    uint64_t hash = 0;
    uint64_t bits = 0;  // of a number; offset << 16 | length of a text
    int64_t count = 0;
  };

  explicit ValueTable(int64_t max_entries) : max_entries_(max_entries), slots_(kFirstSlots, 0) {}

  int64_t size() const { return static_cast<int64_t>(entries_.size()); }
  bool full() const { return size() >= max_entries_; }
  const std::vector<Entry>& entries() const { return entries_; }
  /// Returns the text of an entry that was added as text.
  std::string_view TextOf(const Entry& entry) const {
    return std::string_view(bytes_).substr(entry.bits >> kLengthBits, entry.bits & kLongest);
  }

  /// Counts a value; false when it is not known and the table is full.
  bool Count(uint64_t hash, std::string_view text) {
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != 0) {
      Entry& entry = entries_[slots_[slot] - 1];
      if (entry.hash == hash && (entry.bits & kLongest) == Cut(text).size() &&
          TextOf(entry) == Cut(text)) {
        ++entry.count;
        return true;
      }
      slot = (slot + 1) & (slots_.size() - 1);
    }
    if (full()) return false;
    Insert(slot, hash, Append(Cut(text)));
    return true;
  }
  bool Count(uint64_t hash, uint64_t bits) {
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != 0) {
      Entry& entry = entries_[slots_[slot] - 1];
      if (entry.hash == hash && entry.bits == bits) {
        ++entry.count;
        return true;
      }
      slot = (slot + 1) & (slots_.size() - 1);
    }
    if (full()) return false;
    Insert(slot, hash, bits);
    return true;
  }

 private:
  static constexpr size_t kFirstSlots = 64;
  static constexpr int kLengthBits = 16;
  // Longer texts are told apart by their hash and their beginning; nobody reads more of them here.
  static constexpr uint64_t kLongest = 1'024 - 1;

  static std::string_view Cut(std::string_view text) { return text.substr(0, kLongest); }
  uint64_t Append(std::string_view text);
  void Insert(size_t slot, uint64_t hash, uint64_t bits);

  int64_t max_entries_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> slots_;  // index of the entry + 1; 0: free
  std::string bytes_;
};

}  // namespace millrace::profile
