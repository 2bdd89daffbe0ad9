#include "engine/query_text.h"

#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

TEST(QueryTextTest, TellsWhetherAQueryIsOrdered) {
  const struct {
    const char* sql;
    bool ordered;
  } cases[] = {
      {"SELECT 1", false},
      {"select a from t order by a", true},
      {"SELECT a FROM t ORDER\n BY a LIMIT 3 ;  -- all", true},
      {"SELECT a FROM (SELECT a FROM t ORDER BY a) q", false},
      {"SELECT 'order by' FROM t", false},
      {"SELECT a /* order by */ FROM t", false},
      {"SELECT \"order by\" FROM t", false},
      {"SELECT a FROM t ORDER BY a UNION SELECT b FROM u", false},
      {"WITH q AS (SELECT 1) SELECT * FROM q ORDER BY 1", true},
      {"SELECT $$order by;$$ FROM t", false},
      {"SELECT rank() OVER (ORDER BY a) FROM t", false},
  };
  for (const auto& item : cases) {
    const auto query = ReadQuery(item.sql);
    ASSERT_TRUE(query.ok()) << item.sql << ": " << query.status().ToString();
    EXPECT_EQ(query->ordered, item.ordered) << item.sql;
  }
  EXPECT_EQ(ReadQuery(" SELECT 1 ; \n")->text, "SELECT 1");
}

TEST(QueryTextTest, OnlyOneSelectIsTaken) {
  const struct {
    const char* sql;
    const char* message;
  } cases[] = {
      {"", "is empty"},
      {" -- nothing", "is empty"},
      {"DELETE FROM t", "only a SELECT"},
      {"/* SELECT */ UPDATE t SET a = 1", "only a SELECT"},
      {"SELECT 1; DELETE FROM t", "several statements"},
      {"SELECT (1", "never closed"},
      {"SELECT 1) FROM (SELECT 2", "never opened"},
      {"SELECT 'a", "never closed"},
      {"SELECT $x$ a $y$", "never closed"},
      {"SELECT 1 /* a", "never closed"},
  };
  for (const auto& item : cases) {
    const auto query = ReadQuery(item.sql);
    ASSERT_FALSE(query.ok()) << item.sql;
    EXPECT_EQ(query.status().code(), Code::kInvalidSpec);
    EXPECT_NE(query.status().message().find(item.message), std::string::npos)
        << query.status().ToString();
  }
}

TEST(QueryTextTest, SplitsNamesOfTables) {
  EXPECT_EQ(SplitTableName("orders"), std::vector<std::string>{"orders"});
  EXPECT_EQ(SplitTableName("sales.orders"), (std::vector<std::string>{"sales", "orders"}));
  EXPECT_EQ(SplitTableName("\"a.b\".\"c\"\"d\""), (std::vector<std::string>{"a.b", "c\"d"}));
}

}  // namespace
}  // namespace millrace::engine
