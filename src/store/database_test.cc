#include "store/database.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace millrace::store {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  std::string path_ = JoinPath(folder_.path(), "a b=c;d.sqlite");
};

TEST_F(DatabaseTest, ValuesReadBackExactly) {
  Database database = Database::Open(path_).value();
  EXPECT_TRUE(FileExists(path_)) << "odd signs in the path";
  ASSERT_TRUE(database.Execute("CREATE TABLE t (a INTEGER, b REAL, c TEXT)").ok());
  const std::vector<Value> row = {INT64_MIN, 0.1 + 0.2, std::string("it's \"x\"; :p1 \xC3\xA9\n")};
  ASSERT_TRUE(database.Execute("INSERT INTO t VALUES (:p1, :p2, :p3)", row).ok());
  const std::vector<Value> nulls = {std::monostate(), std::monostate(), std::monostate()};
  ASSERT_TRUE(database.Execute("INSERT INTO t VALUES (:p1, :p2, :p3)", nulls).ok());
  const auto rows = database.Query("SELECT a, b, c FROM t",
                                   {ColumnKind::kInteger, ColumnKind::kNumber, ColumnKind::kText});
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  EXPECT_EQ(*rows, (std::vector<Row>{row, nulls}));
}

TEST_F(DatabaseTest, ErrorsAreOfTheRightKind) {
  Database database = Database::Open(path_).value();
  EXPECT_EQ(database.Execute("nonsense").code(), Code::kInternal);
  ASSERT_TRUE(
      WriteFile(JoinPath(folder_.path(), "text"), "this is no database at all, is it?").ok());
  const Status status = Database::Open(JoinPath(folder_.path(), "text")).status();
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_TRUE(status.hint().starts_with("put a copy back, or move ")) << status.ToString();
  EXPECT_EQ(Database::Open(JoinPath(folder_.path(), "no/such/folder/x")).status().code(),
            Code::kIoError);
  EXPECT_EQ(Database::Open("a\"b").status().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace millrace::store
