#include "bundle/zip.h"

#include <gtest/gtest.h>

namespace millrace::bundle {
namespace {

TEST(Zip, EntriesComeBackInOrderAndAligned) {
  const std::string big(1000, 'x');
  const auto bytes = WriteZip({{"a", "1"}, {"empty", ""}, {"b/c", big}});
  ASSERT_TRUE(bytes.ok());
  const auto entries = ReadZip(*bytes, "z");
  ASSERT_TRUE(entries.ok()) << entries.status().ToString();
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[2].name, "b/c");
  EXPECT_EQ((*entries)[2].content, big);
  for (const ZipEntry& entry : *entries) {
    EXPECT_EQ(static_cast<size_t>(entry.content.data() - bytes->data()) % 64, 0u);
  }
}

TEST(Zip, RefusesTwiceTheSameName) { EXPECT_FALSE(WriteZip({{"a", "1"}, {"a", "2"}}).ok()); }

TEST(Zip, RefusesNoise) {
  EXPECT_EQ(ReadZip("", "z").status().code(), Code::kCorrupt);
  EXPECT_EQ(ReadZip(std::string(100, 'P'), "z").status().code(), Code::kCorrupt);
}

TEST(Zip, RefusesBytesBehindTheEnd) {
  EXPECT_FALSE(ReadZip(*WriteZip({{"a", "1"}}) + "x", "z").ok());
}

}  // namespace
}  // namespace millrace::bundle
