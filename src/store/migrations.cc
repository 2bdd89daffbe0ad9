#include "store/migrations.h"

#include <span>
#include <string>
#include <string_view>

#include "base/format.h"
#include "base/text.h"

namespace millrace::store {
namespace {

// One statement each; `;` ends no statement here.
constexpr std::string_view kVersion1[] = {
    "CREATE TABLE runs (id TEXT PRIMARY KEY, kind TEXT NOT NULL, spec TEXT NOT NULL, "
    "status TEXT NOT NULL, created INTEGER NOT NULL, finished INTEGER NOT NULL)",
    "CREATE TABLE phases (run TEXT NOT NULL REFERENCES runs(id), phase TEXT NOT NULL, "
    "key TEXT NOT NULL, status TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, "
    "record TEXT, PRIMARY KEY (run, phase))",
    "CREATE INDEX phases_by_key ON phases (key)",
    "CREATE TABLE artefacts (run TEXT NOT NULL REFERENCES runs(id), name TEXT NOT NULL, "
    "digest TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (run, name))",
    "CREATE TABLE metrics (run TEXT NOT NULL REFERENCES runs(id), name TEXT NOT NULL, "
    "value REAL NOT NULL, low REAL, high REAL, PRIMARY KEY (run, name))",
    "CREATE TABLE versions (kind TEXT NOT NULL, number INTEGER NOT NULL, digest TEXT NOT NULL, "
    "name TEXT NOT NULL, detail TEXT NOT NULL, created INTEGER NOT NULL, "
    "PRIMARY KEY (kind, number), UNIQUE (kind, digest))",
    "CREATE TABLE labels (kind TEXT NOT NULL, label TEXT NOT NULL, digest TEXT NOT NULL, "
    "PRIMARY KEY (kind, label), FOREIGN KEY (kind, digest) REFERENCES versions (kind, digest))",
    "CREATE TABLE deployments (id INTEGER PRIMARY KEY AUTOINCREMENT, bundle TEXT NOT NULL, "
    "slot TEXT NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL, actor TEXT NOT NULL)",
    "CREATE TABLE audit (sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, "
    "actor TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, "
    "hash TEXT NOT NULL)",
    "CREATE TABLE states (key TEXT PRIMARY KEY, document TEXT NOT NULL)",
};

// Step i leads from version i to version i + 1.
constexpr std::span<const std::string_view> kSteps[] = {kVersion1};

Result<int64_t> CountTables(Database& database, const std::string& condition) {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      database.Query("SELECT count(*) FROM sqlite_master WHERE type = 'table'" + condition,
                     {ColumnKind::kInteger}));
  return rows.empty() ? 0 : std::get<int64_t>(rows[0][0]);
}

// Returns the version of the schema; 0 for an empty file.
Result<int64_t> ReadVersion(Database& database) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t meta, CountTables(database, " AND name = 'meta'"));
  if (meta == 0) {
    MILLRACE_ASSIGN_OR_RETURN(const int64_t others, CountTables(database, ""));
    if (others == 0) return int64_t{0};
    return Corrupt(Format("{}: is a database, but no catalog of Millrace", database.path()))
        .WithHint("move the file away and run again");
  }
  MILLRACE_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      database.Query("SELECT value FROM meta WHERE key = 'schema_version'", {ColumnKind::kText}));
  const std::string* text = rows.empty() ? nullptr : std::get_if<std::string>(&rows[0][0]);
  const std::optional<int64_t> version = text != nullptr ? ParseInt(*text) : std::nullopt;
  if (!version || *version < 1) {
    return Corrupt(Format("{}: the catalog does not say its version", database.path()))
        .WithHint("put a copy back, or move the file away and run again");
  }
  return *version;
}

Status ApplySteps(Database& database, int64_t version) {
  if (version == 0) {
    MILLRACE_RETURN_IF_ERROR(
        database.Execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"));
  }
  for (auto step = static_cast<size_t>(version); step < std::size(kSteps); ++step) {
    for (const std::string_view statement : kSteps[step]) {
      MILLRACE_RETURN_IF_ERROR(database.Execute(std::string(statement)));
    }
  }
  const Value current = std::to_string(CurrentSchemaVersion());
  return database.Execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('schema_version', :p1)",
                          std::span(&current, 1));
}

}  // namespace

int64_t CurrentSchemaVersion() { return static_cast<int64_t>(std::size(kSteps)); }

Status Migrate(Database& database) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t version, ReadVersion(database));
  if (version > CurrentSchemaVersion()) {
    return Unsupported(Format("{}: made by a newer program: schema {}, this one reads up to {}",
                              database.path(), version, CurrentSchemaVersion()))
        .WithHint("use a newer millrace; nothing was changed");
  }
  if (version == CurrentSchemaVersion()) return Status();
  MILLRACE_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  Status applied = ApplySteps(database, version);
  if (applied.ok()) applied = database.Execute("COMMIT");
  if (!applied.ok()) static_cast<void>(database.Execute("ROLLBACK"));
  return applied;
}

}  // namespace millrace::store
