#include "table/task.h"

#include <gtest/gtest.h>

#include <set>

namespace millrace::table {
namespace {

TEST(TaskTest, EveryNameReadsBack) {
  std::set<std::string_view> names;
  for (const Task task : AllTasks()) {
    EXPECT_EQ(TaskFromName(TaskName(task)), task);
    names.insert(TaskName(task));
  }
  EXPECT_EQ(names.size(), 7u);
}

TEST(TaskTest, UnknownNameIsNothing) {
  EXPECT_EQ(TaskFromName("Binary"), std::nullopt);
  EXPECT_EQ(TaskFromName(""), std::nullopt);
}

}  // namespace
}  // namespace millrace::table
