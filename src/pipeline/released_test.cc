#include "pipeline/released.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "data/data_phase.h"
#include "pipeline/project_fixture.h"

namespace millrace::pipeline {
namespace {

std::vector<data::QuarantinedRow> Quarantine() {
  return {{.file = "a.csv",
           .line = 3,
           .column = "age",
           .value = "230",
           .rule = "check: age <= 120",
           .row = "aaaaaaaaaaaaaaaa"},
          {.file = "a.csv", .line = 5, .rule = "missing target"},
          {.file = "b.csv",
           .line = 3,
           .column = "age",
           .value = "231",
           .rule = "check: age <= 120",
           .row = "aaaaaabbbbbbbbbb"},
          {.file = "a.csv",
           .line = 9,
           .column = "plan",
           .value = "x",
           .rule = "check: plan in a",
           .row = "cccccccccccccccc"},
          {.file = "a.csv",
           .line = 12,
           .column = "age",
           .value = "230",
           .rule = "check: age <= 120",
           .row = "aaaaaaaaaaaaaaaa"}};
}

std::vector<std::string> Names(const std::vector<ReleasedRow>& rows) {
  std::vector<std::string> names;
  for (const ReleasedRow& row : rows) names.push_back(row.row.substr(0, 8));
  return names;
}

using Found = std::vector<std::string>;

TEST(Released, RowsAreChosenByPlaceNameAndRule) {
  const auto release = [](RowChoice choice) {
    const auto change = Release(Quarantine(), choice, {});
    EXPECT_TRUE(change.ok()) << change.status().ToString();
    return change.ok() ? Names(change->rows) : Found{};
  };
  EXPECT_EQ(release({.rows = {"9"}}), Found{"cccccccc"});
  EXPECT_EQ(release({.rows = {"a.csv:3"}}), Found{"aaaaaaaa"});
  EXPECT_EQ(release({.rows = {"aaaaaab", "cccccc"}}), (Found{"aaaaaabb", "cccccccc"}));
  EXPECT_EQ(release({.rule = "plan in a"}), Found{"cccccccc"});
  EXPECT_EQ(release({.rule = "check: age <= 120"}), (Found{"aaaaaaaa", "aaaaaabb"}));
  const auto all = Release(Quarantine(), {.all = true}, {});
  EXPECT_EQ(all->rows.size(), 3u);
  EXPECT_EQ(all->num_fixed, 1);
  EXPECT_EQ(all->rows[0].release, 1);
}

TEST(Released, WrongChoicesSayWhatIsWrong) {
  const auto error = [](RowChoice choice, const ReleasedRows& before = {}) {
    const auto change = Release(Quarantine(), choice, before);
    EXPECT_FALSE(change.ok());
    return std::pair(change.status().code(), change.status().message());
  };
  using Error = std::pair<Code, std::string>;
  EXPECT_EQ(error({}), Error(Code::kInvalidSpec, "release: names no rows"));
  EXPECT_EQ(error({.rows = {"99"}}),
            Error(Code::kNotFound, "row 99: is not in the quarantine of the newest run"));
  EXPECT_EQ(error({.rows = {"aaaaaa"}}), Error(Code::kInvalidSpec, "row aaaaaa: means 2 rows"));
  EXPECT_EQ(error({.rows = {"3"}}), Error(Code::kInvalidSpec, "row 3: means 2 rows"));
  EXPECT_EQ(error({.rows = {"5"}}),
            Error(Code::kInvalidData, "a.csv:5: missing target: no model can learn from it"));
  EXPECT_EQ(error({.rule = "age < 120"}).first, Code::kNotFound);
  EXPECT_EQ(error({.rule = "missing target"}).first, Code::kInvalidData);
  const ReleasedRows before = Release(Quarantine(), {.rows = {"9"}}, {})->after;
  EXPECT_EQ(error({.rows = {"9"}}, before),
            Error(Code::kInvalidData, "these rows have been put back already"));
  EXPECT_EQ(Release({}, {.all = true}, {}).status().code(), Code::kInvalidData);
}

TEST(Released, ReleasesAreNumberedAndUndoneOneByOne) {
  const ReleasedRows one = Release(Quarantine(), {.rows = {"9"}}, {})->after;
  const auto more = Release(Quarantine(), {.all = true}, one);
  EXPECT_EQ(more->num_already, 1);
  EXPECT_EQ(more->after.newest(), 2);
  EXPECT_EQ(RowsOf(more->after).size(), 3u);
  const auto undone = Undo({}, more->after);
  EXPECT_EQ(undone->rows.size(), 2u);
  EXPECT_EQ(undone->after, one);
  EXPECT_EQ(Undo({.rows = {"a.csv:3"}}, more->after)->after.rows.size(), 2u);
  EXPECT_TRUE(Undo({.all = true}, more->after)->after.rows.empty());
  EXPECT_EQ(Undo({}, {}).status().code(), Code::kNotFound);
  EXPECT_EQ(Undo({.rows = {"77"}}, one).status().message(), "row 77: is not put back");
}

TEST(Released, TheFileKeepsWhatWasWritten) {
  const TemporaryFolder folder = *TemporaryFolder::Make();
  const auto project = *store::Project::Create(folder.path());
  EXPECT_TRUE(ReadReleased(project)->rows.empty());
  const ReleasedRows released = Release(Quarantine(), {.all = true}, {})->after;
  ASSERT_TRUE(WriteReleased(project, released).ok());
  EXPECT_EQ(*ReadReleased(project), released);
  const std::string path = JoinPath(project.state_folder(), "released.json");
  for (const std::string_view bad :
       {"{", "[]", R"({"version": 0})", R"({"version": 1, "rows": [{}]})",
        R"({"version": 1, "rows": [{"row": "a", "release": 1, "file": "", "line": 1, "column": "",
            "value": "", "rule": ""}]})"}) {
    ASSERT_TRUE(WriteFile(path, bad).ok());
    EXPECT_EQ(ReadReleased(project).status().code(), Code::kCorrupt) << bad;
  }
  ASSERT_TRUE(WriteFile(path, R"({"version": 2, "rows": []})").ok());
  EXPECT_EQ(ReadReleased(project).status().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace millrace::pipeline
