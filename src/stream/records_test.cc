#include "stream/records.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "engine/engine.h"
#include "engine/source.h"

namespace millrace::stream {
namespace {

using Cells = std::vector<std::optional<std::string>>;

Record One(std::string_view bytes, size_t num_columns = 0, char delimiter = ',') {
  const auto record = DelimitedCutter(delimiter, num_columns).Next(bytes);
  EXPECT_TRUE(record) << bytes;
  return record.value_or(Record());
}

TEST(RecordsTest, CellsAreCutAtDelimitersAndQuotesAreTakenOff) {
  EXPECT_EQ(One("a,b,c\nx").cells, (Cells{"a", "b", "c"}));
  EXPECT_EQ(One("\"a,b\",\"say \"\"so\"\"\",c\r\n").cells, (Cells{"a,b", "say \"so\"", "c"}));
  EXPECT_EQ(One(",\"\",\n").cells, (Cells{std::nullopt, std::nullopt, std::nullopt}));
  EXPECT_EQ(One("5\" pipe,it's\n").cells, (Cells{"5\" pipe", "it's"}));
  EXPECT_EQ(One("\"cr\r\"\r\n", 1).cells, (Cells{"cr\r"}));
  EXPECT_EQ(One("1;2\n", 2, ';').cells, (Cells{"1", "2"}));
  const Record lines = One("\"two\nlines\",b\nnext,row\n");
  EXPECT_EQ(lines.cells, (Cells{"two\nlines", "b"}));
  EXPECT_EQ(lines.num_lines, 2);
  EXPECT_EQ(lines.size_bytes, 14u);
}

TEST(RecordsTest, ARecordThatDoesNotEndWaits) {
  const DelimitedCutter cutter(',', 2);
  for (const char* bytes :
       {"", "a", "a,b", "a,b\r", "\"a", "\"a\"", "\"a\n,b", "\"a\"\"", "a,\"b\"\r"}) {
    EXPECT_FALSE(cutter.Next(bytes)) << bytes;
  }
}

TEST(RecordsTest, WhatIsNoRowIsNamed) {
  EXPECT_EQ(One("a,b\n", 3).problem, "missing columns");
  EXPECT_EQ(One("a,b,c\n", 2).problem, "too many columns");
  const Record stray = One("\"a\"b,c\nd,e\n", 2);
  EXPECT_EQ(stray.problem, "text after a closing quote");
  EXPECT_EQ(stray.size_bytes, 7u);
  EXPECT_TRUE(One("\n", 2).blank);
  EXPECT_TRUE(One("\r\n", 2).blank);
  EXPECT_FALSE(One("\n", 1).blank);  // one column: a row whose value is missing
}

TEST(RecordsTest, AQuoteThatIsNeverClosedCostsOneLine) {
  std::string bytes = "\"open,1\n";
  while (bytes.size() < static_cast<size_t>(kMaxRecordBytes)) bytes += "a,2\n";
  const Record record = One(bytes, 2);
  EXPECT_EQ(record.problem, "unterminated quote");
  EXPECT_EQ(record.size_bytes, 8u);
  const Record endless = One(std::string(static_cast<size_t>(kMaxRecordBytes) + 5, 'x'), 2);
  EXPECT_EQ(endless.problem, "line size over maximum");
  EXPECT_EQ(endless.size_bytes, static_cast<size_t>(kMaxRecordBytes));
}

TEST(RecordsTest, BytesThatAreNoUtf8AreLatin1) {
  EXPECT_EQ(One("caf\xe9,1\n").cells[0], "caf\xc3\xa9");
  EXPECT_EQ(One("caf\xc3\xa9,1\n").cells[0], "caf\xc3\xa9");
}

TEST(RecordsTest, JsonMembersAreCells) {
  const auto record =
      JsonLineCutter().Next("{\"a\": 1, \"b\": \"x\", \"c\": null, \"d\": [1, 2.5]}\nrest");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->names, (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(record->cells, (Cells{"1", "x", std::nullopt, "[1, 2.5]"}));
  EXPECT_EQ(JsonLineCutter().Next("{\"a\": 1\n")->problem, "not json");
  EXPECT_EQ(JsonLineCutter().Next("[1]\n")->problem, "not an object");
  EXPECT_TRUE(JsonLineCutter().Next(" \n")->blank);
  EXPECT_FALSE(JsonLineCutter().Next("{\"a\": 1}"));
}

// As an ordinary source reads them.
TEST(RecordsTest, JsonMembersKeepTheirDigitsAndNestedOnesHaveDottedNames) {
  const auto record = JsonLineCutter().Next(
      "{\"id\": 12345678901234567890, \"price\": 1.50, \"place\": {\"city\": \"Bonn\", \"at\": "
      "{\"x\": null}}}\n");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->problem, "");
  EXPECT_EQ(record->names, (std::vector<std::string>{"id", "price", "place.city", "place.at.x"}));
  EXPECT_EQ(record->cells, (Cells{"12345678901234567890", "1.50", "Bonn", std::nullopt}));
  // What was read before the mistake is no part of the record.
  const auto broken = JsonLineCutter().Next("{\"a\": 1, \"b\": nul}\n");
  EXPECT_EQ(broken->problem, "not json");
  EXPECT_TRUE(broken->names.empty() && broken->cells.empty());
}

TEST(RecordsTest, HeadersChooseTheDelimiterByThemselves) {
  const auto header = ReadHeader(
      "\xef\xbb\xbf"
      "a;b, c;\n1;2;3\n",
      std::nullopt, "f.csv");
  ASSERT_TRUE(header.ok() && *header);
  EXPECT_EQ((*header)->delimiter, ';');
  EXPECT_EQ((*header)->columns, (std::vector<std::string>{"a", "b, c", "column_3"}));
  EXPECT_EQ((*header)->size_bytes, 11u);
  EXPECT_FALSE(*ReadHeader("a,b", std::nullopt, "f.csv"));
  EXPECT_EQ((*ReadHeader("a;b|c\n", '|', "f.csv"))->columns.size(), 2u);
}

// The second line would make ";" look better, had it been there already.
TEST(RecordsTest, TheDelimiterIsChosenByTheFirstLineAlone) {
  const std::string text = "x,a;\"y\nz\";b;c\n1,2\n";
  const auto early = ReadHeader(text.substr(0, text.find('\n') + 1), std::nullopt, "f.csv");
  const auto late = ReadHeader(text, std::nullopt, "f.csv");
  ASSERT_TRUE(early.ok() && *early && late.ok() && *late);
  EXPECT_EQ((*early)->columns, (*late)->columns);
}

TEST(RecordsTest, HeadersThatNameNoColumnsAreRefused) {
  const auto refused = [](std::string_view bytes) {
    return ReadHeader(bytes, std::nullopt, "f.csv").status();
  };
  EXPECT_EQ(refused("a,A\n").code(), Code::kInvalidData);
  EXPECT_EQ(refused("\n1,2\n").code(), Code::kInvalidData);
  EXPECT_EQ(refused(std::string_view("a\0b\n", 4)).code(), Code::kInvalidData);
  EXPECT_EQ(refused("\xff\xfe"
                    "a\n")
                .code(),
            Code::kUnsupported);
}

std::string Cell() {
  std::string cell = *rc::gen::container<std::string>(
      rc::gen::element('a', 'b', '7', ' ', ',', '"', '\n', '\'', '.', '\\'));
  return cell.substr(0, 8);
}

std::string Quoted(const std::string& cell) {
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

// Text as any writer would write it: quotes where they are needed.
std::string TextOf(const std::vector<std::vector<std::string>>& rows, const std::string& line_end) {
  std::string text;
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      if (c > 0) text += ',';
      const bool plain = row[c].find_first_of(",\"\n ") == std::string::npos;
      text += plain ? row[c] : Quoted(row[c]);
    }
    text += line_end;
  }
  return text;
}

// Starting an engine costs more than reading a file; all cases share one.
engine::Engine& SharedEngine() {
  static const std::unique_ptr<engine::Engine> engine = *engine::MakeDuckDbEngine({});
  return *engine;
}

RC_GTEST_PROP(RecordsTest, WellFormedTextReadsAsTheEngineReadsIt, ()) {
  std::vector<std::vector<std::string>> rows{{"first", "second", "third"}};
  const int num_rows = *rc::gen::inRange(1, 8);
  for (int r = 0; r < num_rows; ++r) rows.push_back({"k", Cell(), Cell()});
  const std::string text = TextOf(rows, *rc::gen::element<std::string>("\n", "\r\n"));
  const auto folder = TemporaryFolder::Make();
  RC_ASSERT(WriteFile(JoinPath(folder->path(), "d.csv"), text).ok());
  const auto source =
      engine::OpenSource(SharedEngine(), folder->path(), {"d.csv"}, {.delimiter = ","}, "v");
  RC_ASSERT(source.ok());
  const auto expected = engine::Query(SharedEngine(), "SELECT * FROM v");
  RC_ASSERT(expected.ok());
  const auto header = ReadHeader(text, ',', "d.csv");
  RC_ASSERT(header.ok());
  size_t at = (*header)->size_bytes;
  int64_t row = 0;
  const DelimitedCutter cutter(',', 3);
  for (; at < text.size(); ++row) {
    const auto record = cutter.Next(std::string_view(text).substr(at));
    RC_ASSERT(record.has_value());
    RC_ASSERT(record->problem.empty());
    RC_ASSERT(row < expected->num_rows());
    for (int64_t c = 0; c < 3; ++c) {
      const auto& column = expected->column(c);
      const auto& cell = record->cells[static_cast<size_t>(c)];
      RC_ASSERT(cell.has_value() == column.valid(row));
      if (cell) RC_ASSERT(*cell == column.text(row));
    }
    at += record->size_bytes;
  }
  RC_ASSERT(row == expected->num_rows());
}

// Whatever the bytes, records cover them, each has an end, and the same come out when the reader
// sees the bytes grow one by one.
RC_GTEST_PROP(RecordsTest, RecordsDoNotDependOnWhereTheBytesEndNow, ()) {
  const std::string text =
      *rc::gen::container<std::string>(rc::gen::element('a', ',', '"', '\n', '\r', '\xe9', ' '));
  const DelimitedCutter cutter(',', static_cast<size_t>(*rc::gen::inRange(0, 4)));
  size_t at = 0;
  while (const auto whole = cutter.Next(std::string_view(text).substr(at))) {
    RC_ASSERT(whole->size_bytes > 0);
    for (size_t size = 0; size <= text.size() - at; ++size) {
      const auto part = cutter.Next(std::string_view(text).substr(at, size));
      // A quote at the very end may be half of a doubled one: an end is seen late, never wrongly.
      if (part) RC_ASSERT(part->size_bytes == whole->size_bytes);
      if (part) RC_ASSERT(part->cells == whole->cells);
      if (size >= whole->size_bytes) RC_ASSERT(part.has_value());
    }
    at += whole->size_bytes;
  }
}

}  // namespace
}  // namespace millrace::stream
