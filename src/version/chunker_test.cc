#include "version/chunker.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/rng.h"

namespace millrace::version {
namespace {

std::string RandomBytes(uint64_t seed, size_t size) {
  Rng rng(seed);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.Below(256));
  return bytes;
}

std::vector<std::string> Chunks(std::string_view bytes) {
  std::vector<std::string> chunks;
  while (!bytes.empty()) {
    const Cut cut = FirstChunk(bytes);
    chunks.emplace_back(bytes.substr(0, static_cast<size_t>(cut.size)));
    bytes.remove_prefix(static_cast<size_t>(cut.size));
  }
  return chunks;
}

TEST(ChunkerTest, SizesAreInRangeAndNearTheAverage) {
  const std::string bytes = RandomBytes(1, 20 << 20);
  const auto chunks = Chunks(bytes);
  for (size_t i = 0; i + 1 < chunks.size(); ++i) {
    EXPECT_GE(static_cast<int64_t>(chunks[i].size()), kMinChunk);
    EXPECT_LE(static_cast<int64_t>(chunks[i].size()), kMaxChunk);
  }
  const double average = static_cast<double>(bytes.size()) / static_cast<double>(chunks.size());
  EXPECT_GT(average, 0.7 * static_cast<double>(kAverageChunk));
  EXPECT_LT(average, 1.4 * static_cast<double>(kAverageChunk));
}

TEST(ChunkerTest, CutsAreFixedForEver) {
  // The format: another cut here would store every file of every project anew.
  const std::string bytes = RandomBytes(7, 1 << 20);
  std::string sizes;
  for (const std::string& chunk : Chunks(bytes)) sizes += std::to_string(chunk.size()) + " ";
  EXPECT_EQ(DigestOf(sizes).Short(16), "060fc3edecf62bad") << sizes;
}

TEST(ChunkerTest, AnInsertionChangesOnlyChunksAroundIt) {
  const std::string bytes = RandomBytes(2, 8 << 20);
  std::string changed = bytes;
  changed.insert(3 << 20, "a few new bytes");
  std::set<std::string> old_chunks;
  for (std::string& chunk : Chunks(bytes)) old_chunks.insert(std::move(chunk));
  int64_t new_chunks = 0;
  for (const std::string& chunk : Chunks(changed)) new_chunks += old_chunks.contains(chunk) ? 0 : 1;
  EXPECT_GE(new_chunks, 1);
  EXPECT_LE(new_chunks, 3);
}

TEST(ChunkerTest, MarksOfAlikeChunksAgreeAndOfOthersDoNot) {
  const std::string bytes = RandomBytes(3, 200 << 10);
  const Cut cut = FirstChunk(bytes);
  std::string alike = bytes;
  // One byte in two thousand: what a row in twenty changed by a figure is.
  for (size_t i = 100; i < alike.size(); i += 2000) alike[i] = static_cast<char>(alike[i] ^ 1);
  const Cut other = FirstChunk(alike);
  int agree = 0;
  for (size_t i = 0; i < 3; ++i) agree += cut.marks[i] == other.marks[i] ? 1 : 0;
  EXPECT_GE(agree, 1);
  const Cut foreign = FirstChunk(RandomBytes(4, 200 << 10));
  for (size_t i = 0; i < 3; ++i) EXPECT_NE(cut.marks[i], foreign.marks[i]);
}

TEST(ChunkerTest, ShortContentIsOneChunk) {
  EXPECT_EQ(FirstChunk("x").size, 1);
  EXPECT_EQ(FirstChunk(std::string(static_cast<size_t>(kMinChunk), 'a')).size, kMinChunk);
  EXPECT_EQ(FirstChunk(std::string(static_cast<size_t>(2 * kMaxChunk), 'a')).size, kMaxChunk)
      << "without any variation the greatest size ends a chunk";
}

}  // namespace
}  // namespace millrace::version
