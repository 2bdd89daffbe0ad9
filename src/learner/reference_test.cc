#include "learner/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.h"

namespace millrace::learner {
namespace {

// The page in docs is made by this test: MILLRACE_UPDATE_DOCS=1 writes it anew.
TEST(LearnersReferenceTest, PageInDocsIsFresh) {
  const std::string path = JoinPath(MILLRACE_SOURCE_DIR, "docs/reference/learners.md");
  const std::string made = LearnersMarkdown(RegisterLearners());
  if (std::getenv("MILLRACE_UPDATE_DOCS") != nullptr) {
    ASSERT_TRUE(WriteFile(path, made).ok());
  }
  const auto page = ReadFile(path);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_EQ(*page, made) << "run with MILLRACE_UPDATE_DOCS=1 to write it anew";
}

}  // namespace
}  // namespace millrace::learner
