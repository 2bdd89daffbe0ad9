#include "design/project_facts.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "design/notable_readings.h"
#include "spec/locator.h"
#include "table/value_parser.h"

namespace millrace::design {
namespace {

using profile::ColumnProfile;

constexpr size_t kMostWatched = 4;
constexpr size_t kShownNames = 6;
constexpr double kFewMissing = 0.05;
constexpr int64_t kFewOthers = 5;

std::string List(const std::vector<std::string>& names) {
  if (names.size() <= kShownNames) return Join(names, ", ");
  const std::vector<std::string> shown(names.begin(), names.begin() + kShownNames);
  return Format("{} and {} more", Join(shown, ", "), names.size() - kShownNames);
}

constexpr int kMissingWordRank = 3;
constexpr int kLateRank = 5;

// What is odd about how a column is written, with a rank (0: nothing).
struct Oddity {
  int rank = 0;
  std::string text;
};

// A category most of whose values are numbers: what keeps it from being a number is named.
std::optional<std::string> AlmostNumber(const ColumnProfile& column) {
  if (column.type != table::ColumnType::kCategory) return std::nullopt;
  int64_t numbers = 0;
  int64_t others = 0;
  int64_t other_values = 0;
  std::string first;
  for (const profile::ValueCount& value : column.top_values) {
    const bool number = table::ReadNumber(value.value, {}).has_value();
    (number ? numbers : others) += value.count;
    // Codes such as 00501 are texts on purpose.
    if (number && value.value.size() > 1 && value.value[0] == '0' && value.value[1] != '.') {
      return std::nullopt;
    }
    if (!number && first.empty()) first = value.value;
    other_values += number ? 0 : 1;
  }
  // Ticket codes of which most happen to be digits are codes all the same.
  if (numbers <= others || other_values > kFewOthers || first.empty()) {
    return std::nullopt;
  }
  return Format(
      "read as a category: \"{}\" is no number that can be held; data.missing: [\"{}\"] "
      "makes it one",
      first, first);
}

Oddity OddityOf(const ColumnProfile& column) {
  const auto rows = static_cast<double>(std::max<int64_t>(1, column.num_rows));
  if (column.num_distinct == 0) return {5, "every value is missing: left out"};
  if (const auto almost = AlmostNumber(column)) return {4, *almost};
  if (column.num_invalid > 0) {
    return {4, Format("{} cells are no {}: read as missing", FormatCount(column.num_invalid),
                      table::ColumnTypeName(column.type))};
  }
  if (!column.missing_words.empty()) {
    const profile::ValueCount& word = column.missing_words[0];
    return {kMissingWordRank,
            Format("\"{}\" in {} rows: treated as missing", word.value, FormatCount(word.count))};
  }
  if (!column.rules.prefix.empty() || !column.rules.suffix.empty()) {
    return {2, Format("numbers written {}...{}", column.rules.prefix, column.rules.suffix)};
  }
  const bool few = static_cast<double>(column.num_missing) < kFewMissing * rows;
  if (column.num_missing > 0 && few && table::IsNumeric(column.type)) {
    return {1, Format("a number with {} blank{}: treated as missing",
                      FormatCount(column.num_missing), column.num_missing == 1 ? "" : "s")};
  }
  return {};
}

// Several columns with one word for missing are one line.
void AddSharedWords(const profile::SourceProfile& profile, std::set<std::string>& said,
                    std::vector<std::pair<Oddity, std::string>>& odd) {
  std::map<std::string, std::vector<std::string>> columns_of;
  for (const ColumnProfile& column : profile.columns) {
    if (column.missing_words.empty() || OddityOf(column).rank != kMissingWordRank) continue;
    columns_of[column.missing_words[0].value].push_back(column.name);
  }
  for (const auto& [word, columns] : columns_of) {
    if (columns.size() < 2) continue;
    said.insert(columns.begin(), columns.end());
    odd.emplace_back(
        Oddity{kMissingWordRank, Format("\"{}\" treated as missing: {}", word, List(columns))},
        Format("{} columns", columns.size()));
  }
}

// Words for missing that are values, by what shows it.
void AddKeptWords(const profile::SourceProfile& profile,
                  std::vector<std::pair<Oddity, std::string>>& odd) {
  std::map<std::string, std::vector<std::string>> columns_of;
  for (const ColumnProfile& column : profile.columns) {
    const std::string word = column.is_notable ? KeptMissingWord(column) : "";
    if (!word.empty()) columns_of[word].push_back(column.name);
  }
  for (const auto& [word, columns] : columns_of) {
    const std::string name =
        columns.size() == 1 ? columns[0] : Format("{} columns", columns.size());
    std::string text =
        Format("\"{}\" kept as a value: it stands exactly where an amount is 0", word);
    if (columns.size() > 1) text += Format(": {}", List(columns));
    odd.emplace_back(Oddity{kMissingWordRank, std::move(text)}, name);
  }
}

void AddWatched(const NewProject& project, std::vector<report::Fact>& facts) {
  std::vector<std::pair<Oddity, std::string>> odd;
  std::set<std::string> said;
  for (const ColumnNote& note : project.maybe_later) {
    odd.emplace_back(
        Oddity{kLateRank, Format("{}; data.not_at_prediction leaves it out", note.reason)},
        note.name);
  }
  AddSharedWords(project.profile, said, odd);
  AddKeptWords(project.profile, odd);
  for (const ColumnProfile& column : project.profile.columns) {
    Oddity oddity = OddityOf(column);
    if (oddity.rank > 0 && !said.contains(column.name)) {
      odd.emplace_back(std::move(oddity), column.name);
    }
  }
  std::stable_sort(odd.begin(), odd.end(),
                   [](const auto& a, const auto& b) { return a.first.rank > b.first.rank; });
  for (size_t i = 0; i < odd.size() && i < kMostWatched; ++i) {
    facts.push_back({"watch", odd[i].second, odd[i].first.text});
  }
  if (odd.size() > kMostWatched) {
    facts.push_back({"watch", Format("{} more columns", odd.size() - kMostWatched),
                     "millrace data profile shows each"});
  }
  if (!project.rejected.empty()) {
    const engine::RejectedRow& first = project.rejected[0];
    const auto count = static_cast<int64_t>(project.rejected.size());
    facts.push_back({"watch", Format("{} row{}", FormatCount(count), count == 1 ? "" : "s"),
                     Format("set aside, cannot be split into cells; line {}: {}: {}", first.line,
                            first.rule, Ellipsize(first.text, 30))});
  }
  for (const engine::FoundForm& form : project.forms) {
    facts.push_back(
        {"read as", form.key.empty() ? form.value : form.key + " " + form.value, form.reason});
  }
  const int64_t duplicates = project.profile.num_duplicate_rows;
  if (duplicates > 0) {
    facts.push_back({"watch", Format("{} rows", FormatCount(duplicates)),
                     "equal an earlier one: kept on one side of the split"});
  }
}

std::string TaskReason(const NewProject& project) {
  const Inference& found = project.inference;
  const ColumnProfile* target = project.profile.Find(found.target.value);
  constexpr size_t kShownClasses = 3;
  if (target == nullptr || target->top_values.empty() ||
      target->top_values.size() > kShownClasses || found.task == table::Task::kRegression) {
    return found.task_choice.runner_up.empty()
               ? found.task_choice.reason
               : Format("{}; runner-up: {}", found.task_choice.reason, found.task_choice.runner_up);
  }
  std::vector<std::string> classes;
  for (const profile::ValueCount& value : target->top_values) {
    classes.push_back(Format(
        "{} {}", value.value,
        FormatShare(static_cast<double>(value.count), static_cast<double>(target->num_rows))));
  }
  return Format("{} ({})", found.task_choice.reason, Join(classes, ", "));
}

// The runner-up of a guess says what else it could be.
std::string TargetReason(const Inference& found) {
  std::string reason = found.target.reason;
  const bool open = !found.positive.value.empty() && found.positive.reason != "as you said";
  if (open) reason += Format("; {}: {}", found.positive.value, found.positive.reason);
  return reason;
}

std::vector<std::string> NamesOf(const std::vector<ColumnNote>& notes) {
  std::vector<std::string> names;
  for (const ColumnNote& note : notes) names.push_back(note.name);
  return names;
}

}  // namespace

std::string HeadlineOf(const engine::Source& source, const profile::SourceProfile& profile) {
  int64_t bytes = 0;
  for (const engine::SourceFile& file : source.files) bytes += file.size_bytes;
  const std::string name = source.files.size() == 1 ? spec::ShortName(source.files[0].path)
                                                    : Format("{} files", source.files.size());
  return Format("{}   {} rows, {} columns, {}", name, FormatCount(profile.num_rows),
                profile.columns.size(), FormatBytes(bytes));
}

report::Facts FactsOf(const NewProject& project) {
  const Inference& found = project.inference;
  std::vector<report::Fact> facts;
  facts.push_back({"task", std::string(table::TaskName(found.task)), TaskReason(project)});
  facts.push_back({"target",
                   found.positive.value.empty()
                       ? found.target.value
                       : Format("{} = {}", found.target.value, found.positive.value),
                   TargetReason(found)});
  const auto role = [&](std::string_view name, const Choice& choice) {
    if (!choice.value.empty()) facts.push_back({std::string(name), choice.value, choice.reason});
  };
  role("id", found.id);
  role("time", found.time);
  if (project.freshness) facts.push_back(*project.freshness);
  role("group", found.group);
  if (!project.spec.data.sensitive.empty()) {
    facts.push_back({"sensitive", List(project.spec.data.sensitive),
                     project.spec.require.fairness.empty()
                         ? "results are compared by group; require.fairness makes gaps a gate"
                         : "results are compared by group, gaps are gated"});
  }
  const auto notes = [&](std::string_view name, const std::vector<ColumnNote>& columns,
                         std::string_view reason_of_many) {
    if (columns.size() > kMostWatched) {
      facts.push_back({std::string(name), List(NamesOf(columns)), std::string(reason_of_many)});
      return;
    }
    for (const ColumnNote& note : columns) {
      facts.push_back({std::string(name), note.name, note.reason});
    }
  };
  notes("left out", found.exclude, "reasons in millrace.yaml");
  notes("too late", found.not_at_prediction,
        "not known when a prediction is made; reasons in millrace.yaml");
  for (const spec::Gate& gate : project.spec.require.gates) {
    const auto reason = project.reasons.find(Format("require.{}", gate.metric));
    facts.push_back({"success", Format("{} {}", gate.metric, gate.BoundText()),
                     reason == project.reasons.end() ? "" : reason->second});
  }
  for (const spec::Gate& gate : project.spec.require.fairness) {
    const auto reason = project.reasons.find(Format("require.fairness.{}", gate.metric));
    facts.push_back({"success", Format("{} {}", gate.metric, gate.BoundText()),
                     reason == project.reasons.end() ? "" : reason->second});
  }
  if (const auto& value = project.spec.problem.value) {
    facts.push_back(
        {"value",
         Format("found {}, missed {}, false alarm {}", FormatFigure(value->true_positive),
                FormatFigure(value->false_negative), FormatFigure(value->false_positive)),
         found.criteria.value_reason});
  }
  for (const UnusedDemand& each : found.criteria.unused) {
    facts.push_back({"not used", Format("\"{}\"", each.words), each.reason});
  }
  const auto no_gate = project.reasons.find("require");
  if (no_gate != project.reasons.end()) {
    facts.push_back({"success", project.spec.require.gates.empty() ? "no gate" : "no more gates",
                     no_gate->second});
  }
  AddWatched(project, facts);
  return {"", std::move(facts)};
}

}  // namespace millrace::design
