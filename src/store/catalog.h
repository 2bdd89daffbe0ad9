// Catalog: what is remembered about a project: runs, phase executions, artefacts, metrics,
// versions, labels, deployments, audit (docs/formats/catalog.md). The commit point of everything:
// an object is durable before the row that names it.
//
// Durability: when a call returns ok, its rows survive a crash and power loss. Thread safety: calls
// from several threads and processes are serialised; a writer that waits longer than 30 s gets
// kUnavailable. Errors of every call: kCorrupt (damaged file), kIoError, kResourceExhausted (disk
// full), kUnavailable (locked).

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"
#include "store/audit.h"

namespace millrace::store {

enum class RunStatus { kRunning, kDone, kNotMet, kFailed, kInterrupted };
enum class PhaseStatus { kRunning, kDone, kFound, kNotMet, kFailed };
/// Names as stored: "running", "done", "found" (taken from an earlier run), "not_met", "failed",
/// "interrupted".
std::string_view RunStatusName(RunStatus status);
std::string_view PhaseStatusName(PhaseStatus status);

struct RunRow {
  std::string id;            // unique, for example "20260301-123000-3f9c"
  std::string kind = "run";  // run, retrain, replay, ...
  Digest spec;               // of the specification's canonical JSON, an object
  RunStatus status = RunStatus::kRunning;
  int64_t created_micros = 0;   // 0 when handed in: now
  int64_t finished_micros = 0;  // 0: not finished
};

struct PhaseRow {
  std::string run;
  std::string phase;  // "design", "data", "develop", "evaluate", "deploy", "operate"
  Digest key;         // of the phase's inputs
  PhaseStatus status = PhaseStatus::kRunning;
  int64_t started_micros = 0;
  int64_t ended_micros = 0;      // 0: not ended
  std::optional<Digest> record;  // object; set when kDone, kFound or kNotMet
};

struct ArtefactRow {
  std::string run;
  std::string name;  // unique within the run: "model", "rows.parquet"
  Digest digest;
  std::string kind;  // "bundle", "record", "parquet", ...
  int64_t size_bytes = 0;
};

struct MetricRow {
  std::string run;
  std::string name;  // "auc", "test.auc", ...
  double value = 0.0;
  std::optional<double> low;  // interval
  std::optional<double> high;
};

struct VersionRow {
  std::string kind;    // "data", "bundle"
  int64_t number = 0;  // 1, 2, ... within the kind
  Digest digest;
  std::string name;
  json::Json detail;
  int64_t created_micros = 0;
  std::vector<std::string> labels;  // that point at it now
};

struct DeploymentRow {
  int64_t id = 0;
  Digest bundle;
  std::string slot;          // "staging", "production"
  std::string state;         // "starting", "live", "retired", "failed", ...
  int64_t since_micros = 0;  // of the state
  std::string by;            // who or what did it
};

class Catalog {
  class Implementation;
  // Only Open can name it: makes the constructor private to it, and std::make_unique usable.
  struct OpenOnly {
    explicit OpenOnly() = default;
  };

 public:
  /// Opens or makes the catalog and brings an older schema up to date. `clock` is borrowed for the
  /// life of the catalog. kCorrupt with what to do when the file fails its integrity check;
  /// kUnsupported when a newer program made it.
  static Result<std::unique_ptr<Catalog>> Open(const std::string& path, Clock& clock);
  Catalog(OpenOnly, std::unique_ptr<Implementation> implementation);
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  /// Runs `work`; its calls on this catalog commit together, or not at all when it fails. Nested
  /// transactions join the outer one. Keep it short: other writers wait.
  Status Transaction(const std::function<Status()>& work);

  /// Adds a run. kInternal when the id exists.
  Status StartRun(const RunRow& run);
  /// Sets status and finish time. kNotFound.
  Status FinishRun(std::string_view id, RunStatus status);
  /// Returns all runs, newest first.
  Result<std::vector<RunRow>> ListRuns() const;
  /// Returns one run. kNotFound.
  Result<RunRow> FindRun(std::string_view id) const;

  /// Adds or replaces the row of (run, phase). kNotFound when there is no such run.
  Status RecordPhase(const PhaseRow& phase);
  /// Returns the phases of a run, in order of their start.
  Result<std::vector<PhaseRow>> ListPhases(std::string_view run) const;
  /// Returns the record of the newest finished phase with this key (kDone, kNotMet), or nothing.
  /// Ask Cache (cache.h) instead where the record must also still be readable.
  Result<std::optional<Digest>> FindPhase(const Digest& key) const;

  /// Adds or replaces an artefact of a run.
  Status PutArtefact(const ArtefactRow& artefact);
  Result<std::vector<ArtefactRow>> ListArtefacts(std::string_view run) const;
  /// Returns an artefact of a run. kNotFound naming the nearest.
  Result<ArtefactRow> FindArtefact(std::string_view run, std::string_view name) const;

  /// Adds or replaces a metric of a run. NaN is refused as kInternal.
  Status PutMetric(const MetricRow& metric);
  Result<std::vector<MetricRow>> ListMetrics(std::string_view run) const;

  /// Adds a version and returns its number; one that is there (same kind and digest) keeps number,
  /// name and detail.
  Result<int64_t> AddVersion(std::string_view kind, const Digest& digest, std::string_view name,
                             const json::Json& detail);
  /// Returns the versions of a kind, newest first.
  Result<std::vector<VersionRow>> ListVersions(std::string_view kind) const;
  /// Replaces the detail of a version; one that is not there is no error.
  Status SetVersionDetail(std::string_view kind, const Digest& digest, const json::Json& detail);
  /// Forgets a version that no label points at; one that is not there is no error. kInternal when a
  /// label does.
  Status RemoveVersion(std::string_view kind, const Digest& digest);
  /// Points a label ("champion", "challenger") of a kind at a version. kNotFound when `digest` is
  /// no version of the kind.
  Status SetLabel(std::string_view kind, std::string_view label, const Digest& digest);
  /// Takes a label away; one that is not set is no error.
  Status ClearLabel(std::string_view kind, std::string_view label);
  Result<std::optional<Digest>> FindLabel(std::string_view kind, std::string_view label) const;

  /// Adds a deployment and returns its id; `deployment.id` is not read.
  Result<int64_t> AddDeployment(const DeploymentRow& deployment);
  /// Sets the state and its time. kNotFound.
  Status SetDeploymentState(int64_t id, std::string_view state, std::string_view by);
  /// Returns all deployments, newest first.
  Result<std::vector<DeploymentRow>> ListDeployments() const;

  /// Appends to the hash chain and returns the new head.
  Result<Digest> AppendAudit(std::string_view actor, std::string_view action,
                             const json::Json& detail);
  /// Returns all entries, oldest first.
  Result<std::vector<AuditEntry>> ListAudit() const;
  /// Returns the head of the chain (all zero when empty). kCorrupt naming the first entry that was
  /// changed, removed or put between; a truncated end shows only against a head noted elsewhere.
  Result<Digest> VerifyAudit() const;

  /// Stores a small document under a key, replacing the old one: state of reconcilers.
  Status PutState(std::string_view key, const json::Json& document);
  /// Returns the document, or null (Json) when there is none.
  Result<json::Json> GetState(std::string_view key) const;
  /// Returns keys and documents whose key begins with `prefix`, sorted by key (bytes).
  Result<std::vector<std::pair<std::string, json::Json>>> ListStates(std::string_view prefix) const;
  /// Removes the document; one that is not there is no error.
  Status ClearState(std::string_view key);

  /// Returns every SHA-256 that is named anywhere in the catalog: the roots of garbage collection.
  Result<std::vector<Digest>> ReferencedDigests() const;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::store
