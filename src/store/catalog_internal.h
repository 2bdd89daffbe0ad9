// What the source files of Catalog share. Not for others.

#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/catalog.h"
#include "store/database.h"

namespace millrace::store {

class Catalog::Implementation {
 public:
  Implementation(Database opened, Clock& time) : database(std::move(opened)), clock(time) {}

  Database database;
  Clock& clock;
  std::recursive_mutex mutex;  // held over each call; a transaction holds it over all of its calls
  int depth = 0;               // of nested transactions
  Status failure;              // of a nested one: the outer one must not commit

  /// Runs a query under the lock.
  Result<std::vector<Row>> Query(const std::string& sql, const std::vector<ColumnKind>& columns,
                                 const std::vector<Value>& parameters = {}) {
    const std::lock_guard lock(mutex);
    return database.Query(sql, columns, parameters);
  }
  Status Execute(const std::string& sql, const std::vector<Value>& parameters) {
    return database.Execute(sql, parameters);
  }
};

/// Reads columns of one row in order; the first that is not as expected makes status() kCorrupt.
class RowReader {
 public:
  RowReader(const Row& row, std::string_view table) : row_(row), table_(table) {}

  std::string Text();
  int64_t Integer();
  double Number();
  Digest Hash();
  std::optional<Digest> MaybeHash();
  std::optional<double> MaybeNumber();
  json::Json Document();
  const Status& status() const { return status_; }

 private:
  const Value& Next();
  void Refuse(std::string_view needed);

  const Row& row_;
  std::string_view table_;
  size_t next_ = 0;
  Status status_;
};

Value TextValue(std::string_view text);
Value HashValue(const Digest& digest);
Value NumberValue(const std::optional<double>& number);

}  // namespace millrace::store
