#include "profile/leak_probe.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/rng.h"

namespace millrace::profile {
namespace {

TEST(LeakProbeTest, FindsColumnsThatTellTheTargetAndNoOthers) {
  Rng rng(3);
  table::Column copy(table::ColumnType::kNumber);
  table::Column related(table::ColumnType::kNumber);
  table::Column code(table::ColumnType::kCategory);
  table::Column key(table::ColumnType::kCategory);
  std::vector<double> labels;
  std::vector<double> values;
  for (int i = 0; i < 2000; ++i) {
    const double label = rng.Uniform() < 0.3 ? 1.0 : 0.0;
    const double value = rng.Normal();
    labels.push_back(label);
    values.push_back(value);
    copy.AppendNumber(3.0 * value - 1.0);
    related.AppendNumber(value + rng.Normal());
    if (label == 1.0) {
      code.AppendText("cancelled");
    } else {
      code.AppendMissing();
    }
    key.AppendText(Format("k{}", i));
  }
  EXPECT_GT(ProbeColumn(BinsOf(copy), values, 0), kLeakScore);
  EXPECT_LT(ProbeColumn(BinsOf(related), values, 0), 0.6);
  EXPECT_GT(ProbeColumn(BinsOf(code), labels, 2), kLeakScore);
  EXPECT_EQ(ProbeColumn(BinsOf(key), labels, 2), 0.0);
  EXPECT_EQ(ProbeColumn({}, {}, 2), 0.0);
}

TEST(LeakProbeTest, MissingIsABinOfItsOwn) {
  table::Column column(table::ColumnType::kCategory);
  column.AppendText("a");
  column.AppendMissing();
  column.AppendText("a");
  EXPECT_EQ(BinsOf(column), (std::vector<int64_t>{0, -1, 0}));
}

}  // namespace
}  // namespace millrace::profile
