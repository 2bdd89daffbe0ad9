#include "version/table_diff.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"

namespace millrace::version {
namespace {

class TableDiffTest : public ::testing::Test {
 protected:
  Result<TableDiff> Diff(std::string_view before, std::string_view after, const std::string& key) {
    engine_ = engine::MakeDuckDbEngine({.num_threads = 2}).value();
    EXPECT_TRUE(WriteFile(JoinPath(folder_.path(), "a.csv"), before).ok());
    EXPECT_TRUE(WriteFile(JoinPath(folder_.path(), "b.csv"), after).ok());
    const auto old_source = engine::OpenSource(*engine_, folder_.path(), {"a.csv"}, {}, "old");
    const auto new_source = engine::OpenSource(*engine_, folder_.path(), {"b.csv"}, {}, "new");
    if (!old_source.ok()) return old_source.status();
    if (!new_source.ok()) return new_source.status();
    return DiffTables(*engine_, *old_source, *new_source, key);
  }
  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  std::unique_ptr<engine::Engine> engine_;
};

std::string Csv(int rows, uint64_t seed, double shift, std::string_view last = "ok") {
  Rng rng(seed);
  std::string csv = "id,x,city,note\n";
  for (int i = 0; i < rows; ++i) {
    csv += Format("k{},{:.3f},c{},{}\n", i, rng.Normal() + shift, rng.Below(5), last);
  }
  return csv;
}

TEST_F(TableDiffTest, EqualTablesDifferInNothing) {
  const std::string csv = Csv(500, 1, 0.0);
  for (const char* key : {"id", ""}) {
    const auto diff = Diff(csv, csv, key);
    ASSERT_TRUE(diff.ok()) << diff.status().ToString();
    EXPECT_EQ(diff->num_added + diff->num_removed + diff->num_changed, 0);
    for (const SpreadChange& spread : diff->spreads) EXPECT_FALSE(spread.changed);
  }
}

TEST_F(TableDiffTest, RowsAreToldApartByTheirKey) {
  const auto diff =
      Diff("id,x,city\na,1,p\nb,2,q\nc,3,\n", "id,x,city\nc,3,r\na,1,p\nd,4,s\n", "id");
  ASSERT_TRUE(diff.ok()) << diff.status().ToString();
  EXPECT_EQ(diff->key, "id");
  EXPECT_EQ(diff->num_added, 1);
  EXPECT_EQ(diff->num_removed, 1);
  EXPECT_EQ(diff->num_changed, 1);
  EXPECT_EQ(diff->added_examples, std::vector<std::string>{"d"});
  EXPECT_EQ(diff->removed_examples, std::vector<std::string>{"b"});
  EXPECT_EQ(diff->changed_examples, std::vector<std::string>{"c: city (empty) -> r"});
}

TEST_F(TableDiffTest, WithoutAKeyRowsAreComparedAsOftenAsTheyStand) {
  const auto diff = Diff("x,y\n1,a\n1,a\n2,b\n", "x,y\n1,a\n3,c\n3,c\n", "");
  ASSERT_TRUE(diff.ok());
  EXPECT_EQ(diff->num_added, 2);
  EXPECT_EQ(diff->num_removed, 2);
  EXPECT_EQ(diff->removed_examples, (std::vector<std::string>{"1,a", "2,b"}));
  const auto doubled = Diff("id,x\na,1\na,2\n", "id,x\na,1\na,3\n", "id");
  ASSERT_TRUE(doubled.ok());
  EXPECT_EQ(doubled->key, "");
  EXPECT_NE(doubled->key_note.find("does not name each row"), std::string::npos);
  EXPECT_EQ(doubled->num_added, 1);
}

TEST_F(TableDiffTest, ColumnsAddedRemovedAndRetyped) {
  const auto diff =
      Diff("id,x,gone\na,1,u\nb,2,v\nc,3,w\n", "id,x,fresh\na,low,u\nb,mid,v\nc,top,w\n", "id");
  ASSERT_TRUE(diff.ok());
  EXPECT_EQ(diff->added_columns, std::vector<std::string>{"fresh"});
  EXPECT_EQ(diff->removed_columns, std::vector<std::string>{"gone"});
  ASSERT_EQ(diff->retyped_columns.size(), 1u);
  EXPECT_EQ(diff->retyped_columns[0].name, "x");
  EXPECT_FALSE(Diff("a\n1\n2\n", "b\n1\n2\n", "").ok());
}

TEST_F(TableDiffTest, AShiftedColumnIsFoundAndNoOther) {
  const auto diff = Diff(Csv(2000, 1, 0.0), Csv(2000, 2, 1.0), "id");
  ASSERT_TRUE(diff.ok());
  for (const SpreadChange& spread : diff->spreads) {
    EXPECT_EQ(spread.changed, spread.name == "x") << spread.name << " " << spread.psi;
  }
  EXPECT_EQ(diff->spreads[0].name, "x");
  const auto calm = Diff(Csv(2000, 1, 0.0), Csv(2000, 3, 0.0), "id");
  for (const SpreadChange& spread : calm->spreads) EXPECT_FALSE(spread.changed) << spread.name;
}

}  // namespace
}  // namespace millrace::version
