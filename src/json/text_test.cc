#include "json/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/text.h"

namespace millrace::json {
namespace {

std::string MessageOf(std::string_view text) {
  const auto result = Parse(text, "x.json");
  if (result.ok()) return "parsed";
  EXPECT_EQ(result.status().code(), Code::kInvalidData);
  return result.status().message();
}

TEST(JsonTextTest, ReadsADocument) {
  const auto result = Parse(R"( {"a": [1, -2.5, true, null, "\u00e9\n"], "b": {}} )", "x.json");
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  const Json& document = *result;
  EXPECT_EQ(document["a"].size(), 5u);
  EXPECT_TRUE(document["a"][size_t{0}].is_integer());
  EXPECT_DOUBLE_EQ(document["a"][size_t{1}].AsNumber(), -2.5);
  EXPECT_EQ(document["a"][size_t{4}].AsString(), "\xC3\xA9\n");
  EXPECT_EQ(Write(document), "{\"a\":[1,-2.5,true,null,\"\xC3\xA9\\n\"],\"b\":{}}");
}

TEST(JsonTextTest, RefusesDuplicateKeysWithPlace) {
  EXPECT_EQ(MessageOf("{\"a\": 1,\n \"a\": 2}"), "x.json:2:4: key is given twice: \"a\"");
  std::string large = "{";
  for (int i = 0; i < 100; ++i) large += "\"k" + std::to_string(i) + "\":1,";
  EXPECT_TRUE(MessageOf(large + "\"k50\":1}").ends_with("key is given twice: \"k50\""));
  EXPECT_EQ(MessageOf(large + "\"k100\":1}"), "parsed");
}

TEST(JsonTextTest, LimitsDepth) {
  const std::string deep = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(MessageOf(deep), "parsed");
  EXPECT_EQ(MessageOf("[" + deep + "]"), "x.json:1:65: nested deeper than 64 levels");
  EXPECT_NE(MessageOf(std::string(1'000'000, '[')), "parsed");
}

TEST(JsonTextTest, NamesThePlaceOfSyntaxErrors) {
  EXPECT_TRUE(MessageOf("{\"a\": tru}").starts_with("x.json:1:10: "));
  EXPECT_TRUE(MessageOf("[1,\n2,,]").starts_with("x.json:2:3: "));
  EXPECT_TRUE(MessageOf("").starts_with("x.json:1:1: "));
  EXPECT_TRUE(MessageOf("[1] 2").starts_with("x.json:1:5: "));
}

TEST(JsonTextTest, RefusesWhatIsNotJson) {
  for (const char* text : {"nan", "[01]", "[1.]", "[\"\x01\"]", "[\"\xff\"]", "{a:1}", "'x'",
                           "[1,]", "\"\\ud800\"", "// x\n1"}) {
    EXPECT_NE(MessageOf(text), "parsed") << text;
    EXPECT_TRUE(IsValidUtf8(MessageOf(text))) << text;
  }
}

TEST(JsonTextTest, NumbersKeepTheirKind) {
  EXPECT_NE(MessageOf("1e400"), "parsed");
  EXPECT_EQ(Parse("9223372036854775807", "x")->AsInteger(), INT64_MAX);
  EXPECT_FALSE(Parse("9223372036854775808", "x")->is_integer());
  EXPECT_FALSE(Parse("3.0", "x")->is_integer());
  EXPECT_EQ(Write(Json(3.0)), "3.0");
  EXPECT_EQ(Write(Json(0.1)), "0.1");
  EXPECT_EQ(Write(Json(1e22)), "1e+22");
  EXPECT_EQ(Write(Json(std::nan(""))), "null");
  for (const double value : {0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0, 123456789.125}) {
    EXPECT_EQ(Parse(Write(Json(value)), "x")->AsNumber(), value);
  }
}

TEST(JsonTextTest, WritesOnlyValidUtf8) {
  EXPECT_EQ(Quote("a\xff\xe2\x82"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(Quote("tab\t\"quote\" \x01"), "\"tab\\t\\\"quote\\\" \\u0001\"");
}

TEST(JsonTextTest, PrettyKeepsShortArraysOnOneLine) {
  const Json document = Json::Of({{"a", Json::ArrayOf(std::vector<int>{1, 2})},
                                  {"b", Json::Of({{"c", "x"}})},
                                  {"d", Json::MakeObject()}});
  EXPECT_EQ(WritePretty(document),
            "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": \"x\"\n  },\n  \"d\": {}\n}\n");
  EXPECT_EQ(*Parse(WritePretty(document), "x"), document);
}

}  // namespace
}  // namespace millrace::json
