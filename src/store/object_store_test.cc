#include "store/object_store.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace millrace::store {
namespace {

class ObjectStoreTest : public testing::Test {
 protected:
  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  std::string PathOf(std::string_view name) const { return JoinPath(folder_.path(), name); }
  ObjectStore store_ = ObjectStore::Open(JoinPath(folder_.path(), "objects")).value();
};

TEST_F(ObjectStoreTest, BytesAreNamedByTheirDigest) {
  const Digest digest = store_.Put("hello").value();
  EXPECT_EQ(digest, DigestOf("hello"));
  EXPECT_TRUE(store_.Has(digest));
  EXPECT_EQ(store_.Get(digest).value(), "hello");
  EXPECT_EQ(store_.SizeOf(digest).value(), 5);
  EXPECT_TRUE(store_.Verify(digest).ok());
  const std::string hex = digest.ToHex();
  EXPECT_EQ(store_.PathOf(digest), store_.folder() + "/" + hex.substr(0, 2) + "/" + hex.substr(2));
}

TEST_F(ObjectStoreTest, SameBytesAreStoredOnce) {
  const Digest digest = store_.Put("hello").value();
  EXPECT_EQ(store_.Put("hello").value(), digest);
  EXPECT_EQ(store_.List().value(), std::vector<Digest>{digest});
  const Digest empty = store_.Put("").value();
  EXPECT_EQ(store_.Get(empty).value(), "");
  EXPECT_EQ(store_.List().value().size(), 2u);
}

TEST_F(ObjectStoreTest, FilesAreCopiedOrAdopted) {
  ASSERT_TRUE(WriteFile(PathOf("a"), "content").ok());
  const Digest digest = store_.PutFile(PathOf("a")).value();
  EXPECT_EQ(digest, DigestOf("content"));
  EXPECT_TRUE(FileExists(PathOf("a")));
  EXPECT_EQ(store_.AdoptFile(PathOf("a")).value(), digest) << "present already";
  EXPECT_FALSE(FileExists(PathOf("a")));
  ASSERT_TRUE(WriteFile(PathOf("b"), "other").ok());
  const Digest other = store_.AdoptFile(PathOf("b")).value();
  EXPECT_EQ(store_.Get(other).value(), "other");
  for (const std::string& name : ListFolder(store_.folder()).value()) {
    EXPECT_FALSE(name.ends_with(".tmp")) << name;
  }
}

TEST_F(ObjectStoreTest, MissingObjectsAndFilesAreTold) {
  const Digest digest = DigestOf("never stored");
  EXPECT_EQ(store_.Get(digest).status().code(), Code::kNotFound);
  EXPECT_EQ(store_.Verify(digest).code(), Code::kNotFound);
  EXPECT_EQ(store_.SizeOf(digest).status().code(), Code::kNotFound);
  EXPECT_FALSE(store_.Has(digest));
  EXPECT_EQ(store_.PutFile(PathOf("none")).status().code(), Code::kNotFound);
  EXPECT_EQ(store_.AdoptFile(PathOf("none")).status().code(), Code::kNotFound);
}

TEST_F(ObjectStoreTest, EveryChangedByteIsFound) {
  const std::string bytes = "some bytes that matter";
  const Digest digest = store_.Put(bytes).value();
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    ASSERT_TRUE(WriteFile(store_.PathOf(digest), damaged).ok());
    EXPECT_EQ(store_.Get(digest).status().code(), Code::kCorrupt);
    EXPECT_EQ(store_.Verify(digest).code(), Code::kCorrupt);
  }
  ASSERT_TRUE(WriteFile(store_.PathOf(digest), "").ok());
  EXPECT_EQ(store_.Get(digest).status().code(), Code::kCorrupt);
}

TEST_F(ObjectStoreTest, StoringAgainMendsADamagedCopy) {
  const Digest digest = store_.Put("precious").value();
  ASSERT_TRUE(WriteFile(store_.PathOf(digest), "preciouz").ok());
  EXPECT_EQ(store_.Put("precious").value(), digest);
  EXPECT_EQ(store_.Get(digest).value(), "precious");
}

TEST_F(ObjectStoreTest, StrayFilesAreNoObjects) {
  const Digest digest = store_.Put("x").value();
  ASSERT_TRUE(WriteFile(FolderName(store_.PathOf(digest)) + "/notes.txt", "x").ok());
  ASSERT_TRUE(MakeFolders(JoinPath(store_.folder(), "zz")).ok());
  ASSERT_TRUE(WriteFile(JoinPath(store_.folder(), "readme"), "x").ok());
  EXPECT_EQ(store_.List().value(), std::vector<Digest>{digest});
}

}  // namespace
}  // namespace millrace::store
