#include "design/design_phase.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <variant>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "json/text.h"
#include "spec/parse.h"

namespace millrace::design {
namespace {

using report::Check;
using report::CheckState;
using table::Task;

class DesignPhaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
  }

  Result<DesignRecord> Run(std::string_view csv, std::string_view yaml) {
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
    auto spec = spec::Parse(yaml, "millrace.yaml");
    if (!spec.ok()) return spec.status();
    return RunDesign({.spec = *spec,
                      .project_folder = folder_->path(),
                      .engine = *engine_,
                      .progress = progress_});
  }

  // Customers with an id, a number with gaps, a category, a date, a sentence and a class.
  static std::string Customers(int num_rows, double share_of_yes = 0.3) {
    Rng rng(2);
    std::string csv = "key,tenure,plan,since,remark,code,churn\n";
    for (int i = 0; i < num_rows; ++i) {
      const bool yes = rng.Uniform() < share_of_yes;
      const std::string tenure = rng.Uniform() < 0.1 ? "" : Format("{:.1f}", 9 * rng.Uniform());
      csv += Format("k{},{},{},2024-{:02}-{:02},\"word{} is a text of {} words\",{},{}\n", i,
                    tenure, rng.Uniform() < 0.5 ? "basic" : "premium", 1 + rng.Below(12),
                    1 + rng.Below(28), i, i * 7, yes ? "closed" : "", yes ? "Yes" : "No");
    }
    return csv;
  }

  static const Check* FindCheck(const DesignRecord& record, std::string_view id) {
    for (const Check& check : record.section.checkpoint.checks) {
      if (check.id == id) return &check;
    }
    return nullptr;
  }
  static const report::Fact* FindFact(const DesignRecord& record, std::string_view name) {
    for (const report::Block& block : record.section.blocks) {
      const auto* facts = std::get_if<report::Facts>(&block);
      if (facts == nullptr) continue;
      for (const report::Fact& fact : facts->facts) {
        if (fact.name == name) return &fact;
      }
    }
    return nullptr;
  }
  static const ColumnPlan* FindPlan(const DesignRecord& record, std::string_view name) {
    for (const ColumnPlan& plan : record.columns) {
      if (plan.name == name) return &plan;
    }
    return nullptr;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  SilentProgress progress_;
};

constexpr std::string_view kCustomers = R"(
problem: {description: "predict which customers will churn", target: churn}
data: {source: d.csv, id: key, time: since, exclude: [code]}
require: {auc: ">= 0.7"}
)";

TEST_F(DesignPhaseTest, DecidesTaskColumnsAndForms) {
  const auto record = Run(Customers(800), kCustomers);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->task, Task::kBinary);
  EXPECT_EQ(record->positive, "Yes");
  EXPECT_EQ(record->primary_metric, "auc");
  EXPECT_EQ(record->num_rows, 800);
  EXPECT_EQ(FindPlan(*record, "key")->role, ColumnRole::kId);
  EXPECT_EQ(FindPlan(*record, "since")->role, ColumnRole::kTime);
  EXPECT_EQ(FindPlan(*record, "code")->role, ColumnRole::kExcluded);
  EXPECT_EQ(FindPlan(*record, "churn")->role, ColumnRole::kTarget);
  EXPECT_EQ(FindPlan(*record, "remark")->role, ColumnRole::kFeature);
  EXPECT_NE(FindPlan(*record, "remark")->strategy.find("free text, 7 words a value"),
            std::string::npos)
      << FindPlan(*record, "remark")->strategy;
  EXPECT_EQ(FindPlan(*record, "tenure")->strategy, "number as it is, and whether it is missing");
  EXPECT_EQ(FindPlan(*record, "plan")->strategy, "category");
  EXPECT_EQ(record->validation.value, "hold-out by time");
  EXPECT_EQ(record->serving.value, "online and batch");
  EXPECT_NE(record->serving.reason.find("a day"), std::string::npos) << record->serving.reason;
  EXPECT_EQ(record->approach.value, "traditional machine learning");
  EXPECT_EQ(record->section.checkpoint.percent, 20);
  EXPECT_TRUE(record->section.checkpoint.passed());
  EXPECT_EQ(FindCheck(*record, "design.leaks")->state, CheckState::kMet);
  EXPECT_EQ(FindCheck(*record, "design.success")->state, CheckState::kMet);
  EXPECT_EQ(FindCheck(*record, "design.source.1")->state, CheckState::kMet);
}

TEST_F(DesignPhaseTest, AnAppendOnlySourceIsFollowedAndTheFiguresSayHow) {
  const auto record = Run(Customers(800), R"(
problem: {description: "predict which customers will churn", target: churn}
data: {source: d.csv, append_only: true, id: key, time: since, exclude: [code]}
)");
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->serving.value, "online, batch and a followed source");
  const std::string& reason = record->serving.reason;
  EXPECT_NE(reason.find("millrace data follow"), std::string::npos) << reason;
  EXPECT_NE(reason.find("a tenth more rows than the 800 of now are there after"), std::string::npos)
      << reason;
}

TEST_F(DesignPhaseTest, DecisionsCiteTheGuideAndNameAddedFeatures) {
  const auto record = Run(Customers(300), R"(
problem: {description: "predict which customers will churn", target: churn}
data: {source: d.csv, id: key, exclude: [code]}
features: {add: [{name: half, expr: "tenure / 2"}]}
)");
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  std::string page;
  for (const report::Block& block : record->section.blocks) {
    if (const auto* facts = std::get_if<report::Facts>(&block)) {
      for (const report::Fact& fact : facts->facts) {
        page += Format("{}|{}|{};", fact.name, fact.value, fact.reason);
      }
    }
  }
  EXPECT_NE(page.find("guide: Trees or neural networks"), std::string::npos) << page;
  EXPECT_NE(page.find("guide: Stratified split"), std::string::npos) << page;
  EXPECT_NE(page.find("added feature|half|tenure / 2"), std::string::npos) << page;
}

// Where rows are a series the page offers windows, and none elsewhere.
TEST_F(DesignPhaseTest, WindowsAreProposedForSeries) {
  std::string csv = "day,store,sales,visits\n";
  for (int day = 0; day < 120; ++day) {
    for (const char* store : {"a", "b"}) {
      csv += Format("2024-{:02}-{:02},{},{},{}\n", 1 + day / 28, 1 + day % 28, store,
                    100 + day * 37 % 50, day * 13 % 40);
    }
  }
  const auto proposed = [&](std::string_view data, std::string_view features = "") {
    const auto record =
        Run(csv, Format("\nproblem: {{description: predict sales, target: sales, task: regression}}"
                        "\ndata: {{source: d.csv{}}}\n{}\n",
                        data, features));
    EXPECT_TRUE(record.ok()) << record.status().ToString();
    if (!record.ok()) return std::string("not run");
    const report::Fact* fact = FindFact(*record, "proposed");
    return fact == nullptr ? std::string() : fact->value;
  };
  const std::string by_store = proposed(", time: day, group: store");
  EXPECT_EQ(by_store,
            "windows: [{name: sales_before, of: sales, by: store}, {name: sales_usual, of: sales, "
            "by: store, stat: mean, rows: 7}]");
  // What is proposed can be written; then there is nothing to propose.
  EXPECT_EQ(proposed(", time: day, group: store", Format("features: {{{}}}", by_store)), "");
  EXPECT_EQ(proposed(""), "");
  EXPECT_EQ(proposed(", time: day"), "") << "two rows of a day, and nothing tells them apart";
}

TEST_F(DesignPhaseTest, RecordSurvivesJsonAndIsTheSameTwice) {
  const auto record = Run(Customers(300), kCustomers);
  ASSERT_TRUE(record.ok());
  const std::string text = json::WritePretty(ToJson(*record));
  const auto document = json::Parse(text, "record");
  ASSERT_TRUE(document.ok());
  const auto back = DesignRecordFromJson(*document);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(json::WritePretty(ToJson(*back)), text);
  const auto again = Run(Customers(300), kCustomers);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(json::WritePretty(ToJson(*again)), text);
}

TEST_F(DesignPhaseTest, DamagedRecordsAreRefused) {
  const auto record = Run(Customers(100), kCustomers);
  ASSERT_TRUE(record.ok());
  for (const char* key : {"task", "target", "columns", "approach", "section", "rows"}) {
    json::Json document = ToJson(*record);
    document.Set(key, json::Json(true));
    const auto back = DesignRecordFromJson(document);
    ASSERT_FALSE(back.ok()) << key;
    EXPECT_EQ(back.status().code(), Code::kCorrupt) << key;
  }
}

TEST_F(DesignPhaseTest, ALeakIsNamed) {
  const auto record = Run(Customers(600), R"(
problem: {description: "predict which customers will churn", target: churn}
data: {source: d.csv, id: key}
)");
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const Check* leaks = FindCheck(*record, "design.leaks");
  EXPECT_EQ(leaks->state, CheckState::kWarning);
  EXPECT_NE(leaks->evidence.find("code"), std::string::npos) << leaks->evidence;
  EXPECT_EQ(FindCheck(*record, "design.success")->state, CheckState::kWarning);
  EXPECT_EQ(record->validation.value, "stratified hold-out");
}

TEST_F(DesignPhaseTest, AGateOutOfReachIsSaidBeforeTraining) {
  std::string csv = "a,b,y\n";
  Rng rng(5);
  for (int i = 0; i < 900; ++i) {
    const double a = rng.Normal();
    csv += Format("{:.3f},{:.3f},{}\n", a, rng.Normal(), a + 2.0 * rng.Normal() > 0 ? "u" : "v");
  }
  const auto check = [&](std::string_view gates) {
    const auto record = Run(csv, Format("problem: {{target: y}}\ndata: {{source: d.csv}}\n"
                                        "require: {{{}}}\n",
                                        gates));
    EXPECT_TRUE(record.ok()) << record.status().ToString();
    const Check* found = FindCheck(*record, "design.feasible");
    return found == nullptr ? Check() : *found;
  };
  const Check far = check("auc: \">= 0.99\"");
  EXPECT_EQ(far.state, CheckState::kWarning) << far.evidence;
  EXPECT_NE(far.evidence.find("0.99 auc is out of reach: 3 quick probes reach 0.6"),
            std::string::npos)
      << far.evidence;
  EXPECT_EQ(check("auc: \">= 0.55\"").state, CheckState::kMet);
  // Alone each is met by some threshold, together they are not.
  EXPECT_EQ(check("recall: \">= 0.9\"").state, CheckState::kMet);
  EXPECT_EQ(check("recall: \">= 0.97\", precision: \">= 0.97\"").state, CheckState::kWarning);
  EXPECT_TRUE(check("latency_p99: \"<= 5ms\"").id.empty());
}

TEST_F(DesignPhaseTest, PicturesBesideTheRowsOfAFolderAreNoImageTask) {
  const std::string folder = JoinPath(folder_->path(), "shop");
  ASSERT_TRUE(MakeFolders(JoinPath(folder, "_thumbs")).ok());
  ASSERT_TRUE(WriteFile(JoinPath(folder, "a.csv"), Customers(200)).ok());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(WriteFile(JoinPath(folder, Format("_thumbs/{}.png", i)), "x").ok());
  }
  const auto record = Run("", "problem: {target: churn}\ndata: {source: shop, exclude: [code]}");
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_rows, 200);
}

TEST_F(DesignPhaseTest, TheColumnOfPartsIsTheSplitAndNoFeature) {
  std::string csv = "a,part,y\n";
  for (int i = 0; i < 300; ++i) {
    csv += Format("{},{},{}\n", (i * 37) % 101,
                  i % 3 == 0   ? "Test"
                  : i % 3 == 1 ? "train"
                               : "val",
                  (i * 7) % 5 < 2 ? "u" : "v");
  }
  for (const char* data : {"", ", group: a", ", exclude: [part]"}) {
    const auto record = Run(csv, Format("problem: {{target: y}}\ndata: {{source: d.csv{}}}\n"
                                        "split: {{column: part}}\n",
                                        data));
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    EXPECT_EQ(FindPlan(*record, "part")->role, ColumnRole::kExcluded);
    EXPECT_NE(FindPlan(*record, "part")->reason.find("split.column"), std::string::npos)
        << FindPlan(*record, "part")->reason;
    EXPECT_EQ(record->validation.value, "hold-out as stated");
    const std::string& reason = record->validation.reason;
    EXPECT_NE(reason.find("part holds the part of each row"), std::string::npos) << reason;
    EXPECT_NE(reason.find("100 of 300 rows are held out"), std::string::npos) << reason;
    const std::string& cited = FindFact(*record, "validation")->reason;
    EXPECT_TRUE(cited.ends_with("(guide: Splitting the rows)")) << cited;
  }
}

TEST_F(DesignPhaseTest, TheDrawingLeadsBackOnlyWhereThereIsRetraining) {
  for (const bool retrains : {true, false}) {
    const auto record = Run(Customers(300), Format("problem: {{target: churn}}\n"
                                                   "data: {{source: d.csv, id: key}}\n"
                                                   "retrain: {{on: [{}]}}\n",
                                                   retrains ? "drift" : ""));
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    const report::Diagram* drawing = nullptr;
    for (const report::Block& block : record->section.blocks) {
      if (const auto* found = std::get_if<report::Diagram>(&block)) drawing = found;
    }
    ASSERT_NE(drawing, nullptr);
    EXPECT_EQ(drawing->arrows.back().label == "retraining", retrains);
    EXPECT_EQ(drawing->text.find("retraining") != std::string::npos, retrains) << drawing->text;
  }
}

TEST_F(DesignPhaseTest, ANameOfAColumnOfFeaturesHasItsPlace) {
  const std::string yaml =
      "problem: {target: churn}\n"
      "data: {source: d.csv, exclude: [code]}\n"
      "features:\n"
      "  columns:\n"
      "    tenure: {strategy: log}\n"
      "    plam: {strategy: category}\n";
  const auto record = Run(Customers(100), yaml);
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.status().code(), Code::kInvalidSpec);
  EXPECT_EQ(record.status().message(),
            "millrace.yaml:6:5: features.columns: no such column: \"plam\"");
  EXPECT_EQ(record.status().hint(), "did you mean \"plan\"?");
}

TEST_F(DesignPhaseTest, AWindowIsAColumnOfFeatures) {
  const std::string yaml =
      "problem: {target: churn}\n"
      "data: {source: d.csv, time: since, exclude: [code]}\n"
      "features:\n"
      "  windows: [{name: tenure_before, of: tenure, by: plan}]\n"
      "  columns:\n"
      "    tenure_before: {strategy: log}\n";
  const auto record = Run(Customers(100), yaml);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const auto unknown = Run(Customers(100), yaml + "    tenure_befor: {strategy: log}\n");
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.status().hint().find("\"tenure_before\""), std::string::npos)
      << unknown.status().hint();
  // What is added by hand is counted, whatever it is.
  EXPECT_TRUE(FindFact(*record, "features")->reason.starts_with("1 added by hand"))
      << FindFact(*record, "features")->reason;
}

TEST_F(DesignPhaseTest, TheColumnOfPartsMustBeThere) {
  const auto record = Run(Customers(100),
                          "problem: {target: churn}\ndata: {source: d.csv, exclude: [code]}\n"
                          "split: {column: fold}\n");
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.status().code(), Code::kInvalidSpec);
  EXPECT_NE(record.status().message().find("split.column: no such column: \"fold\""),
            std::string::npos)
      << record.status().message();
}

TEST_F(DesignPhaseTest, TooFewRowsBlock) {
  const auto record = Run(Customers(12, 0.5), kCustomers);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(FindCheck(*record, "design.rows_enough")->state, CheckState::kNotMet);
  EXPECT_FALSE(record->section.checkpoint.passed());
}

struct Refusal {
  std::string name, csv, problem, data, words;
  Code code;
};

class DesignRefusalTest : public DesignPhaseTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(DesignRefusalTest, SaysWhatIsWrong) {
  const Refusal& refusal = GetParam();
  const auto record = Run(refusal.csv, Format("problem: {{{}}}\ndata: {{source: d.csv{}}}\n",
                                              refusal.problem, refusal.data));
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.status().code(), refusal.code) << record.status().ToString();
  EXPECT_NE(record.status().ToString().find(refusal.words), std::string::npos)
      << record.status().ToString();
}

std::string Column(const std::string& header, const std::function<std::string(int)>& cells) {
  std::string csv = "a," + header + "\n";
  for (int i = 0; i < 200; ++i) csv += Format("{},{}\n", (i * 37) % 11, cells(i));
  return csv;
}

std::string ManyClasses() {
  std::string csv = "a,y\n";
  for (int i = 0; i < 3000; ++i) csv += Format("{},class {}x\n", i % 7, i % 1500);
  return csv;
}

std::string Prose() {
  std::string csv = "text,y\n";
  for (int i = 0; i < 200; ++i) {
    csv += Format("w{} some words of number {} and more,{}\n", i, i, i % 2 == 0 ? "u" : "v");
  }
  return csv;
}

TEST_F(DesignPhaseTest, ATextTaskIsTheClassificationOfItsTexts) {
  for (const char* task : {"", ", task: text"}) {
    const auto record =
        Run(Prose(), Format("problem: {{target: y{}}}\ndata: {{source: d.csv}}\n", task));
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    EXPECT_EQ(record->task, table::Task::kBinary);
    EXPECT_NE(record->task_reason.find("learnt from the words of text"), std::string::npos)
        << record->task_reason;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, DesignRefusalTest,
    ::testing::Values(
        Refusal{"constant", Column("y", [](int) { return "same"; }), "target: y", "",
                "one value only: \"same\"", Code::kInvalidData},
        Refusal{"missing", Column("y", [](int i) { return i % 5 == 0 ? "u" : ""; }), "target: y",
                "", "target \"y\"", Code::kInvalidData},
        Refusal{"mostly_missing",
                Column("y", [](int i) { return i % 5 != 0   ? ""
                                               : i % 2 == 0 ? "u"
                                                            : "v"; }),
                "target: y", "", "missing in 160 of 200 rows", Code::kInvalidData},
        Refusal{"id", Column("y", [](int i) { return Format("u{}", i); }), "target: y", "",
                "every value differs", Code::kInvalidData},
        Refusal{"many_classes", ManyClasses(), "target: y", "", "1,500 classes; at most 1,000",
                Code::kInvalidData},
        Refusal{"date", Column("y", [](int i) { return Format("2024-01-{:02}", 1 + i % 28); }),
                "target: y", "", "a date cannot be predicted", Code::kInvalidData},
        Refusal{"absent", Column("churn", [](int i) { return i % 2 == 0 ? "u" : "v"; }),
                "target: chrn", "", "did you mean \"churn\"", Code::kInvalidSpec},
        Refusal{"role", Column("y", [](int i) { return i % 2 == 0 ? "u" : "v"; }), "target: y",
                ", id: b", "data.id: no such column: \"b\"", Code::kInvalidSpec},
        Refusal{"time", Column("when,y", [](int i) { return i % 2 == 0 ? "early,u" : "late,v"; }),
                "target: y", ", time: when",
                "data.time: column \"when\" holds categories, not times", Code::kInvalidSpec},
        Refusal{"positive", Column("y", [](int i) { return i % 2 == 0 ? "u" : "v"; }),
                "target: y, positive: w", "", "the classes are", Code::kInvalidSpec},
        Refusal{"regression", Column("y", [](int i) { return i % 2 == 0 ? "u" : "v"; }),
                "target: y, task: regression", "", "regression needs numbers", Code::kInvalidSpec},
        Refusal{"binary", Column("y", [](int i) { return Format("c{}", i % 3); }),
                "target: y, task: binary", "", "binary needs two values", Code::kInvalidSpec},
        Refusal{"forecast", Column("y", [](int i) { return Format("{}", i * 3 % 50); }),
                "target: y, task: forecast", "", "forecast", Code::kUnsupported},
        Refusal{"ranking", Column("y", [](int i) { return Format("{}", i * 3 % 50); }),
                "target: y, description: rank the offers", "", "ranking", Code::kUnsupported},
        Refusal{"text", Column("y", [](int i) { return i % 2 == 0 ? "u" : "v"; }),
                "target: y, task: text", "", "no column holds free text", Code::kInvalidSpec}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace millrace::design
