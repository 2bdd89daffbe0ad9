// Database: SQL on one SQLite file. The only file pair that sees the database library; its
// exceptions end here.
//
// Thread safety: one thread at a time; several processes may have the same file open (WAL).

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace millrace::store {

/// A value of a row or parameter; monostate is NULL.
using Value = std::variant<std::monostate, int64_t, double, std::string>;
using Row = std::vector<Value>;

enum class ColumnKind { kInteger, kNumber, kText };

class Database {
 public:
  /// Opens or makes the file in WAL mode, every commit synced, waiting up to 30 s for other
  /// writers. kCorrupt when it is no database or fails its integrity check.
  static Result<Database> Open(const std::string& path);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  /// Runs a statement without result. Parameters are `:p1`, `:p2`, ... in order.
  Status Execute(const std::string& sql, std::span<const Value> parameters = {});
  /// Runs a query whose columns have these kinds.
  Result<std::vector<Row>> Query(const std::string& sql, const std::vector<ColumnKind>& columns,
                                 std::span<const Value> parameters = {});

  const std::string& path() const { return path_; }

 private:
  struct Session;
  Database(std::string path, std::unique_ptr<Session> session);
  Status SetUp();
  Status CheckIntegrity();

  std::string path_;
  std::unique_ptr<Session> session_;
};

}  // namespace millrace::store
