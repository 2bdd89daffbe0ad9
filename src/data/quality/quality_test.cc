// Planted faults that the measurements must find, and clean rows where they must find nothing.

#include "data/quality/quality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "data/quality/isolation_forest.h"
#include "data/quality/label_noise.h"
#include "data/quality/outliers.h"
#include "data/quality/personal_data.h"
#include "data/quality/row_copies.h"
#include "design/example_churn.h"
#include "json/text.h"

namespace millrace::data {
namespace {

using report::Check;
using report::CheckState;
using table::Task;

class QualityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(engine.ok() && folder.ok());
    engine_ = std::move(engine).value();
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
    auto objects = store::ObjectStore::Open(JoinPath(folder_->path(), "objects"));
    ASSERT_TRUE(objects.ok());
    objects_ = std::make_unique<store::ObjectStore>(std::move(objects).value());
    spec_.problem.target = "y";
    spec_.data.paths = {"d.csv"};
  }

  DataRecord Run(const std::string& csv, Task task) {
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
    auto record = RunData({.spec = spec_,
                           .project_folder = folder_->path(),
                           .task = task,
                           .positive = "",
                           .objects = *objects_,
                           .engine = *engine_,
                           .progress = progress_,
                           .previous_salt = std::nullopt});
    EXPECT_TRUE(record.ok()) << record.status().ToString();
    return std::move(record).value();
  }

  // The ids of checks that are not met or warn, without "data.", sorted.
  static std::string Found(const DataRecord& record) {
    std::vector<std::string> ids;
    for (const Check& check : record.section.checkpoint.checks) {
      if (check.state == CheckState::kWarning || check.state == CheckState::kNotMet) {
        ids.push_back(check.id.substr(5));
      }
    }
    std::sort(ids.begin(), ids.end());
    std::string text;
    for (const std::string& id : ids) text += (text.empty() ? "" : ",") + id;
    return text;
  }
  static std::string Leaks(const DataRecord& record) {
    std::string text;
    for (const Check& check : record.section.checkpoint.checks) {
      const bool leak = check.id.starts_with("data.leak");
      if (leak && check.state != CheckState::kMet) text += check.id.substr(5) + " ";
    }
    return text;
  }
  static const Check* Find(const DataRecord& record, std::string_view id) {
    for (const Check& check : record.section.checkpoint.checks) {
      if (check.id == id) return &check;
    }
    return nullptr;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::ObjectStore> objects_;
  spec::Spec spec_;
  SilentProgress progress_;
};

// A class that two numbers tell well, besides noise and a category.
struct Row {
  double a = 0.0, b = 0.0, noise = 0.0;
  std::string kind;
  bool positive = false;
};
Row Draw(Rng& rng) {
  Row row;
  row.positive = rng.Uniform() < 0.45;
  row.a = rng.Normal() + (row.positive ? 4.5 : 0.0);
  row.b = rng.Normal() - (row.positive ? 4.5 : 0.0);
  row.noise = rng.Normal();
  row.kind = std::string(1, static_cast<char>('p' + rng.Below(4)));
  return row;
}
std::string Line(const Row& row) {
  return Format("{:.5f},{:.5f},{:.5f},{}", row.a, row.b, row.noise, row.kind);
}
std::string Label(bool positive) { return positive ? "yes" : "no"; }

TEST_F(QualityTest, CleanRowsHaveNoFault) {
  Rng rng(11);
  std::string csv = "a,b,noise,kind,y\n";
  for (int i = 0; i < 2'000; ++i) {
    const Row row = Draw(rng);
    csv += Line(row) + "," + Label(row.positive) + "\n";
  }
  const DataRecord record = Run(csv, Task::kBinary);
  EXPECT_EQ(Found(record), "");
  EXPECT_LT(*Find(record, "data.label_noise")->value, 0.01);
  EXPECT_EQ(record.features.size(), 4u);
  ASSERT_TRUE(record.quality_object.has_value());
  EXPECT_TRUE(objects_->Has(*record.quality_object));
}

TEST_F(QualityTest, FlippedLabelsAreEstimatedAndListed) {
  for (const double share : {0.05, 0.10}) {
    Rng rng(5);
    std::string csv = "a,b,noise,kind,y\n";
    std::vector<int64_t> flipped;
    for (int64_t i = 0; i < 4'000; ++i) {
      const Row row = Draw(rng);
      const bool flip = rng.Uniform() < share;
      if (flip) flipped.push_back(i);
      csv += Line(row) + "," + Label(row.positive != flip) + "\n";
    }
    const DataRecord record = Run(csv, Task::kBinary);
    const Check* noise = Find(record, "data.label_noise");
    ASSERT_NE(noise, nullptr);
    EXPECT_EQ(noise->state, CheckState::kWarning) << noise->evidence;
    EXPECT_NEAR(*noise->value, share, 0.015) << noise->evidence;
    EXPECT_LE(*noise->low, share);
    EXPECT_GE(*noise->high, share);
    // The rows that are listed are the flipped ones, but for a few.
    const auto stored = report::SectionFromJson(
        json::Parse(objects_->Get(*record.quality_object).value(), "quality").value());
    ASSERT_TRUE(stored.ok());
    int64_t listed = 0;
    int64_t right = 0;
    for (const report::Block& block : stored->blocks) {
      const auto* table = std::get_if<report::DataTable>(&block);
      if (table == nullptr || table->title != "Labels that look wrong") continue;
      for (const auto& row : table->rows) {
        ++listed;
        const int64_t place = std::stoll(row[0]) - 1;
        right += std::binary_search(flipped.begin(), flipped.end(), place) ? 1 : 0;
      }
    }
    EXPECT_GT(listed, 100);
    EXPECT_GT(right * 10, listed * 9);
  }
}

TEST_F(QualityTest, OverlappingClassesAreNoWrongLabels) {
  Rng rng(8);
  std::string csv = "a,b,y\n";
  for (int i = 0; i < 3'000; ++i) {
    const double a = rng.Normal();
    const bool positive = rng.Uniform() < 1.0 / (1.0 + std::exp(-1.5 * a));
    csv += Format("{:.4f},{:.4f},{}\n", a, rng.Normal(), Label(positive));
  }
  const DataRecord record = Run(csv, Task::kBinary);
  EXPECT_EQ(Find(record, "data.label_noise")->state, CheckState::kMet)
      << Find(record, "data.label_noise")->evidence;
}

// Columns that leak in five ways, under each policy.
TEST_F(QualityTest, LeaksAreLeftOutOrBlockOrWarn) {
  Rng rng(3);
  std::string csv = "a,copy,closed,status,other,y\n";
  for (int i = 0; i < 1'500; ++i) {
    const Row row = Draw(rng);
    const bool positive = rng.Uniform() < 0.3;
    const std::string status = positive && rng.Uniform() < 0.5
                                   ? "refunded"
                                   : std::string(rng.Uniform() < 0.5 ? "paid" : "open");
    csv += Format("{:.4f},{},{},{},{:.4f},{}\n", row.a, positive ? 3 + i % 5 : i % 3,
                  positive ? Format("{:x}q", rng.Next()) : std::string(), status, row.b,
                  Label(positive));
  }
  const std::string leaks = "leak.copy leak.closed leak_value.status ";
  DataRecord record = Run(csv, Task::kBinary);
  EXPECT_EQ(Leaks(record), leaks);
  EXPECT_EQ(record.features, (std::vector<std::string>{"a", "status", "other"}));
  EXPECT_TRUE(record.section.checkpoint.passed());
  ASSERT_EQ(record.excluded.size(), 2u);
  EXPECT_EQ(record.excluded[0].name, "copy");
  EXPECT_NE(record.excluded[1].reason.find("is missing exactly where"), std::string::npos)
      << record.excluded[1].reason;
  spec_.data.on_leak = spec::LeakPolicy::kWarn;
  record = Run(csv, Task::kBinary);
  EXPECT_EQ(Leaks(record), leaks);
  EXPECT_EQ(record.features.size(), 5u);
  EXPECT_TRUE(record.section.checkpoint.passed());
  spec_.data.on_leak = spec::LeakPolicy::kBlock;
  record = Run(csv, Task::kBinary);
  EXPECT_EQ(Leaks(record), leaks);
  EXPECT_FALSE(record.section.checkpoint.passed());
  EXPECT_TRUE(Find(record, "data.leak.copy")->blocks);
}

TEST_F(QualityTest, HeldOutRowsDecideNoFeature) {
  // The column tells the target of held-out rows alone.
  Rng rng(21);
  std::string csv = "id,a,late,y\n";
  std::vector<bool> labels;
  for (int i = 0; i < 1'200; ++i) {
    labels.push_back(rng.Uniform() < 0.5);
    csv += Format("r{},{:.4f},{:.4f},{}\n", i, rng.Normal(), rng.Normal(), Label(labels.back()));
  }
  spec_.data.id = "id";
  const DataRecord first = Run(csv, Task::kBinary);
  const auto test = LoadRows(first, *objects_, *engine_, SplitPart::kTest, {"__row"});
  ASSERT_TRUE(test.ok());
  std::vector<std::string> lines;
  for (const std::string_view line : Split(csv, '\n')) lines.emplace_back(line);
  for (int64_t r = 0; r < test->num_rows(); ++r) {
    const auto at = static_cast<size_t>(test->column(0).number(r));
    lines[at + 1] = Format("r{},0.5,{},{}", at, labels[at] ? 100 : -100, Label(labels[at]));
  }
  const DataRecord second = Run(Join(lines, "\n"), Task::kBinary);
  EXPECT_EQ(second.split_salt, first.split_salt);
  EXPECT_EQ(second.features, first.features);
  // The two parts are now as different as can be, and that is said.
  EXPECT_EQ(Find(second, "data.split_difference")->state, CheckState::kWarning);
}

TEST_F(QualityTest, DateThatLiesAfterTheEventIsNamed) {
  Rng rng(9);
  std::string csv = "asked,answered,born,a,y\n";
  for (int i = 0; i < 800; ++i) {
    const auto day = static_cast<int64_t>(rng.Below(300));
    const int64_t asked = 1'700'000'000 + day * 86'400;
    csv += Format("{},{},{},{:.4f},{}\n", FormatUtc(asked * 1'000'000).substr(0, 10),
                  FormatUtc((asked + 86'400 * 12) * 1'000'000).substr(0, 10),
                  FormatUtc((asked - 86'400 * 9'000) * 1'000'000).substr(0, 10), rng.Normal(),
                  Label(rng.Uniform() < 0.5));
  }
  spec_.data.time = "asked";
  const DataRecord record = Run(csv, Task::kBinary);
  ASSERT_NE(Find(record, "data.future.answered"), nullptr) << Found(record);
  EXPECT_EQ(Find(record, "data.future.answered")->state, CheckState::kWarning);
  EXPECT_EQ(Find(record, "data.future.born"), nullptr);
}

TEST_F(QualityTest, CopiesUnderAnotherIdAreFound) {
  Rng rng(4);
  std::string csv = "id,a,b,noise,kind,c,d,y\n";
  std::vector<std::string> lines;
  for (int i = 0; i < 1'500; ++i) {
    Row row = Draw(rng);
    const std::string more = Format("{:.5f},{:.5f}", rng.Normal(), rng.Normal());
    lines.push_back(Line(row) + "," + more + "," + Label(row.positive));
    csv += Format("r{},{}\n", i, lines.back());
    if (i % 10 == 0) csv += Format("copy{},{}\n", i, lines.back());
    if (i % 10 == 5) {  // one cell differs
      row.noise = rng.Normal();
      csv += Format("near{},{},{},{}\n", i, Line(row), more, Label(row.positive));
    }
  }
  spec_.data.id = "id";
  DataRecord record = Run(csv, Task::kBinary);
  const Check* copies = Find(record, "data.copies_across_split");
  EXPECT_EQ(copies->state, CheckState::kWarning) << copies->evidence;
  // 150 exact pairs and 150 near ones, a third of which straddle the split.
  EXPECT_NEAR(*copies->value, 300 * 2 * 0.2 * 0.8, 25) << copies->evidence;
  spec_.data.on_leak = spec::LeakPolicy::kBlock;
  record = Run(csv, Task::kBinary);
  EXPECT_FALSE(record.section.checkpoint.passed());
}

TEST_F(QualityTest, RowsOfFewValuesMeetByChanceAndAreNoCopies) {
  Rng rng(4);
  std::string csv = "id,a,b,c,y\n";
  for (int i = 0; i < 1'500; ++i) {
    csv += Format("r{},{},{},{},{}\n", i, rng.Below(3), rng.Below(4), rng.Below(3),
                  Label(rng.Uniform() < 0.5));
  }
  spec_.data.id = "id";
  const DataRecord record = Run(csv, Task::kBinary);
  EXPECT_EQ(Find(record, "data.copies_across_split")->value, 0.0);
}

TEST_F(QualityTest, PatientsOnBothSidesFlatter) {
  // Each patient has an own level of every measurement and one diagnosis; nothing else tells it.
  Rng rng(6);
  std::string csv = "patient,m1,m2,m3,free,y\n";
  for (int p = 0; p < 150; ++p) {
    const double levels[] = {rng.Normal(), rng.Normal(), rng.Normal()};
    const bool ill = rng.Uniform() < 0.5;
    for (int visit = 0; visit < 10; ++visit) {
      csv += Format("{},{:.4f},{:.4f},{:.4f},{:.4f},{}\n", (p * 7919) % 1'000,
                    levels[0] + 0.05 * rng.Normal(), levels[1] + 0.05 * rng.Normal(),
                    levels[2] + 0.05 * rng.Normal(), rng.Normal(), Label(ill));
    }
  }
  DataRecord record = Run(csv, Task::kBinary);
  const Check* leak = Find(record, "data.group_leak.patient");
  ASSERT_NE(leak, nullptr) << Found(record);
  EXPECT_EQ(leak->state, CheckState::kWarning);
  EXPECT_GT(*leak->low, 0.1) << leak->evidence;
  spec_.data.group = "patient";
  record = Run(csv, Task::kBinary);
  EXPECT_EQ(Find(record, "data.group_leak.patient"), nullptr);
}

TEST_F(QualityTest, NeighboursThatAreAlikeFlatter) {
  // A slow wave of the target, and a column that follows another slow wave.
  Rng rng(6);
  std::string csv = "sensor,free,y\n";
  double level = 0.0;
  double sensor = 0.0;
  for (int i = 0; i < 2'400; ++i) {
    level = 0.995 * level + 0.1 * rng.Normal();
    sensor = 0.995 * sensor + 0.1 * rng.Normal();
    csv += Format("{:.4f},{:.4f},{:.4f}\n", sensor, rng.Normal(), level + 0.1 * rng.Normal());
  }
  const DataRecord record = Run(csv, Task::kRegression);
  EXPECT_EQ(Find(record, "data.order_leak")->state, CheckState::kWarning)
      << Find(record, "data.order_leak")->evidence;
}

TEST_F(QualityTest, ColumnsTwiceAreLeftOutOrNamed) {
  Rng rng(2);
  std::string csv = "a,again,scaled,code,name,flat,y\n";
  for (int i = 0; i < 1'500; ++i) {
    const Row row = Draw(rng);
    csv += Format("{0:.4f},{0:.4f},{1:.4f},{2},{3},{4},{5}\n", row.a, 3.0 * row.a + 1.0, row.kind,
                  row.kind == "p"   ? "north"
                  : row.kind == "q" ? "south"
                                    : row.kind + "st",
                  i % 700 == 0 ? 1 : 0, Label(row.positive));
  }
  const DataRecord record = Run(csv, Task::kBinary);
  EXPECT_EQ(record.features, (std::vector<std::string>{"a", "scaled", "code", "name", "flat"}));
  const Check* twice = Find(record, "data.redundant_columns");
  EXPECT_EQ(twice->value, 3.0) << twice->evidence;
  EXPECT_NE(twice->evidence.find("again (equal to a"), std::string::npos) << twice->evidence;
  EXPECT_NE(Find(record, "data.near_constant")->evidence.find("flat"), std::string::npos);
}

TEST_F(QualityTest, TheLastCopyBesideALeakIsLeftOutToo) {
  Rng rng(2);
  std::string csv = "a,again,told,y\n";
  for (int i = 0; i < 1'500; ++i) {
    const Row row = Draw(rng);
    const std::string noise = Format("{:.4f}", row.noise);
    csv += Format("{},{},{},{}\n", noise, noise, row.positive ? "x" : "z", Label(row.positive));
  }
  const DataRecord record = Run(csv, Task::kBinary);
  EXPECT_EQ(record.features, (std::vector<std::string>{"a"}));
  const Check* twice = Find(record, "data.redundant_columns");
  EXPECT_NE(twice->evidence.find("left out of the features"), std::string::npos) << twice->evidence;
}

TEST_F(QualityTest, RareClassesAndFarValuesAndPersonsAreNamed) {
  Rng rng(2);
  std::string csv = "a,price,mail,y\n";
  for (int i = 0; i < 3'000; ++i) {
    const bool cents = i % 400 == 7;
    csv += Format("{:.4f},{:.2f},user{}@mail.example.org,{}\n", rng.Normal(),
                  (40.0 + 10.0 * rng.Uniform()) * (cents ? 100.0 : 1.0), i % 900,
                  Label(rng.Uniform() < 0.02));
  }
  const DataRecord record = Run(csv, Task::kBinary);
  EXPECT_EQ(Found(record), "class_balance,outliers,privacy");
  EXPECT_NEAR(*Find(record, "data.outliers")->value, 8 * 0.8, 3);  // of training rows
  EXPECT_NE(Find(record, "data.outliers")->evidence.find("price"), std::string::npos);
}

// The faults that are planted in the example, and nothing else.
TEST_F(QualityTest, TheFaultsOfTheExampleAreFoundAndNoOther) {
  const std::string folder = JoinPath(folder_->path(), "example");
  ASSERT_TRUE(design::WriteChurnExample(folder, {.customers_per_month = 400}).ok());
  spec_.problem.target = "churned";
  spec_.data.id = "customer_id";
  spec_.data.time = "month";
  const DataRecord record = Run(ReadFile(JoinPath(folder, "customers.csv")).value(), Task::kBinary);
  EXPECT_EQ(Found(record), "duplicates,leak.account_closed_reason,outliers");
  EXPECT_EQ(std::count(record.features.begin(), record.features.end(), "account_closed_reason"), 0);
  const Check* outliers = Find(record, "data.outliers");
  ASSERT_NE(outliers, nullptr);
  EXPECT_NE(outliers->evidence.find("in monthly_charges ("), std::string::npos)
      << outliers->evidence;
  // Every value in cents among the training rows, and no other value.
  const auto train = LoadRows(record, *objects_, *engine_, SplitPart::kTrain, {"monthly_charges"});
  ASSERT_TRUE(train.ok());
  int64_t cents = 0;
  for (int64_t r = 0; r < train->num_rows(); ++r) cents += train->column(0).number(r) > 1'000.0;
  EXPECT_EQ(*outliers->value, static_cast<double>(cents));
}

TEST(PersonalDataTest, FormsAreStrict) {
  const auto kinds = [](std::string_view text) {
    std::string all;
    for (const PersonalKind kind : PersonalKindsIn(text)) {
      all += (all.empty() ? "" : ",") + std::string(PersonalKindName(kind));
    }
    return all;
  };
  const struct {
    const char* text;
    const char* kinds;
  } cases[] = {
      {"write to jane.doe@mail.example.org, please", "e-mail address"},
      {"@home a@b x@y.z", ""},
      {"call +44 20 7946 0958 now", "phone number"},
      {"(212) 555-0187", "phone number"},
      {"0171 2345678", "phone number"},
      {"2024-01-31 12:30:59", ""},
      {"31.01.2024", ""},
      {"3.14159265358979", ""},
      {"1234567890", ""},
      {"4539 1488 0343 6467", "card number"},
      {"4539 1488 0343 6468", ""},
      {"0000 0000 0000 0000", ""},
      {"DE89 3704 0044 0532 0130 00", "IBAN"},
      {"account GB82WEST12345698765432 of", "IBAN"},
      {"DE88370400440532013000", ""},
      {"from 192.168.10.7", "IP address"},
      {"version 1.2.3", ""},
      {"300.1.1.1", ""},
      {"2001:db8::ff00:42:8329", "IP address"},
      {"12:30:59", ""},
      {"078-05-1120", "national id"},
      {"000-12-3456", ""},
      {"", ""},
  };
  for (const auto& item : cases) EXPECT_EQ(kinds(item.text), item.kinds) << item.text;
}

TEST(TextSimilarityTest, IsTheShareOfCommonTriples) {
  EXPECT_EQ(TextSimilarity("one two three four", "One, two; three four!"), 1.0);
  EXPECT_EQ(TextSimilarity("one two three four", "five six seven eight"), 0.0);
  EXPECT_NEAR(TextSimilarity("a b c d", "a b c e"), 1.0 / 3.0, 1e-12);
  EXPECT_EQ(TextSimilarity("", "a b c"), 0.0);
}

TEST(IsolationForestTest, APlantedRowStandsOutAndOthersDoNot) {
  Rng rng(3);
  table::Matrix values(2'000, 3);
  for (int64_t r = 0; r < 2'000; ++r) {
    for (int64_t c = 0; c < 3; ++c) values.at(r, c) = static_cast<float>(rng.Normal());
  }
  for (int64_t c = 0; c < 3; ++c) values.at(77, c) = 12.0F;
  std::vector<int64_t> rows(2'000);
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i);
  const IsolationForest forest(values, Rng(1));
  std::vector<double> scores;
  for (const int64_t row : rows) scores.push_back(forest.Score(values.row(row)));
  const double threshold = TailThreshold(scores, 0.5);
  EXPECT_GT(scores[77], threshold);
  const auto beyond = std::count_if(scores.begin(), scores.end(),
                                    [threshold](double score) { return score > threshold; });
  EXPECT_LE(beyond, 3);
  const IsolationForest again(values, Rng(1));
  EXPECT_EQ(again.Score(values.row(5)), scores[5]);
}

TEST(FarFencesTest, ShapesOfColumnsAreNoFaults) {
  Rng rng(1);
  std::vector<double> normal;
  std::vector<double> lognormal;
  std::vector<double> exponential;
  for (int i = 0; i < 20'000; ++i) {
    normal.push_back(rng.Normal());
    lognormal.push_back(std::exp(rng.Normal()));
    exponential.push_back(rng.Exponential());
  }
  for (const auto& values : {normal, lognormal, exponential}) {
    const auto fences = FarFences(values);
    ASSERT_TRUE(fences.has_value());
    EXPECT_EQ(std::count_if(values.begin(), values.end(),
                            [&](double v) { return v < fences->low || v > fences->high; }),
              0);
  }
  EXPECT_FALSE(FarFences(std::vector<double>(100, 4.0)).has_value());
  EXPECT_FALSE(FarFences({1.0, 2.0}).has_value());
}

TEST(QualityRowsTest, ASampleIsAsLargeAsAskedFor) {
  QualityRows rows{.rows = table::Table(std::make_shared<const table::Schema>())};
  std::vector<int64_t> all;
  for (int64_t r = 0; r < 100; ++r) {
    rows.keys.push_back(static_cast<uint64_t>(r) % 4);  // few distinct rows
    all.push_back(r);
  }
  for (const int64_t count : {1, 10, 25, 60, 99}) {
    const std::vector<int64_t> sample = rows.Sample(all, count);
    EXPECT_EQ(static_cast<int64_t>(sample.size()), count);
    EXPECT_TRUE(std::is_sorted(sample.begin(), sample.end()));
    // Of one key at most, some rows are in and some are not.
    std::vector<int64_t> of_key(4, 0);
    for (const int64_t row : sample) ++of_key[static_cast<size_t>(row % 4)];
    EXPECT_LE(std::count_if(of_key.begin(), of_key.end(), [](int64_t n) { return n % 25 != 0; }),
              1);
  }
  EXPECT_EQ(rows.Sample(all, 200), all);
}

}  // namespace
}  // namespace millrace::data
