#include "profile/source_profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "json/text.h"

namespace millrace::profile {
namespace {

using table::ColumnType;

class SourceProfileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
  }

  SourceProfile Profile(std::string_view csv,
                        const std::map<std::string, ColumnOverride>& overrides = {}) {
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
    auto source = engine::OpenSource(*engine_, folder_->path(), {"d.csv"}, {}, "src");
    EXPECT_TRUE(source.ok()) << source.status().ToString();
    auto profile = ProfileSource(*engine_, *source, overrides);
    EXPECT_TRUE(profile.ok()) << profile.status().ToString();
    return std::move(profile).value();
  }

  // One column `x` with these cells.
  ColumnProfile Column(const std::vector<std::string>& cells, const std::string& name = "x") {
    std::string csv = "row," + name + "\n";
    for (size_t i = 0; i < cells.size(); ++i) csv += Format("r{},\"{}\"\n", i, cells[i]);
    return Profile(csv).columns[1];
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
};

TEST_F(SourceProfileTest, IntegersWithMissingStayIntegers) {
  const ColumnProfile p = Column({"1", "", "3", "NA", "5"});
  EXPECT_EQ(p.type, ColumnType::kInteger);
  EXPECT_EQ(p.num_missing, 2);
  EXPECT_EQ(p.minimum, 1.0);
  EXPECT_EQ(p.maximum, 5.0);
  EXPECT_DOUBLE_EQ(*p.mean, 3.0);
  EXPECT_DOUBLE_EQ(*p.standard_deviation, 2.0);
}

TEST_F(SourceProfileTest, NumbersWithBlanksAreNumbers) {
  const ColumnProfile p = Column({"29.85", " ", "1889.5", "108.15"});
  EXPECT_EQ(p.type, ColumnType::kNumber);
  EXPECT_EQ(p.num_missing, 1);
}

TEST_F(SourceProfileTest, NumbersInUnitsAreRead) {
  ColumnProfile p = Column({"$5", "$1,234.50", "$7"});
  EXPECT_EQ(p.type, ColumnType::kNumber);
  EXPECT_EQ(p.rules.prefix, "$");
  EXPECT_EQ(p.maximum, 1234.5);
  p = Column({"12%", "3.5%", "99%"});
  EXPECT_EQ(p.type, ColumnType::kNumber);
  EXPECT_EQ(p.rules.suffix, "%");
  p = Column({"23.4 kmpl", "19 kmpl", "11.3 kmpl"});
  EXPECT_EQ(p.type, ColumnType::kNumber);
  EXPECT_EQ(p.rules.suffix, "kmpl");
}

TEST_F(SourceProfileTest, FileNamesStayText) {
  EXPECT_EQ(Column({"001.txt", "02.txt", "9.txt"}).type, ColumnType::kCategory);
}

TEST_F(SourceProfileTest, LeadingZerosStayText) {
  EXPECT_EQ(Column({"00501", "00123", "94105"}).type, ColumnType::kCategory);
}

TEST_F(SourceProfileTest, BooleansInSeveralSpellings) {
  EXPECT_EQ(Column({"Yes", "No", "Yes"}).type, ColumnType::kBoolean);
  EXPECT_EQ(Column({"0", "1", "1"}).type, ColumnType::kBoolean);
  EXPECT_EQ(Column({"TRUE", "FALSE", ""}).type, ColumnType::kBoolean);
  EXPECT_EQ(Column({"1", "2", "1"}).type, ColumnType::kInteger);
}

TEST_F(SourceProfileTest, DatesAreFoundWithTheirOrder) {
  EXPECT_EQ(Column({"2024-01-31", "2023-12-01"}).type, ColumnType::kDate);
  const ColumnProfile p = Column({"31/12/2023", "01/02/2024"});
  EXPECT_EQ(p.type, ColumnType::kDate);
  EXPECT_EQ(p.rules.date_order, "dmy");
}

TEST_F(SourceProfileTest, CategoryNoneIsKeptAndNaIsMissing) {
  const ColumnProfile p = Column({"None", "BrkFace", "NA", "None"});
  EXPECT_EQ(p.type, ColumnType::kCategory);
  EXPECT_EQ(p.num_missing, 1);
  ASSERT_FALSE(p.top_values.empty());
  EXPECT_EQ(p.top_values[0].value, "None");
  EXPECT_EQ(p.top_values[0].count, 2);
}

TEST_F(SourceProfileTest, MarksConstantUniqueAndSequence) {
  const SourceProfile p = Profile("id,c,u\n1,k,a\n2,k,b\n3,k,c\n3,k,c\n");
  EXPECT_TRUE(p.Find("c")->is_constant);
  EXPECT_FALSE(p.Find("u")->is_unique);
  EXPECT_EQ(p.num_duplicate_rows, 1);
  const SourceProfile q = Profile("id,u\n10,a\n11,b\n12,c\n");
  EXPECT_TRUE(q.Find("id")->is_sequence);
  EXPECT_TRUE(q.Find("u")->is_unique);
}

TEST_F(SourceProfileTest, AllMissingIsSaid) {
  const ColumnProfile p = Column({"", "NA", "?"});
  EXPECT_EQ(p.num_missing, 3);
  EXPECT_EQ(p.num_distinct, 0);
  EXPECT_EQ(p.reason, "every value is missing");
}

TEST_F(SourceProfileTest, OverridesHoldAndUnknownNamesAreRefused) {
  ColumnOverride fixed;
  fixed.type = ColumnType::kCategory;
  EXPECT_EQ(Profile("code,y\n1,2\n3,4\n", {{"code", fixed}}).columns[0].type,
            ColumnType::kCategory);
  auto source = engine::OpenSource(*engine_, folder_->path(), {"d.csv"}, {}, "src");
  ASSERT_TRUE(source.ok());
  const auto wrong = ProfileSource(*engine_, *source, {{"cod", fixed}});
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.status().code(), Code::kInvalidSpec);
  EXPECT_NE(wrong.status().hint().find("code"), std::string::npos);
}

TEST_F(SourceProfileTest, ManyDistinctValuesAreEstimatedWithinTwoPercent) {
  std::string csv = "x,t\n";
  for (int i = 0; i < 60'000; ++i) csv += Format("{}.5,v{}\n", i, i);
  const SourceProfile p = Profile(csv);
  EXPECT_FALSE(p.columns[0].distinct_is_exact);
  EXPECT_NEAR(static_cast<double>(p.columns[1].num_distinct), 60'000, 6'000);
  EXPECT_EQ(p.columns[0].minimum, 0.5);
  EXPECT_EQ(p.columns[0].maximum, 59'999.5);
}

TEST_F(SourceProfileTest, AnEstimateIsNeverAboveTheRows) {
  std::string csv = "x,t\n";
  for (int i = 0; i < 100'000; ++i) csv += Format("{},L{}\n", i % 50, i);
  const SourceProfile p = Profile(csv);
  const ColumnProfile& t = p.columns[1];
  EXPECT_FALSE(t.distinct_is_exact);
  EXPECT_LE(t.num_distinct, 100'000);
  EXPECT_GE(t.num_distinct, 98'000);
}

TEST_F(SourceProfileTest, IsTheSameForAnyNumberOfThreads) {
  std::string csv = "n,t,g,d\n";
  for (int i = 0; i < 50'000; ++i) {
    csv += Format("{},name {},g{},2024-01-{:02} 10:{:02}:{:02}.{}\n", i * 0.37, i * 7919 % 50'000,
                  i % 9, i % 28 + 1, i % 60, i / 60 % 60, i % 1000);
  }
  ASSERT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
  std::vector<std::string> documents;
  for (const int threads : {1, 2, 5}) {
    auto engine = engine::MakeDuckDbEngine({.num_threads = threads});
    ASSERT_TRUE(engine.ok());
    const auto source = engine::OpenSource(**engine, folder_->path(), {"d.csv"}, {}, "src");
    ASSERT_TRUE(source.ok());
    const auto profile = ProfileSource(**engine, *source, {}, threads);
    ASSERT_TRUE(profile.ok());
    documents.push_back(json::Write(ToJson(*profile)));
  }
  EXPECT_EQ(documents[0], documents[1]);
  EXPECT_EQ(documents[0], documents[2]);
}

// Beyond the values that are counted, numbers are read on with the rules that the first ones
// showed.
TEST_F(SourceProfileTest, FiguresOfManyValuesAreExactWhateverTheForm) {
  std::string csv = "price,code,when\n";
  for (int i = 0; i < 60'000; ++i) {
    csv += i % 10 == 0
               ? Format("NA,c{},\n", i)
               : Format("$ {}.25,c{},{}/{}/2024 1:{:02}\n", i, i, i % 12 + 1, i % 28 + 1, i % 60);
  }
  csv += "$ 99999.75,c,13/40/2024\n";
  const SourceProfile p = Profile(csv);
  const ColumnProfile& price = *p.Find("price");
  EXPECT_EQ(price.type, ColumnType::kNumber);
  EXPECT_EQ(price.rules.prefix, "$");
  EXPECT_EQ(price.num_missing, 6'000);
  EXPECT_EQ(price.minimum, 1.25);
  EXPECT_EQ(price.maximum, 99'999.75);
  double sum = 99'999.75;
  for (int i = 0; i < 60'000; ++i) sum += i % 10 == 0 ? 0.0 : i + 0.25;
  EXPECT_NEAR(*price.mean, sum / 54'001.0, 1e-6);
  EXPECT_NEAR(price.quantiles[4], 30'000.0, 1'000.0);
  EXPECT_FALSE(price.quantiles_are_exact);
  EXPECT_NEAR(static_cast<double>(price.num_distinct), 54'001.0, 2'000.0);
  EXPECT_EQ(p.Find("code")->type, ColumnType::kCategory);
  EXPECT_EQ(p.num_sampled, 20'000);
}

TEST_F(SourceProfileTest, FractionsAfterTheFirstValuesMakeANumber) {
  std::string csv = "x,t\n";
  for (int i = 0; i < 30'000; ++i) csv += Format("{},a\n", i * 3);
  csv += "0.5,b\n";
  const SourceProfile p = Profile(csv);
  EXPECT_EQ(p.columns[0].type, ColumnType::kNumber);
  EXPECT_EQ(p.columns[0].num_invalid, 0);
  EXPECT_EQ(p.columns[0].minimum, 0.0);
}

TEST_F(SourceProfileTest, AFileOfNumbersIsReadAsTheSameTable) {
  ASSERT_TRUE(engine_
                  ->Execute("CREATE TABLE made AS SELECT CAST(i AS BIGINT) AS id, "
                            "CASE WHEN i % 7 > 0 THEN i / 4.0 END AS x, "
                            "CAST(i % 3 AS INTEGER) AS few, 'g' || (i % 5) AS g, "
                            "CAST(i % 2 = 0 AS BOOLEAN) AS yes, "
                            "DATE '2024-01-01' + CAST(i % 300 AS INTEGER) AS d "
                            "FROM range(30000) t(i)")
                  .ok());
  const auto profile_of = [&](const std::string& name, std::string_view form) {
    EXPECT_TRUE(engine_
                    ->Execute(Format("COPY made TO {} (FORMAT {})",
                                     engine::QuoteLiteral(JoinPath(folder_->path(), name)), form))
                    .ok());
    const auto source = engine::OpenSource(*engine_, folder_->path(), {name}, {}, "made_source");
    EXPECT_TRUE(source.ok());
    auto profile = ProfileSource(*engine_, *source, {});
    EXPECT_TRUE(profile.ok()) << profile.status().ToString();
    return std::move(profile).value();
  };
  const SourceProfile csv = profile_of("made.csv", "csv, HEADER");
  const SourceProfile parquet = profile_of("made.parquet", "parquet");
  EXPECT_EQ(csv.num_duplicate_rows, parquet.num_duplicate_rows);
  for (size_t c = 0; c < csv.columns.size(); ++c) {
    const ColumnProfile& a = csv.columns[c];
    const ColumnProfile& b = parquet.columns[c];
    EXPECT_EQ(a.type, b.type) << a.name;
    EXPECT_EQ(a.num_missing, b.num_missing) << a.name;
    EXPECT_EQ(a.minimum, b.minimum) << a.name;
    EXPECT_EQ(a.maximum, b.maximum) << a.name;
    EXPECT_EQ(a.mean.has_value(), b.mean.has_value()) << a.name;
    EXPECT_NEAR(a.mean.value_or(0.0), b.mean.value_or(0.0), 1e-9 * std::abs(a.mean.value_or(0.0)))
        << a.name;
    EXPECT_EQ(a.distinct_is_exact, b.distinct_is_exact) << a.name;
    if (a.distinct_is_exact) {
      EXPECT_EQ(a.num_distinct, b.num_distinct) << a.name;
    }
    EXPECT_EQ(a.is_sequence, b.is_sequence) << a.name;
    EXPECT_EQ(a.is_unique, b.is_unique) << a.name;
    ASSERT_EQ(a.top_values.size(), b.top_values.size()) << a.name;
    for (size_t i = 0; i < a.top_values.size(); ++i) {
      EXPECT_EQ(a.top_values[i].value, b.top_values[i].value) << a.name;
    }
  }
}

TEST_F(SourceProfileTest, TheDigestTellsContentsApart) {
  const Digest first = Profile("a,b\n1,x\n2,y\n").content_digest;
  EXPECT_EQ(Profile("a;b\n1;x\n 2 ;\"y\"\n").content_digest.ToHex(), first.ToHex());
  EXPECT_NE(Profile("a,b\n1,x\n2,z\n").content_digest.ToHex(), first.ToHex());
  EXPECT_NE(Profile("a,b\n2,y\n1,x\n").content_digest.ToHex(), first.ToHex());
  EXPECT_NE(Profile("a,c\n1,x\n2,y\n").content_digest.ToHex(), first.ToHex());
  EXPECT_NE(Profile("a,b\nx,1\ny,2\n").content_digest.ToHex(), first.ToHex());
}

TEST_F(SourceProfileTest, JsonRoundTrip) {
  const SourceProfile p = Profile("a,b\n1,x\n2,y\n2,\n");
  const auto back = SourceProfileFromJson(ToJson(p));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(json::Write(ToJson(*back)), json::Write(ToJson(p)));
}

// More distinct values than are counted exactly, and then `last` 200 times.
std::string ManyValues(std::string_view last) {
  std::string csv = "row,x\n";
  for (int i = 0; i < 25'000; ++i) csv += Format("r{},{}\n", i, 7 * i + 3);
  for (int i = 0; i < 200; ++i) csv += Format("s{},{}\n", i, last);
  return csv;
}

TEST_F(SourceProfileTest, WhatIsFixedHoldsForManyValuesToo) {
  const std::map<std::string, ColumnOverride> missing = {
      {"x", {.missing_texts = std::vector<std::string>{"gone"}}}};
  ColumnProfile p = Profile(ManyValues("gone"), missing).columns[1];
  EXPECT_EQ(p.type, ColumnType::kInteger);
  EXPECT_EQ(p.num_missing, 200);
  EXPECT_EQ(p.num_invalid, 0);
  p = Profile(ManyValues("gone"), {{"x", {.type = ColumnType::kCategory}}}).columns[1];
  EXPECT_EQ(p.type, ColumnType::kCategory);
  EXPECT_EQ(p.num_missing, 0);
  EXPECT_EQ(p.num_invalid, 0);
  // NA means missing unless the specification says otherwise.
  EXPECT_EQ(Profile(ManyValues("NA")).columns[1].num_missing, 200);
  const std::map<std::string, ColumnOverride> kept = {
      {"x", {.type = ColumnType::kCategory, .missing_texts = std::vector<std::string>{}}}};
  EXPECT_EQ(Profile(ManyValues("NA"), kept).columns[1].num_missing, 0);
  p = Profile(ManyValues("2.5"), {{"x", {.type = ColumnType::kInteger}}}).columns[1];
  EXPECT_EQ(p.type, ColumnType::kInteger);
  EXPECT_EQ(p.num_invalid, 200);
  EXPECT_EQ(p.minimum, 3.0);
}

TEST_F(SourceProfileTest, NoTextOfACategoryIsInvalid) {
  // Numbers show first; that they are none shows when the table of values is full.
  std::string csv = "row,x\n";
  for (int i = 0; i < 40'000; ++i) {
    csv += Format("r{},{}{}\n", i, i >= 21'000 && i % 2 == 0 ? "k" : "", 7 * i + 3);
  }
  const ColumnProfile p = Profile(csv).columns[1];
  EXPECT_EQ(p.type, ColumnType::kCategory) << p.reason;
  EXPECT_EQ(p.num_invalid, 0);
  EXPECT_EQ(p.num_missing, 0);
}

}  // namespace
}  // namespace millrace::profile
