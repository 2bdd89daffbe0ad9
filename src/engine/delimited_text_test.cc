#include "engine/delimited_text.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/text.h"

namespace millrace::engine {
namespace {

using std::string_literals::operator""s;

class DelimitedTextTest : public testing::Test {
 protected:
  DelimitedTextTest() { folder_.emplace(std::move(TemporaryFolder::Make()).value()); }

  Result<DelimitedForm> Sniff(const std::string& text, const SourceOptions& options = {}) {
    path_ = JoinPath(folder_->path(), "in.csv");
    EXPECT_TRUE(WriteFile(path_, text).ok());
    return SniffDelimited(path_, "in.csv", options);
  }

  // The rows as plain CSV, the rejected ones after a line of dashes.
  std::string Copied(const std::string& text, const SourceOptions& options = {}) {
    const auto form = Sniff(text, options);
    if (!form.ok()) return form.status().ToString();
    const std::string out = JoinPath(folder_->path(), "out.csv");
    const std::string rejects = JoinPath(folder_->path(), "rejects.csv");
    const Status copied = CopyDelimited(path_, "in.csv", *form, out, rejects);
    if (!copied.ok()) return copied.ToString();
    const std::string rejected = ReadFile(rejects).value();
    const std::string rest = rejected.substr(rejected.find('\n') + 1);
    return ReadFile(out).value() + (rest.empty() ? "" : "---\n" + rest);
  }

  std::optional<TemporaryFolder> folder_;
  std::string path_;
};

TEST_F(DelimitedTextTest, ReadsEveryDialectToTheSameRows) {
  const std::string rows = "id,name,amount\n1,\"a, b\",2\n2,c,3\n3,,4\n";
  const struct {
    const char* what;
    std::string text;
  } cases[] = {
      {"comma", "id,name,amount\n1,\"a, b\",2\n2,c,3\n3,,4\n"},
      {"semicolon", "id;name;amount\n1;a, b;2\n2;c;3\n3;;4\n"},
      {"tab", "id\tname\tamount\n1\ta, b\t2\n2\tc\t3\n3\t\t4\n"},
      {"pipe", "id|name|amount\n1|a, b|2\n2|c|3\n3||4\n"},
      {"caret", "id^name^amount\n1^a, b^2\n2^c^3\n3^^4\n"},
      {"no last line end", "id;name;amount\n1;a, b;2\n2;c;3\n3;;4"},
      {"CR LF", "id;name;amount\r\n1;a, b;2\r\n2;c;3\r\n3;;4\r\n"},
      {"CR", "id;name;amount\r1;a, b;2\r2;c;3\r3;;4\r"},
      {"byte order mark", "\xef\xbb\xbfid,name,amount\n1,\"a, b\",2\n2,c,3\n3,,4\n"},
      {"blank lines", "\n\nid;name;amount\n1;a, b;2\n\n2;c;3\n3;;4\n\n"},
      {"comments", "# made by hand\n# twice\nid;name;amount\n1;a, b;2\n2;c;3\n3;;4\n"},
      {"marked header", "# made by hand\n#id;name;amount\n1;a, b;2\n2;c;3\n3;;4\n"},
      {"title", "Sales of May\n\nid;name;amount\n1;a, b;2\n2;c;3\n3;;4\n"},
      {"wide title", "Sales of May;;\nid;name;amount\n1;a, b;2\n2;c;3\n3;;4\n"},
      {"single quotes", "id,name,amount\n1,'a, b',2\n2,'c',3\n3,'',4\n"},
  };
  for (const auto& item : cases) EXPECT_EQ(Copied(item.text), rows) << item.what;
}

TEST_F(DelimitedTextTest, ReadsEveryEncoding) {
  const std::string rows = "name,y\ncaf\u00e9,1\nb,2\n";
  EXPECT_EQ(Copied("name,y\ncaf\u00e9,1\nb,2\n"), rows);
  EXPECT_EQ(Copied("name,y\ncaf\xe9,1\nb,2\n"), rows);
  std::string little;
  std::string big;
  for (const char c : "name,y\ncaf\xe9,1\nb,2\n"s) {
    little += std::string{c, '\0'};
    big += std::string{'\0', c};
  }
  EXPECT_EQ(Copied("\xff\xfe" + little), rows);
  EXPECT_EQ(Copied("\xfe\xff" + big), rows);
  EXPECT_EQ(Copied(little), rows);
  EXPECT_EQ(Copied(big), rows);
  EXPECT_EQ(Copied("name,y\n\x80,1\nb,2\n"), "name,y\n\u20ac,1\nb,2\n");
  EXPECT_EQ(Copied("name,y\ncaf\xe9,1\nb,2\n", {.encoding = "utf-8"}),
            "name,y\nb,2\n---\nin.csv,2,invalid encoding,caf\n");
}

TEST_F(DelimitedTextTest, FindsForeignBytesFarFromTheFront) {
  std::string text = "name,y\n";
  for (int i = 0; i < 30'000; ++i) text += "plain,1\n";
  const auto plain = Sniff(text);
  ASSERT_TRUE(plain.ok());
  EXPECT_TRUE(plain->direct);
  const auto foreign = Sniff(text + "caf\xe9,1\n");
  ASSERT_TRUE(foreign.ok());
  EXPECT_EQ(foreign->encoding, Encoding::kWindows1252);
  EXPECT_FALSE(foreign->direct);
  // One bad byte in a file that is UTF-8 elsewhere is a bad row, not another encoding.
  const auto dirty = Sniff("caf\u00e9,y\n" + text.substr(7) + "caf\xe9,1\n");
  ASSERT_TRUE(dirty.ok());
  EXPECT_EQ(dirty->encoding, Encoding::kUtf8);
}

TEST_F(DelimitedTextTest, Utf8StaysUtf8WhereverItsCharactersStand) {
  for (const std::string& text :
       {"name\nJos\u00e9\n"s, "id,price\n1,5\n2,7 \u20ac\n3,8\n"s, "id,n\n1,\U0001f600"s}) {
    const auto form = Sniff(text);
    ASSERT_TRUE(form.ok()) << form.status().ToString();
    EXPECT_EQ(form->encoding, Encoding::kUtf8) << text;
    EXPECT_TRUE(form->direct) << text;
  }
  for (size_t before = 0; before < 40; ++before) {
    const auto form = Sniff("id,name\n1," + std::string(before, 'x') + "\u20ac\n2,y\n");
    ASSERT_TRUE(form.ok()) << form.status().ToString();
    EXPECT_EQ(form->encoding, Encoding::kUtf8) << before;
  }
}

TEST_F(DelimitedTextTest, QuotesInsideCells) {
  EXPECT_EQ(Copied("a,b\n\"x \"\"y\"\" z\",1\nq,2\n"), "a,b\n\"x \"\"y\"\" z\",1\nq,2\n");
  EXPECT_EQ(Copied("a,b\n\"x \\\"y\\\", z\",1\nq,2\n"), "a,b\n\"x \"\"y\"\", z\",1\nq,2\n");
  EXPECT_EQ(Copied("a,b\n5\" pipe,1\n\"l1\nl2\",2\n"), "a,b\n\"5\"\" pipe\",1\n\"l1\nl2\",2\n");
  EXPECT_EQ(Copied("a|b\n\"x|1\nq|2\n", {.quote = "none"}), "a,b\n\"\"\"x\",1\nq,2\n");
}

TEST_F(DelimitedTextTest, RaggedRowsAreSetAsideWithTheirLine) {
  EXPECT_EQ(Copied("# c\na,b\n1,2\n1,2,3\n4\n5,6\n7,8\n9,10\n"),
            "a,b\n1,2\n5,6\n7,8\n9,10\n---\nin.csv,4,too many columns,\"1,2,3\"\n"
            "in.csv,5,missing columns,4\n");
}

TEST_F(DelimitedTextTest, WhatTheUserSaysIsTaken) {
  EXPECT_EQ(Copied("1,2\n3,4\n", {.header = "none"}), "column_1,column_2\n1,2\n3,4\n");
  EXPECT_EQ(Copied("1,2\n3,4\n", {.header = "present"}), "1,2\n3,4\n");
  EXPECT_EQ(Copied("x,y\nz,w\na,b\n1,2\n", {.skip = 2}), "a,b\n1,2\n");
  EXPECT_EQ(Copied("a,b\n%c,c\n1,2\n", {.comment = "%"}), "a,b\n1,2\n");
  EXPECT_EQ(Copied("#a,b\nx,c\n#1,d\n", {.comment = "none"}), "a,b\nx,c\n#1,d\n");
  EXPECT_EQ(Copied("a b\n1 2\n", {.delimiter = " "}), "a,b\n1,2\n");
}

TEST_F(DelimitedTextTest, SaysWhatIsWrong) {
  std::string unclosed = "a,b\n1,\"x\"\n2,\"never closed\n";
  for (int i = 0; i < 20'000; ++i) unclosed += "3,y\n";
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {"a,b\n", "a header and no rows"},
      {"\n\n", "the header line is empty"},
      {"a,b,A\n1,2,3\n", "in.csv:1: two columns share a name: \"A\" (columns 1 and 3)"},
      {"1,2.5,2024-01-01\n3,4,2024-01-02\n", "in.csv:1: the first line holds numbers only"},
      {"a,b\n1,\"x\"\n2,\"never closed\n3,y\n", "in.csv:3: a quote is opened and never closed"},
      {unclosed, "in.csv:3: a quote is opened and never closed"},
      {"a,b,c\n1,2,3,4\n1,2,3,4\n1,2,3,4\n1,2,3,4\n1,2,3,4\n",
       "the header names 3 columns, and the rows have 4 cells"},
      {"\x7f"
       "ELF\0\0\1\2"s,
       "not a text file"},
  };
  for (const auto& item : cases) {
    const auto form = Sniff(item.text);
    ASSERT_FALSE(form.ok()) << item.text.substr(0, 60);
    EXPECT_EQ(form.status().code(), Code::kInvalidData);
    EXPECT_NE(form.status().message().find(item.message), std::string::npos)
        << form.status().ToString();
  }
}

TEST_F(DelimitedTextTest, PlainFilesAreReadDirectlyAndReportNothing) {
  const auto form = Sniff("a,b\n1,\"x, y\"\n2,z\n");
  ASSERT_TRUE(form.ok());
  EXPECT_TRUE(form->direct);
  EXPECT_TRUE(form->found.empty());
  const auto odd = Sniff("Title\na;b;c\n1;caf\xe9;3\n");
  ASSERT_TRUE(odd.ok());
  ASSERT_EQ(odd->found.size(), 3u);
  EXPECT_EQ(odd->found[0].key, "encoding");
  EXPECT_EQ(odd->found[1].value, ";");
  EXPECT_EQ(odd->found[2].reason, "above the header: Title");
}

}  // namespace
}  // namespace millrace::engine
