#include "base/digest.h"

#include <gtest/gtest.h>

#include <set>

namespace millrace {
namespace {

TEST(DigestTest, MatchesTheStandardsExamples) {
  // FIPS 180-4 examples.
  EXPECT_EQ(DigestOf("abc").ToHex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(DigestOf("").ToHex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(DigestTest, PiecesGiveTheSameDigest) {
  Sha256 sha;
  sha.Update("a");
  sha.Update("bc");
  EXPECT_EQ(sha.Finish(), DigestOf("abc"));
  sha.Update("abc");
  EXPECT_EQ(sha.Finish(), DigestOf("abc")) << "starts anew after Finish";
}

TEST(DigestTest, FieldsDoNotRunTogether) {
  Sha256 first;
  first.UpdateField("ab");
  first.UpdateField("c");
  Sha256 second;
  second.UpdateField("a");
  second.UpdateField("bc");
  EXPECT_NE(first.Finish(), second.Finish());
}

TEST(DigestTest, HexReadsBack) {
  const Digest digest = DigestOf("x");
  EXPECT_EQ(Digest::FromHex(digest.ToHex()).value(), digest);
  EXPECT_EQ(digest.Short(), digest.ToHex().substr(0, 8));
  EXPECT_EQ(Digest::FromHex("12").status().code(), Code::kInvalidData);
  EXPECT_FALSE(Digest::FromHex(std::string(64, 'g')).ok());
}

TEST(DigestTest, HashesAreStable) {
  // xxHash64 reference values.
  EXPECT_EQ(Hash64(""), 0xef46db3751d8e999ULL);
  EXPECT_EQ(Hash64("abc"), 0x44bc2cf5ad770999ULL);
  EXPECT_NE(Hash64("abc", 1), Hash64("abc", 2));
  EXPECT_NE(MixHash(1, 2), MixHash(2, 1));
}

TEST(DigestTest, UnitIsBelowOne) {
  EXPECT_EQ(UnitFromHash(0), 0.0);
  EXPECT_LT(UnitFromHash(~uint64_t{0}), 1.0);
}

TEST(DigestTest, RandomHexDiffers) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(RandomHex(16).value());
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_EQ(seen.begin()->size(), 32u);
}

}  // namespace
}  // namespace millrace
