#include "json/value.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace::json {
namespace {

TEST(JsonValueTest, KeepsTypes) {
  EXPECT_TRUE(Json().is_null());
  EXPECT_TRUE(Json(true).is_bool());
  EXPECT_TRUE(Json(3).is_integer());
  EXPECT_TRUE(Json(3).is_number());
  EXPECT_FALSE(Json(3.0).is_integer());
  EXPECT_TRUE(Json("x").is_string());
  EXPECT_TRUE(Json::MakeArray().is_array());
  EXPECT_TRUE(Json::MakeObject().is_object());
}

TEST(JsonValueTest, ReadsWithFallback) {
  EXPECT_EQ(Json("x").AsInteger(7), 7);
  EXPECT_EQ(Json(2.9).AsInteger(), 2);
  EXPECT_EQ(Json(1e300).AsInteger(5), 5);
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).AsInteger(5), 5);
  EXPECT_DOUBLE_EQ(Json(2).AsNumber(), 2.0);
  EXPECT_EQ(Json(2).AsString(), "");
  EXPECT_TRUE(Json(2)["x"].is_null());
  EXPECT_TRUE(Json(2)[size_t{0}].is_null());
  EXPECT_EQ(Json(2).size(), 0u);
}

TEST(JsonValueTest, ObjectsKeepOrderAndReplace) {
  Json object = Json::Of({{"b", 1}, {"a", 2}});
  object.Set("b", 3).Set("c", "x");
  ASSERT_EQ(object.size(), 3u);
  EXPECT_EQ(object.AsObject()[0].first, "b");
  EXPECT_EQ(object["b"].AsInteger(), 3);
  EXPECT_TRUE(object.Has("c"));
  EXPECT_FALSE(object.Has("d"));
}

TEST(JsonValueTest, NullBecomesArrayOrObject) {
  Json array;
  array.Append(1).Append("two");
  EXPECT_EQ(array.size(), 2u);
  EXPECT_EQ(array[size_t{1}].AsString(), "two");
  Json object;
  object.AppendMember("k", 1);
  EXPECT_TRUE(object.is_object());
}

TEST(JsonValueTest, RequiredMembersNameWhatIsWrong) {
  const Json object = Json::Of({{"rows", 3}, {"name", "x"}, {"list", Json::MakeArray()}});
  EXPECT_EQ(object.RequireInteger("card", "rows").value(), 3);
  EXPECT_DOUBLE_EQ(object.RequireNumber("card", "rows").value(), 3.0);
  EXPECT_EQ(object.RequireString("card", "name").value(), "x");
  EXPECT_TRUE(object.RequireArray("card", "list").ok());
  const Status missing = object.RequireBool("card", "done").status();
  EXPECT_EQ(missing.code(), Code::kCorrupt);
  EXPECT_EQ(missing.message(), "card: key is missing: \"done\"");
  EXPECT_EQ(object.RequireObject("card", "name").status().message(),
            "card: \"name\" is not an object");
}

}  // namespace
}  // namespace millrace::json
