#include "design/new_project.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "design/column_plan.h"
#include "design/feasibility.h"
#include "design/later_columns.h"
#include "design/notable_readings.h"
#include "design/problem_type.h"
#include "design/project_facts.h"
#include "design/quick_probe.h"
#include "design/source_facts.h"
#include "design/table_sample.h"
#include "design/target_leaks.h"
#include "metric/metric.h"
#include "spec/locator.h"
#include "spec/validate.h"
#include "spec/write.h"

namespace millrace::design {
namespace {

using table::Task;

constexpr std::string_view kSpecFile = "millrace.yaml";

std::vector<std::string> ColumnNames(const profile::SourceProfile& profile) {
  std::vector<std::string> names;
  for (const profile::ColumnProfile& column : profile.columns) names.push_back(column.name);
  return names;
}

Status CheckAnswer(const OpenQuestion& question, const std::string& answer,
                   const profile::SourceProfile& profile) {
  const std::vector<std::string> known =
      question.key == "target" ? ColumnNames(profile) : question.choices;
  if (known.empty() || std::find(known.begin(), known.end(), answer) != known.end()) return {};
  return InvalidSpec(Format("{}: not one of the choices: \"{}\"", question.key, answer))
      .WithHint(DidYouMean(answer, known));
}

Status FixAnswer(const OpenQuestion& question, const std::string& answer, Known& known) {
  if (question.key == "target") {
    known.target = answer;
  } else if (question.key == "positive") {
    known.positive = answer;
  } else if (question.key == "id") {
    known.id = answer;
  } else {
    known.task = table::TaskFromName(answer);
    if (!known.task) return InvalidSpec(Format("task: no such task: \"{}\"", answer));
  }
  return {};
}

// Infers, and settles what is open: by the person, by the best guess, or not at all.
Status Settle(const NewProjectInputs& inputs, NewProject& project) {
  Known known = inputs.known;
  constexpr int kMostQuestions = 8;  // each answer fixes one thing, so this many are never asked
  for (int asked = 0; asked < kMostQuestions; ++asked) {
    MILLRACE_ASSIGN_OR_RETURN(project.inference, Infer(inputs.description, project.profile, known));
    if (project.inference.questions.empty()) return {};
    const OpenQuestion question = project.inference.questions.front();
    const bool can_ask = inputs.unanswered == Unanswered::kAsk && inputs.ask != nullptr;
    if (!can_ask && inputs.unanswered != Unanswered::kGuess) {
      return InvalidSpec(Format("{}: your sentence leaves it open; most likely \"{}\"",
                                question.key, question.best_guess))
          .WithHint(Format("say {} {}", question.flag, question.best_guess));
    }
    std::string answer = question.best_guess;
    if (can_ask) {
      MILLRACE_ASSIGN_OR_RETURN(answer, inputs.ask(question));
      MILLRACE_RETURN_IF_ERROR(CheckAnswer(question, answer, project.profile));
    } else {
      project.guessed.push_back(question);
    }
    MILLRACE_RETURN_IF_ERROR(FixAnswer(question, answer, known));
  }
  return Internal("new project: questions do not end");
}

// "as you said" is not true of a guess.
void NoteGuesses(NewProject& project) {
  for (const OpenQuestion& question : project.guessed) {
    constexpr std::string_view kGuess = "the best guess: your sentence leaves it open";
    if (question.key == "target") project.inference.target.reason = kGuess;
    if (question.key == "positive") project.inference.positive.reason = kGuess;
  }
}

std::string ListNotes(const std::vector<ColumnNote>& notes) {
  std::vector<std::string> parts;
  for (const ColumnNote& note : notes) parts.push_back(Format("{}: {}", note.name, note.reason));
  return Join(parts, "; ");
}

void FillProblem(const NewProjectInputs& inputs, NewProject& project) {
  const Inference& found = project.inference;
  spec::Problem& problem = project.spec.problem;
  problem.description = inputs.description;
  problem.task = found.task;
  problem.target = found.target.value;
  project.reasons["problem.task"] = found.task_choice.reason;
  project.reasons["problem.target"] = found.target.reason;
  if (!found.positive.value.empty()) {
    problem.positive = found.positive.value;
    project.reasons["problem.positive"] = found.positive.reason;
  }
}

void FillData(const NewProjectInputs& inputs, NewProject& project) {
  const Inference& found = project.inference;
  spec::DataSource& data = project.spec.data;
  for (const std::string& path : inputs.data) {
    data.paths.push_back(SpecPathOf(path, inputs.working_folder, inputs.project_folder));
  }
  if (inputs.source.delimiter.size() == 1) data.delimiter = inputs.source.delimiter[0];
  if (!inputs.source.header.empty()) data.header = inputs.source.header;
  const auto set = [&](std::string_view key, const Choice& choice,
                       std::optional<std::string>& column) {
    if (choice.value.empty()) return;
    column = choice.value;
    project.reasons[Format("data.{}", key)] = choice.reason;
  };
  set("id", found.id, data.id);
  set("time", found.time, data.time);
  set("group", found.group, data.group);
  for (const ColumnNote& note : found.exclude) data.exclude.push_back(note.name);
  for (const ColumnNote& note : found.sensitive) data.sensitive.push_back(note.name);
  if (!found.exclude.empty()) project.reasons["data.exclude"] = ListNotes(found.exclude);
  if (!found.sensitive.empty()) {
    project.reasons["data.sensitive"] = "protected traits: results are compared by group";
  }
  std::vector<std::string> skipped = data.exclude;
  if (found.task != Task::kRegression) skipped.push_back(found.target.value);
  for (NotableReading& reading : NotableReadings(project.profile, skipped)) {
    project.reasons[Format("data.columns.{}", reading.rules.name)] = reading.reason;
    data.columns.push_back(std::move(reading.rules));
  }
}

void FillCriteria(NewProject& project) {
  const Criteria& criteria = project.inference.criteria;
  spec::Requirements& require = project.spec.require;
  for (const SentenceGate& each : criteria.gates) {
    require.gates.push_back(each.gate);
    project.reasons[Format("require.{}", each.gate.metric)] = each.reason;
  }
  for (const SentenceGate& each : criteria.fairness) {
    require.fairness.push_back(each.gate);
    project.reasons[Format("require.fairness.{}", each.gate.metric)] = each.reason;
  }
  if (criteria.value) {
    project.spec.problem.value = criteria.value;
    project.reasons["problem.value"] = criteria.value_reason;
  }
}

void FillRest(const NewProjectInputs& inputs, NewProject& project) {
  const Task task = project.inference.task;
  project.reasons["develop.metric"] =
      Format("{}, usual for this task", metric::DefaultMetric(task));
  project.reasons["develop.budget.time"] = "of model development";
  if (inputs.budget_seconds) {
    project.spec.develop.budget.time_seconds = *inputs.budget_seconds;
    project.reasons["develop.budget.time"] = "as you said";
  }
  project.reasons["split.kind"] =
      project.spec.data.time    ? "by time, as there is a time column: later rows are held out"
      : project.spec.data.group ? "by group: its rows stay together"
                                : "stratified: no time or group column";
  FillCriteria(project);
}

// A gate on how well the model ranks or fits; recall alone is met by saying yes to everything.
bool HasQualityGate(const spec::Requirements& require) {
  constexpr std::string_view kCheap[] = {"recall",      "precision",  "latency_p50",
                                         "latency_p99", "throughput", "model_size"};
  return std::any_of(require.gates.begin(), require.gates.end(), [&](const spec::Gate& gate) {
    return std::find(std::begin(kCheap), std::end(kCheap), gate.metric) == std::end(kCheap);
  });
}

// Columns that tell the target are left out: phase 2 would take no sum for a leak. A sensitive one
// stays sensitive: results are compared by its groups, as the sentence may demand.
void ExcludeLeaks(const table::Table& sample, NewProject& project) {
  const std::vector<ColumnPlan> plans =
      PlanColumns(project.spec, project.profile, project.inference.task);
  const std::vector<std::string> features = FeaturesOf(plans);
  std::vector<ColumnNote> leaks =
      FindTargetLeaks(sample, project.inference.target.value, project.inference.task, features);
  if (leaks.size() >= features.size()) return;  // nothing else would be left
  for (ColumnNote& leak : leaks) {
    if (project.spec.data.time == leak.name) continue;
    project.spec.data.exclude.push_back(leak.name);
    project.inference.exclude.push_back(std::move(leak));
  }
  if (!project.inference.exclude.empty()) {
    project.reasons["data.exclude"] = ListNotes(project.inference.exclude);
  }
}

// Whether a column that looks late is known in time: asked on a terminal, else the guess.
Result<bool> IsKnownInTime(const NewProjectInputs& inputs, const LaterColumn& column,
                           const profile::SourceProfile& profile) {
  const bool guess = column.evidence == LaterEvidence::kPossible;
  const bool can_ask = inputs.unanswered == Unanswered::kAsk && inputs.ask != nullptr;
  if (column.evidence == LaterEvidence::kShown || !can_ask) return guess;
  const OpenQuestion question{
      "not_at_prediction",
      Format("Is {} known when a prediction is made? ({})", column.name, column.reason),
      {guess ? "yes" : "no", guess ? "no" : "yes"},
      guess ? "yes" : "no",
      "--not-at-prediction"};
  MILLRACE_ASSIGN_OR_RETURN(const std::string answer, inputs.ask(question));
  MILLRACE_RETURN_IF_ERROR(CheckAnswer(question, answer, profile));
  return answer == "yes";
}

// Columns that are known too late are left out of the features.
Status LeaveOutLater(const NewProjectInputs& inputs, const table::Table& sample,
                     NewProject& project) {
  Inference& found = project.inference;
  spec::DataSource& data = project.spec.data;
  if (inputs.known.not_at_prediction) {
    for (const std::string& name : *inputs.known.not_at_prediction) {
      if (project.profile.Find(name) == nullptr) {
        return InvalidSpec(Format("not-at-prediction: no such column: \"{}\"", name))
            .WithHint(DidYouMean(name, ColumnNames(project.profile)));
      }
      found.not_at_prediction.push_back({name, "as you said"});
    }
  } else {
    const std::vector<std::string> features =
        FeaturesOf(PlanColumns(project.spec, project.profile, found.task));
    const std::vector<LaterColumn> later = FindLaterColumns({.rows = sample,
                                                             .target = found.target.value,
                                                             .task = found.task,
                                                             .time = found.time.value,
                                                             .features = features});
    if (later.size() >= features.size()) return {};  // nothing else would be left
    for (const LaterColumn& column : later) {
      MILLRACE_ASSIGN_OR_RETURN(const bool in_time, IsKnownInTime(inputs, column, project.profile));
      (in_time ? project.maybe_later : found.not_at_prediction)
          .push_back({column.name, column.reason});
    }
  }
  for (const ColumnNote& note : found.not_at_prediction) {
    data.not_at_prediction.push_back(note.name);
  }
  if (!found.not_at_prediction.empty()) {
    project.reasons["data.not_at_prediction"] = ListNotes(found.not_at_prediction);
  }
  return {};
}

// Says beside each demand what a probe reaches.
void JudgeDemands(const QuickProbe& probe, NewProject& project) {
  for (const Feasibility& word :
       JudgeGates(probe, project.inference.task, project.spec.require.gates)) {
    if (word.text.empty()) continue;
    project.reasons[Format("require.{}", word.metric)] += "; " + word.text;
  }
}

// Why no gate is proposed is a reason, no failure.
void ProposeGates(const NewProjectInputs& inputs, const table::Table& sample, NewProject& project) {
  const spec::Spec& spec = project.spec;
  const auto probe = RunQuickProbe(
      {.engine = inputs.engine,
       .rows = sample,
       .features = FeaturesOf(PlanColumns(spec, project.profile, project.inference.task)),
       .target = project.inference.target.value,
       .task = project.inference.task,
       .positive = project.inference.positive.value,
       .time = spec.data.time.value_or(""),
       .group = spec.data.group.value_or(""),
       .seed = static_cast<uint64_t>(spec.split.seed),
       .num_threads = inputs.num_threads});
  const bool has_gate = HasQualityGate(spec.require);
  if (probe.ok()) JudgeDemands(*probe, project);
  if (has_gate) return;
  if (!probe.ok()) {
    project.reasons["require"] = Format("no gate is proposed: {}", probe.status().message());
    return;
  }
  const auto held_out =
      static_cast<int64_t>(spec.split.test * static_cast<double>(project.profile.num_rows));
  const auto proposal = ProposeGate(*probe, held_out);
  if (!proposal) {
    project.reasons["require"] =
        Format("no gate is proposed: a quick probe reaches {} {} [{}, {}], a constant answer {}",
               probe->metric, FormatFixed(probe->score.value, 2), FormatFixed(probe->score.low, 2),
               FormatFixed(probe->score.high, 2), FormatFixed(probe->baseline, 2));
    return;
  }
  project.spec.require.gates.push_back(proposal->gate);
  project.reasons[Format("require.{}", proposal->gate.metric)] = proposal->reason;
}

// A folder without rows may be one of images, which says more.
Result<engine::Source> OpenRows(const NewProjectInputs& inputs) {
  auto source = engine::OpenSource(inputs.engine, inputs.working_folder, inputs.data, inputs.source,
                                   "new_source");
  if (!source.ok()) {
    MILLRACE_RETURN_IF_ERROR(RefuseImageFolders(inputs.working_folder, inputs.data));
  }
  return source;
}

}  // namespace

Result<NewProject> MakeNewProject(const NewProjectInputs& inputs) {
  const auto progress = [&inputs](double share, std::string step) {
    inputs.progress.Report({.phase = 1, .share = share, .step = std::move(step)});
  };
  if (inputs.data.empty()) {
    return InvalidSpec("data: no file is named").WithHint("say --data FILE");
  }
  NewProject project;
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source, OpenRows(inputs));
  MILLRACE_ASSIGN_OR_RETURN(project.profile, profile::ProfileSource(inputs.engine, source, {}));
  progress(0.5, Format("{} columns profiled", project.profile.columns.size()));
  project.forms = source.found;
  MILLRACE_ASSIGN_OR_RETURN(project.rejected, engine::RejectedRows(inputs.engine, source));
  MILLRACE_RETURN_IF_ERROR(Settle(inputs, project));
  NoteGuesses(project);
  FillProblem(inputs, project);
  FillData(inputs, project);
  FillRest(inputs, project);

  MILLRACE_ASSIGN_OR_RETURN(
      const table::Schema schema,
      SampleSchema(project.profile, project.inference.target.value, project.inference.task));
  const auto num_columns = static_cast<int64_t>(project.profile.columns.size());
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table sample,
      ReadSample(inputs.engine, source, schema, project.profile.num_rows, ProbeRows(num_columns)));
  ExcludeLeaks(sample, project);
  MILLRACE_RETURN_IF_ERROR(LeaveOutLater(inputs, sample, project));
  progress(0.7, "columns that tell the target looked for");
  ProposeGates(inputs, sample, project);
  progress(1.0, "gates proposed");
  MILLRACE_RETURN_IF_ERROR(spec::Validate(project.spec));
  project.freshness = FreshnessFact(project.profile, project.inference.time.value, source);
  project.headline = HeadlineOf(source, project.profile);
  project.facts = FactsOf(project);
  return project;
}

json::Json ToJson(const NewProject& project) {
  json::Json facts = json::Json::MakeArray();
  for (const report::Fact& fact : project.facts.facts) {
    facts.Append(
        json::Json::Of({{"name", fact.name}, {"value", fact.value}, {"reason", fact.reason}}));
  }
  json::Json unused = json::Json::MakeArray();
  for (const UnusedDemand& each : project.inference.criteria.unused) {
    unused.Append(json::Json::Of({{"words", each.words}, {"reason", each.reason}}));
  }
  json::Json guessed = json::Json::MakeArray();
  for (const OpenQuestion& question : project.guessed) {
    guessed.Append(json::Json::Of({{"key", question.key},
                                   {"question", question.question},
                                   {"guess", question.best_guess},
                                   {"choices", json::Json::ArrayOf(question.choices)},
                                   {"flag", question.flag}}));
  }
  return json::Json::Of({{"headline", project.headline},
                         {"task", table::TaskName(project.inference.task)},
                         {"target", project.inference.target.value},
                         {"positive", project.inference.positive.value},
                         {"rows", project.profile.num_rows},
                         {"columns", static_cast<int64_t>(project.profile.columns.size())},
                         {"facts", std::move(facts)},
                         {"unused", std::move(unused)},
                         {"guessed", std::move(guessed)}});
}

Result<std::string> WriteProject(const NewProject& project, const std::string& folder,
                                 IfExists if_exists) {
  const std::string path = JoinPath(folder, kSpecFile);
  if (if_exists == IfExists::kRefuse && FileExists(path)) {
    return InvalidSpec(Format("{}: exists", path))
        .WithHint("name another folder, or replace it with --force");
  }
  MILLRACE_RETURN_IF_ERROR(MakeFolders(folder));
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(path, spec::WriteSpec(project.spec, project.reasons)));
  return path;
}

std::string SpecPathOf(const std::string& path, const std::string& working_folder,
                       const std::string& project_folder) {
  const std::string absolute = spec::LocatorFrom(working_folder, path);
  std::string inside = AbsolutePath(project_folder);
  if (!inside.ends_with('/')) inside += '/';
  Result<spec::Locator> locator = spec::ParseLocator(absolute);
  if (!locator.ok() || !locator->place.starts_with(inside)) return absolute;
  locator->place = locator->place.substr(inside.size());
  return spec::WriteLocator(*locator);
}

}  // namespace millrace::design
