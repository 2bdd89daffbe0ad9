#include "profile/type_inference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "table/value_parser.h"

namespace millrace::profile {
namespace {

using table::ColumnType;

TypeDecision Decide(const std::vector<std::string>& cells, const std::string& name = "x") {
  std::vector<std::pair<std::string, int64_t>> counts;
  TypeEvidence evidence;
  evidence.name = name;
  int64_t words = 0;
  for (const std::string& cell : cells) {
    ++evidence.num_rows;
    const std::string text(Trim(cell));
    if (text.empty()) {
      ++evidence.num_empty;
      continue;
    }
    words += std::count(text.begin(), text.end(), ' ') + 1;
    const auto known = std::find_if(counts.begin(), counts.end(),
                                    [&](const auto& each) { return each.first == text; });
    if (known == counts.end()) {
      counts.emplace_back(text, 1);
    } else {
      ++known->second;
    }
  }
  for (const auto& [text, count] : counts) evidence.values.push_back({text, count});
  evidence.num_distinct = static_cast<int64_t>(counts.size());
  evidence.mean_words =
      static_cast<double>(words) / static_cast<double>(std::max<size_t>(1, cells.size()));
  return DecideType(evidence);
}

// What a person who sees these cells says they are, and what a cell then reads as.
struct Case {
  std::string what;
  std::vector<std::string> cells;
  ColumnType type;
  std::string cell;     // reads as `value`
  double value = 0.0;   // numeric types
  std::string missing;  // texts that must be missing, joined by "|"
  std::string name = "x";
};

void PrintTo(const Case& item, std::ostream* out) { *out << item.what; }

std::vector<std::string> Range(int64_t from, int64_t to, const std::string& form = "{}") {
  std::vector<std::string> cells;
  for (int64_t i = from; i < to; ++i) cells.push_back(ReplaceAll(form, "{}", Format("{}", i)));
  return cells;
}

std::vector<std::string> With(std::vector<std::string> cells, const std::string& extra,
                              int64_t times) {
  for (int64_t i = 0; i < times; ++i) cells.push_back(extra);
  return cells;
}

constexpr double kDay = 86400.0;

std::vector<Case> NumberCases() {
  return {
      {"integers with missing", {"1", "", "3", "NA", "5"}, ColumnType::kInteger, "3", 3, "NA"},
      {"integers that a tool wrote as floats because some are missing",
       {"1.0", "", "3.0", "12.0"},
       ColumnType::kInteger,
       "12.0",
       12,
       ""},
      {"floats that happen to be whole stay numbers",
       {"1.0", "2.0", "3.0"},
       ColumnType::kNumber,
       "2.0",
       2,
       ""},
      {"thousands with commas",
       {"1,234.50", "12.00", "1,000,000.25"},
       ColumnType::kNumber,
       "1,234.50",
       1234.5,
       ""},
      {"thousands and millions by letters",
       {"5k", "1.2M", "300", "12.5k", "2M"},
       ColumnType::kNumber,
       "1.2M",
       1'200'000,
       ""},
      {"money in thousands", {"$5k", "$7K", "$12k"}, ColumnType::kInteger, "$7K", 7000, ""},
      {"megabytes are a unit", {"19M", "14M", "8M"}, ColumnType::kInteger, "14M", 14, ""},
      {"sizes of several magnitudes",
       {"19M", "201k", "14M"},
       ColumnType::kInteger,
       "201k",
       201'000,
       ""},
      {"decimal comma", {"1.234,50", "12,00", "0,5"}, ColumnType::kNumber, "1.234,50", 1234.5, ""},
      {"decimal comma with currency behind",
       {"1.234,50 \xe2\x82\xac", "12,00 \xe2\x82\xac"},
       ColumnType::kNumber,
       "1.234,50 \xe2\x82\xac",
       1234.5,
       ""},
      {"thousands with spaces that do not break",
       {"1\xc2\xa0"
        "234",
        "12",
        "3\xc2\xa0"
        "000"},
       ColumnType::kInteger,
       "1\xc2\xa0"
       "234",
       1234,
       ""},
      {"units", {"23.4 kmpl", "19 kmpl", "11.3 kmpl"}, ColumnType::kNumber, "23.4 kmpl", 23.4, ""},
      {"units close behind", {"10kg", "12.5kg", "7kg"}, ColumnType::kNumber, "12.5kg", 12.5, ""},
      {"dollars", {"$5", "$1,234.50", "-$7"}, ColumnType::kNumber, "-$7", -7, ""},
      {"currency codes",
       {"USD 5", "USD 12.50", "USD 7"},
       ColumnType::kNumber,
       "USD 12.50",
       12.5,
       ""},
      {"percent", {"12%", "3.5%", "99%"}, ColumnType::kNumber, "3.5%", 3.5, ""},
      {"brackets of accounts",
       {"(1,234)", "500", "1,200", "(7)"},
       ColumnType::kInteger,
       "(1,234)",
       -1234,
       ""},
      {"brackets with currency",
       {"($12.50)", "$500.00", "$(3.00)"},
       ColumnType::kNumber,
       "($12.50)",
       -12.5,
       ""},
      {"exponents", {"1e5", "2.5e-3", "7E2"}, ColumnType::kNumber, "1e5", 1e5, ""},
      {"odd words among numbers are missing", With(Range(0, 40), "not measured", 10),
       ColumnType::kInteger, "7", 7, "not measured"},
      {"a digit in the odd word makes it a category", With({"0", "1", "2"}, "3+", 1),
       ColumnType::kCategory, "", 0, ""},
      {"-200 far from all else", With(Range(3, 40), "-200", 6), ColumnType::kInteger, "5", 5,
       "-200"},
      {"9999 far from all else", With(Range(3, 40), "9999", 6), ColumnType::kInteger, "5", 5,
       "9999"},
      {"-999 written in two ways", With(With(Range(1, 30, "{}.5"), "-999", 5), "-999.0", 5),
       ColumnType::kNumber, "5.5", 5.5, "-999|-999.0"},
  };
}

std::vector<Case> DateCases() {
  return {
      {"seconds",
       {"1577836800", "1577836860", "1577840000"},
       ColumnType::kDate,
       "1577836800",
       1577836800,
       "",
       "timestamp"},
      {"milliseconds",
       {"1577836800000", "1577836860500"},
       ColumnType::kDate,
       "1577836860500",
       1577836860.5,
       "",
       "createdAt"},
      {"big numbers that are no time",
       {"1577836800", "1577836860", "1577840000"},
       ColumnType::kInteger,
       "1577836800",
       1577836800,
       "",
       "population"},
      {"ISO dates",
       {"2024-01-31", "2023-12-01"},
       ColumnType::kDate,
       "2024-01-31",
       19753 * kDay,
       ""},
      {"months", {"1949-01", "1949-02", "1949-03"}, ColumnType::kDate, "1970-02", 31 * kDay, ""},
      {"day first, by evidence",
       {"31/12/2023", "01/02/2024"},
       ColumnType::kDate,
       "02/01/1970",
       kDay,
       ""},
      {"month first, by evidence",
       {"12/31/2023", "01/02/2024"},
       ColumnType::kDate,
       "01/02/1970",
       kDay,
       ""},
      {"month first, because rows are in order of time",
       {"01/02/2024", "01/09/2024", "01/10/2024", "02/01/2024", "02/03/2024", "03/01/2024"},
       ColumnType::kDate,
       "01/02/1970",
       kDay,
       ""},
      {"years of two digits", {"31/12/23", "01/02/24"}, ColumnType::kDate, "02/01/70", kDay, ""},
      {"names of months",
       {"31 Jan 2024", "1 February 2023", "Mar 5, 2022"},
       ColumnType::kDate,
       "2 Jan 1970",
       kDay,
       ""},
      {"mixed forms",
       {"2024-01-31", "31/12/2023", "5 Jan 2024", "2024-02-01 10:00"},
       ColumnType::kDate,
       "02/01/1970",
       kDay,
       ""},
      {"time zones",
       {"2024-01-31T12:00:00+02:00", "2024-01-31T12:00:00Z"},
       ColumnType::kDate,
       "1970-01-02T02:00:00+02:00",
       kDay,
       ""},
      {"dates of mails",
       {"Wed, 31 Jan 2024 10:00:00 GMT", "Thu, 01 Feb 2024 11:30:00 GMT"},
       ColumnType::kDate,
       "Fri, 02 Jan 1970 00:00:00 GMT",
       kDay,
       ""},
      {"words among dates", With(Range(10, 29, "2024-01-{}"), "never", 5), ColumnType::kDate,
       "1970-01-02", kDay, "never"},
      {"the end of time", With(Range(10, 29, "2024-01-{}"), "9999-12-31", 5), ColumnType::kDate,
       "1970-01-02", kDay, "9999-12-31"},
      {"compact dates by name",
       {"20240131", "20240201"},
       ColumnType::kDate,
       "19700102",
       kDay,
       "",
       "start_date"},
  };
}

std::vector<Case> TextCases() {
  return {
      {"yes and no", {"Yes", "No", "Yes"}, ColumnType::kBoolean, "Yes", 1, ""},
      {"y and n", {"y", "n"}, ColumnType::kBoolean, "n", 0, ""},
      {"t and f", {"t", "f", "f"}, ColumnType::kBoolean, "t", 1, ""},
      {"TRUE and FALSE with missing",
       {"TRUE", "FALSE", "NA"},
       ColumnType::kBoolean,
       "TRUE",
       1,
       "NA"},
      {"0 and 1", {"0", "1", "1"}, ColumnType::kBoolean, "1", 1, ""},
      {"on and off", {"on", "off"}, ColumnType::kBoolean, "off", 0, ""},
      {"ja and nein", {"ja", "nein"}, ColumnType::kBoolean, "ja", 1, ""},
      {"oui and non", {"oui", "non"}, ColumnType::kBoolean, "non", 0, ""},
      {"many spellings in one column",
       {"Yes", "no", "TRUE", "0", "Y", "n", "1", "false"},
       ColumnType::kBoolean,
       "Y",
       1,
       ""},
      {"1 and 2 are whole numbers", {"1", "2", "1"}, ColumnType::kInteger, "2", 2, ""},
      {"leading zeros", {"00501", "00123", "94105"}, ColumnType::kCategory, "", 0, ""},
      {"one leading zero among codes of one length", With(Range(10000, 10100), "00501", 1),
       ColumnType::kCategory, "", 0, ""},
      {"zip codes without leading zeros",
       {"94105", "10001", "60601"},
       ColumnType::kCategory,
       "",
       0,
       "",
       "zip_code"},
      {"a letter and a number is a code",
       {"town0", "town1", "town2", "town0"},
       ColumnType::kCategory,
       "",
       0,
       ""},
      {"quarters", {"Q1", "Q2", "Q3", "Q4"}, ColumnType::kCategory, "", 0, ""},
      {"house styles", {"1Story", "2Story", "1Fam"}, ColumnType::kCategory, "", 0, ""},
      {"sizes", {"small", "medium", "large", "small"}, ColumnType::kCategory, "", 0, ""},
      {"names of files", {"001.txt", "02.txt", "9.txt"}, ColumnType::kCategory, "", 0, ""},
      {"ranges of ages",
       {"25 - 45", "Less than 25", "Greater than 45"},
       ColumnType::kCategory,
       "",
       0,
       ""},
      {"None is a category, NA is missing",
       {"None", "BrkFace", "NA", "None"},
       ColumnType::kCategory,
       "",
       0,
       "NA"},
      {"? is missing in a category",
       {"Private", "?", "State-gov"},
       ColumnType::kCategory,
       "",
       0,
       "?"},
      {"- is a category", {"-", "a", "b"}, ColumnType::kCategory, "", 0, ""},
      {"None is missing among numbers",
       {"1.5", "None", "2.5", "3"},
       ColumnType::kNumber,
       "1.5",
       1.5,
       "None"},
      {"- is missing among numbers",
       {"1.5", "-", "2.5", "3"},
       ColumnType::kNumber,
       "1.5",
       1.5,
       "-"},
  };
}

std::vector<Case> AllCases() {
  std::vector<Case> all;
  for (const std::vector<Case>& some : {NumberCases(), DateCases(), TextCases()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

class TypeTest : public ::testing::TestWithParam<Case> {};

TEST_P(TypeTest, IsWhatAPersonSays) {
  const Case& expected = GetParam();
  const TypeDecision found = Decide(expected.cells, expected.name);
  EXPECT_EQ(table::ColumnTypeName(found.type), table::ColumnTypeName(expected.type))
      << found.reason;
  EXPECT_FALSE(found.reason.empty());
  const table::ValueParser parser({.name = "x", .type = found.type, .rules = found.rules});
  if (table::IsNumeric(expected.type)) {
    const table::Cell cell = parser.Parse(expected.cell);
    EXPECT_EQ(cell.state, table::CellState::kValue) << found.reason;
    EXPECT_DOUBLE_EQ(cell.number, expected.value) << found.reason;
  }
  std::vector<std::string> missing;
  if (!expected.missing.empty()) {
    for (const std::string_view word : Split(expected.missing, '|')) missing.emplace_back(word);
  }
  EXPECT_EQ(Join(found.rules.missing_texts, "|"), Join(missing, "|")) << found.reason;
  // Every cell is a value or missing: nothing is lost by the decision.
  for (const std::string& cell : expected.cells) {
    EXPECT_NE(parser.Parse(cell).state, table::CellState::kInvalid) << cell;
  }
}

INSTANTIATE_TEST_SUITE_P(All, TypeTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& each) { return Format("case_{}", each.index); });

TEST(TypeInferenceTest, ACapIsAValue) {
  std::vector<std::string> cells = Range(0, 41, "{}000");
  cells = With(std::move(cells), "99999", 9);
  EXPECT_TRUE(Decide(cells).rules.missing_texts.empty());
}

TEST(TypeInferenceTest, ALoneSentinelIsAValue) {
  EXPECT_TRUE(Decide(With(Range(3, 40), "-200", 2)).rules.missing_texts.empty());
  EXPECT_TRUE(Decide(With(Range(-300, -100), "-200", 9)).rules.missing_texts.empty());
}

TEST(TypeInferenceTest, AmbiguousDatesSaySo) {
  const TypeDecision found = Decide({"01/02/2024", "02/01/2024", "02/01/2024", "01/02/2024"});
  EXPECT_EQ(found.type, ColumnType::kDate);
  EXPECT_NE(found.reason.find("could change places"), std::string::npos) << found.reason;
}

TEST(TypeInferenceTest, FreeTextIsToldFromCategories) {
  std::vector<std::string> prose;
  for (int i = 0; i < 200; ++i) prose.push_back(Format("the quick brown fox number {} ran", i));
  EXPECT_EQ(Decide(prose).type, ColumnType::kText);
  std::vector<std::string> places;
  for (int i = 0; i < 200; ++i) places.push_back(Format("Upper West Side South {}", i % 9));
  EXPECT_EQ(Decide(places).type, ColumnType::kCategory);
}

TEST(TypeInferenceTest, NotableDecisionsAreMarked) {
  EXPECT_TRUE(Decide({"$5", "$6"}).is_notable);
  EXPECT_TRUE(Decide({"00501", "00502"}).is_notable);
  EXPECT_TRUE(Decide({"31/12/2023", "01/02/2024"}).is_notable);
  EXPECT_FALSE(Decide({"1", "2", "5"}).is_notable);
  EXPECT_FALSE(Decide({"2024-01-31", "2023-12-01"}).is_notable);
  EXPECT_FALSE(Decide({"a", "b"}).is_notable);
}

}  // namespace
}  // namespace millrace::profile
