// A phase as the pipeline sees it: a key over its inputs, work that leaves a record, and what the
// catalog remembers of that record. Internal to the folder.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/progress.h"
#include "base/result.h"
#include "data/data_phase.h"
#include "deploy/deploy_phase.h"
#include "design/design_phase.h"
#include "develop/develop_phase.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "evaluate/evaluate_phase.h"
#include "json/value.h"
#include "operate/operate_phase.h"
#include "pipeline/run.h"
#include "pipeline/sources.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/catalog.h"
#include "store/object_store.h"

namespace millrace::pipeline {

/// What the phases share: fixed inputs, and the records of those that are done. All borrowed.
struct PhaseContext {
  const spec::Spec& spec;
  std::string project_folder;  // relative source paths start from here
  std::string staging_folder;  // of sources, shared by the phases; empty: each opens them anew
  const store::ObjectStore& objects;
  Clock& clock;
  ProgressSink& progress;
  std::vector<SourceContent> sources = {};
  /// The rows of an append-only source; nothing: phases 1 and 2 read the files.
  std::optional<engine::KeptCells> kept = std::nullopt;
  int num_threads = 1;
  data::HoldOut hold_out = data::HoldOut::kTest;
  std::optional<double> budget_seconds = std::nullopt;  // of development
  int64_t rows_scored_after = 0;  // by the model, within the budget of development
  std::optional<uint64_t> previous_salt = std::nullopt;  // of the split
  std::optional<json::Json> plan = std::nullopt;         // replay
  std::vector<std::string> released = {};  // rows of the quarantine that are kept (data_phase.h)

  std::optional<design::DesignRecord> design = std::nullopt;
  std::optional<data::DataRecord> data = std::nullopt;
  std::optional<develop::DevelopRecord> develop = std::nullopt;
  std::optional<evaluate::EvaluateRecord> evaluate = std::nullopt;
  std::optional<deploy::DeployRecord> deploy = std::nullopt;
  std::optional<operate::OperateRecord> operate = std::nullopt;
  /// Retraining: what champion against challenger showed, one sentence.
  std::optional<std::string> comparison = std::nullopt;
};

/// What a finished phase leaves in the catalog and on the page.
struct PhaseTraces {
  report::Section section;
  std::vector<store::ArtefactRow> artefacts;  // objects; `run` is filled in by the caller
  std::vector<store::MetricRow> metrics;      // the same
  std::vector<store::VersionRow> versions;    // kind, digest, name, detail
};

class PhaseStep {
 public:
  virtual ~PhaseStep() = default;
  virtual int number() const = 0;             // 1..6
  virtual std::string_view name() const = 0;  // as in the catalog: "design", ...
  /// Returns the digest of exactly the inputs, or nothing for a reconciler, which always runs.
  virtual Result<std::optional<Digest>> Key(const PhaseContext& context) const = 0;
  /// Does the work; objects that the record names are stored by then.
  virtual Result<json::Json> Run(const PhaseContext& context) = 0;
  /// Reads a record into the context. kCorrupt, or kNotFound when an object that it names is gone.
  virtual Result<PhaseTraces> Accept(PhaseContext& context, const json::Json& record) const = 0;
};

/// Phases 1 to 4: functions of data, specification and plan.
std::vector<std::unique_ptr<PhaseStep>> BuildingSteps();
/// Phases 5 and 6: reconcile production with what is wanted. `workspace` is borrowed; of `options`
/// actor and server program are read.
std::vector<std::unique_ptr<PhaseStep>> ReconcilingSteps(Workspace& workspace,
                                                         const RunOptions& options);

/// Makes an engine within the context's threads and memory. Each phase gets one of its own: whether
/// earlier ones ran or were found changes nothing.
Result<std::unique_ptr<engine::Engine>> MakeEngine(const PhaseContext& context);

/// Returns the name of a phase by number: "design", ..., "operate".
std::string_view PhaseName(int number);

}  // namespace millrace::pipeline
