#include "profile/association.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/format.h"
#include "base/rng.h"
#include "json/text.h"

namespace millrace::profile {
namespace {

using table::Column;
using table::ColumnType;

constexpr int64_t kRows = 2'000;

Column Numbers(const std::function<double(int64_t)>& value) {
  Column column(ColumnType::kNumber);
  for (int64_t i = 0; i < kRows; ++i) {
    const double x = value(i);
    if (std::isnan(x)) {
      column.AppendMissing();
    } else {
      column.AppendNumber(x);
    }
  }
  return column;
}

Column Categories(const std::function<std::string(int64_t)>& value) {
  Column column(ColumnType::kCategory);
  for (int64_t i = 0; i < kRows; ++i) column.AppendText(value(i));
  return column;
}

TEST(AssociationTest, FindsWhatGoesTogetherAndInventsNothing) {
  Rng rng(7);
  std::vector<double> noise;
  for (int64_t i = 0; i < kRows; ++i) noise.push_back(rng.Uniform());
  const auto at = [&](int64_t i) { return noise[static_cast<size_t>(i)]; };
  std::vector<Column> columns;
  columns.push_back(Numbers(at));                                                  // 0
  columns.push_back(Numbers([&](int64_t i) { return 5.0 - 2.0 * at(i); }));        // 1: -1 with 0
  columns.push_back(Categories([&](int64_t i) { return Format("g{}", i % 7); }));  // 2
  columns.push_back(Categories([&](int64_t i) { return Format("h{}", i % 7); }));  // 3: 1 with 2
  columns.push_back(Numbers([&](int64_t i) { return static_cast<double>(i % 7); }));  // 4: eta 1
  columns.push_back(Numbers([&](int64_t i) { return i % 3 == 0 ? NAN : 1.0; }));      // 5: constant
  columns.push_back(Categories([&](int64_t i) { return Format("id{}", i); }));        // 6: too many
  const std::vector<Association> found = Associate(columns, 2);
  const auto value = [&](int64_t a, int64_t b) -> double {
    for (const Association& each : found) {
      if (each.first == a && each.second == b) return each.value;
    }
    return NAN;
  };
  EXPECT_NEAR(value(0, 1), -1.0, 1e-12);
  EXPECT_NEAR(value(2, 3), 1.0, 1e-12);
  EXPECT_NEAR(value(2, 4), 1.0, 1e-12);
  EXPECT_LT(std::abs(value(0, 2)), 0.08);
  EXPECT_LT(std::abs(value(0, 4)), 0.08);
  for (const Association& each : found) {
    EXPECT_NE(each.first, 5);
    EXPECT_NE(each.second, 5);
    EXPECT_NE(each.second, 6);
    EXPECT_EQ(each.num_rows, kRows);
  }
  const std::vector<Association> again = Associate(columns, 1);
  ASSERT_EQ(again.size(), found.size());
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(json::Write(ToJson(again[i])), json::Write(ToJson(found[i])));
    const auto back = AssociationFromJson(ToJson(again[i]));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(json::Write(ToJson(*back)), json::Write(ToJson(again[i])));
  }
}

// The table [[20, 10], [10, 20]] has chi-square 20/3 and n 60: by Bergsma (2013), equations 4
// and 5.
TEST(AssociationTest, CramersVIsCorrectedForBias) {
  Column a(ColumnType::kCategory);
  Column b(ColumnType::kCategory);
  const int counts[2][2] = {{20, 10}, {10, 20}};
  for (int r = 0; r < 2; ++r) {
    for (int c = 0; c < 2; ++c) {
      for (int i = 0; i < counts[r][c]; ++i) {
        a.AppendText(Format("r{}", r));
        b.AppendText(Format("c{}", c));
      }
    }
  }
  const std::vector<Association> found = Associate({a, b}, 1);
  ASSERT_EQ(found.size(), 1u);
  const double phi = 20.0 / 3.0 / 60.0 - 1.0 / 59.0;
  EXPECT_NEAR(found[0].value, std::sqrt(phi / (1.0 - 1.0 / 59.0)), 1e-12);
}

}  // namespace
}  // namespace millrace::profile
