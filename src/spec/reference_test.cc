#include "spec/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.h"

namespace millrace::spec {
namespace {

// The page in docs is made by this test: MILLRACE_UPDATE_DOCS=1 writes it anew.
TEST(ReferenceTest, PageInDocsIsFresh) {
  const std::string path = JoinPath(MILLRACE_SOURCE_DIR, "docs/reference/spec.md");
  if (std::getenv("MILLRACE_UPDATE_DOCS") != nullptr) {
    ASSERT_TRUE(MakeFolders(FolderName(path)).ok());
    ASSERT_TRUE(WriteFile(path, ReferenceMarkdown()).ok());
  }
  const auto page = ReadFile(path);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_EQ(*page, ReferenceMarkdown()) << "run with MILLRACE_UPDATE_DOCS=1 to write it anew";
}

}  // namespace
}  // namespace millrace::spec
