// Rows of a table or a query in SQLite or PostgreSQL, copied to a file of text.
//
// Every value arrives as text that reads back to the same value: numbers in their shortest exact
// form, times in ISO 8601 and UTC, booleans as true and false; NULL is an empty cell. Values that
// are bytes are refused by name. The order of rows is that of the primary key, else of storage; of
// a query, its own ORDER BY, else all columns as text. Memory: a thousand rows at a time. The
// connection only reads, and sees one state of the database from first to last row.

#pragma once

#include <string>

#include "base/status.h"
#include "spec/locator.h"

namespace millrace::engine {

/// Copies the rows of a locator of kind kSqlite (its place is an absolute path) to a RowFile at
/// `out`. Without table and query the database must hold one table. Errors: kNotFound (no such
/// file or table, with the nearest name), kInvalidSpec (not one SELECT, a mistake in it),
/// kInvalidData (no SQLite file, columns that share a name), kUnsupported (a BLOB), kUnavailable
/// (locked), kCancelled.
Status CopySqliteRows(const spec::Locator& locator, const std::string& out);

/// The same for kPostgres. `${NAME}` in the connection is replaced here; PGPASSWORD, PGHOST and
/// ~/.pgpass count as for any client. More errors: kUnavailable (no server, wrong password),
/// kIoError (no right to read).
Status CopyPostgresRows(const spec::Locator& locator, const std::string& out);

}  // namespace millrace::engine
