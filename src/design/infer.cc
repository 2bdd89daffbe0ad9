#include "design/infer.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "design/problem_type.h"
#include "design/roles.h"
#include "design/words.h"

namespace millrace::design {
namespace {

using profile::ColumnProfile;
using profile::SourceProfile;
using table::ColumnType;
using table::Task;

constexpr double kFreeTextWords = 8.0;  // a class is named in fewer
constexpr int64_t kMostClasses = 1'000;

bool Holds(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Returns true when a word means the same as one of `words`.
bool Says(const std::vector<std::string>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& each) { return MeanTheSame(each, word); });
}

// The words that name what is predicted: those before "from", "given", "based", "using".
std::vector<std::string> WantedWords(const std::vector<std::string>& words) {
  std::vector<std::string> wanted;
  for (const std::string& word : words) {
    if (word == "from" || word == "given" || word == "based" || word == "using") break;
    wanted.push_back(word);
  }
  return wanted;
}

bool IsGenericTargetName(const std::string& name) {
  constexpr std::string_view kNames[] = {"class", "target", "label", "y", "outcome", "response"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view known) { return EqualsIgnoreCase(name, known); });
}

bool SaysClass(const std::vector<std::string>& words) {
  constexpr std::string_view kWords[] = {"classify", "class", "classes", "recognise", "recognize",
                                         "category", "digit", "type",    "kind",      "species",
                                         "stage",    "group", "cluster"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return Holds(words, word); });
}

// "how many", "the number of".
bool AsksAmount(const std::vector<std::string>& words) {
  constexpr std::string_view kWords[] = {
      "many", "much",  "number", "count", "amount",  "rating",     "rate",     "average",
      "mean", "total", "score",  "price", "regress", "regression", "forecast", "estimate"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return Holds(words, word); });
}

// 0 to 4, or 1 to 5: each step there, and no more of them than stages have.
bool NumbersStages(const ColumnProfile& column) {
  constexpr int64_t kMostStages = 5;
  if (column.num_distinct > kMostStages || !column.minimum || !column.maximum) return false;
  const bool starts = *column.minimum == 0.0 || *column.minimum == 1.0;
  return starts &&
         *column.maximum - *column.minimum + 1.0 == static_cast<double>(column.num_distinct);
}

struct Candidate {
  const ColumnProfile* column = nullptr;
  double score = 0.0;
  std::string reason;
};

Candidate Score(const SourceProfile& profile, size_t index,
                const std::vector<std::string>& wanted) {
  const ColumnProfile& column = profile.columns[index];
  const bool is_last = index + 1 == profile.columns.size();
  Candidate candidate{&column, 0.0, ""};
  if (column.is_constant || column.num_distinct < 2 || column.type == ColumnType::kText ||
      LooksLikeId(column, profile.num_duplicate_rows) || column.num_missing * 2 > column.num_rows) {
    candidate.score = -100.0;
    return candidate;
  }
  const std::vector<std::string> name = WordsOf(column.name);
  double matched = 0.0;
  std::vector<std::string> said_words;
  for (const std::string& part : name) {
    double best = 0.0;
    std::string because;
    for (const std::string& word : wanted) {
      const double value = part == word || Stem(part) == Stem(word) ? 1.0
                           : MeanTheSame(part, word)                ? 0.7
                                                                    : 0.0;
      if (value <= best) continue;
      best = value;
      because = word;
    }
    matched += best;
    if (best > 0.0 && !Holds(said_words, because)) said_words.push_back(because);
  }
  if (!name.empty() && matched > 0.0) {
    candidate.score = 6.0 * matched / static_cast<double>(name.size()) + matched;
    candidate.reason = Format("\"{}\" in your sentence", Join(said_words, " "));
  }
  for (const profile::ValueCount& value : column.top_values) {
    const std::vector<std::string> parts = WordsOf(value.value);
    if (column.num_distinct > 50 || table::IsNumeric(column.type)) break;
    const bool said = std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
      return part.size() > 2 && Says(wanted, part);
    });
    if (!said) continue;
    // "class" with the value "sick" is what "who is sick" asks for, before a column "sick".
    candidate.score += IsGenericTargetName(column.name) ? 4.0 : 2.0;
    if (candidate.reason.empty()) {
      candidate.reason = Format("its value \"{}\" in your sentence", value.value);
    }
    break;
  }
  if (IsGenericTargetName(column.name)) {
    candidate.score += 3.0;
    if (candidate.reason.empty()) candidate.reason = "named as a target";
  }
  if (is_last) {
    candidate.score += 1.5;
    if (candidate.reason.empty()) candidate.reason = "the last column";
  }
  return candidate;
}

// Whether the sentence says every word of a column's name.
bool NamesColumn(const std::vector<std::string>& wanted, const ColumnProfile& column) {
  const std::vector<std::string> name = WordsOf(column.name);
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [&](const std::string& part) { return Says(wanted, part); });
}

// kInvalidData when the sentence names a column that cannot be learnt, and `best` is no answer to
// it: another column in its place would be a model of something that nobody asked for.
Status CheckNamedTarget(const std::vector<std::string>& wanted, const SourceProfile& profile,
                        double best_score) {
  if (best_score >= 3.0) return {};
  for (const ColumnProfile& column : profile.columns) {
    const bool one_value = column.is_constant || column.num_distinct < 2;
    const bool mostly_missing = column.num_missing * 2 > column.num_rows;
    if (!(one_value || mostly_missing) || !NamesColumn(wanted, column)) continue;
    const std::string why =
        mostly_missing ? Format("missing in {} of {} rows", FormatCount(column.num_missing),
                                FormatCount(column.num_rows))
                       : std::string("one value only");
    return InvalidData(Format("target \"{}\": named in your sentence, and {}", column.name, why))
        .WithHint("complete the column, or name another one with --target");
  }
  return {};
}

Result<const ColumnProfile*> ChooseTarget(const std::vector<std::string>& wanted,
                                          const SourceProfile& profile, const Known& known,
                                          Inference& inference) {
  if (known.target) {
    const ColumnProfile* column = profile.Find(*known.target);
    if (column == nullptr) {
      std::vector<std::string> names;
      for (const ColumnProfile& each : profile.columns) names.push_back(each.name);
      return InvalidSpec(Format("target: no such column: \"{}\"", *known.target))
          .WithHint(DidYouMean(*known.target, names));
    }
    inference.target = {column->name, "as you said", ""};
    return column;
  }
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < profile.columns.size(); ++i) {
    Candidate c = Score(profile, i, wanted);
    if (c.score > -100.0) candidates.push_back(std::move(c));
  }
  if (candidates.empty()) {
    return InvalidData("target: every column is an id, constant or mostly missing")
        .WithHint("name the column to predict with --target");
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  const Candidate& best = candidates.front();
  MILLRACE_RETURN_IF_ERROR(CheckNamedTarget(wanted, profile, best.score));
  const bool has_second = candidates.size() > 1;  // one alone is no question
  inference.target = {best.column->name, best.reason, has_second ? candidates[1].column->name : ""};
  const double margin = has_second ? best.score - candidates[1].score : best.score;
  if (has_second && (best.score < 3.0 || margin < 0.5)) {
    OpenQuestion question{
        "target", "Which column should be predicted?", {}, best.column->name, "--target"};
    for (size_t i = 0; i < candidates.size() && i < 5; ++i) {
      question.choices.push_back(candidates[i].column->name);
    }
    inference.questions.push_back(std::move(question));
  }
  return best.column;
}

void ChooseTask(const std::vector<std::string>& words, const ColumnProfile& target,
                const Known& known, Inference& inference) {
  const auto set = [&](Task task, std::string reason, std::string_view runner_up) {
    inference.task = task;
    inference.task_choice = {std::string(table::TaskName(task)), std::move(reason),
                             std::string(runner_up)};
  };
  if (known.task && known.task != Task::kText) return set(*known.task, "as you said", "");
  const std::string count = FormatCount(target.num_distinct);
  if (target.num_distinct == 2) {
    return set(Task::kBinary, Format("2 values in {}", target.name), "");
  }
  if (!table::IsNumeric(target.type)) {
    return set(Task::kMulticlass, Format("{} classes in {}", count, target.name), "");
  }
  const bool asks_class =
      SaysClass(words) || SaysClass(WordsOf(target.name)) || IsGenericTargetName(target.name);
  const bool few = target.type == ColumnType::kInteger && target.num_distinct <= 30;
  if (few && asks_class) {
    return set(Task::kMulticlass, Format("{} whole numbers that name classes", count),
               "regression");
  }
  if (few && NumbersStages(target) && !AsksAmount(words)) {
    return set(Task::kMulticlass, Format("{} whole numbers without a gap, as stages", count),
               "regression");
  }
  set(Task::kRegression, Format("{} is a number with {} values", target.name, count),
      few ? "multiclass" : "");
}

Status ChoosePositive(const std::vector<std::string>& words, std::string_view description,
                      const ColumnProfile& target, const Known& known, Inference& inference) {
  if (inference.task != Task::kBinary || target.top_values.size() < 2) return {};
  const std::string first = target.top_values[0].value;
  const std::string second = target.top_values[1].value;  // the rarer one
  if (known.positive) {
    if (*known.positive != first && *known.positive != second) {
      return InvalidSpec(Format("positive: no such class: \"{}\"", *known.positive))
          .WithHint(Format("the classes are \"{}\" and \"{}\"", first, second));
    }
    inference.positive = {*known.positive, "as you said",
                          *known.positive == first ? second : first};
    return {};
  }
  const auto choose = [&](const std::string& value, std::string reason) {
    inference.positive = {value, std::move(reason), value == first ? second : first};
  };
  const auto is_yes = [](const std::string& text) {
    constexpr std::string_view kYes[] = {"1", "yes", "y", "true", "t", "positive"};
    return std::any_of(std::begin(kYes), std::end(kYes),
                       [&](std::string_view yes) { return EqualsIgnoreCase(text, yes); });
  };
  const auto said = [&](const std::string& text) {
    const std::vector<std::string> parts = WordsOf(text);
    return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
      return part.size() > 2 && Says(words, part);
    });
  };
  for (const std::string& value : {first, second}) {
    const bool above = ContainsIgnoreCase(description, "more than") ||
                       ContainsIgnoreCase(description, "above") ||
                       ContainsIgnoreCase(description, "over ");
    if (above && value.starts_with('>')) {
      choose(value, "\"more than\" in your sentence");
      return {};
    }
  }
  // "is it negative?" with classes 0 and 1: which one is meant is a guess.
  const bool asks_negative = Holds(words, "negative") && !Holds(words, "false");
  if (asks_negative && !said(first) && !said(second) && is_yes(first) != is_yes(second)) {
    const std::string& guess = is_yes(first) ? second : first;
    choose(guess, "\"negative\" in your sentence");
    inference.questions.push_back({"positive",
                                   Format("Which class of {} is the one to find?", target.name),
                                   {guess, guess == first ? second : first},
                                   guess,
                                   "--positive"});
    return {};
  }
  if (said(first) != said(second)) {
    choose(said(first) ? first : second, "named in your sentence");
  } else if (is_yes(first) != is_yes(second)) {
    choose(is_yes(first) ? first : second, "the affirmative value");
  } else {
    choose(second, "the rarer class");
  }
  return {};
}

// A target that no model can be judged on is refused, whoever named it.
Status CheckTarget(const ColumnProfile& target, int64_t num_duplicate_rows) {
  const auto refuse = [&](std::string what) {
    return InvalidData(Format("target \"{}\": {}", target.name, std::move(what)))
        .WithHint("name another column with --target, or problem.target in millrace.yaml");
  };
  if (target.num_distinct == 0) return refuse("every value is missing");
  if (target.is_constant) {
    const std::string value = target.top_values.empty() ? "" : target.top_values[0].value;
    return refuse(Format("one value only: \"{}\"", value));
  }
  if (target.num_missing * 2 > target.num_rows) {
    return refuse(Format("missing in {} of {} rows", FormatCount(target.num_missing),
                         FormatCount(target.num_rows)));
  }
  if (LooksLikeId(target, num_duplicate_rows)) return refuse("every value differs, as an id");
  const bool prose = target.type == ColumnType::kText ||
                     (target.mean_words > kFreeTextWords && !table::IsNumeric(target.type));
  if (prose) {
    return refuse("free text cannot be predicted");
  }
  if (!table::IsNumeric(target.type) && target.num_distinct > kMostClasses) {
    return refuse(Format("{} classes; at most {} can be told apart",
                         FormatCount(target.num_distinct), FormatCount(kMostClasses)));
  }
  if (target.type == ColumnType::kDate) return refuse("a date cannot be predicted");
  return {};
}

// A task that was named must be one that the target can have.
Status CheckTaskFits(Task task, const ColumnProfile& target) {
  const std::string count = FormatCount(target.num_distinct);
  if (task == Task::kBinary && target.num_distinct != 2) {
    return InvalidSpec(Format("task: binary needs two values: \"{}\" has {}", target.name, count))
        .WithHint(target.num_distinct <= kMostClasses ? "task: multiclass" : "task: regression");
  }
  if (task == Task::kRegression && !table::IsNumeric(target.type)) {
    return InvalidSpec(Format("task: regression needs numbers: \"{}\" holds texts: \"{}\"",
                              target.name,
                              target.top_values.empty() ? "" : target.top_values[0].value))
        .WithHint("task: multiclass, or say under data.columns how the number is written");
  }
  if (task == Task::kMulticlass && target.num_distinct > kMostClasses) {
    return InvalidData(Format("target \"{}\": {} classes; at most {} can be told apart",
                              target.name, count, FormatCount(kMostClasses)))
        .WithHint(table::IsNumeric(target.type) ? "task: regression" : "name another target");
  }
  return {};
}

// A kind that is named or seen and not trained is refused; one that is trained and named wins.
Status RefuseOtherTasks(std::string_view description, const SourceProfile& profile,
                        const Known& known) {
  const bool trained = known.task == Task::kBinary || known.task == Task::kMulticlass ||
                       known.task == Task::kRegression || known.task == Task::kText;
  if (trained) return {};
  if (known.task) {
    return RefuseTask({*known.task, "", WayOut(*known.task, profile, known.target.value_or(""))});
  }
  const auto other = FindOtherTask(description, profile, known.target.value_or(""));
  return other ? RefuseTask(*other) : Status();
}

// Classes of free texts are learnt as classes; the reason says so.
Status NoteText(const SourceProfile& profile, const ColumnProfile& target, const Known& known,
                Inference& inference) {
  const std::vector<std::string> texts = TextColumns(profile, target);
  const bool named = known.task == Task::kText;
  if (named && texts.empty()) {
    return InvalidSpec("task: text: no column holds free text")
        .WithHint("task: binary, multiclass or regression learns from numbers and categories");
  }
  if (!named && !FeaturesAreText(profile, target)) return {};
  if (texts.empty()) return {};
  inference.task_choice.reason += Format("; a text task{}: learnt from the words of {}",
                                         named ? ", as you said" : "", Join(texts, ", "));
  return {};
}

// "forecast" beside a regression over time, when the sentence looks ahead.
void NoteForecast(const std::vector<std::string>& words, Inference& inference) {
  if (inference.task != Task::kRegression || inference.time.value.empty()) return;
  if (!Holds(words, "next") && !Holds(words, "future") && !Holds(words, "tomorrow")) return;
  if (inference.task_choice.runner_up.empty()) inference.task_choice.runner_up = "forecast";
}

// Equal treatment is measured by the columns of the traits that are named.
void ChooseTraits(const SourceProfile& profile, Inference& inference) {
  Criteria& criteria = inference.criteria;
  if (criteria.fairness.empty()) return;
  std::vector<ColumnNote> chosen;
  for (const std::string& trait : criteria.traits) {
    bool any = false;
    for (const ColumnProfile& column : profile.columns) {
      if (column.name == inference.target.value || !TellsTrait(column.name, trait)) continue;
      chosen.push_back({column.name, Format("tells the {} that your sentence names", trait)});
      any = true;
    }
    if (!any)
      criteria.unused.push_back({trait,
                                 "no column is known to tell it: name it under "
                                 "data.sensitive, with a bound under require.fairness"});
  }
  if (criteria.traits.empty()) chosen = inference.sensitive;
  if (!chosen.empty()) {
    for (const ColumnNote& note : inference.sensitive) {
      const bool named = std::any_of(chosen.begin(), chosen.end(), [&](const ColumnNote& each) {
        return each.name == note.name;
      });
      if (!named)
        criteria.unused.push_back({note.name,
                                   "describes a protected trait, too; your "
                                   "sentence does not name it"});
    }
    inference.sensitive = std::move(chosen);
  }
  if (inference.sensitive.empty()) criteria.fairness.clear();
}

}  // namespace

Result<Inference> Infer(std::string_view description, const SourceProfile& profile,
                        const Known& known) {
  MILLRACE_RETURN_IF_ERROR(RefuseOtherTasks(description, profile, known));
  Inference inference;
  const std::vector<std::string> words = WordsOf(description);
  MILLRACE_ASSIGN_OR_RETURN(const ColumnProfile* target,
                            ChooseTarget(WantedWords(words), profile, known, inference));
  MILLRACE_RETURN_IF_ERROR(CheckTarget(*target, profile.num_duplicate_rows));
  if (!known.task) {
    if (const auto other = FindOtherTaskInFeatures(profile, *target)) return RefuseTask(*other);
  }
  ChooseTask(words, *target, known, inference);
  MILLRACE_RETURN_IF_ERROR(CheckTaskFits(inference.task, *target));
  MILLRACE_RETURN_IF_ERROR(ChoosePositive(words, description, *target, known, inference));
  MILLRACE_RETURN_IF_ERROR(NoteText(profile, *target, known, inference));
  MILLRACE_RETURN_IF_ERROR(ChooseRoles(profile, known, inference));
  NoteForecast(words, inference);
  inference.criteria = ReadCriteria(description, inference.task, inference.target.value);
  ChooseTraits(profile, inference);
  return inference;
}

}  // namespace millrace::design
