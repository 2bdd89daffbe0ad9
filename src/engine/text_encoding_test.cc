#include "engine/text_encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::engine {
namespace {

using std::string_literals::operator""s;

std::string Decoded(std::string_view bytes, Encoding encoding, size_t piece) {
  TextDecoder decoder(encoding);
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += piece) decoder.Decode(bytes.substr(i, piece), out);
  decoder.Finish(out);
  return out;
}

TEST(TextEncodingTest, DecodesInPiecesOfAnySize) {
  const struct {
    std::string bytes;
    Encoding encoding;
    const char* text;
  } cases[] = {
      {"\xef\xbb\xbf\x61\xc3\xa9", Encoding::kUtf8, "a\u00e9"},
      {"ab", Encoding::kUtf8, "ab"},
      {"\xff\xfe\x61\0\xe9\0\x3d\xd8\x00\xde"s, Encoding::kUtf16Le, "a\u00e9\U0001F600"},
      {"\xfe\xff\0\x61\0\xe9\xd8\x3d\xde\x00"s, Encoding::kUtf16Be, "a\u00e9\U0001F600"},
      {"\0a\0b"s, Encoding::kUtf16Be, "ab"},
      {"\x3d\xd8\x61\0"s, Encoding::kUtf16Le, "\ufffd\x61"},
      {"\x61\0\x62"s, Encoding::kUtf16Le, "a\ufffd"},
      {"\x80\xe9", Encoding::kWindows1252, "\u20ac\u00e9"},
      {"\x80\xe9", Encoding::kLatin1, "\u0080\u00e9"},
  };
  for (const auto& item : cases) {
    for (const size_t piece : {1u, 2u, 3u, 100u}) {
      EXPECT_EQ(Decoded(item.bytes, item.encoding, piece), item.text) << piece;
    }
  }
}

TEST(TextEncodingTest, DetectsByMarkAndContent) {
  EXPECT_EQ(DetectEncoding("a,b\n1,\xc3\xa9\n"), Encoding::kUtf8);
  EXPECT_EQ(DetectEncoding("a,\xc3"), Encoding::kUtf8);  // cut inside a character
  EXPECT_EQ(DetectEncoding("caf\xe9,b\n1,2\n"), Encoding::kLatin1);
  EXPECT_EQ(DetectEncoding("5 \x80,b\n1,2\n"), Encoding::kWindows1252);
  EXPECT_EQ(DetectEncoding("\xfe\xff\0a"s), Encoding::kUtf16Be);
  EXPECT_EQ(DetectEncoding("\xff\xfe"
                           "a\0"s),
            Encoding::kUtf16Le);
  EXPECT_EQ(DetectEncoding("\0a\0,\0b\0\n\0"
                           "1\0,\0"
                           "2"s),
            Encoding::kUtf16Be);
  EXPECT_EQ(DetectEncoding("a\0,\0b\0\n\0"
                           "1\0,\0"
                           "2\0"s),
            Encoding::kUtf16Le);
  EXPECT_EQ(DetectEncoding("\x7f"
                           "ELF\0\0\1\2"s),
            std::nullopt);
  for (const Encoding encoding : {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kWindows1252}) {
    EXPECT_EQ(EncodingFromName(EncodingName(encoding)), encoding);
  }
}

}  // namespace
}  // namespace millrace::engine
