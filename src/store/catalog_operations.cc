// The part of Catalog that operating a model needs: versions, labels, deployments, audit, states.

#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "store/catalog.h"
#include "store/catalog_internal.h"

namespace millrace::store {
namespace {

using enum ColumnKind;

Result<std::optional<int64_t>> FirstInteger(Result<std::vector<Row>> rows, std::string_view table) {
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::optional<int64_t>();
  RowReader reader(rows->front(), table);
  const int64_t value = reader.Integer();
  MILLRACE_RETURN_IF_ERROR(reader.status());
  return std::optional<int64_t>(value);
}

VersionRow ReadVersion(RowReader& reader) {
  VersionRow version;
  version.kind = reader.Text();
  version.number = reader.Integer();
  version.digest = reader.Hash();
  version.name = reader.Text();
  version.detail = reader.Document();
  version.created_micros = reader.Integer();
  return version;
}

AuditEntry ReadAudit(RowReader& reader) {
  AuditEntry entry;
  entry.sequence = reader.Integer();
  entry.time_micros = reader.Integer();
  entry.actor = reader.Text();
  entry.action = reader.Text();
  entry.detail = reader.Text();
  entry.previous = reader.Hash();
  entry.hash = reader.Hash();
  return entry;
}

constexpr std::string_view kAuditColumns =
    "SELECT sequence, time, actor, action, detail, previous, hash FROM audit";
const std::vector<ColumnKind> kAuditKinds = {kInteger, kInteger, kText, kText, kText, kText, kText};

}  // namespace

Result<int64_t> Catalog::AddVersion(std::string_view kind, const Digest& digest,
                                    std::string_view name, const json::Json& detail) {
  Implementation& self = *implementation_;
  int64_t number = 0;
  MILLRACE_RETURN_IF_ERROR(Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(
        const std::optional<int64_t> known,
        FirstInteger(self.Query("SELECT number FROM versions WHERE kind = :p1 AND digest = :p2",
                                {kInteger}, {TextValue(kind), HashValue(digest)}),
                     "versions"));
    if (known) {
      number = *known;
      return Status();
    }
    MILLRACE_ASSIGN_OR_RETURN(
        const std::optional<int64_t> last,
        FirstInteger(self.Query("SELECT number FROM versions WHERE kind = :p1 "
                                "ORDER BY number DESC LIMIT 1",
                                {kInteger}, {TextValue(kind)}),
                     "versions"));
    number = last.value_or(0) + 1;
    return self.Execute(
        "INSERT INTO versions (kind, number, digest, name, detail, created) "
        "VALUES (:p1, :p2, :p3, :p4, :p5, :p6)",
        {TextValue(kind), number, HashValue(digest), TextValue(name),
         TextValue(json::Write(detail)), self.clock.NowMicros()});
  }));
  return number;
}

Result<std::vector<VersionRow>> Catalog::ListVersions(std::string_view kind) const {
  Implementation& self = *implementation_;
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      self.Query("SELECT kind, number, digest, name, detail, created FROM versions "
                 "WHERE kind = :p1 ORDER BY number DESC",
                 {kText, kInteger, kText, kText, kText, kInteger}, {TextValue(kind)}));
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> labels,
      self.Query("SELECT label, digest FROM labels WHERE kind = :p1 ORDER BY label", {kText, kText},
                 {TextValue(kind)}));
  std::vector<VersionRow> versions;
  for (const Row& row : rows) {
    RowReader reader(row, "versions");
    VersionRow version = ReadVersion(reader);
    MILLRACE_RETURN_IF_ERROR(reader.status());
    for (const Row& label : labels) {
      RowReader label_reader(label, "labels");
      std::string name = label_reader.Text();
      const bool points_here = label_reader.Hash() == version.digest;
      MILLRACE_RETURN_IF_ERROR(label_reader.status());
      if (points_here) version.labels.push_back(std::move(name));
    }
    versions.push_back(std::move(version));
  }
  return versions;
}

Status Catalog::SetVersionDetail(std::string_view kind, const Digest& digest,
                                 const json::Json& detail) {
  return Transaction([&] {
    return implementation_->Execute(
        "UPDATE versions SET detail = :p1 WHERE kind = :p2 AND digest = :p3",
        {TextValue(json::Write(detail)), TextValue(kind), HashValue(digest)});
  });
}

Status Catalog::RemoveVersion(std::string_view kind, const Digest& digest) {
  Implementation& self = *implementation_;
  return Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(
        const std::vector<Row> labels,
        self.Query("SELECT label FROM labels WHERE kind = :p1 AND digest = :p2", {kText},
                   {TextValue(kind), HashValue(digest)}));
    if (!labels.empty()) {
      return Internal(Format("{} {}: a label points at it", kind, digest.Short()));
    }
    return self.Execute("DELETE FROM versions WHERE kind = :p1 AND digest = :p2",
                        {TextValue(kind), HashValue(digest)});
  });
}

Status Catalog::SetLabel(std::string_view kind, std::string_view label, const Digest& digest) {
  Implementation& self = *implementation_;
  return Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(
        const std::optional<int64_t> known,
        FirstInteger(self.Query("SELECT number FROM versions WHERE kind = :p1 AND digest = :p2",
                                {kInteger}, {TextValue(kind), HashValue(digest)}),
                     "versions"));
    if (!known) return NotFound(Format("{} {}: there is no such version", kind, digest.Short()));
    return self.Execute(
        "INSERT OR REPLACE INTO labels (kind, label, digest) VALUES (:p1, :p2, :p3)",
        {TextValue(kind), TextValue(label), HashValue(digest)});
  });
}

Status Catalog::ClearLabel(std::string_view kind, std::string_view label) {
  return Transaction([&] {
    return implementation_->Execute("DELETE FROM labels WHERE kind = :p1 AND label = :p2",
                                    {TextValue(kind), TextValue(label)});
  });
}

Result<std::optional<Digest>> Catalog::FindLabel(std::string_view kind,
                                                 std::string_view label) const {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      implementation_->Query("SELECT digest FROM labels WHERE kind = :p1 AND label = :p2", {kText},
                             {TextValue(kind), TextValue(label)}));
  if (rows.empty()) return std::optional<Digest>();
  RowReader reader(rows[0], "labels");
  const Digest digest = reader.Hash();
  MILLRACE_RETURN_IF_ERROR(reader.status());
  return std::optional<Digest>(digest);
}

Result<int64_t> Catalog::AddDeployment(const DeploymentRow& deployment) {
  Implementation& self = *implementation_;
  int64_t id = 0;
  MILLRACE_RETURN_IF_ERROR(Transaction([&]() -> Status {
    const int64_t since =
        deployment.since_micros != 0 ? deployment.since_micros : self.clock.NowMicros();
    MILLRACE_RETURN_IF_ERROR(
        self.Execute("INSERT INTO deployments (bundle, slot, state, since, actor) "
                     "VALUES (:p1, :p2, :p3, :p4, :p5)",
                     {HashValue(deployment.bundle), TextValue(deployment.slot),
                      TextValue(deployment.state), since, TextValue(deployment.by)}));
    MILLRACE_ASSIGN_OR_RETURN(
        const std::optional<int64_t> last,
        FirstInteger(self.Query("SELECT max(id) FROM deployments", {kInteger}), "deployments"));
    id = last.value_or(0);
    return Status();
  }));
  return id;
}

Status Catalog::SetDeploymentState(int64_t id, std::string_view state, std::string_view by) {
  Implementation& self = *implementation_;
  return Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(
        const std::optional<int64_t> known,
        FirstInteger(self.Query("SELECT id FROM deployments WHERE id = :p1", {kInteger}, {id}),
                     "deployments"));
    if (!known) return NotFound(Format("deployment {}: there is no such deployment", id));
    return self.Execute(
        "UPDATE deployments SET state = :p1, since = :p2, actor = :p3 WHERE id = :p4",
        {TextValue(state), self.clock.NowMicros(), TextValue(by), id});
  });
}

Result<std::vector<DeploymentRow>> Catalog::ListDeployments() const {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      implementation_->Query("SELECT id, bundle, slot, state, since, actor FROM deployments "
                             "ORDER BY id DESC",
                             {kInteger, kText, kText, kText, kInteger, kText}));
  std::vector<DeploymentRow> deployments;
  for (const Row& row : rows) {
    RowReader reader(row, "deployments");
    DeploymentRow deployment;
    deployment.id = reader.Integer();
    deployment.bundle = reader.Hash();
    deployment.slot = reader.Text();
    deployment.state = reader.Text();
    deployment.since_micros = reader.Integer();
    deployment.by = reader.Text();
    MILLRACE_RETURN_IF_ERROR(reader.status());
    deployments.push_back(std::move(deployment));
  }
  return deployments;
}

Result<Digest> Catalog::AppendAudit(std::string_view actor, std::string_view action,
                                    const json::Json& detail) {
  Implementation& self = *implementation_;
  AuditEntry entry;
  entry.actor = actor;
  entry.action = action;
  entry.detail = json::Write(detail);
  MILLRACE_RETURN_IF_ERROR(Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(
        const std::vector<Row> last,
        self.Query(std::string(kAuditColumns) + " ORDER BY sequence DESC LIMIT 1", kAuditKinds));
    if (!last.empty()) {
      RowReader reader(last[0], "audit");
      const AuditEntry head = ReadAudit(reader);
      MILLRACE_RETURN_IF_ERROR(reader.status());
      entry.sequence = head.sequence;
      entry.previous = head.hash;
    }
    ++entry.sequence;
    entry.time_micros = self.clock.NowMicros();
    entry.hash = AuditHash(entry);
    return self.Execute(
        "INSERT INTO audit (sequence, time, actor, action, detail, previous, hash) "
        "VALUES (:p1, :p2, :p3, :p4, :p5, :p6, :p7)",
        {entry.sequence, entry.time_micros, TextValue(entry.actor), TextValue(entry.action),
         TextValue(entry.detail), HashValue(entry.previous), HashValue(entry.hash)});
  }));
  return entry.hash;
}

Result<std::vector<AuditEntry>> Catalog::ListAudit() const {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      implementation_->Query(std::string(kAuditColumns) + " ORDER BY sequence", kAuditKinds));
  std::vector<AuditEntry> entries;
  for (const Row& row : rows) {
    RowReader reader(row, "audit");
    entries.push_back(ReadAudit(reader));
    MILLRACE_RETURN_IF_ERROR(reader.status());
  }
  return entries;
}

Result<Digest> Catalog::VerifyAudit() const {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<AuditEntry> entries, ListAudit());
  return VerifyAuditChain(entries);
}

Status Catalog::PutState(std::string_view key, const json::Json& document) {
  return Transaction([&] {
    return implementation_->Execute(
        "INSERT OR REPLACE INTO states (key, document) VALUES (:p1, :p2)",
        {TextValue(key), TextValue(json::Write(document))});
  });
}

Result<json::Json> Catalog::GetState(std::string_view key) const {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                            implementation_->Query("SELECT document FROM states WHERE key = :p1",
                                                   {kText}, {TextValue(key)}));
  if (rows.empty()) return json::Json();
  RowReader reader(rows[0], "states");
  json::Json document = reader.Document();
  MILLRACE_RETURN_IF_ERROR(reader.status());
  return document;
}

Result<std::vector<std::pair<std::string, json::Json>>> Catalog::ListStates(
    std::string_view prefix) const {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      implementation_->Query("SELECT key, document FROM states "
                             "WHERE substr(key, 1, length(:p1)) = :p2 ORDER BY key",
                             {kText, kText}, {TextValue(prefix), TextValue(prefix)}));
  std::vector<std::pair<std::string, json::Json>> found;
  for (const Row& row : rows) {
    RowReader reader(row, "states");
    std::string key = reader.Text();
    json::Json document = reader.Document();
    MILLRACE_RETURN_IF_ERROR(reader.status());
    found.emplace_back(std::move(key), std::move(document));
  }
  return found;
}

Status Catalog::ClearState(std::string_view key) {
  return Transaction([&] {
    return implementation_->Execute("DELETE FROM states WHERE key = :p1", {TextValue(key)});
  });
}

}  // namespace millrace::store
