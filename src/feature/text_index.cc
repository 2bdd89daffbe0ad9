#include "feature/text_index.h"

#include <bit>

#include "base/digest.h"

namespace millrace::feature {

std::optional<TextIndex> TextIndex::Make(std::span<const std::string> texts) {
  TextIndex index;
  index.slots_.resize(std::bit_ceil(2 * texts.size() + 1));
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    const uint64_t hash = Hash64(text);
    Slot& slot = index.slots_[index.SlotOf(text, hash)];
    if (slot.place >= 0) return std::nullopt;
    slot = {.tag = static_cast<uint32_t>(hash >> 32),
            .place = static_cast<int32_t>(i),
            .offset = static_cast<uint32_t>(index.bytes_.size()),
            .size = static_cast<uint32_t>(text.size())};
    index.bytes_ += text;
  }
  return index;
}

size_t TextIndex::SlotOf(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  const auto tag = static_cast<uint32_t>(hash >> 32);
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.place < 0) return at;
    if (slot.tag == tag && slot.size == text.size() &&
        std::string_view(bytes_).substr(slot.offset, slot.size) == text) {
      return at;
    }
  }
}

int32_t TextIndex::Find(std::string_view text) const {
  return slots_[SlotOf(text, Hash64(text))].place;
}

}  // namespace millrace::feature
