#include "operate/github_workflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "spec/yaml_reader.h"

namespace millrace::operate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

spec::Spec Sample() {
  spec::Spec spec;
  spec.problem.description = "Predict which customers\nwill churn: \"#soon\"";
  spec.problem.target = "churn";
  spec.data.paths = {"data/it's here.csv", "/outside/more.csv"};
  spec.develop.budget.time_seconds = 600.0;
  spec.retrain.on = {spec::RetrainTrigger::kSchedule};
  return spec;
}

spec::Node Read(const std::string& text) {
  auto node = spec::ReadYaml(text, "workflow.yml");
  EXPECT_TRUE(node.ok()) << node.status().ToString() << "\n" << text;
  return node.ok() ? std::move(node).value() : spec::Node();
}

// Returns the node at a path of keys; list items by number.
const spec::Node& At(const spec::Node& node, const std::vector<std::string>& keys) {
  static const spec::Node none;
  const spec::Node* at = &node;
  for (const std::string& key : keys) {
    const spec::Node* next = nullptr;
    if (at->kind == spec::NodeKind::kList) {
      const auto index = static_cast<size_t>(std::stoi(key));
      next = index < at->items.size() ? &at->items[index] : nullptr;
    } else {
      next = at->Find(key);
    }
    if (next == nullptr) {
      ADD_FAILURE() << "no " << key;
      return none;
    }
    at = next;
  }
  return *at;
}

TEST(GithubWorkflowTest, IsYamlWithWhatAnExpertWouldWrite) {
  const spec::Node root = Read(GithubWorkflow(Sample(), {}));
  EXPECT_EQ(At(root, {"permissions", "contents"}).text, "read");
  EXPECT_EQ(At(root, {"on", "schedule", "0", "cron"}).text, "17 4 * * 1");
  EXPECT_EQ(At(root, {"on", "push", "paths", "2"}).text, "data/it's here.csv");
  EXPECT_EQ(At(root, {"on", "push", "paths"}).items.size(), 3u) << "no file from outside";
  At(root, {"on", "workflow_dispatch"});
  const spec::Node& job = At(root, {"jobs", "model"});
  EXPECT_EQ(At(job, {"timeout-minutes"}).text, "25");
  std::string uses;
  std::string runs;
  for (const spec::Node& step : At(job, {"steps"}).items) {
    if (const spec::Node* used = step.Find("uses")) uses += used->text + " ";
    if (const spec::Node* run = step.Find("run")) runs += run->text + "\n";
  }
  EXPECT_EQ(uses,
            "actions/checkout@v4 actions/cache@v4 actions/upload-artifact@v4 "
            "actions/upload-artifact@v4 ");
  for (const char* command : {"sha256sum --check", "millrace spec check", "millrace data validate",
                              "millrace run --to evaluate", "millrace bundle verify"}) {
    EXPECT_THAT(runs, HasSubstr(command));
  }
  EXPECT_EQ(job.Find("defaults"), nullptr);
}

TEST(GithubWorkflowTest, TheScheduleFollowsTheSpecification) {
  spec::Spec spec = Sample();
  spec.retrain.every_seconds = 86400.0;
  EXPECT_THAT(GithubWorkflow(spec, {}), HasSubstr("cron: '17 4 * * *'"));
  spec.retrain.every_seconds = 90 * 86400.0;
  EXPECT_THAT(GithubWorkflow(spec, {}), HasSubstr("cron: '17 4 1 * *'"));
  spec.retrain.on = {spec::RetrainTrigger::kDrift};
  EXPECT_THAT(GithubWorkflow(spec, {}), Not(HasSubstr("cron")));
}

TEST(GithubWorkflowTest, AProjectInAFolderWorksThere) {
  const spec::Node root = Read(GithubWorkflow(Sample(), {.folder = "models/churn"}));
  EXPECT_EQ(At(root, {"jobs", "model", "defaults", "run", "working-directory"}).text,
            "models/churn");
  EXPECT_EQ(At(root, {"on", "push", "paths", "1"}).text, "models/churn/millrace.yaml");
}

TEST(GitlabPipelineTest, IsYamlWithTheSameSteps) {
  const spec::Node root = Read(GitlabPipeline(Sample(), {.folder = "models/churn"}));
  const spec::Node& job = At(root, {"model"});
  EXPECT_EQ(At(job, {"timeout"}).text, "25 minutes");
  EXPECT_EQ(At(job, {"script", "2"}).text, "millrace run --to evaluate --yes");
  EXPECT_EQ(At(job, {"before_script", "3"}).text, "cd 'models/churn'");
  EXPECT_EQ(At(job, {"artifacts", "paths", "1"}).text, "models/churn/model.mill");
}

TEST(ExportWorkflowTest, LandsInTheRepositoryAndDoesNotOverwrite) {
  const auto folder = TemporaryFolder::Make();
  ASSERT_TRUE(MakeFolders(JoinPath(folder->path(), ".git")).ok());
  const store::Project project =
      store::Project::Create(JoinPath(folder->path(), "models/churn")).value();
  const auto path = ExportWorkflow(Sample(), project, WorkflowKind::kGithub, Overwrite::kRefuse);
  ASSERT_TRUE(path.ok()) << path.status().ToString();
  EXPECT_EQ(*path, JoinPath(folder->path(), ".github/workflows/millrace.yml"));
  EXPECT_THAT(ReadFile(*path).value(), HasSubstr("models/churn"));
  EXPECT_TRUE(ExportWorkflow(Sample(), project, WorkflowKind::kGithub, Overwrite::kRefuse).ok());
  ASSERT_TRUE(WriteFile(*path, "mine").ok());
  EXPECT_EQ(
      ExportWorkflow(Sample(), project, WorkflowKind::kGithub, Overwrite::kRefuse).status().code(),
      Code::kInvalidSpec);
  EXPECT_EQ(ReadFile(*path).value(), "mine");
  ASSERT_TRUE(ExportWorkflow(Sample(), project, WorkflowKind::kGithub, Overwrite::kReplace).ok());
  EXPECT_THAT(ReadFile(*path).value(), HasSubstr("models/churn"));
}

}  // namespace
}  // namespace millrace::operate
