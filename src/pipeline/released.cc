#include "pipeline/released.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::pipeline {
namespace {

using json::Json;

constexpr int64_t kVersion = 1;
constexpr size_t kNameDigits = 16;

std::string PathOf(const store::Project& project) {
  return JoinPath(project.state_folder(), "released.json");
}

Json ToJson(const ReleasedRow& row) {
  return Json::Of({{"row", row.row},
                   {"release", row.release},
                   {"file", row.file},
                   {"line", row.line},
                   {"column", row.column},
                   {"value", row.value},
                   {"rule", row.rule}});
}

Result<ReleasedRow> RowFromJson(const Json& item, const std::string& where) {
  ReleasedRow row;
  MILLRACE_ASSIGN_OR_RETURN(row.row, item.RequireString(where, "row"));
  MILLRACE_ASSIGN_OR_RETURN(row.release, item.RequireInteger(where, "release"));
  MILLRACE_ASSIGN_OR_RETURN(row.file, item.RequireString(where, "file"));
  MILLRACE_ASSIGN_OR_RETURN(row.line, item.RequireInteger(where, "line"));
  MILLRACE_ASSIGN_OR_RETURN(row.column, item.RequireString(where, "column"));
  MILLRACE_ASSIGN_OR_RETURN(row.value, item.RequireString(where, "value"));
  MILLRACE_ASSIGN_OR_RETURN(row.rule, item.RequireString(where, "rule"));
  if (row.row.size() != kNameDigits || row.release < 1) {
    return Corrupt(Format("{}: names no row of a release: \"{}\"", where, row.row));
  }
  return row;
}

constexpr std::string_view kRulePrefix = "check: ";
constexpr size_t kShortestName = 6;
constexpr size_t kShownRules = 5;

bool IsNumber(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether a row is the one that a word means: its line, file and line, or name.
template <typename Row>
bool Means(std::string_view word, const Row& row) {
  const std::string line = Format("{}", row.line);
  if (word == line || word == Format("{}:{}", row.file, line)) return true;
  return word.size() >= kShortestName && !row.row.empty() && row.row.starts_with(word);
}

// The rows that a choice means, in their order.
template <typename Row>
Result<std::vector<const Row*>> Chosen(const std::vector<Row>& rows, const RowChoice& choice,
                                       std::string_view of) {
  std::vector<bool> is_chosen(rows.size(), choice.all);
  for (const std::string& word : choice.rows) {
    std::set<std::pair<std::string, std::string>> found;  // file and name
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!Means(word, rows[i])) continue;
      is_chosen[i] = true;
      found.insert({IsNumber(word) ? rows[i].file : "", rows[i].row});
    }
    if (found.empty()) {
      return NotFound(Format("row {}: is not {}", word, of))
          .WithHint("`millrace data quarantine list` shows the rows: LINE, FILE:LINE or the name");
    }
    if (found.size() > 1) {
      return InvalidSpec(Format("row {}: means {} rows", word, found.size()))
          .WithHint("name it by FILE:LINE or by more digits of its name");
    }
  }
  if (!choice.rule.empty()) {
    std::set<std::string> rules;
    bool any = false;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rules.size() < kShownRules) rules.insert(rows[i].rule);
      if (rows[i].rule != choice.rule && rows[i].rule != Format("{}{}", kRulePrefix, choice.rule)) {
        continue;
      }
      is_chosen[i] = true;
      any = true;
    }
    if (!any) {
      return NotFound(Format("rule \"{}\": set aside no row that is {}", choice.rule, of))
          .WithHint(rules.empty()
                        ? ""
                        : "rules: " +
                              Join(std::vector<std::string>(rules.begin(), rules.end()), "; "));
    }
  }
  std::vector<const Row*> chosen;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (is_chosen[i]) chosen.push_back(&rows[i]);
  }
  return chosen;
}

}  // namespace

Result<ReleaseChange> Release(const std::vector<data::QuarantinedRow>& quarantined,
                              const RowChoice& choice, const ReleasedRows& before) {
  if (choice.empty()) {
    return InvalidSpec("release: names no rows").WithHint("give --row, --rule or --all");
  }
  // What was put back and has not been read anew still stands in the quarantine of the last run.
  MILLRACE_ASSIGN_OR_RETURN(const auto chosen,
                            Chosen(quarantined, choice, "in the quarantine of the newest run"));
  ReleaseChange change;
  change.after = before;
  std::set<std::string> seen;
  for (const ReleasedRow& row : before.rows) seen.insert(row.row);
  std::set<std::string> now;
  for (const data::QuarantinedRow* row : chosen) {
    if (row->row.empty()) {
      if (choice.rows.empty()) {
        ++change.num_fixed;
        continue;
      }
      return InvalidData(
                 Format("{}:{}: {}: no model can learn from it", row->file, row->line, row->rule))
          .WithHint("mend the row at the source; what a check set aside can be put back");
    }
    if (now.contains(row->row)) continue;
    if (!seen.insert(row->row).second) {
      ++change.num_already;
      continue;
    }
    now.insert(row->row);
    change.rows.push_back({.row = row->row,
                           .file = row->file,
                           .line = row->line,
                           .column = row->column,
                           .value = row->value,
                           .rule = row->rule,
                           .release = before.newest() + 1});
  }
  if (change.rows.empty()) {
    if (change.num_already > 0) {
      return InvalidData("these rows have been put back already")
          .WithHint("`millrace run` takes them into the data; undo takes them back");
    }
    return InvalidData("no row can be put back: a check with set_aside has set none aside")
        .WithHint(
            "rows without a target, and rows that could not be split, must be mended at the "
            "source");
  }
  change.after.rows.insert(change.after.rows.end(), change.rows.begin(), change.rows.end());
  return change;
}

Result<ReleaseChange> Undo(const RowChoice& choice, const ReleasedRows& before) {
  if (before.rows.empty()) return NotFound("no row has been put back");
  ReleaseChange change;
  std::set<std::string> taken;
  if (choice.empty()) {
    for (const ReleasedRow& row : before.rows) {
      if (row.release == before.newest()) taken.insert(row.row);
    }
  } else {
    MILLRACE_ASSIGN_OR_RETURN(const auto chosen, Chosen(before.rows, choice, "put back"));
    for (const ReleasedRow* row : chosen) taken.insert(row->row);
  }
  for (const ReleasedRow& row : before.rows) {
    (taken.contains(row.row) ? change.rows : change.after.rows).push_back(row);
  }
  return change;
}

int64_t ReleasedRows::newest() const {
  int64_t newest = 0;
  for (const ReleasedRow& row : rows) newest = std::max(newest, row.release);
  return newest;
}

Result<ReleasedRows> ReadReleased(const store::Project& project) {
  ReleasedRows released;
  const std::string path = PathOf(project);
  const Result<std::string> text = ReadFile(path);
  if (text.status().code() == Code::kNotFound) return released;
  MILLRACE_RETURN_IF_ERROR(text.status());
  const auto damaged = [](const Status& status) {
    return Corrupt(status.message())
        .WithHint(
            "remove the file: no row is released then, `millrace data quarantine release` "
            "makes it anew");
  };
  const Result<Json> document = json::Parse(*text, path);
  if (!document.ok()) return damaged(document.status());
  const Result<int64_t> version = document->RequireInteger(path, "version");
  if (!version.ok()) return damaged(version.status());
  if (*version > kVersion) {
    return Unsupported(
               Format("{}: version {}: this program reads up to {}", path, *version, kVersion))
        .WithHint("use a newer millrace");
  }
  const Result<const json::Array*> list = document->RequireArray(path, "rows");
  if (!list.ok()) return damaged(list.status());
  std::set<std::string> seen;
  for (size_t i = 0; i < (*list)->size(); ++i) {
    Result<ReleasedRow> row = RowFromJson((**list)[i], Format("{}: rows[{}]", path, i));
    if (!row.ok()) return damaged(row.status());
    if (!seen.insert(row->row).second) {
      return damaged(Corrupt(Format("{}: rows[{}]: stands twice: {}", path, i, row->row)));
    }
    released.rows.push_back(*std::move(row));
  }
  return released;
}

Status WriteReleased(const store::Project& project, const ReleasedRows& released) {
  Json list = Json::MakeArray();
  for (const ReleasedRow& row : released.rows) list.Append(ToJson(row));
  return WriteFileAtomic(
      PathOf(project),
      json::WritePretty(Json::Of({{"version", kVersion}, {"rows", std::move(list)}})));
}

std::vector<std::string> RowsOf(const ReleasedRows& released) {
  std::vector<std::string> rows;
  for (const ReleasedRow& row : released.rows) rows.push_back(row.row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace millrace::pipeline
