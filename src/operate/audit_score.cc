#include "operate/audit_score.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "operate/monitor_state.h"
#include "operate/triggers.h"
#include "spec/quantity.h"

namespace millrace::operate {
namespace {

using report::Check;
using report::CheckState;

// What the catalog holds, gathered once.
struct Evidence {
  std::vector<Check> checks;  // of the newest record of each phase
  std::vector<store::AuditEntry> audit;
  std::vector<Window> windows;
  TrainingHistory history;
  std::set<std::string> phases_done;  // of the newest run that went to its end
  std::string newest_run;
  int64_t now_micros = 0;
};

struct Finding {
  std::optional<double> score;
  std::string evidence;
};
Finding NotMeasured() { return {}; }

Result<std::vector<Check>> ChecksOf(const AuditInputs& inputs,
                                    const std::vector<store::RunRow>& runs) {
  std::vector<Check> checks;
  std::set<std::string> seen;
  for (const store::RunRow& run : runs) {
    MILLRACE_ASSIGN_OR_RETURN(const auto phases, inputs.catalog.ListPhases(run.id));
    for (const store::PhaseRow& phase : phases) {
      if (!phase.record || seen.count(phase.phase) != 0) continue;
      const Result<std::string> bytes = inputs.objects.Get(*phase.record);
      if (!bytes.ok()) continue;
      const Result<json::Json> record = json::Parse(*bytes, phase.phase);
      if (!record.ok()) continue;
      const Result<report::Section> section = report::SectionFromJson((*record)["section"]);
      if (!section.ok()) continue;
      seen.insert(phase.phase);
      for (const Check& check : section->checkpoint.checks) checks.push_back(check);
    }
  }
  return checks;
}

Result<Evidence> Gather(const AuditInputs& inputs) {
  Evidence evidence;
  evidence.now_micros = inputs.clock.NowMicros();
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::RunRow> runs, inputs.catalog.ListRuns());
  MILLRACE_ASSIGN_OR_RETURN(evidence.checks, ChecksOf(inputs, runs));
  MILLRACE_ASSIGN_OR_RETURN(evidence.audit, inputs.catalog.ListAudit());
  evidence.history = HistoryOf(runs);
  for (const store::RunRow& run : runs) {
    if (run.status != store::RunStatus::kDone) continue;
    MILLRACE_ASSIGN_OR_RETURN(const auto phases, inputs.catalog.ListPhases(run.id));
    for (const store::PhaseRow& phase : phases) {
      if (phase.status == store::PhaseStatus::kDone || phase.status == store::PhaseStatus::kFound) {
        evidence.phases_done.insert(phase.phase);
      }
    }
    evidence.newest_run = run.id;
    break;
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Json state, inputs.catalog.GetState("operate"));
  for (const json::Json& number : state["closed"].AsArray()) {
    MILLRACE_ASSIGN_OR_RETURN(
        const json::Json stored,
        inputs.catalog.GetState(Format("operate.window.{:08}", number.AsInteger())));
    Result<Window> window = WindowFromJson(stored["window"]);
    if (window.ok()) evidence.windows.push_back(std::move(window).value());
  }
  return evidence;
}

std::vector<const Check*> Matching(const Evidence& evidence,
                                   std::initializer_list<std::string_view> prefixes) {
  std::vector<const Check*> found;
  for (const Check& check : evidence.checks) {
    if (check.state == CheckState::kNotMeasured) continue;
    if (std::ranges::any_of(prefixes, [&](auto prefix) { return check.id.starts_with(prefix); })) {
      found.push_back(&check);
    }
  }
  return found;
}

// Checks that the program makes each time: 1 when all are met, 0.5 with warnings, 0 when one is not
// met; nothing when none was made.
Finding FromChecks(const Evidence& evidence, std::initializer_list<std::string_view> prefixes) {
  const std::vector<const Check*> found = Matching(evidence, prefixes);
  if (found.empty()) return NotMeasured();
  const auto count = [&](CheckState state) {
    return std::ranges::count_if(found, [&](const Check* check) { return check->state == state; });
  };
  const auto unmet = count(CheckState::kNotMet);
  const auto warned = count(CheckState::kWarning);
  std::string text = found.size() == 1 ? found[0]->label : Format("{} checks", found.size());
  if (unmet > 0) text += Format(", {} not met", unmet);
  if (warned > 0) text += Format(", {} with a warning", warned);
  if (found.size() == 1 && !found[0]->evidence.empty()) text += ": " + found[0]->evidence;
  return {unmet > 0 ? 0.0 : warned > 0 ? 0.5 : 1.0, std::move(text)};
}

Finding AtMost(Finding finding, double most) {
  if (finding.score) finding.score = std::min(*finding.score, most);
  return finding;
}

const store::AuditEntry* NewestAction(const Evidence& evidence, std::string_view action) {
  for (auto it = evidence.audit.rbegin(); it != evidence.audit.rend(); ++it) {
    if (it->action == action) return &*it;
  }
  return nullptr;
}

Finding FromAction(const Evidence& evidence, std::string_view action, double score) {
  const store::AuditEntry* entry = NewestAction(evidence, action);
  if (entry == nullptr) return NotMeasured();
  return {score, Format("{} by {}, {}", action, entry->actor, FormatUtc(entry->time_micros))};
}

bool HasRepository(const std::string& folder) {
  for (std::string at = folder;; at = FolderName(at)) {
    if (FileExists(JoinPath(at, ".git"))) return true;
    if (at == "/" || at == "." || at.empty()) return false;
  }
}

using Judge = std::function<Finding(const AuditInputs&, const Evidence&)>;

struct Rule {
  const char* section;
  const char* text;
  const char* fix;
  Judge judge;
};

// A rule that only looks at checks.
Judge Checks(std::initializer_list<std::string_view> prefixes, double most = 1.0) {
  return [kept = std::vector<std::string_view>(prefixes), most](const AuditInputs&,
                                                                const Evidence& evidence) {
    Finding all;
    for (const std::string_view prefix : kept) {
      Finding one = FromChecks(evidence, {prefix});
      if (!one.score) continue;
      all.score = all.score ? std::min(*all.score, *one.score) : *one.score;
      all.evidence += (all.evidence.empty() ? "" : "; ") + one.evidence;
    }
    return AtMost(std::move(all), most);
  };
}

Finding MetaLevel(const AuditInputs& inputs, const Evidence& evidence) {
  const size_t named = inputs.spec.data.sensitive.size() + inputs.spec.data.exclude.size();
  if (named == 0 || evidence.phases_done.count("data") == 0) return NotMeasured();
  return {1.0, Format("{} sensitive and {} excluded columns of millrace.yaml are no features",
                      inputs.spec.data.sensitive.size(), inputs.spec.data.exclude.size())};
}

Finding NewFeatures(const AuditInputs& inputs, const Evidence& evidence) {
  if (inputs.spec.features.add.empty() || evidence.phases_done.count("develop") == 0) {
    return NotMeasured();
  }
  return {1.0, Format("{} features are expressions in millrace.yaml, in training and serving alike",
                      inputs.spec.features.add.size())};
}

Finding SpecCheckedIn(const AuditInputs& inputs, const Evidence& evidence) {
  if (evidence.newest_run.empty() || !HasRepository(inputs.project.folder())) return NotMeasured();
  return {0.5, Format("run {} recorded the specification by its digest; the project lies in a "
                      "repository",
                      evidence.newest_run)};
}

int64_t NumMeasuredWindows(const Evidence& evidence) {
  return std::ranges::count_if(evidence.windows,
                               [](const Window& window) { return window.performance.has_value(); });
}

Finding OfflineOnline(const AuditInputs&, const Evidence& evidence) {
  const auto windows = NumMeasuredWindows(evidence);
  if (windows == 0) return NotMeasured();
  return {0.5, Format("the same metric in {} windows of production and on the test rows", windows)};
}

Finding Staleness(const AuditInputs&, const Evidence& evidence) {
  constexpr int64_t kEnough = 10;
  const auto windows = NumMeasuredWindows(evidence);
  if (windows < kEnough) return NotMeasured();
  return {0.5, Format("{} windows show how the metric goes with the age of the model", windows)};
}

Finding WholePipeline(const AuditInputs&, const Evidence& evidence) {
  if (evidence.phases_done.size() < 6) return NotMeasured();
  return {1.0, Format("run {} went through all six phases", evidence.newest_run)};
}

Finding QualityBeforeServing(const AuditInputs&, const Evidence& evidence) {
  const Finding gates = FromChecks(evidence, {"gate.", "fairness."});
  if (gates.score) return gates;
  return AtMost(FromChecks(evidence, {"evaluate.better_than_baseline"}), 0.5);
}

Finding Canary(const AuditInputs&, const Evidence& evidence) {
  const Finding experiment = FromAction(evidence, "experiment.start", 1.0);
  return experiment.score ? experiment
                          : AtMost(FromChecks(evidence, {"deploy.staging_ready"}), 0.5);
}

Finding Reproducible(const AuditInputs&, const Evidence& evidence) {
  const store::AuditEntry* entry = NewestAction(evidence, "replay");
  if (entry == nullptr) return NotMeasured();
  const Result<json::Json> detail = json::Parse(entry->detail, "audit");
  const bool equal = detail.ok() && (*detail)["equal"].AsBool();
  return {equal ? 1.0 : 0.0, Format("replay {}: {}", FormatUtc(entry->time_micros),
                                    equal ? "the bundle is equal byte by byte" : "bundles differ")};
}

Finding RolledBack(const AuditInputs&, const Evidence& evidence) {
  return FromAction(evidence, "rollback", 1.0);
}

Finding NotStale(const AuditInputs& inputs, const Evidence& evidence) {
  const spec::RetrainPlan& plan = inputs.spec.retrain;
  const bool scheduled =
      std::ranges::find(plan.on, spec::RetrainTrigger::kSchedule) != plan.on.end();
  if (!scheduled || !evidence.history.last_trained_micros) return NotMeasured();
  const double age =
      static_cast<double>(evidence.now_micros - *evidence.history.last_trained_micros) * 1e-6;
  return {age <= plan.every_seconds ? 1.0 : 0.0,
          Format("the model is {} old, every {}", FormatDuration(age),
                 spec::DurationText(plan.every_seconds))};
}

// Watching is what is asked for: an alarm is a success of the monitor.
Finding Watched(const Evidence& evidence, std::string_view id) {
  const std::vector<const Check*> found = Matching(evidence, {id});
  if (found.empty()) return NotMeasured();
  return {1.0, Format("{}: {}", found[0]->label, found[0]->evidence)};
}

Finding ServedQuality(const AuditInputs&, const Evidence& evidence) {
  const auto windows = NumMeasuredWindows(evidence);
  if (windows == 0) return NotMeasured();
  return {1.0, Format("{} windows with labels, each with its interval and an alarm", windows)};
}

Finding InvariantsWatched(const AuditInputs&, const Evidence& evidence) {
  const Finding drift = Watched(evidence, "operate.drift");
  return drift.score ? drift : AtMost(FromChecks(evidence, {"operate.monitors"}), 0.5);
}

std::vector<Rule> Rules() {
  return {
      {"data", "Feature expectations are captured in a schema",
       "write data.checks in millrace.yaml", Checks({"data.invalid_cells", "data.check."})},
      {"data", "All features are beneficial", "look at the importance of features in the report",
       Checks({"evaluate.importance"})},
      {"data", "No feature's cost is too much", "no measure of the cost of a feature yet",
       Checks({"evaluate.feature_cost"})},
      {"data", "Features adhere to meta-level requirements",
       "name sensitive and excluded columns in millrace.yaml", MetaLevel},
      {"data", "The data pipeline has privacy controls", "no measure of privacy controls yet",
       Checks({"data.privacy"})},
      {"data", "New features can be added quickly", "add one under features.add", NewFeatures},
      {"data", "All input feature code is tested", "millrace run",
       Checks({"edge.", "deploy.golden_rows"})},
      {"model", "Model specs are reviewed and submitted",
       "keep millrace.yaml in a repository; reviews leave no trace here", SpecCheckedIn},
      {"model", "Offline and online metrics correlate", "send labels to /v1/feedback",
       OfflineOnline},
      {"model", "All hyperparameters have been tuned", "millrace run",
       Checks({"develop.candidates"})},
      {"model", "The impact of model staleness is known", "send labels: ten windows with figures",
       Staleness},
      {"model", "A simpler model is not better", "millrace run",
       Checks({"evaluate.better_than_baseline"})},
      {"model", "Model quality is sufficient on important slices",
       "no gate on slices yet; the report shows the worst ones", Checks({"slice."})},
      {"model", "The model is tested for considerations of inclusion",
       "name data.sensitive and require.fairness", Checks({"fairness."})},
      {"infrastructure", "Training is reproducible", "millrace replay", Reproducible},
      {"infrastructure", "Model specs are unit tested",
       "no measure of tests of a specification yet", Checks({"spec."})},
      {"infrastructure", "The ML pipeline is integration tested", "millrace run", WholePipeline},
      {"infrastructure", "Model quality is validated before serving",
       "write require in millrace.yaml", QualityBeforeServing},
      {"infrastructure", "The model is debuggable step by step on one example",
       "no trace of one example yet", Checks({"evaluate.trace"})},
      {"infrastructure", "Models are canaried before serving", "millrace experiment start --canary",
       Canary},
      {"infrastructure", "Serving models can be rolled back", "rehearse it: millrace rollback",
       RolledBack},
      {"monitor", "Dependency changes result in notification", "no watch over sources yet",
       Checks({"operate.sources"})},
      {"monitor", "Data invariants hold for inputs", "serve requests until a window closes",
       InvariantsWatched},
      {"monitor", "Training and serving are not skewed", "millrace deploy",
       Checks({"deploy.golden_rows"})},
      {"monitor", "Models are not too stale", "retrain on a schedule: retrain.on", NotStale},
      {"monitor", "Models are numerically stable", "millrace run", Checks({"edge."})},
      {"monitor", "Computing performance has not regressed", "write require.latency_p99",
       Checks({"gate.latency"}, 0.5)},
      {"monitor", "Prediction quality has not regressed on served data",
       "send labels to /v1/feedback", ServedQuality}};
}

// Bands of the paper, table V.
std::string BandOf(double score) {
  if (score <= 0.0) return "more of a research project than a productionised system";
  if (score <= 1.0) return "not totally untested, but there may be serious holes in reliability";
  if (score <= 2.0) return "a first pass at productionisation; more investment may be needed";
  if (score <= 3.0) return "reasonably tested; more tests and procedures may be automated";
  if (score <= 5.0) return "strong level of automated testing and monitoring";
  return "exceptional level of automated testing and monitoring";
}

}  // namespace

Result<AuditScore> ScoreAudit(const AuditInputs& inputs) {
  MILLRACE_ASSIGN_OR_RETURN(const Evidence evidence, Gather(inputs));
  AuditScore out;
  for (const Rule& rule : Rules()) {
    if (out.sections.empty() || out.sections.back().name != rule.section) {
      out.sections.push_back({.name = rule.section});
    }
    AuditSection& section = out.sections.back();
    Finding finding = rule.judge(inputs, evidence);
    ++section.num_tests;
    section.sum += finding.score.value_or(0.0);
    section.num_measured += finding.score ? 1 : 0;
    out.tests.push_back({.id = Format("{}.{}", rule.section, section.num_tests),
                         .text = rule.text,
                         .score = finding.score,
                         .evidence = std::move(finding.evidence),
                         .fix = finding.score == 1.0 ? "" : rule.fix});
  }
  out.score = std::ranges::min_element(out.sections, {}, &AuditSection::sum)->sum;
  out.band = BandOf(out.score);
  return out;
}

json::Json ToJson(const AuditScore& score) {
  json::Json tests = json::Json::MakeArray();
  for (const AuditTest& test : score.tests) {
    tests.Append(json::Json::Of({{"id", test.id},
                                 {"text", test.text},
                                 {"score", test.score ? json::Json(*test.score) : json::Json()},
                                 {"evidence", test.evidence},
                                 {"fix", test.fix}}));
  }
  json::Json sections = json::Json::MakeArray();
  for (const AuditSection& section : score.sections) {
    sections.Append(json::Json::Of({{"name", section.name},
                                    {"sum", section.sum},
                                    {"measured", section.num_measured},
                                    {"tests", section.num_tests}}));
  }
  return json::Json::Of({{"score", score.score},
                         {"band", score.band},
                         {"sections", std::move(sections)},
                         {"tests", std::move(tests)}});
}

report::DataTable AuditTable(const AuditScore& score) {
  report::DataTable table;
  table.title = Format("ML Test Score {}: {}", FormatSignificant(score.score, 2), score.band);
  table.columns = {"test", "", "score", "evidence", "what to do"};
  table.numeric = {false, false, true, false, false};
  for (const AuditTest& test : score.tests) {
    table.rows.push_back({test.id, test.text,
                          test.score ? FormatSignificant(*test.score, 2) : "not measured",
                          test.evidence, test.fix});
  }
  return table;
}

}  // namespace millrace::operate
