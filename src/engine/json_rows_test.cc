#include "engine/json_rows.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace millrace::engine {
namespace {

class JsonRowsTest : public testing::Test {
 protected:
  JsonRowsTest() { folder_.emplace(std::move(TemporaryFolder::Make()).value()); }

  std::string Copied(const std::string& text) {
    const std::string path = JoinPath(folder_->path(), "in.json");
    const std::string out = JoinPath(folder_->path(), "out.csv");
    EXPECT_TRUE(WriteFile(path, text).ok());
    const Status copied = CopyJson(path, "in.json", out);
    return copied.ok() ? ReadFile(out).value() : copied.ToString();
  }

  std::optional<TemporaryFolder> folder_;
};

TEST_F(JsonRowsTest, LinesArraysAndPrettyObjectsAreTheSameRows) {
  const std::string rows = "a,b.c,d\n1,x,\n2,,\"[1, 2]\"\n";
  EXPECT_EQ(Copied("{\"a\": 1, \"b\": {\"c\": \"x\"}}\n{\"a\": 2, \"d\": [1, 2]}\n"), rows);
  EXPECT_EQ(Copied("[{\"a\": 1, \"b\": {\"c\": \"x\"}},\n {\"a\": 2, \"d\": [1, 2]}]"), rows);
  EXPECT_EQ(Copied("\xef\xbb\xbf{\n \"a\": 1,\n \"b\": {\"c\": \"x\"}}{\"a\":2,\"d\":[1, 2]}"),
            rows);
}

TEST_F(JsonRowsTest, OfArraysTheFirstHoldsTheNames) {
  EXPECT_EQ(Copied("[\"a\", \"b,]c\"]\n[1, \"x, \\\"y]\"]\n[null, [1, 2]]\n"),
            "a,\"b,]c\"\n1,\"x, \"\"y]\"\n,\"[1, 2]\"\n");
  EXPECT_EQ(Copied("[\"a\"][1][2]"), "a\n1\n2\n");
}

TEST_F(JsonRowsTest, SaysLineAndMistake) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"\n\n", "in.json: no record"},
      {"[]", "in.json: no record"},
      {"1\n2\n", "in.json:1: not an object with named fields"},
      {"{\"a\": 1}\n[2]\n", "in.json:2: not an object"},
      {"[{\"a\": 1}, 5]", "in.json:1: not an object"},
      {"[{\"a\": 1}\n", "the array is never closed"},
      {"{\"a\": 1}\n{\"a\": ", "in.json:2: a record is never closed"},
      {"{\"a\": 1}\n{\"a\" 2}\n", "in.json:2: not a JSON object"},
      {"{\"a\": 1, \"a\": 2}", "in.json:1: the record names \"a\" twice"},
      {"{\"a\": 1}\n{\"A\": 2}", "two columns share a name"},
      {"{}", "the records have no field"},
      {"[\"a\", 2]\n[1, 2]\n", "in.json:1: the first array holds no names: 2"},
      {"[\"a\", \"b\"]\n[1, 2]\n[1]\n", "in.json:3: 1 values for the 2 names"},
      {"[\"a\"]\n{\"a\": 1}\n", "in.json:2: not an array as before: it begins with {"},
      {"[\"a\"]\n[1\n", "in.json:2: a record is never closed"},
      {"[\"a\"]\n[,]\n", "in.json:2: 2 values for the 1 names"},
      {"[\"a\"]\n[]\n", "in.json:2: not a JSON object"},
      {"[\"a\"]\n[1}\n", "in.json:2: not a JSON array"},
      {"[\"a\"]\n[1]]\n", "in.json:2: not an array as before"},
      {"[\"a\", \"a\"]\n[1, 2]\n", "in.json:2: the record names \"a\" twice"},
      {"[\"a\"]\n", "in.json: no record"},
      {"[\"a\"", "in.json:1: a record is never closed"},
  };
  for (const auto& item : cases) {
    const std::string outcome = Copied(item.text);
    EXPECT_NE(outcome.find(item.message), std::string::npos) << item.text << " -> " << outcome;
  }
}

}  // namespace
}  // namespace millrace::engine
