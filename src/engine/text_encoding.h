// Encodings of text files, and their bytes as UTF-8.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::engine {

enum class Encoding { kUtf8, kUtf16Le, kUtf16Be, kLatin1, kWindows1252 };

/// "utf-8", "utf-16le", "utf-16be", "latin-1", "windows-1252".
std::string_view EncodingName(Encoding encoding);
std::optional<Encoding> EncodingFromName(std::string_view name);

/// Returns the encoding that the front of a file shows: its byte order mark; zeros on one side of
/// most pairs (UTF-16); bytes that are no UTF-8 (Windows-1252 where 0x80..0x9f occur, else
/// Latin-1). A character that the end of `front` cuts counts for nothing. Nothing for bytes that
/// are no text.
std::optional<Encoding> DetectEncoding(std::string_view front);

/// Returns how many bytes at the end begin a UTF-8 character that is cut there: 0 to 3.
size_t CutCharacter(std::string_view bytes);

/// Turns bytes that arrive in pieces into UTF-8. A byte order mark is left out; what the encoding
/// has no character for becomes U+FFFD (in UTF-8 it is passed on as it is).
class TextDecoder {
 public:
  explicit TextDecoder(Encoding encoding) : encoding_(encoding) {}
  /// Appends to `out`.
  void Decode(std::string_view bytes, std::string& out);
  /// Appends what a cut last character leaves.
  void Finish(std::string& out);

 private:
  void TakeUnit(uint32_t unit, std::string& out);
  void DecodeUtf16(std::string_view bytes, std::string& out);

  Encoding encoding_;
  bool at_start_ = true;
  std::string held_;        // of the byte order mark in UTF-8, of half a unit in UTF-16
  uint32_t surrogate_ = 0;  // a high one that waits for its partner
};

}  // namespace millrace::engine
