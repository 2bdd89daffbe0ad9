#include "feature/ngrams.h"

#include <algorithm>

namespace millrace::feature {
namespace {

constexpr bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Bytes of the character at the start of `text`, which is not empty.
size_t CharacterBytes(std::string_view text) {
  size_t bytes = 1;
  while (bytes < 4 && bytes < text.size() && Continues(text[bytes])) ++bytes;
  return bytes;
}

}  // namespace

size_t NgramCharacters(std::string_view ngram) {
  size_t characters = 0;
  for (size_t at = 0; at < ngram.size(); at += CharacterBytes(ngram.substr(at))) ++characters;
  return characters;
}

NgramReader::NgramReader(std::string_view text, size_t min, size_t max)
    : text_(text), min_(min), max_(max), length_(max) {}

void NgramReader::Append(std::string_view character) {
  if (num_characters_ == max_) {
    const size_t first = sizes_[0];
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(first),
              bytes_.begin() + static_cast<std::ptrdiff_t>(num_bytes_), bytes_.begin());
    std::copy(sizes_.begin() + 1, sizes_.begin() + static_cast<std::ptrdiff_t>(num_characters_),
              sizes_.begin());
    num_bytes_ -= first;
    --num_characters_;
  }
  std::copy(character.begin(), character.end(),
            bytes_.begin() + static_cast<std::ptrdiff_t>(num_bytes_));
  sizes_[num_characters_++] = character.size();
  num_bytes_ += character.size();
  after_space_ = character == " ";
}

bool NgramReader::ReadCharacter() {
  if (state_ == State::kBefore) {
    state_ = State::kText;
    Append(" ");
    return true;
  }
  while (at_ < text_.size()) {
    const size_t bytes = CharacterBytes(text_.substr(at_));
    const std::string_view character = text_.substr(at_, bytes);
    at_ += bytes;
    if (IsSpace(character[0]) && bytes == 1) {
      if (after_space_) continue;
      Append(" ");
    } else if (character[0] >= 'A' && character[0] <= 'Z' && bytes == 1) {
      const char lower = static_cast<char>(character[0] + 32);
      Append({&lower, 1});
    } else {
      Append(character);
    }
    return true;
  }
  if (state_ == State::kAfter || after_space_) return false;
  state_ = State::kAfter;
  Append(" ");
  return true;
}

bool NgramReader::Next() {
  if (length_ < std::min(max_, num_characters_)) {
    ++length_;
    return true;
  }
  do {
    if (!ReadCharacter()) return false;
  } while (num_characters_ < min_);
  length_ = min_;
  return true;
}

std::string_view NgramReader::ngram() const {
  size_t bytes = 0;
  for (size_t i = 0; i < length_; ++i) bytes += sizes_[num_characters_ - 1 - i];
  return {bytes_.data() + num_bytes_ - bytes, bytes};
}

}  // namespace millrace::feature
