#include "spec/locator.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace millrace::spec {
namespace {

TEST(LocatorTest, ReadsEachKind) {
  const struct {
    const char* text;
    LocatorKind kind;
    const char* place;
    const char* table;
    const char* query;
    const char* name;
  } cases[] = {
      {"a/customers.csv", LocatorKind::kFiles, "a/customers.csv", "", "", "customers.csv"},
      {"-", LocatorKind::kStdin, "-", "", "", "standard input"},
      {"https://host/a/rows.csv.gz?v=1", LocatorKind::kUrl, "https://host/a/rows.csv.gz?v=1", "",
       "", "rows.csv.gz"},
      {"sqlite:shop.db?table=orders", LocatorKind::kSqlite, "shop.db", "orders", "",
       "orders in shop.db"},
      {"sqlite:shop.db", LocatorKind::kSqlite, "shop.db", "", "", "the rows in shop.db"},
      {"sqlite:a b.db?query=SELECT * FROM t WHERE x LIKE '50%?table=y'", LocatorKind::kSqlite,
       "a b.db", "", "SELECT * FROM t WHERE x LIKE '50%?table=y'", "a query in a b.db"},
      {"postgresql://me@host:5433/shop?sslmode=require&table=sales.orders", LocatorKind::kPostgres,
       "postgresql://me@host:5433/shop?sslmode=require", "sales.orders", "",
       "sales.orders in PostgreSQL"},
      {"postgres:host=db dbname=shop password=${PW}?table=orders", LocatorKind::kPostgres,
       "host=db dbname=shop password=${PW}", "orders", "", "orders in PostgreSQL"},
  };
  for (const auto& item : cases) {
    const auto locator = ParseLocator(item.text);
    ASSERT_TRUE(locator.ok()) << item.text << ": " << locator.status().ToString();
    EXPECT_EQ(locator->kind, item.kind) << item.text;
    EXPECT_EQ(locator->place, item.place);
    EXPECT_EQ(locator->table, item.table);
    EXPECT_EQ(locator->query, item.query);
    EXPECT_EQ(ShortName(*locator), item.name);
    EXPECT_EQ(WriteLocator(*locator), item.text);
  }
}

TEST(LocatorTest, APlainPasswordIsRefusedAndNotRepeated) {
  for (const char* text :
       {"postgresql://me:hunter2@host/shop?table=t", "https://me:hunter2@host/a.csv",
        "postgresql://host/shop?password=hunter2&table=t",
        "postgres:host=h password=hunter2?table=t",
        "postgres:host=h password = 'hunter2' dbname=x?table=t"}) {
    const auto locator = ParseLocator(text);
    ASSERT_FALSE(locator.ok()) << text;
    EXPECT_EQ(locator.status().code(), Code::kInvalidSpec);
    EXPECT_EQ(locator.status().ToString().find("hunter2"), std::string::npos) << text;
    EXPECT_NE(locator.status().hint().find("PGPASSWORD"), std::string::npos);
  }
  EXPECT_TRUE(ParseLocator("postgresql://me:${PW}@host/shop?table=t").ok());
}

TEST(LocatorTest, EveryParameterThatMayHoldAPasswordIsRead) {
  for (const char* text : {"postgresql://host/shop?sslpassword=${PW}&password=hunter2&table=t",
                           "postgresql://host/shop?password=${PW}&sslpassword=hunter2&table=t",
                           "https://host/a.csv?sslpassword=${PW}&password=hunter2"}) {
    const auto locator = ParseLocator(text);
    ASSERT_FALSE(locator.ok()) << text;
    EXPECT_EQ(locator.status().code(), Code::kInvalidSpec);
    EXPECT_EQ(locator.status().ToString().find("hunter2"), std::string::npos) << text;
  }
  EXPECT_TRUE(ParseLocator("postgresql://h/d?sslpassword=${A}&password=${B}&table=t").ok());
}

TEST(LocatorTest, AnUnknownSchemeIsNamedWithoutWhatFollows) {
  const Status status = ParseLocator("mysql://me:hunter2@host/db").status();
  EXPECT_EQ(status.code(), Code::kUnsupported);
  EXPECT_EQ(status.ToString().find("hunter2"), std::string::npos) << status.ToString();
  EXPECT_NE(status.message().find("mysql://"), std::string::npos);
}

TEST(LocatorTest, SaysWhatIsWrong) {
  EXPECT_EQ(ParseLocator("s3://bucket/a.csv").status().code(), Code::kUnsupported);
  for (const char* text : {"", "sqlite:", "sqlite:?table=x", "sqlite:a.db?table=", "postgres:"}) {
    EXPECT_EQ(ParseLocator(text).status().code(), Code::kInvalidSpec) << text;
  }
}

TEST(LocatorTest, PathsAreTakenFromAFolder) {
  EXPECT_EQ(LocatorFrom("/p", "a.csv"), "/p/a.csv");
  EXPECT_EQ(LocatorFrom("/p", "sqlite:../shop.db?table=t"), "sqlite:/shop.db?table=t");
  EXPECT_EQ(LocatorFrom("/p", "https://h/a.csv"), "https://h/a.csv");
  EXPECT_EQ(LocatorFrom("/p", "-"), "-");
  EXPECT_TRUE(NamesFiles("a.csv"));
  EXPECT_FALSE(NamesFiles("sqlite:a.db"));
}

TEST(LocatorTest, PartsBecomeOneText) {
  EXPECT_EQ(*LocatorOf({.sqlite = "shop.db", .query = "SELECT 1"}),
            "sqlite:shop.db?query=SELECT 1");
  EXPECT_EQ(*LocatorOf({.postgres = "host=h dbname=d", .table = "t"}),
            "postgres:host=h dbname=d?table=t");
  EXPECT_EQ(*LocatorOf({.postgres = "postgresql://h/d?sslmode=require", .table = "t"}),
            "postgresql://h/d?sslmode=require&table=t");
  EXPECT_FALSE(LocatorOf({.table = "t"}).ok());
  EXPECT_FALSE(LocatorOf({.sqlite = "a", .postgres = "b"}).ok());
  EXPECT_FALSE(LocatorOf({.sqlite = "a", .table = "t", .query = "SELECT 1"}).ok());
  EXPECT_FALSE(LocatorOf({.sqlite = "a?table=t"}).ok());
}

TEST(LocatorTest, VariablesAreReplacedAndEscaped) {
  ::setenv("MILLRACE_TEST_SECRET", "p@ss 'w\\rd", 1);
  EXPECT_EQ(*ExpandVariables("postgresql://me:${MILLRACE_TEST_SECRET}@h/d", Quoting::kUrl),
            "postgresql://me:p%40ss%20%27w%5Crd@h/d");
  EXPECT_EQ(*ExpandVariables("host=h password=${MILLRACE_TEST_SECRET}", Quoting::kConnection),
            "host=h password='p@ss \\'w\\\\rd'");
  EXPECT_EQ(*ExpandVariables("password='${MILLRACE_TEST_SECRET}'", Quoting::kConnection),
            "password='p@ss \\'w\\\\rd'");
  const auto absent = ExpandVariables("${MILLRACE_TEST_ABSENT}", Quoting::kUrl);
  ASSERT_FALSE(absent.ok());
  EXPECT_NE(absent.status().message().find("MILLRACE_TEST_ABSENT"), std::string::npos);
  ::unsetenv("MILLRACE_TEST_SECRET");
}

}  // namespace
}  // namespace millrace::spec
