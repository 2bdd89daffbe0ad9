#include "design/new_project.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "design/quick_probe.h"
#include "json/text.h"
#include "spec/parse.h"
#include "spec/write.h"
namespace millrace::design {
namespace {

class NewProjectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
    ASSERT_TRUE(WriteFile(Path("d.csv"), Csv(600)).ok());
  }

  // A class that two columns tell in part, and two columns that sum to `spend`.
  static std::string Csv(int num_rows) {
    Rng rng(4);
    std::string csv = "customerID,tenure,plan,online,shop,gender,spend,status\n";
    for (int i = 0; i < num_rows; ++i) {
      const double tenure = 60.0 * rng.Uniform();
      const bool leaves = rng.Normal() + (30.0 - tenure) / 12.0 > 0.8;
      const auto online = static_cast<int>(rng.Below(900));
      const auto shop = static_cast<int>(rng.Below(700));
      csv += Format("c{}x,{},{},{},{},{},{},{}\n", i,
                    rng.Uniform() < 0.02 ? std::string("n/a") : FormatFixed(tenure, 1),
                    rng.Uniform() < 0.5 ? "basic" : "premium", online, shop,
                    rng.Uniform() < 0.5 ? "f" : "m", online + shop, leaves ? "left" : "stayed");
    }
    return csv;
  }

  std::string Path(const std::string& name) const { return JoinPath(folder_->path(), name); }

  NewProjectInputs Inputs(const std::string& sentence) {
    return {.description = sentence,
            .data = {"d.csv"},
            .working_folder = folder_->path(),
            .project_folder = folder_->path(),
            .engine = *engine_,
            .progress = progress_};
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  SilentProgress progress_;
};

TEST_F(NewProjectTest, WritesASpecificationThatReadsBackWithItsReasons) {
  const auto project = MakeNewProject(Inputs("predict which customers leave; find 60% of them"));
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  const spec::Spec& spec = project->spec;
  EXPECT_EQ(spec.problem.target, "status");
  EXPECT_EQ(spec.problem.positive, "left");
  EXPECT_EQ(spec.data.id, "customerID");
  EXPECT_EQ(spec.data.paths, (std::vector<std::string>{"d.csv"}));
  EXPECT_EQ(spec.data.sensitive, (std::vector<std::string>{"gender"}));
  ASSERT_EQ(spec.require.gates.size(), 2u);
  EXPECT_EQ(spec.require.gates[0].metric, "recall");
  EXPECT_EQ(spec.require.gates[1].metric, "auc");
  EXPECT_GT(spec.require.gates[1].bound, 0.6);
  EXPECT_LT(spec.require.gates[1].bound, 0.9);
  EXPECT_TRUE(project->reasons.at("require.auc").starts_with("proposed: "));
  EXPECT_EQ(project->headline.substr(0, 5), "d.csv");

  const auto path = WriteProject(*project, folder_->path(), IfExists::kRefuse);
  ASSERT_TRUE(path.ok()) << path.status().ToString();
  const auto read = spec::ReadSpec(*path);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, spec);
  const std::string text = ReadFile(*path).value();
  EXPECT_NE(text.find("# proposed: 3 quick probes"), std::string::npos) << text;
  EXPECT_NE(text.find("from your sentence"), std::string::npos) << text;

  const auto again = WriteProject(*project, folder_->path(), IfExists::kRefuse);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.status().code(), Code::kInvalidSpec);
  EXPECT_TRUE(WriteProject(*project, folder_->path(), IfExists::kReplace).ok());
}

TEST_F(NewProjectTest, SameInputsSameBytesForAnyNumberOfThreads) {
  NewProjectInputs inputs = Inputs("predict which customers leave");
  const auto first = MakeNewProject(inputs);
  inputs.num_threads = 2;
  const auto second = MakeNewProject(inputs);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(spec::WriteSpec(first->spec, first->reasons),
            spec::WriteSpec(second->spec, second->reasons));
  EXPECT_EQ(json::Write(ToJson(*first)), json::Write(ToJson(*second)));
}

TEST_F(NewProjectTest, SummandsOfTheTargetAreLeftOut) {
  const auto project = MakeNewProject(Inputs("predict the spend of a customer"));
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  EXPECT_EQ(project->spec.problem.target, "spend");
  EXPECT_EQ(project->spec.data.exclude, (std::vector<std::string>{"online", "shop"}));
  EXPECT_NE(project->reasons.at("data.exclude").find("online + shop = spend"), std::string::npos);
  // What is left tells nothing of the spend, so nothing is promised.
  EXPECT_TRUE(project->spec.require.gates.empty());
  EXPECT_TRUE(project->reasons.at("require").starts_with("no gate is proposed"));
  const std::string text = spec::WriteSpec(project->spec, project->reasons);
  const auto read = spec::Parse(text, "millrace.yaml");
  ASSERT_TRUE(read.ok()) << read.status().ToString() << text;
  EXPECT_EQ(*read, project->spec);
}

TEST_F(NewProjectTest, AnOpenQuestionFailsIsGuessedOrAsked) {
  NewProjectInputs inputs = Inputs("make something good of this");
  const auto failed = MakeNewProject(inputs);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.status().code(), Code::kInvalidSpec);
  EXPECT_NE(failed.status().hint().find("--target"), std::string::npos);

  inputs.unanswered = Unanswered::kGuess;
  const auto guessed = MakeNewProject(inputs);
  ASSERT_TRUE(guessed.ok()) << guessed.status().ToString();
  ASSERT_EQ(guessed->guessed.size(), 1u);
  EXPECT_EQ(guessed->guessed[0].best_guess, guessed->spec.problem.target);

  inputs.unanswered = Unanswered::kAsk;
  inputs.ask = [](const OpenQuestion& question) -> Result<std::string> {
    EXPECT_EQ(question.key, "target");
    return std::string("tenure");
  };
  const auto asked = MakeNewProject(inputs);
  ASSERT_TRUE(asked.ok()) << asked.status().ToString();
  EXPECT_EQ(asked->spec.problem.target, "tenure");
  EXPECT_EQ(asked->spec.problem.task, table::Task::kRegression);

  inputs.ask = [](const OpenQuestion&) -> Result<std::string> { return std::string("tenur"); };
  const auto wrong = MakeNewProject(inputs);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.status().code(), Code::kInvalidSpec);
  EXPECT_NE(wrong.status().hint().find("tenure"), std::string::npos);

  inputs.ask = [](const OpenQuestion&) -> Result<std::string> { return Cancelled("interrupted"); };
  EXPECT_EQ(MakeNewProject(inputs).status().code(), Code::kCancelled);
}

TEST_F(NewProjectTest, FlagsWinOverTheSentence) {
  NewProjectInputs inputs = Inputs("predict which customers leave");
  inputs.known = {.target = "plan", .positive = "basic", .id = "gender"};
  inputs.budget_seconds = 10.0;
  inputs.source.delimiter = ",";
  const auto project = MakeNewProject(inputs);
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  EXPECT_EQ(project->spec.problem.target, "plan");
  EXPECT_EQ(project->spec.problem.positive, "basic");
  EXPECT_EQ(project->spec.data.id, "gender");
  EXPECT_EQ(project->spec.data.delimiter, ',');
  EXPECT_EQ(project->spec.develop.budget.time_seconds, 10.0);
  inputs.known.target = "plann";
  EXPECT_EQ(MakeNewProject(inputs).status().code(), Code::kInvalidSpec);
}

TEST_F(NewProjectTest, BadTargetsAndFilesAreRefused) {
  NewProjectInputs inputs = Inputs("predict y");
  inputs.known.target = "customerID";
  EXPECT_EQ(MakeNewProject(inputs).status().code(), Code::kInvalidData);
  inputs.data = {"absent.csv"};
  EXPECT_EQ(MakeNewProject(inputs).status().code(), Code::kNotFound);
  inputs.data = {};
  EXPECT_EQ(MakeNewProject(inputs).status().code(), Code::kInvalidSpec);
  EXPECT_EQ(MakeNewProject(Inputs("forecast the spend of next month")).status().code(),
            Code::kUnsupported);
}

// Names that SQL or YAML could stumble over.
TEST_F(NewProjectTest, OddNamesAreCarriedThrough) {
  Rng rng(9);
  std::string csv = "\"a \"\"b\"\"\",sum(x),select,größe,__row,- x: #1,it's,y\n";
  for (int i = 0; i < 300; ++i) {
    const double x = rng.Normal();
    csv += Format("{:.2f},{:.2f},{},{},{},{},'q',{}\n", x, rng.Normal(), i % 3, i % 7, i % 11,
                  i % 2 == 0 ? "u" : "v", x + rng.Normal() > 0 ? "yes: it is" : "no # never");
  }
  ASSERT_TRUE(WriteFile(Path("d.csv"), csv).ok());
  const auto project = MakeNewProject(Inputs("predict y"));
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  EXPECT_EQ(project->spec.problem.target, "y");
  ASSERT_EQ(project->spec.require.gates.size(), 1u) << project->reasons.at("require");
  const auto read = spec::Parse(spec::WriteSpec(project->spec, project->reasons), "millrace.yaml");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, project->spec);
}

TEST_F(NewProjectTest, PicturesBesideTheRowsOfAFolderAreNoImageTask) {
  ASSERT_TRUE(MakeFolders(Path("shop/_thumbs")).ok());
  ASSERT_TRUE(WriteFile(Path("shop/a.csv"), Csv(300)).ok());
  for (const char* name : {"1.png", "2.png", "3.jpg"}) {
    ASSERT_TRUE(WriteFile(Path("shop/_thumbs/" + std::string(name)), "x").ok());
  }
  NewProjectInputs inputs = Inputs("predict which customers leave");
  inputs.data = {"shop"};
  const auto project = MakeNewProject(inputs);
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  EXPECT_EQ(project->profile.num_rows, 300);
}

TEST_F(NewProjectTest, AFolderOfImagesIsAnImageTask) {
  ASSERT_TRUE(MakeFolders(Path("pets/cat")).ok());
  ASSERT_TRUE(WriteFile(Path("pets/cat/1.png"), "x").ok());
  NewProjectInputs inputs = Inputs("which animal is it?");
  inputs.data = {"pets"};
  const auto images = MakeNewProject(inputs);
  ASSERT_FALSE(images.ok());
  EXPECT_EQ(images.status().code(), Code::kUnsupported);
  EXPECT_NE(images.status().message().find("pets holds 1 images"), std::string::npos)
      << images.status().message();
  // Files that the reader of sources does not see are no images either.
  ASSERT_TRUE(MakeFolders(Path("empty/.cache")).ok());
  ASSERT_TRUE(WriteFile(Path("empty/.cache/1.png"), "x").ok());
  inputs.data = {"empty"};
  const auto hidden = MakeNewProject(inputs);
  ASSERT_FALSE(hidden.ok());
  EXPECT_EQ(hidden.status().message().find("image"), std::string::npos)
      << hidden.status().message();
}

TEST_F(NewProjectTest, ASensitiveColumnThatTellsTheTargetStaysSensitive) {
  Rng rng(9);
  std::string csv = "tenure,gender,status\n";
  for (int i = 0; i < 600; ++i) {
    const bool left = rng.Uniform() < 0.4;
    csv += Format("{},{},{}\n", FormatFixed(60.0 * rng.Uniform(), 1), left ? "f" : "m",
                  left ? "left" : "stayed");
  }
  ASSERT_TRUE(WriteFile(Path("d.csv"), csv).ok());
  const auto project =
      MakeNewProject(Inputs("predict which customers leave; must work equally for men and women"));
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  EXPECT_EQ(project->spec.data.exclude, (std::vector<std::string>{"gender"}));
  EXPECT_EQ(project->spec.data.sensitive, (std::vector<std::string>{"gender"}));
  EXPECT_EQ(project->spec.require.fairness.size(), 1u);
}

TEST_F(NewProjectTest, AColumnThatMayBeTooLateIsAskedAboutByWhatSpeaksForIt) {
  Rng rng(6);
  std::string csv = "tenure,closed_by,status\n";
  for (int i = 0; i < 600; ++i) {
    const double tenure = 60.0 * rng.Uniform();
    csv += Format("{},{},{}\n", FormatFixed(tenure, 1), rng.Uniform() < 0.5 ? "a" : "b",
                  rng.Normal() + (30.0 - tenure) / 12.0 > 0.8 ? "left" : "stayed");
  }
  ASSERT_TRUE(WriteFile(Path("d.csv"), csv).ok());
  NewProjectInputs inputs = Inputs("predict which customers leave");
  inputs.unanswered = Unanswered::kAsk;
  std::string asked;
  inputs.ask = [&asked](const OpenQuestion& question) -> Result<std::string> {
    asked = question.question;
    return std::string("no");
  };
  const auto project = MakeNewProject(inputs);
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  EXPECT_EQ(asked,
            "Is closed_by known when a prediction is made? (\"closed\" in its name speaks of the "
            "end)");
  EXPECT_EQ(project->spec.data.not_at_prediction, (std::vector<std::string>{"closed_by"}));

  // Anything else than a choice is no answer.
  inputs.ask = [](const OpenQuestion&) -> Result<std::string> { return std::string("maybe"); };
  EXPECT_EQ(MakeNewProject(inputs).status().code(), Code::kInvalidSpec);
}

TEST_F(NewProjectTest, TinyTablesAreRefusedOrGiveNoGate) {
  const char* kTables[] = {"y\n1\n2\n3\n", "a,y\n1,u\n2,v\n",
                           "a,y\n1,u\n",   "a,b,y\n1,x,u\n2,x,v\n3,x,u\n",
                           "a,y\n,\n,\n",  "a,y\n1,u\n1,u\n"};
  for (const char* table : kTables) {
    ASSERT_TRUE(WriteFile(Path("d.csv"), table).ok());
    NewProjectInputs inputs = Inputs("predict y");
    inputs.unanswered = Unanswered::kGuess;
    const auto project = MakeNewProject(inputs);
    if (project.ok()) {
      EXPECT_TRUE(project->spec.require.gates.empty()) << table;
    } else {
      EXPECT_TRUE(project.status().code() == Code::kInvalidData ||
                  project.status().code() == Code::kInvalidSpec)
          << table << project.status().ToString();
      EXPECT_FALSE(project.status().hint().empty()) << table << project.status().ToString();
    }
  }
}

TEST_F(NewProjectTest, PathsInsideTheProjectAreRelative) {
  EXPECT_EQ(SpecPathOf("d.csv", "/w/churn", "/w/churn"), "d.csv");
  EXPECT_EQ(SpecPathOf("churn/data/*.csv", "/w", "/w/churn"), "data/*.csv");
  EXPECT_EQ(SpecPathOf("d.csv", "/w", "/w/churn"), "/w/d.csv");
  EXPECT_EQ(SpecPathOf("/w/churn/../d.csv", "/", "/w/churn"), "/w/d.csv");
  EXPECT_EQ(SpecPathOf("/w/churning/d.csv", "/", "/w/churn"), "/w/churning/d.csv");
}

TEST(QuickProbeTest, AGateOnLaterRowsLeavesRoomForWhatPeriodsDifferBy) {
  QuickProbe probe;
  probe.metric = "r2";
  probe.score = {.value = 0.84, .low = 0.82, .high = 0.86};
  probe.num_rows = 1000;
  const auto one = ProposeGate(probe, 1000);
  probe.earlier_period = 0.70;
  const auto two = ProposeGate(probe, 1000);
  probe.earlier_period = 0.90;
  const auto better = ProposeGate(probe, 1000);
  ASSERT_TRUE(one && two && better);
  EXPECT_NEAR(one->gate.bound, 0.80, 0.0101);
  EXPECT_NEAR(two->gate.bound, one->gate.bound - 0.14, 0.0101);
  EXPECT_EQ(better->gate.bound, one->gate.bound);
  EXPECT_NE(two->reason.find("0.70 in the period before"), std::string::npos) << two->reason;
  probe.earlier_period = 0.0;
  EXPECT_FALSE(ProposeGate(probe, 1000));
}

}  // namespace
}  // namespace millrace::design
