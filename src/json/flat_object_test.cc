#include "json/flat_object.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::json {
namespace {

std::string Flat(std::string_view object) {
  FlatObjectReader reader;
  std::string text;
  const Status read = reader.Read(object, [&](std::string_view name, auto value) -> Status {
    text += std::string(name) + "=" + (value ? std::string(*value) : "NULL") + ";";
    return {};
  });
  return read.ok() ? text : "error: " + read.message();
}

TEST(FlatObjectTest, NamesNestedMembersWithDots) {
  EXPECT_EQ(Flat(R"({"a": 1, "b": {"c": "x", "d": {"e": null}}, "f": [1, {"g": 2}]})"),
            R"(a=1;b.c=x;b.d.e=NULL;f=[1, {"g": 2}];)");
}

TEST(FlatObjectTest, KeepsWhatIsWritten) {
  EXPECT_EQ(Flat(R"({"n": 1.50, "big": 123456789012345678901234567890, "e": -1e400, "t": true,
                     "s": "a\u00e9\n\"q\"", "empty": {}, "none": []})"),
            "n=1.50;big=123456789012345678901234567890;e=-1e400;t=true;s=a\u00e9\n\"q\";none=[];");
}

TEST(FlatObjectTest, RefusesWhatIsNoObject) {
  for (const char* text : {"", "1", "[1]", "{", "{\"a\"}", "{\"a\": nul}", "{\"a\": tru}",
                           "{\"a\": 1} x", "{\"a\": 1-}", "{\"a\": \"\\ud800\"}", "{a: 1}"}) {
    EXPECT_EQ(Flat(text).substr(0, 6), "error:") << text << " -> " << Flat(text);
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  EXPECT_EQ(Flat(deep + "1" + std::string(100, '}')).substr(0, 6), "error:");
}

}  // namespace
}  // namespace millrace::json
