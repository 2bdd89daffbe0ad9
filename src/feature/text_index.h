// TextIndex: finds the place of a text in a list, without building a string. For feature/ and fit/.
//
// Open addressing over one block of bytes. Thread safety: immutable; Find from many threads.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::feature {

class TextIndex {
 public:
  /// Returns nothing when a text stands twice.
  static std::optional<TextIndex> Make(std::span<const std::string> texts);

  /// Returns the place of `text`, or -1. No allocation.
  int32_t Find(std::string_view text) const;

 private:
  struct Slot {
    uint32_t tag = 0;     // upper half of the hash
    int32_t place = -1;   // -1: free
    uint32_t offset = 0;  // of its bytes
    uint32_t size = 0;
  };

  TextIndex() = default;
  /// Returns the slot that holds `text`, or the free one where it belongs.
  size_t SlotOf(std::string_view text, uint64_t hash) const;

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::string bytes_;
};

}  // namespace millrace::feature
