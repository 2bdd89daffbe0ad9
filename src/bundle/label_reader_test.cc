#include "bundle/label_reader.h"

#include <gtest/gtest.h>

namespace millrace::bundle {
namespace {

TEST(LabelReader, ReadsClassesExactlyOrAsNumbers) {
  const LabelReader reader({"0", "1"});
  EXPECT_EQ(reader.FromText("1"), 1.0);
  EXPECT_EQ(reader.FromText(" 1.0 "), 1.0);
  EXPECT_EQ(reader.FromNumber(0.0), 0.0);
  EXPECT_FALSE(reader.FromText("2").has_value());
  EXPECT_FALSE(LabelReader({"no", "yes"}).FromText("Yes").has_value());
}

TEST(LabelReader, ReadsNumbers) {
  const LabelReader reader({});
  EXPECT_EQ(reader.FromText("-2.5e3"), -2500.0);
  EXPECT_FALSE(reader.FromText("nan").has_value());
  EXPECT_FALSE(reader.FromText("many").has_value());
}

}  // namespace
}  // namespace millrace::bundle
