#include "store/database.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <deque>
#include <new>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::store {
namespace {

// Primary result codes of SQLite; extended ones hold them in the low byte.
enum class SqliteCode {
  kPermission = 3,
  kBusy = 5,
  kLocked = 6,
  kNoMemory = 7,
  kReadOnly = 8,
  kInputOutput = 10,
  kCorrupt = 11,
  kFull = 13,
  kCannotOpen = 14,
  kNotADatabase = 26,
};

Status Damaged(const std::string& path, std::string_view detail) {
  return Corrupt(Format("{}: the catalog is damaged: {}", path, detail))
      .WithHint(
          Format("put a copy back, or move {}* away and run again: data and objects are kept, "
                 "the history of runs starts anew",
                 path));
}

Status FromCode(const std::string& path, int code, std::string_view detail) {
  switch (static_cast<SqliteCode>(code & 0xFF)) {
    case SqliteCode::kCorrupt:
    case SqliteCode::kNotADatabase:
      return Damaged(path, detail);
    case SqliteCode::kBusy:
    case SqliteCode::kLocked:
      return Unavailable(Format("{}: the catalog is in use by another command: {}", path, detail))
          .WithHint("wait for it to finish and run again");
    case SqliteCode::kFull:
      return ResourceExhausted(Format("{}: {}", path, detail))
          .WithHint("free some disk space and run the command again");
    case SqliteCode::kNoMemory:
      return ResourceExhausted(Format("{}: {}", path, detail));
    case SqliteCode::kInputOutput:
      return IoError(Format("{}: {}", path, detail))
          .WithHint("check the disk: its space, a limit on the size of files, the folder's owner");
    case SqliteCode::kPermission:
    case SqliteCode::kReadOnly:
    case SqliteCode::kCannotOpen:
      return IoError(Format("{}: {}", path, detail))
          .WithHint("check the owner and permissions of the folder");
  }
  return Internal(Format("{}: {}", path, detail));
}

// Runs `work` and turns the library's exceptions into a status.
template <typename Work>
Status Guarded(const std::string& path, Work work) {
  try {
    work();
    return Status();
  } catch (const soci::sqlite3_soci_error& error) {
    return FromCode(path, error.result(), error.get_error_message());
  } catch (const soci::soci_error& error) {
    return Internal(Format("{}: {}", path, error.get_error_message()));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(Format("{}: not enough memory", path));
  } catch (const std::exception& error) {
    return Internal(Format("{}: {}", path, error.what()));
  }
}

/// A value where the library can reach it: bound parameters and fetched columns.
struct Slot {
  ColumnKind kind = ColumnKind::kText;
  soci::indicator indicator = soci::i_ok;
  long long integer = 0;
  double number = 0.0;
  std::string text;

  Value Read() const {
    if (indicator == soci::i_null) return std::monostate();
    if (kind == ColumnKind::kInteger) return int64_t{integer};
    if (kind == ColumnKind::kNumber) return number;
    return text;
  }
};

Slot SlotOf(const Value& value) {
  Slot slot;
  if (std::holds_alternative<std::monostate>(value)) slot.indicator = soci::i_null;
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    slot.kind = ColumnKind::kInteger;
    slot.integer = *integer;
  }
  if (const auto* number = std::get_if<double>(&value)) {
    slot.kind = ColumnKind::kNumber;
    slot.number = *number;
  }
  if (const auto* text = std::get_if<std::string>(&value)) slot.text = *text;
  return slot;
}

void Bind(soci::statement& statement, std::deque<Slot>& slots) {
  for (Slot& slot : slots) {
    switch (slot.kind) {
      case ColumnKind::kInteger:
        statement.exchange(soci::use(slot.integer, slot.indicator));
        break;
      case ColumnKind::kNumber:
        statement.exchange(soci::use(slot.number, slot.indicator));
        break;
      case ColumnKind::kText:
        statement.exchange(soci::use(slot.text, slot.indicator));
        break;
    }
  }
}

void Define(soci::statement& statement, std::deque<Slot>& slots) {
  for (Slot& slot : slots) {
    switch (slot.kind) {
      case ColumnKind::kInteger:
        statement.exchange(soci::into(slot.integer, slot.indicator));
        break;
      case ColumnKind::kNumber:
        statement.exchange(soci::into(slot.number, slot.indicator));
        break;
      case ColumnKind::kText:
        statement.exchange(soci::into(slot.text, slot.indicator));
        break;
    }
  }
}

std::deque<Slot> SlotsOf(std::span<const Value> values) {
  std::deque<Slot> slots;
  for (const Value& value : values) slots.push_back(SlotOf(value));
  return slots;
}

}  // namespace

struct Database::Session {
  soci::session soci;
};

Database::Database(std::string path, std::unique_ptr<Session> session)
    : path_(std::move(path)), session_(std::move(session)) {}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

Result<Database> Database::Open(const std::string& path) {
  if (path.find('"') != std::string::npos) {
    return Unsupported(Format("{}: the path holds a quotation mark", path))
        .WithHint("rename the folder");
  }
  auto session = std::make_unique<Session>();
  MILLRACE_RETURN_IF_ERROR(Guarded(
      path, [&] { session->soci.open(soci::sqlite3, Format("dbname=\"{}\" timeout=30", path)); }));
  Database database(path, std::move(session));
  MILLRACE_RETURN_IF_ERROR(database.SetUp());
  return database;
}

Status Database::SetUp() {
  // Integrity first: setting the journal mode writes to the file.
  MILLRACE_RETURN_IF_ERROR(CheckIntegrity());
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Row> mode,
                            Query("PRAGMA journal_mode=WAL", {ColumnKind::kText}));
  if (mode.empty() || mode[0][0] != Value(std::string("wal"))) {
    return IoError(Format("{}: this file system cannot keep a write-ahead log", path_))
        .WithHint("keep the project on a local disk");
  }
  MILLRACE_RETURN_IF_ERROR(Execute("PRAGMA synchronous=FULL"));
  return Execute("PRAGMA foreign_keys=ON");
}

Status Database::CheckIntegrity() {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                            Query("PRAGMA integrity_check(1)", {ColumnKind::kText}));
  const std::string* verdict = rows.empty() ? nullptr : std::get_if<std::string>(&rows[0][0]);
  if (verdict == nullptr || *verdict != "ok") {
    return Damaged(path_, verdict != nullptr ? *verdict : "no answer from its integrity check");
  }
  return Status();
}

Status Database::Execute(const std::string& sql, std::span<const Value> parameters) {
  return Guarded(path_, [&] {
    std::deque<Slot> slots = SlotsOf(parameters);
    soci::statement statement(session_->soci);
    Bind(statement, slots);
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
    statement.execute(true);
  });
}

Result<std::vector<Row>> Database::Query(const std::string& sql,
                                         const std::vector<ColumnKind>& columns,
                                         std::span<const Value> parameters) {
  std::vector<Row> rows;
  MILLRACE_RETURN_IF_ERROR(Guarded(path_, [&] {
    std::deque<Slot> slots = SlotsOf(parameters);
    std::deque<Slot> results(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) results[i].kind = columns[i];
    soci::statement statement(session_->soci);
    Define(statement, results);
    Bind(statement, slots);
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
    statement.execute(false);
    while (statement.fetch()) {
      Row row;
      for (const Slot& slot : results) row.push_back(slot.Read());
      rows.push_back(std::move(row));
    }
  }));
  return rows;
}

}  // namespace millrace::store
