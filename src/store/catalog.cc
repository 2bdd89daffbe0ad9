#include "store/catalog.h"

#include <cmath>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "store/catalog_internal.h"
#include "store/digest_scan.h"
#include "store/migrations.h"

namespace millrace::store {
namespace {

using enum ColumnKind;

struct RunStatusRow {
  RunStatus status;
  std::string_view name;
};
constexpr RunStatusRow kRunStatuses[] = {{RunStatus::kRunning, "running"},
                                         {RunStatus::kDone, "done"},
                                         {RunStatus::kNotMet, "not_met"},
                                         {RunStatus::kFailed, "failed"},
                                         {RunStatus::kInterrupted, "interrupted"}};

struct PhaseStatusRow {
  PhaseStatus status;
  std::string_view name;
};
constexpr PhaseStatusRow kPhaseStatuses[] = {{PhaseStatus::kRunning, "running"},
                                             {PhaseStatus::kDone, "done"},
                                             {PhaseStatus::kFound, "found"},
                                             {PhaseStatus::kNotMet, "not_met"},
                                             {PhaseStatus::kFailed, "failed"}};

template <typename Status, typename Table>
Status StatusOf(const Table& table, std::string_view name, Status otherwise) {
  for (const auto& row : table) {
    if (row.name == name) return row.status;
  }
  return otherwise;
}

RunRow ReadRun(RowReader& reader) {
  RunRow run;
  run.id = reader.Text();
  run.kind = reader.Text();
  run.spec = reader.Hash();
  run.status = StatusOf(kRunStatuses, reader.Text(), RunStatus::kFailed);
  run.created_micros = reader.Integer();
  run.finished_micros = reader.Integer();
  return run;
}

PhaseRow ReadPhase(RowReader& reader) {
  PhaseRow phase;
  phase.run = reader.Text();
  phase.phase = reader.Text();
  phase.key = reader.Hash();
  phase.status = StatusOf(kPhaseStatuses, reader.Text(), PhaseStatus::kFailed);
  phase.started_micros = reader.Integer();
  phase.ended_micros = reader.Integer();
  phase.record = reader.MaybeHash();
  return phase;
}

ArtefactRow ReadArtefact(RowReader& reader) {
  ArtefactRow artefact;
  artefact.run = reader.Text();
  artefact.name = reader.Text();
  artefact.digest = reader.Hash();
  artefact.kind = reader.Text();
  artefact.size_bytes = reader.Integer();
  return artefact;
}

MetricRow ReadMetric(RowReader& reader) {
  MetricRow metric;
  metric.run = reader.Text();
  metric.name = reader.Text();
  metric.value = reader.Number();
  metric.low = reader.MaybeNumber();
  metric.high = reader.MaybeNumber();
  return metric;
}

// Reads every row by `read`; the first damaged one fails the whole.
template <typename T>
Result<std::vector<T>> ReadAll(const Result<std::vector<Row>>& rows, std::string_view table,
                               T (*read)(RowReader&)) {
  if (!rows.ok()) return rows.status();
  std::vector<T> all;
  for (const Row& row : *rows) {
    RowReader reader(row, table);
    all.push_back(read(reader));
    MILLRACE_RETURN_IF_ERROR(reader.status());
  }
  return all;
}

constexpr std::string_view kRunColumns =
    "SELECT id, kind, spec, status, created, finished FROM runs";
const std::vector<ColumnKind> kRunKinds = {kText, kText, kText, kText, kInteger, kInteger};

}  // namespace

std::string_view RunStatusName(RunStatus status) {
  for (const RunStatusRow& row : kRunStatuses) {
    if (row.status == status) return row.name;
  }
  return "failed";
}

std::string_view PhaseStatusName(PhaseStatus status) {
  for (const PhaseStatusRow& row : kPhaseStatuses) {
    if (row.status == status) return row.name;
  }
  return "failed";
}

Catalog::Catalog(OpenOnly, std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::Open(const std::string& path, Clock& clock) {
  // One process at a time makes and migrates the file.
  MILLRACE_ASSIGN_OR_RETURN(const FileLock lock,
                            FileLock::Wait(path + ".lock", LockKind::kExclusive));
  MILLRACE_ASSIGN_OR_RETURN(Database database, Database::Open(path));
  MILLRACE_RETURN_IF_ERROR(Migrate(database));
  return std::make_unique<Catalog>(OpenOnly(),
                                   std::make_unique<Implementation>(std::move(database), clock));
}

Status Catalog::Transaction(const std::function<Status()>& work) {
  Implementation& self = *implementation_;
  const std::lock_guard lock(self.mutex);
  if (self.depth > 0) {
    Status status = work();
    if (!status.ok() && self.failure.ok()) self.failure = status;
    return status;
  }
  MILLRACE_RETURN_IF_ERROR(self.Execute("BEGIN IMMEDIATE", {}));
  self.depth = 1;
  self.failure = Status();
  Status status = work();
  self.depth = 0;
  if (status.ok()) status = self.failure;
  if (status.ok()) status = self.Execute("COMMIT", {});
  if (!status.ok()) static_cast<void>(self.Execute("ROLLBACK", {}));
  return status;
}

Status Catalog::StartRun(const RunRow& run) {
  return Transaction([&]() -> Status {
    if (FindRun(run.id).ok()) return Internal(Format("run {}: exists already", run.id));
    const int64_t created =
        run.created_micros != 0 ? run.created_micros : implementation_->clock.NowMicros();
    return implementation_->Execute(
        "INSERT INTO runs (id, kind, spec, status, created, finished) "
        "VALUES (:p1, :p2, :p3, :p4, :p5, :p6)",
        {TextValue(run.id), TextValue(run.kind), HashValue(run.spec),
         TextValue(RunStatusName(run.status)), created, run.finished_micros});
  });
}

Status Catalog::FinishRun(std::string_view id, RunStatus status) {
  return Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(FindRun(id).status());
    return implementation_->Execute(
        "UPDATE runs SET status = :p1, finished = :p2 WHERE id = :p3",
        {TextValue(RunStatusName(status)), implementation_->clock.NowMicros(), TextValue(id)});
  });
}

Result<std::vector<RunRow>> Catalog::ListRuns() const {
  return ReadAll(implementation_->Query(
                     std::string(kRunColumns) + " ORDER BY created DESC, rowid DESC", kRunKinds),
                 "runs", ReadRun);
}

Result<RunRow> Catalog::FindRun(std::string_view id) const {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<RunRow> runs,
      ReadAll(implementation_->Query(std::string(kRunColumns) + " WHERE id = :p1", kRunKinds,
                                     {TextValue(id)}),
              "runs", ReadRun));
  if (runs.empty()) {
    return NotFound(Format("run {}: there is no such run", id))
        .WithHint("`millrace status` lists them");
  }
  return runs.front();
}

Status Catalog::RecordPhase(const PhaseRow& phase) {
  return Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(FindRun(phase.run).status());
    return implementation_->Execute(
        "INSERT OR REPLACE INTO phases (run, phase, key, status, started, ended, record) "
        "VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7)",
        {TextValue(phase.run), TextValue(phase.phase), HashValue(phase.key),
         TextValue(PhaseStatusName(phase.status)), phase.started_micros, phase.ended_micros,
         phase.record ? HashValue(*phase.record) : Value(std::monostate())});
  });
}

Result<std::vector<PhaseRow>> Catalog::ListPhases(std::string_view run) const {
  return ReadAll(implementation_->Query(
                     "SELECT run, phase, key, status, started, ended, record FROM phases "
                     "WHERE run = :p1 ORDER BY started, rowid",
                     {kText, kText, kText, kText, kInteger, kInteger, kText}, {TextValue(run)}),
                 "phases", ReadPhase);
}

Result<std::optional<Digest>> Catalog::FindPhase(const Digest& key) const {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      implementation_->Query(
          "SELECT record FROM phases WHERE key = :p1 AND record IS NOT NULL AND "
          "status IN ('done', 'not_met') ORDER BY ended DESC, rowid DESC LIMIT 1",
          {kText}, {HashValue(key)}));
  if (rows.empty()) return std::optional<Digest>();
  RowReader reader(rows[0], "phases");
  const Digest record = reader.Hash();
  MILLRACE_RETURN_IF_ERROR(reader.status());
  return std::optional<Digest>(record);
}

Status Catalog::PutArtefact(const ArtefactRow& artefact) {
  return Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(FindRun(artefact.run).status());
    return implementation_->Execute(
        "INSERT OR REPLACE INTO artefacts (run, name, digest, kind, size) "
        "VALUES (:p1, :p2, :p3, :p4, :p5)",
        {TextValue(artefact.run), TextValue(artefact.name), HashValue(artefact.digest),
         TextValue(artefact.kind), artefact.size_bytes});
  });
}

Result<std::vector<ArtefactRow>> Catalog::ListArtefacts(std::string_view run) const {
  return ReadAll(implementation_->Query("SELECT run, name, digest, kind, size FROM artefacts "
                                        "WHERE run = :p1 ORDER BY name",
                                        {kText, kText, kText, kText, kInteger}, {TextValue(run)}),
                 "artefacts", ReadArtefact);
}

Result<ArtefactRow> Catalog::FindArtefact(std::string_view run, std::string_view name) const {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ArtefactRow> artefacts, ListArtefacts(run));
  std::vector<std::string> known;
  for (const ArtefactRow& artefact : artefacts) {
    if (artefact.name == name) return artefact;
    known.push_back(artefact.name);
  }
  return NotFound(Format("run {}: there is no artefact \"{}\"", run, name))
      .WithHint(DidYouMean(name, known));
}

Status Catalog::PutMetric(const MetricRow& metric) {
  if (!std::isfinite(metric.value)) {
    return Internal(
        Format("metric {}: is not finite: {}", metric.name, FormatDouble(metric.value)));
  }
  return Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(FindRun(metric.run).status());
    return implementation_->Execute(
        "INSERT OR REPLACE INTO metrics (run, name, value, low, high) "
        "VALUES (:p1, :p2, :p3, :p4, :p5)",
        {TextValue(metric.run), TextValue(metric.name), metric.value, NumberValue(metric.low),
         NumberValue(metric.high)});
  });
}

Result<std::vector<MetricRow>> Catalog::ListMetrics(std::string_view run) const {
  return ReadAll(
      implementation_->Query("SELECT run, name, value, low, high FROM metrics "
                             "WHERE run = :p1 ORDER BY name",
                             {kText, kText, kNumber, kNumber, kNumber}, {TextValue(run)}),
      "metrics", ReadMetric);
}

Result<std::vector<Digest>> Catalog::ReferencedDigests() const {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      implementation_->Query("SELECT spec FROM runs UNION ALL SELECT key FROM phases "
                             "UNION ALL SELECT record FROM phases WHERE record IS NOT NULL "
                             "UNION ALL SELECT digest FROM artefacts "
                             "UNION ALL SELECT digest FROM versions "
                             "UNION ALL SELECT detail FROM versions "
                             "UNION ALL SELECT digest FROM labels "
                             "UNION ALL SELECT bundle FROM deployments "
                             "UNION ALL SELECT detail FROM audit "
                             "UNION ALL SELECT document FROM states",
                             {kText}));
  std::set<Digest> found;
  for (const Row& row : rows) {
    const auto* text = std::get_if<std::string>(&row[0]);
    if (text == nullptr) continue;
    VisitDigests(*text, [&](std::string_view hex) {
      const auto digest = Digest::FromHex(hex);
      if (digest.ok()) found.insert(*digest);
    });
  }
  return std::vector<Digest>(found.begin(), found.end());
}

}  // namespace millrace::store
