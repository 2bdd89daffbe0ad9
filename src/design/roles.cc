#include "design/roles.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "design/words.h"

namespace millrace::design {
namespace {

using profile::ColumnProfile;
using table::ColumnType;

template <size_t size>
bool AnyOf(const std::vector<std::string>& words, const std::string_view (&known)[size]) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(std::begin(known), std::end(known), word) != std::end(known);
  });
}

constexpr double kFewestWordsOfSentence = 6.0;

bool IsNamedAsId(const ColumnProfile& column) {
  constexpr std::string_view kWords[] = {"id", "uuid", "guid", "key"};
  return AnyOf(WordsOf(column.name), kWords) || ToLower(column.name).ends_with("id");
}

// "EmployeeNumber", "order no".
bool IsNamedAsNumber(const ColumnProfile& column) {
  constexpr std::string_view kLastWords[] = {"number", "no", "nr", "num"};
  const std::vector<std::string> words = WordsOf(column.name);
  return words.size() > 1 && AnyOf({words.back()}, kLastWords);
}

// "C1042": a letter before whole numbers that lie close together, each once.
bool IsNumberedCode(const ColumnProfile& column) {
  const std::string& prefix = column.rules.prefix;
  const bool letters = std::any_of(prefix.begin(), prefix.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (!letters || !column.minimum || !column.maximum) return false;
  return *column.maximum - *column.minimum < 10.0 * static_cast<double>(column.num_rows);
}

}  // namespace

bool LooksLikeId(const ColumnProfile& column, int64_t num_duplicate_rows) {
  if (column.type == ColumnType::kText) return false;  // prose differs, too
  const bool unique =
      column.is_unique || (column.num_missing == 0 && column.num_distinct > num_duplicate_rows &&
                           column.num_distinct + num_duplicate_rows >= column.num_rows);
  if (!unique || column.num_rows < 3) return false;
  if (column.type == ColumnType::kNumber || column.type == ColumnType::kDate) return false;
  // Sentences differ from row to row by nature; names of persons and things tell rows apart.
  if (column.type == ColumnType::kText) {
    return IsNamedAsId(column) || column.mean_words < kFewestWordsOfSentence;
  }
  if (column.type == ColumnType::kInteger) {
    return column.is_sequence || IsNamedAsId(column) || IsNamedAsNumber(column) ||
           IsNumberedCode(column);
  }
  return true;
}

std::string SensitiveReason(const ColumnProfile& column) {
  constexpr std::string_view kTraits[] = {
      "sex",         "gender",     "race",     "ethnicity", "ethnic",  "marital", "religion",
      "nationality", "disability", "pregnant", "pregnancy", "citizen", "foreign", "immigrant",
      "marriage",    "dob",        "birthday", "birthdate", "agep",    "rac",     "nativity"};
  const std::vector<std::string> words = WordsOf(column.name);
  const std::string name = Join(words, " ");
  const bool is_age = name == "age" || name == "age group" || name == "customer age" ||
                      name == "person age" || name == "age years" || name == "age cat" ||
                      name == "age category" || name == "age band" || name == "age bucket";
  const bool is_named = is_age || AnyOf(words, kTraits) || name == "personal status" ||
                        name == "native country" || name == "country of birth" ||
                        name == "date of birth" || name == "birth date";
  if (!is_named) return "";
  // One in twenty is older than any person: days that concrete has hardened, months of a contract.
  constexpr double kOldest = 130.0;
  constexpr size_t kHigh = 6;  // the quantile 0.95
  if (is_age && column.quantiles.size() > kHigh && column.quantiles[kHigh] > kOldest) return "";
  return Format("\"{}\" describes a protected trait", column.name);
}

bool TellsTrait(const std::string& column, std::string_view trait) {
  struct TraitWords {
    std::string_view trait;
    std::string_view words;
  };
  constexpr TraitWords kTraits[] = {
      {"sex", "sex gender male female woman man"},
      {"race", "race ethnicity ethnic"},
      {"age", "age senior birthday birthdate agep"},
      {"nationality", "nationality citizen foreign immigrant country native"},
      {"religion", "religion"},
      {"disability", "disability disabled"}};
  const std::vector<std::string> words = WordsOf(column);
  for (const TraitWords& each : kTraits) {
    if (each.trait != trait) continue;
    for (const std::string_view known : Split(each.words, ' ')) {
      if (std::find(words.begin(), words.end(), known) != words.end()) return true;
    }
  }
  return trait == "sex" && words == std::vector<std::string>{"personal", "status"};
}

Status ChooseRoles(const profile::SourceProfile& profile, const Known& known,
                   Inference& inference) {
  const std::string& target = inference.target.value;
  if (known.id) {
    if (profile.Find(*known.id) == nullptr) {
      return InvalidSpec(Format("id: no such column: \"{}\"", *known.id));
    }
    inference.id = {*known.id, "as you said", ""};
  }
  for (const ColumnProfile& column : profile.columns) {
    if (column.name == target || !LooksLikeId(column, profile.num_duplicate_rows) || known.id)
      continue;
    const bool better = inference.id.value.empty() ||
                        (IsNamedAsId(column) && !IsNamedAsId(*profile.Find(inference.id.value)));
    if (better) {
      inference.id = {
          column.name,
          Format("{} distinct values, left out of the features", FormatCount(column.num_distinct)),
          inference.id.value};
    }
  }
  for (const ColumnProfile& column : profile.columns) {
    if (column.name == target || column.name == inference.id.value) continue;
    if (LooksLikeId(column, profile.num_duplicate_rows)) {
      inference.exclude.push_back(
          {column.name, column.is_sequence ? "counts the rows" : "every value differs, as an id"});
      continue;
    }
    if (column.type == ColumnType::kDate && inference.time.value.empty() &&
        column.num_missing == 0) {
      inference.time = {column.name, "the first column of dates without a gap", ""};
      continue;
    }
    constexpr std::string_view kGroups[] = {"household", "patient", "family", "user", "subject"};
    const std::vector<std::string> words = WordsOf(column.name);
    const bool named = words == std::vector<std::string>{"household"} ||
                       (AnyOf(words, kGroups) && IsNamedAsId(column));
    if (named && inference.group.value.empty() && column.num_distinct > 10 &&
        column.num_distinct * 10 < column.num_rows * 9) {
      inference.group = {column.name, "rows of one value belong together", ""};
      continue;
    }
    const std::string reason = SensitiveReason(column);
    if (!reason.empty()) inference.sensitive.push_back({column.name, reason});
  }
  return {};
}

}  // namespace millrace::design
