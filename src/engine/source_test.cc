#include "engine/source.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "engine/record_reader.h"

namespace millrace::engine {
namespace {

class SourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
  }

  void Write(const std::string& name, std::string_view content) {
    ASSERT_TRUE(WriteFile(JoinPath(folder_->path(), name), content).ok());
  }
  Result<Source> Open(const std::string& name, const SourceOptions& options = {}) {
    return OpenSource(*engine_, folder_->path(), {name}, options, "src");
  }
  table::Table Rows() {
    const Status made = engine_->Execute("CREATE OR REPLACE TABLE rows AS SELECT * FROM src");
    EXPECT_TRUE(made.ok()) << made.ToString();
    auto rows = Query(*engine_, "SELECT * FROM rows");
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return std::move(rows).value();
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
};

TEST_F(SourceTest, ReadsEveryCellAsText) {
  Write("a.csv", "id,name,x\n007,\"a, b\",1.50\n8,,\n");
  const auto source = Open("a.csv");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  EXPECT_EQ(source->columns, (std::vector<std::string>{"id", "name", "x"}));
  const table::Table rows = Rows();
  ASSERT_EQ(rows.num_rows(), 2);
  EXPECT_EQ(rows.column(0).text(0), "007");
  EXPECT_EQ(rows.column(1).text(0), "a, b");
  EXPECT_EQ(rows.column(2).text(0), "1.50");
  EXPECT_FALSE(rows.column(1).valid(1));
}

TEST_F(SourceTest, ReadsTextWithLittleMemory) {
  auto small = MakeDuckDbEngine({.num_threads = 1, .memory_bytes = int64_t{100} << 20});
  ASSERT_TRUE(small.ok());
  Write("a.csv", "id,name\n1,x\n2,y\n");
  const auto source = OpenSource(**small, folder_->path(), {"a.csv"}, {}, "src");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  const auto rows = Query(**small, "SELECT * FROM src");
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  EXPECT_EQ(rows->num_rows(), 2);
}

TEST_F(SourceTest, FindsDelimiters) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    Write("d.csv", Format("a{0}b\n1{0}2\n3{0}4\n", delimiter));
    const auto source = Open("d.csv");
    ASSERT_TRUE(source.ok()) << source.status().ToString();
    EXPECT_EQ(source->delimiter, std::string(1, delimiter));
    EXPECT_EQ(source->columns.size(), 2u);
  }
}

TEST_F(SourceTest, ReadsByteOrderMarksAndOtherEncodings) {
  Write("bom.csv",
        "\xef\xbb\xbf"
        "a,b\n1,2\n");
  auto source = Open("bom.csv");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  EXPECT_EQ(source->columns[0], "a");
  EXPECT_EQ(Rows().num_rows(), 1);

  Write("latin.csv", "name,b\ncaf\xe9,2\n");
  source = Open("latin.csv");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  EXPECT_EQ(Rows().column(0).text(0), "caf\xc3\xa9");

  std::string wide("\xff\xfe", 2);
  for (const char c : std::string_view("a,b\n1,2\n")) wide += std::string{c, '\0'};
  Write("wide.csv", wide);
  source = Open("wide.csv");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  EXPECT_EQ(source->columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(Rows().column(1).text(0), "2");
}

TEST_F(SourceTest, SetsRaggedRowsAside) {
  Write("r.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n");
  const auto source = Open("r.csv");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  EXPECT_EQ(Rows().num_rows(), 2);
  const auto rejected = RejectedRows(*engine_, *source);
  ASSERT_TRUE(rejected.ok()) << rejected.status().ToString();
  ASSERT_EQ(rejected->size(), 2u);
  EXPECT_EQ((*rejected)[0].line, 3);
  EXPECT_EQ((*rejected)[0].text, "3");
  EXPECT_EQ((*rejected)[1].line, 4);
}

TEST_F(SourceTest, ReadsParquetAndJsonLines) {
  const std::string path = JoinPath(folder_->path(), "p.parquet");
  ASSERT_TRUE(
      engine_
          ->Execute(Format("COPY (SELECT 1.5::DOUBLE AS x, 'u' AS t) TO {} (FORMAT parquet)",
                           QuoteLiteral(path)))
          .ok());
  auto source = Open("p.parquet");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  EXPECT_EQ(Rows().column(0).text(0), "1.5");

  Write("j.jsonl", "{\"x\": 1, \"t\": \"u\"}\n{\"x\": null, \"t\": \"v\"}\n");
  source = Open("j.jsonl");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  const table::Table rows = Rows();
  EXPECT_EQ(rows.column(0).text(0), "1");
  EXPECT_FALSE(rows.column(0).valid(1));
  EXPECT_EQ(rows.column(1).text(1), "v");
}

TEST_F(SourceTest, SaysWhatIsWrong) {
  const struct {
    const char* name;
    std::string content;
    Code code;
    const char* message;
  } cases[] = {
      {"empty.csv", "", Code::kInvalidData, "the file is empty"},
      {"header.csv", "a,b\n", Code::kInvalidData, "a header and no rows"},
      {"twice.csv", "a,b,A\n1,2,3\n", Code::kInvalidData, "two columns share a name"},
      {"binary.csv",
       std::string("\x7f"
                   "ELF\0\0\1\2",
                   8),
       Code::kInvalidData, "not a text file"},
      {"kind.xlsx", "x", Code::kUnsupported, "unknown kind of file"},
      {"bad.parquet", "not a parquet file", Code::kInvalidData, "cannot be read"},
  };
  for (const auto& item : cases) {
    Write(item.name, item.content);
    const auto source = Open(item.name);
    ASSERT_FALSE(source.ok()) << item.name;
    EXPECT_EQ(source.status().code(), item.code) << item.name;
    EXPECT_NE(source.status().message().find(item.message), std::string::npos)
        << source.status().ToString();
  }
  const auto missing = Open("heder.csv");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().code(), Code::kNotFound);
  EXPECT_NE(missing.status().hint().find("header.csv"), std::string::npos)
      << missing.status().ToString();
}

TEST_F(SourceTest, WrongDelimiterIsNamed) {
  Write("s.csv", "a;b\n1;2\n");
  const auto source = Open("s.csv", {.delimiter = ","});
  ASSERT_FALSE(source.ok());
  EXPECT_NE(source.status().hint().find(';'), std::string::npos);
}

TEST_F(SourceTest, JoinsFilesOfOnePatternInOrder) {
  Write("m_02.csv", "a\n2\n");
  Write("m_01.csv", "a\n1\n");
  const auto source = OpenSource(*engine_, folder_->path(), {"m_*.csv"}, {}, "src");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  ASSERT_EQ(source->files.size(), 2u);
  const table::Table rows = Rows();
  EXPECT_EQ(rows.column(0).text(0), "1");
  EXPECT_EQ(rows.column(0).text(1), "2");
}

TEST_F(SourceTest, APatternFindsAFileOnce) {
  ASSERT_TRUE(MakeFolders(JoinPath(folder_->path(), "d/e/f")).ok());
  Write("d/e/f/x.csv", "a\n1\n2\n");
  for (const char* pattern :
       {"d/**/x.csv", "d/**/**/x.csv", "d/**/**/**/x.csv", "d/**/*/**/x.csv", "**/**/e/**/x.*"}) {
    const auto source = Open(pattern);
    ASSERT_TRUE(source.ok()) << source.status().ToString();
    EXPECT_EQ(source->files.size(), 1u) << pattern;
    EXPECT_EQ(Rows().num_rows(), 2) << pattern;
  }
}

// A line of white space alone would be a blank one.
TEST_F(SourceTest, WhiteSpaceInAnOnlyColumnIsARow) {
  Write("w.jsonl", "{\"a\": \"x\"}\n{\"a\": \"  \"}\n{\"a\": null}\n{\"a\": \"\\t\"}\n");
  const auto source = Open("w.jsonl");
  ASSERT_TRUE(source.ok()) << source.status().ToString();
  const table::Table rows = Rows();
  ASSERT_EQ(rows.num_rows(), 4);
  EXPECT_EQ(rows.column(0).text(1), "  ");
  EXPECT_FALSE(rows.column(0).valid(2));
  EXPECT_EQ(rows.column(0).text(3), "\t");

  Write("first.jsonl", "{\"a\": \"  \"}\n");
  const auto first = Open("first.jsonl");
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(Rows().num_rows(), 1);
}

TEST(RecordReaderTest, SplitsQuotedCells) {
  RecordReader reader("", TextOf("a,\"b \"\"q\"\", c\",,d\r"), Dialect{});
  Record record;
  ASSERT_TRUE(*reader.Next(record));
  EXPECT_EQ(record.cells, (std::vector<std::string>{"a", "b \"q\", c", "", "d"}));
  EXPECT_FALSE(*reader.Next(record));
}

}  // namespace
}  // namespace millrace::engine
