#include "spec/yaml_reader.h"

#include <gtest/gtest.h>

namespace millrace::spec {
namespace {

std::string ErrorOf(std::string_view text, const YamlLimits& limits = {}) {
  const auto node = ReadYaml(text, "f.yaml", limits);
  if (node.ok()) return "read";
  EXPECT_EQ(node.status().code(), Code::kInvalidSpec);
  return node.status().message();
}

TEST(YamlReaderTest, ReadsScalarsListsAndMapsWithPlaces) {
  const Node root = ReadYaml("a: 1\nb: [x, 'y']\nc: {d: ~, e: Yes}\n", "f.yaml").value();
  ASSERT_EQ(root.kind, NodeKind::kMap);
  ASSERT_EQ(root.entries.size(), 3u);
  EXPECT_EQ(root.Find("a")->text, "1");
  EXPECT_FALSE(root.Find("b")->items[0].quoted);
  EXPECT_TRUE(root.Find("b")->items[1].quoted);
  EXPECT_EQ(root.Find("b")->items[1].place.ToString(), "f.yaml:2:8");
  EXPECT_EQ(root.Find("c")->Find("d")->kind, NodeKind::kNull);
  EXPECT_EQ(root.Find("c")->Find("e")->text, "Yes") << "no truth value is made of a text";
  EXPECT_EQ(root.entries[2].place.ToString(), "f.yaml:3:1");
  EXPECT_EQ(root.Find("z"), nullptr);
}

TEST(YamlReaderTest, EmptyTextIsNull) {
  EXPECT_EQ(ReadYaml("", "f").value().kind, NodeKind::kNull);
  EXPECT_EQ(ReadYaml("# only a comment\n", "f").value().kind, NodeKind::kNull);
  EXPECT_EQ(ReadYaml("\xEF\xBB\xBF"
                     "a: 1",
                     "f")
                .value()
                .kind,
            NodeKind::kMap)
      << "UTF-8 mark";
}

TEST(YamlReaderTest, RefusesWhatASpecificationDoesNotNeed) {
  EXPECT_EQ(ErrorOf("a: 1\na: 2"), "f.yaml:2:1: key is given twice: \"a\"");
  EXPECT_EQ(ErrorOf("a:\n\tb: 2"), "f.yaml:2:1: a tab indents this line");
  EXPECT_EQ(ErrorOf("a: &x 1\nb: *x"), "f.yaml:2:4: aliases (*name) are not supported");
  EXPECT_EQ(ErrorOf("a: !!python/object:x {}"), "f.yaml:1:4: tags (!name) are not supported");
  EXPECT_EQ(ErrorOf("? [a]\n: c"), "f.yaml:1:3: a key must be a plain name");
  EXPECT_EQ(ErrorOf("~: c"), "f.yaml:1:1: a key has no name");
  EXPECT_EQ(ErrorOf("a: 1\n---\nb: 2"), "f.yaml: holds more than one document");
  EXPECT_EQ(ErrorOf("a: b: c"), "f.yaml:1:5: not valid YAML: illegal map value");
  EXPECT_EQ(ErrorOf("a: [1, 2"), "f.yaml:1:1: not valid YAML: end of sequence flow not found");
}

TEST(YamlReaderTest, RefusesWhatIsNoText) {
  EXPECT_EQ(ErrorOf("\xFF\xFE"
                    "a"),
            "f.yaml: is UTF-16");
  EXPECT_EQ(ErrorOf("a: 1\nb: \xC3("), "f.yaml:2:1: is not UTF-8");
  EXPECT_EQ(ErrorOf(std::string_view("a: \0", 4)), "f.yaml:1:4: control character 0x00");
  EXPECT_EQ(ErrorOf("a: 1\r\nb: 2\r\n"), "read");
  EXPECT_EQ(ErrorOf("a: x\ty\n# \t\n\t# comment\n"), "read") << "tabs that do not indent";
}

TEST(YamlReaderTest, HostileInputCostsNoMoreThanItsSize) {
  EXPECT_EQ(ErrorOf("a: " + std::string(1000, '[') + std::string(1000, ']')),
            "f.yaml:1:35: nested deeper than 32 levels");
  EXPECT_NE(ErrorOf(std::string(1'000'000, '[')), "read");
  EXPECT_NE(ErrorOf(std::string(500'000, '{')), "read");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(ErrorOf(deep), "f.yaml:33:33: nested deeper than 32 levels");
  EXPECT_EQ(ErrorOf(std::string(2'000'000, 'x')),
            "f.yaml: is too large for a specification: 2.0 MB");
  std::string wide = "a: [";
  for (int i = 0; i < 200'000; ++i) wide += "1,";
  EXPECT_TRUE(ErrorOf(wide + "1]").ends_with("more than 100000 values"));
  std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    laughs += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + "]\n";
  }
  EXPECT_EQ(ErrorOf(laughs), "f.yaml:2:8: aliases (*name) are not supported");
}

}  // namespace
}  // namespace millrace::spec
