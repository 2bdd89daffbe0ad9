// PostgreSQL is tested with a real server in test/cli/databases.test.

#include "engine/database_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.h"
#include "store/database.h"

namespace millrace::engine {
namespace {

class DatabaseRowsTest : public testing::Test {
 protected:
  DatabaseRowsTest() {
    folder_.emplace(std::move(TemporaryFolder::Make()).value());
    path_ = JoinPath(folder_->path(), "a b.db");
    database_.emplace(std::move(store::Database::Open(path_)).value());
  }

  void Run(const std::string& sql) { ASSERT_TRUE(database_->Execute(sql).ok()) << sql; }

  std::string Rows(const std::string& table, const std::string& query = "") {
    const std::string out = JoinPath(folder_->path(), "out.csv");
    const Status copied = CopySqliteRows(
        {.kind = spec::LocatorKind::kSqlite, .place = path_, .table = table, .query = query}, out);
    return copied.ok() ? ReadFile(out).value() : copied.ToString();
  }

  std::optional<TemporaryFolder> folder_;
  std::string path_;
  std::optional<store::Database> database_;
};

TEST_F(DatabaseRowsTest, ValuesArriveWithoutLoss) {
  Run("CREATE TABLE t (x REAL, n INTEGER, s TEXT, any)");
  Run("INSERT INTO t VALUES (0.1, 9007199254740993, 'a,\"b\"', 'in an untyped column')");
  Run("INSERT INTO t VALUES (1e300, -1, NULL, 2.5)");
  Run("INSERT INTO t VALUES (0.30000000000000004, 'text', '', 7)");
  EXPECT_EQ(Rows("t"),
            "x,n,s,any\n0.1,9007199254740993,\"a,\"\"b\"\"\",in an untyped column\n"
            "1e+300,-1,,2.5\n0.30000000000000004,text,\"\",7\n");
}

TEST_F(DatabaseRowsTest, OrderIsStable) {
  Run("CREATE TABLE t (a INTEGER)");
  Run("INSERT INTO t VALUES (3), (1), (2)");
  Run("CREATE TABLE k (a INTEGER, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID");
  Run("INSERT INTO k VALUES (1, 'z'), (2, 'a'), (1, 'a')");
  Run("CREATE VIEW v AS SELECT a FROM t ORDER BY a DESC");
  EXPECT_EQ(Rows("t"), "a\n3\n1\n2\n");
  EXPECT_EQ(Rows("k"), "a,b\n1,a\n2,a\n1,z\n");
  EXPECT_EQ(Rows("v"), "a\n1\n2\n3\n");
  EXPECT_EQ(Rows("", "SELECT a FROM t"), "a\n1\n2\n3\n");
  EXPECT_EQ(Rows("", "SELECT a FROM t ORDER BY a DESC"), "a\n3\n2\n1\n");
}

TEST_F(DatabaseRowsTest, MoreRowsThanOneBatch) {
  Run("CREATE TABLE t (a INTEGER)");
  Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO "
      "t SELECT i FROM n");
  const std::string rows = Rows("t");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 2501);
  EXPECT_TRUE(rows.ends_with("\n2499\n2500\n"));
}

TEST_F(DatabaseRowsTest, NothingCanBeWritten) {
  Run("CREATE TABLE t (a INTEGER)");
  Run("INSERT INTO t VALUES (1)");
  for (const char* query : {"DELETE FROM t", "WITH x AS (SELECT 1) DELETE FROM t",
                            "SELECT 1; DELETE FROM t", "SELECT a FROM nothing"}) {
    const Status copied =
        CopySqliteRows({.kind = spec::LocatorKind::kSqlite, .place = path_, .query = query},
                       JoinPath(folder_->path(), "out.csv"));
    EXPECT_EQ(copied.code(), Code::kInvalidSpec) << query;
  }
  EXPECT_EQ(Rows("t"), "a\n1\n");
}

}  // namespace
}  // namespace millrace::engine
