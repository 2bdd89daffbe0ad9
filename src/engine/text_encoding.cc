#include "engine/text_encoding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace millrace::engine {
namespace {

constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
constexpr uint32_t kReplacement = 0xFFFD;

constexpr std::array<std::pair<Encoding, std::string_view>, 5> kNames = {{
    {Encoding::kUtf8, "utf-8"},
    {Encoding::kUtf16Le, "utf-16le"},
    {Encoding::kUtf16Be, "utf-16be"},
    {Encoding::kLatin1, "latin-1"},
    {Encoding::kWindows1252, "windows-1252"},
}};

// 0x80..0x9f of Windows-1252 (WHATWG Encoding Standard, index windows-1252): five are control
// characters as in Latin-1.
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void AppendUtf8(uint32_t code, std::string& out) {
  const auto byte = [&out](uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

// UTF-16 without a mark: of most pairs one side is zero, the other hardly ever.
std::optional<Encoding> Utf16Of(std::string_view front) {
  size_t even = 0;
  size_t odd = 0;
  for (size_t i = 0; i + 1 < front.size(); i += 2) {
    if (front[i] == '\0') ++even;
    if (front[i + 1] == '\0') ++odd;
  }
  const size_t pairs = front.size() / 2;
  if (pairs < 4) return std::nullopt;
  if (odd * 10 >= pairs * 7 && even * 50 <= pairs) return Encoding::kUtf16Le;
  if (even * 10 >= pairs * 7 && odd * 50 <= pairs) return Encoding::kUtf16Be;
  return std::nullopt;
}

}  // namespace

std::string_view EncodingName(Encoding encoding) {
  for (const auto& [known, name] : kNames) {
    if (known == encoding) return name;
  }
  return "";
}

std::optional<Encoding> EncodingFromName(std::string_view name) {
  for (const auto& [encoding, known] : kNames) {
    if (known == name) return encoding;
  }
  return std::nullopt;
}

size_t CutCharacter(std::string_view bytes) {
  for (size_t count = 1; count <= 3 && count <= bytes.size(); ++count) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - count]);
    if (byte >= 0x80 && byte <= 0xBF) continue;  // a later byte of a character
    const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > count ? count : 0;
  }
  return 0;
}

std::optional<Encoding> DetectEncoding(std::string_view front) {
  if (front.starts_with("\xff\xfe")) return Encoding::kUtf16Le;
  if (front.starts_with("\xfe\xff")) return Encoding::kUtf16Be;
  if (front.find('\0') != std::string_view::npos) return Utf16Of(front);
  if (IsValidUtf8(front.substr(0, front.size() - CutCharacter(front)))) return Encoding::kUtf8;
  const bool windows = std::any_of(front.begin(), front.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 && byte <= 0x9F;
  });
  return windows ? Encoding::kWindows1252 : Encoding::kLatin1;
}

void TextDecoder::TakeUnit(uint32_t unit, std::string& out) {
  const bool high = unit >= 0xD800 && unit < 0xDC00;
  const bool low = unit >= 0xDC00 && unit < 0xE000;
  if (surrogate_ != 0) {
    const uint32_t first = std::exchange(surrogate_, 0);
    if (low) {
      AppendUtf8(0x10000 + ((first - 0xD800) << 10) + (unit - 0xDC00), out);
      return;
    }
    AppendUtf8(kReplacement, out);
  }
  if (high) {
    surrogate_ = unit;
  } else {
    AppendUtf8(low ? kReplacement : unit, out);
  }
}

void TextDecoder::DecodeUtf16(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    held_ += c;
    if (held_.size() < 2) continue;
    const auto first = static_cast<unsigned char>(held_[0]);
    const auto second = static_cast<unsigned char>(held_[1]);
    held_.clear();
    const uint32_t unit = encoding_ == Encoding::kUtf16Le
                              ? static_cast<uint32_t>(first | (second << 8))
                              : static_cast<uint32_t>((first << 8) | second);
    if (at_start_ && unit == 0xFEFF) {
      at_start_ = false;
      continue;
    }
    at_start_ = false;
    TakeUnit(unit, out);
  }
}

void TextDecoder::Decode(std::string_view bytes, std::string& out) {
  switch (encoding_) {
    case Encoding::kUtf8:
      if (!at_start_) {
        out += bytes;
        return;
      }
      held_ += bytes;
      if (held_.size() < kUtf8Mark.size()) return;
      at_start_ = false;
      out += std::string_view(held_).substr(held_.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0);
      held_.clear();
      return;
    case Encoding::kUtf16Le:
    case Encoding::kUtf16Be:
      DecodeUtf16(bytes, out);
      return;
    case Encoding::kLatin1:
    case Encoding::kWindows1252:
      for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool special = encoding_ == Encoding::kWindows1252 && byte >= 0x80 && byte <= 0x9F;
        AppendUtf8(special ? kWindows1252[byte - 0x80u] : byte, out);
      }
      return;
  }
}

void TextDecoder::Finish(std::string& out) {
  if (encoding_ == Encoding::kUtf8) {
    if (held_ != kUtf8Mark) out += held_;
    held_.clear();
    return;
  }
  if (surrogate_ != 0 || !held_.empty()) AppendUtf8(kReplacement, out);
  surrogate_ = 0;
  held_.clear();
}

}  // namespace millrace::engine
