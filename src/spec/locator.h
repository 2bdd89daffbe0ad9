// Locator: where the rows of a source lie, as data.source and --data write it.
//
//     customers.csv   logs/*.parquet   archive/            a file, a pattern, a folder
//     -                                                    standard input
//     https://host/customers.csv.gz                        a file behind a URL
//     sqlite:shop.db?table=orders                          a table, or ?query=SELECT ...
//     postgresql://user@host/shop?table=orders             the same on a server
//     postgres:host=db dbname=shop user=me?query=SELECT ...
//
// `table=` or `query=` comes last; what follows is taken as it is written, without escapes.
// `${NAME}` in a URL or a connection stands for an environment variable and is replaced when the
// source is opened, never before: passwords are in no specification, report, log or message.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::spec {

enum class LocatorKind { kFiles, kStdin, kUrl, kSqlite, kPostgres };

struct Locator {
  LocatorKind kind = LocatorKind::kFiles;
  std::string place;  // path or pattern, URL, SQLite file, PostgreSQL URL or key=value words
  std::string table;  // of a database; at most one of the two is set
  std::string query;
};

/// Reads one source. kInvalidSpec: a password in plain text (never repeated in the message), an
/// empty place, table or query. kUnsupported: a scheme that no reader is for, with those there are.
Result<Locator> ParseLocator(std::string_view text);

/// Returns the text that ParseLocator reads to this locator.
std::string WriteLocator(const Locator& locator);

/// Returns what a report calls it: the last part of a path, "orders in shop.db".
std::string ShortName(const Locator& locator);
/// The same of a source as it is written; of text that is no locator its last part.
std::string ShortName(std::string_view text);

/// Returns the source with the path in it (of a file or an SQLite file) taken from `folder` and
/// made absolute. Other sources, and text that is no locator, come back as they are.
std::string LocatorFrom(const std::string& folder, const std::string& text);

/// Returns true when `text` names files of this machine: a path, a pattern or a folder.
bool NamesFiles(std::string_view text);

/// Returns the map form of data.source as locator text: {sqlite: FILE, table: NAME},
/// {postgres: CONNECTION, query: SELECT}. Empty parts were not given. kInvalidSpec.
struct DatabaseParts {
  std::string sqlite;
  std::string postgres;
  std::string table;
  std::string query;
};
Result<std::string> LocatorOf(const DatabaseParts& parts);
/// The keys of the map form, each with its part.
struct DatabaseKey {
  std::string_view name;
  std::string DatabaseParts::*part;
};
inline constexpr DatabaseKey kDatabaseKeys[] = {{"sqlite", &DatabaseParts::sqlite},
                                                {"postgres", &DatabaseParts::postgres},
                                                {"postgresql", &DatabaseParts::postgres},
                                                {"table", &DatabaseParts::table},
                                                {"query", &DatabaseParts::query}};

/// How a replaced variable is escaped.
enum class Quoting { kUrl, kConnection };

/// Replaces every `${NAME}` by the environment variable. kInvalidSpec naming one that is not set.
Result<std::string> ExpandVariables(std::string_view text, Quoting quoting);

}  // namespace millrace::spec
