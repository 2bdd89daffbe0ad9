// Distinct values with their counts, complete up to a bound. Open addressing over entries in order
// of first appearance; texts lie in one buffer.
//
// Thread safety: one thread at a time. Deterministic: depends on the order of the values alone.

#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
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

  /// `max_entries`: fewer than a million.
  explicit ValueTable(int64_t max_entries);

  int64_t size() const { return static_cast<int64_t>(entries_.size()); }
  bool full() const { return size() >= max_entries_; }
  const std::vector<Entry>& entries() const { return entries_; }
  /// Returns the text of an entry that was added as text.
  std::string_view TextOf(const Entry& entry) const {
    return std::string_view(bytes_).substr(entry.bits >> kLengthBits, entry.bits & kLongest);
  }

  /// Counts a value; false when it is not known and the table is full.
  bool Count(uint64_t hash, std::string_view text) {
    const std::string_view cut = Cut(text);
    const size_t slot = Find(hash, [&](const Entry& entry) {
      return entry.hash == hash && (entry.bits & kLongest) == cut.size() && TextOf(entry) == cut;
    });
    return CountAt(slot, hash, [&] { return Append(cut); });
  }
  bool Count(uint64_t hash, uint64_t bits) {
    const size_t slot =
        Find(hash, [&](const Entry& entry) { return entry.hash == hash && entry.bits == bits; });
    return CountAt(slot, hash, [&] { return bits; });
  }
  /// Counts values one after the other, as Count does, up to the first that is not known when the
  /// table is full. Returns how many were counted. `values`: texts or bits, as many as `hashes`.
  template <typename Value>
  size_t CountEach(std::span<const uint64_t> hashes, std::span<const Value> values) {
    if (slots_.size() < kSparseSlots) {  // near enough
      for (size_t i = 0; i < hashes.size(); ++i) {
        if (!Count(hashes[i], values[i])) return i;
      }
      return hashes.size();
    }
    for (const uint64_t hash : hashes.first(std::min(kSlotAhead, hashes.size()))) FetchSlot(hash);
    for (const uint64_t hash : hashes.first(std::min(kEntryAhead, hashes.size()))) FetchEntry(hash);
    for (size_t i = 0; i < hashes.size(); ++i) {
      if (i + kSlotAhead < hashes.size()) FetchSlot(hashes[i + kSlotAhead]);
      if (i + kEntryAhead < hashes.size()) FetchEntry(hashes[i + kEntryAhead]);
      if (!Count(hashes[i], values[i])) return i;
    }
    return hashes.size();
  }

 private:
  static constexpr int kIndexBits = 20;
  static constexpr size_t kFirstSlots = 1'024;
  // Up to so many, most are free: a value that does not lie where it should costs a wrong guess of
  // the processor, and tables of few values are asked for most cells.
  static constexpr size_t kSparseSlots = 16'384;
  // How many values before it is needed a place is asked for: two reads, one after the other.
  static constexpr size_t kSlotAhead = 64;
  static constexpr size_t kEntryAhead = 32;
  static constexpr int kLengthBits = 16;
  // Longer texts are told apart by their hash and their beginning; nobody reads more of them here.
  static constexpr uint64_t kLongest = 1'024 - 1;

  void FetchSlot(uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }
  void FetchEntry(uint64_t hash) const {
    const size_t slot = Find(hash, [](const Entry&) { return true; });
    if (slots_[slot] != 0) __builtin_prefetch(&EntryAt(slot), 1);
  }
  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 52) << kIndexBits; }
  static constexpr uint32_t kIndexMask = (uint32_t{1} << kIndexBits) - 1;
  const Entry& EntryAt(size_t slot) const { return entries_[(slots_[slot] & kIndexMask) - 1]; }
  // The slot of the entry that `is_it`, or a free one. Entries whose hash begins otherwise are not
  // looked at: they may lie far away.
  template <typename IsIt>
  size_t Find(uint64_t hash, const IsIt& is_it) const {
    const uint32_t tag = TagOf(hash);
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != 0) {
      if (slots_[slot] >> kIndexBits == tag >> kIndexBits && is_it(EntryAt(slot))) break;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
  }
  template <typename MakeBits>
  bool CountAt(size_t slot, uint64_t hash, const MakeBits& make_bits) {
    if (slots_[slot] != 0) {
      ++entries_[(slots_[slot] & kIndexMask) - 1].count;
      return true;
    }
    if (full()) return false;
    Insert(slot, hash, make_bits());
    return true;
  }
  static std::string_view Cut(std::string_view text) { return text.substr(0, kLongest); }
  uint64_t Append(std::string_view text);
  void Insert(size_t slot, uint64_t hash, uint64_t bits);

  int64_t max_entries_;
  std::vector<Entry> entries_;
  // Index of the entry + 1 below the first bits of its hash; 0: free.
  std::vector<uint32_t> slots_;
  std::string bytes_;
};

}  // namespace millrace::profile
