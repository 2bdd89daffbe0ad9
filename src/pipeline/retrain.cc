// Retrain: a challenger from today's data against the champion in production.

#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "engine/engine.h"
#include "metric/bootstrap.h"
#include "operate/compare.h"
#include "pipeline/champion.h"
#include "pipeline/run.h"
#include "pipeline/run_driver.h"

namespace millrace::pipeline {
namespace {

using json::Json;

std::optional<uint64_t> SaltOf(const std::optional<Champion>& champion) {
  if (!champion) return std::nullopt;
  const Json& salt = champion->bundle->provenance()["data"]["split_salt"];
  if (!salt.is_integer()) return std::nullopt;
  return static_cast<uint64_t>(salt.AsInteger());
}

Result<operate::Comparison> CompareWith(const Workspace& workspace, const Champion& champion,
                                        PhaseContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::shared_ptr<const bundle::Bundle> challenger,
      bundle::Bundle::Open(workspace.objects.PathOf(context.evaluate->bundle_object)));
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine,
                            engine::MakeDuckDbEngine({.num_threads = context.num_threads}));
  MILLRACE_ASSIGN_OR_RETURN(const table::Table rows,
                            CommonHeldOutRows(workspace, *engine, champion, *context.data,
                                              *challenger, context.spec.data.id));
  return operate::Compare({.champion = *champion.bundle,
                           .challenger = *challenger,
                           .rows = rows,
                           .metric = context.evaluate->primary_metric,
                           .seed = static_cast<uint64_t>(context.spec.split.seed),
                           .num_threads = context.num_threads});
}

report::Section SectionOf(const operate::Comparison& comparison, const Champion& champion,
                          const PhaseContext& context) {
  report::Section section;
  section.phase = 6;
  section.title = "Retraining";
  section.checkpoint = {.phase = 6, .percent = 100, .title = "challenger compared", .checks = {}};
  section.checkpoint.checks.push_back(
      {.id = "retrain.no_worse",
       .label = "challenger no worse",
       .state = comparison.acceptable() ? report::CheckState::kMet : report::CheckState::kNotMet,
       .blocks = false,
       .value = comparison.difference.value,
       .low = comparison.difference.low,
       .high = comparison.difference.high,
       .unit = comparison.metric,
       .requirement = Format("> -{}", FormatSignificant(comparison.margin, 3)),
       .evidence = comparison.reason,
       .fix = "the champion stays",
       .source = ""});
  report::DotChart dots;
  dots.title = "Champion against challenger";
  dots.axis = Format("{}, {} rows that neither was trained on", comparison.metric,
                     FormatCount(comparison.num_rows));
  const auto item = [](std::string label, const metric::Interval& value, const Digest& bundle) {
    return report::DotItem{.label = std::move(label),
                           .value = value.value,
                           .low = value.low,
                           .high = value.high,
                           .note = bundle.Short()};
  };
  dots.items.push_back(item("champion", comparison.champion, champion.bundle->digest()));
  dots.items.push_back(item("challenger", comparison.challenger, context.evaluate->bundle));
  section.blocks.emplace_back(std::move(dots));
  return section;
}

// Says why the challenger may not be promoted; empty when it may.
std::string Obstacle(const RetrainOptions& options, const spec::Spec& spec) {
  if (!options.promote) return "compared only, as asked";
  if (spec.retrain.approve == spec::Approval::kManual) {
    return "waits for approval (retrain.approve: manual); `millrace promote` does it";
  }
  return "";
}

Status AuditOutcome(store::Catalog& catalog, const RetrainOptions& options,
                    const RetrainOutcome& outcome) {
  Json detail = Json::Of({{"run", outcome.run_id},
                          {"trigger", options.reason},
                          {"challenger", outcome.challenger.ToHex()},
                          {"metric", outcome.metric},
                          {"difference", outcome.difference},
                          {"low", outcome.low},
                          {"high", outcome.high},
                          {"rows", outcome.num_rows},
                          {"promoted", outcome.promoted},
                          {"reason", outcome.reason}});
  if (outcome.champion) detail.Set("champion", outcome.champion->ToHex());
  return catalog.AppendAudit("millrace retrain", "retrain", detail).status();
}

// Compares and, where it may, promotes; what came out is noted in `outcome`.
class Contest {
 public:
  Contest(Workspace& workspace, const RetrainOptions& options,
          const std::optional<Champion>& champion, RunDriver& driver)
      : workspace_(workspace), options_(options), champion_(champion), driver_(driver) {
    if (champion_) outcome_.champion = champion_->bundle->digest();
  }

  Status Decide() {
    PhaseContext& context = driver_.context();
    outcome_.challenger = context.evaluate->bundle;
    outcome_.metric = context.evaluate->primary_metric;
    if (champion_ && outcome_.challenger == *outcome_.champion) {
      outcome_.reason = "data and program are those of the champion: the same bundle came out";
      context.comparison = outcome_.reason;
      return {};
    }
    std::optional<report::Section> section;
    bool acceptable = true;
    outcome_.reason = "every requirement is met, and nothing is in production yet";
    if (champion_) {
      MILLRACE_ASSIGN_OR_RETURN(const operate::Comparison comparison,
                                CompareWith(workspace_, *champion_, context));
      Note(comparison);
      acceptable = comparison.acceptable();
      section = SectionOf(comparison, *champion_, context);
    }
    context.comparison = outcome_.reason;
    const Status status = acceptable ? Promote() : Status();
    if (section) driver_.AddSection(std::move(*section));
    return status;
  }

  /// What is known when a gate was not met.
  void NoteGate(const Status& gate) {
    if (driver_.context().evaluate) outcome_.challenger = driver_.context().evaluate->bundle;
    outcome_.reason = gate.message();
  }

  RetrainOutcome& outcome() { return outcome_; }

 private:
  void Note(const operate::Comparison& comparison) {
    outcome_.metric = comparison.metric;
    outcome_.difference = comparison.difference.value;
    outcome_.low = comparison.difference.low;
    outcome_.high = comparison.difference.high;
    outcome_.num_rows = comparison.num_rows;
    outcome_.reason = comparison.reason;
  }

  Status Promote() {
    const std::string obstacle = Obstacle(options_, driver_.context().spec);
    if (!obstacle.empty()) {
      outcome_.reason += "; " + obstacle;
      return {};
    }
    std::vector<std::unique_ptr<PhaseStep>> steps =
        ReconcilingSteps(workspace_, {.actor = "millrace retrain",
                                      .kind = "retrain",
                                      .server_program = options_.server_program});
    steps.resize(1);  // deployment; monitoring goes on by itself
    MILLRACE_RETURN_IF_ERROR(driver_.Drive(steps));
    outcome_.promoted = true;
    return {};
  }

  Workspace& workspace_;
  const RetrainOptions& options_;
  const std::optional<Champion>& champion_;
  RunDriver& driver_;
  RetrainOutcome outcome_;
};

}  // namespace

Result<RetrainOutcome> RunRetrain(const std::string& project_folder, const spec::Spec& spec,
                                  const RetrainOptions& options, Clock& clock,
                                  RunObserver& observer) {
  MILLRACE_ASSIGN_OR_RETURN(Workspace workspace, OpenWorkspace(project_folder, clock));
  MILLRACE_ASSIGN_OR_RETURN(const store::ProjectLock lock,
                            store::ProjectLock::Take(workspace.project, "millrace retrain"));
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<Champion> champion, FindChampion(workspace));
  RunDriver driver({.workspace = workspace,
                    .spec = spec,
                    .options = {.last_phase = 5,
                                .budget_seconds = options.budget_seconds,
                                .num_threads = options.num_threads,
                                .actor = "millrace retrain",
                                .kind = "retrain"},
                    .previous_salt = SaltOf(champion),
                    .clock = clock,
                    .observer = observer});
  MILLRACE_RETURN_IF_ERROR(driver.Start());
  Contest contest(workspace, options, champion, driver);
  Status end = driver.Drive(BuildingSteps());
  if (end.ok()) end = contest.Decide();
  RetrainOutcome& outcome = contest.outcome();
  outcome.run_id = driver.run_id();
  if (end.code() == Code::kGateNotMet) contest.NoteGate(end);
  MILLRACE_ASSIGN_OR_RETURN(const RunOutcome run, driver.Finish(end));
  outcome.report_path = run.report_path;
  outcome.url = run.url;
  MILLRACE_RETURN_IF_ERROR(AuditOutcome(*workspace.catalog, options, outcome));
  return outcome;
}

}  // namespace millrace::pipeline
