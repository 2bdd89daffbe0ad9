#include <soci/postgresql/soci-postgresql.h>

#include <new>
#include <utility>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/database_columns.h"
#include "engine/database_rows.h"
#include "engine/database_session.h"
#include "engine/engine.h"
#include "engine/query_text.h"

namespace millrace::engine {
namespace {

constexpr std::string_view kUserTables =
    "SELECT CASE WHEN table_schema = 'public' THEN table_name "
    "ELSE table_schema || '.' || table_name END FROM information_schema.tables "
    "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT 1000";

bool IsUrl(std::string_view connection) { return connection.find("://") != std::string::npos; }

// A server that is gone is told within seconds, unless the user says how long to wait.
std::string WithTimeout(std::string connection) {
  if (connection.find("connect_timeout") != std::string::npos) return connection;
  if (!IsUrl(connection)) return connection + " connect_timeout=10";
  const bool has_parameters = connection.find('?') != std::string::npos;
  return connection + (has_parameters ? "&" : "?") + "connect_timeout=10";
}

Status FromConnectError(const std::string& message) {
  // The library's own line comes first, hints of the client after a tab.
  const std::string_view library = "Cannot establish connection to the database.\n";
  const std::string line = FirstLine(
      std::string_view(message).substr(message.starts_with(library) ? library.size() : 0));
  const auto has = [&](std::string_view part) { return ContainsIgnoreCase(line, part); };
  if (has("password") || has("authentication failed")) {
    return Unavailable(Format("postgres: the server does not let us in: {}", line))
        .WithHint("set PGPASSWORD, keep it in ~/.pgpass, or write ${NAME} in its place");
  }
  if (has("database") && has("does not exist")) return NotFound(Format("postgres: {}", line));
  if (has("role") && has("does not exist")) {
    return NotFound(Format("postgres: {}", line)).WithHint("name the user: user=... or user@host");
  }
  if (has("invalid") || has("missing \"=\"")) return InvalidSpec(Format("postgres: {}", line));
  return Unavailable(Format("postgres: no connection: {}", line))
      .WithHint("is the server running, and are host and port right?");
}

class PostgresReader {
 public:
  PostgresReader(const spec::Locator& locator, std::string out)
      : locator_(locator), out_(std::move(out)) {}

  Status Copy() {
    QueryText query;
    if (!locator_.query.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(query, ReadQuery(locator_.query));
    }
    MILLRACE_RETURN_IF_ERROR(Connect());
    if (!locator_.query.empty()) {
      name_ = "a query in PostgreSQL";
      query_ = std::move(query.text);
      ordered_ = query.ordered;
    } else {
      MILLRACE_RETURN_IF_ERROR(ChooseTable());
    }
    const std::vector<std::string> names = ColumnNames(session_, query_);
    MILLRACE_RETURN_IF_ERROR(CheckColumnNames(name_, names));
    MILLRACE_RETURN_IF_ERROR(CheckTypes(names));
    MILLRACE_ASSIGN_OR_RETURN(RowFile file, RowFile::Make(out_, names));
    MILLRACE_RETURN_IF_ERROR(CopyAll(names, file));
    return file.Finish();
  }

 private:
  Status Connect() {
    MILLRACE_ASSIGN_OR_RETURN(
        const std::string connection,
        spec::ExpandVariables(locator_.place, IsUrl(locator_.place) ? spec::Quoting::kUrl
                                                                    : spec::Quoting::kConnection));
    try {
      session_.open(soci::postgresql, WithTimeout(connection));
    } catch (const soci::soci_error& error) {
      return FromConnectError(error.get_error_message());
    }
    // One state of the database for all that follows, and nothing can write.
    session_ << "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    for (const std::string_view setting :
         {"client_encoding = 'UTF8'", "datestyle = 'ISO, YMD'", "timezone = 'UTC'",
          "intervalstyle = 'postgres'", "extra_float_digits = 3", "cursor_tuple_fraction = 1"}) {
      session_ << Format("SET LOCAL {}", setting);
    }
    return {};
  }

  Status ChooseTable() {
    std::string table = locator_.table;
    if (table.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(
          table, OnlyTable("PostgreSQL", FirstColumn(session_, std::string(kUserTables))));
    }
    std::string quoted = QuotedTable(table);
    std::string literal = QuoteLiteral(quoted);
    const auto exists = [this](const std::string& name) {
      const auto found =
          FirstColumn(session_, Format("SELECT CAST(to_regclass({}) AS text)", name));
      return !found.empty() && !found[0].empty();
    };
    if (!exists(literal)) {
      // A name without quotes is read in lower case by the server.
      quoted = QuotedTable(ToLower(table));
      literal = QuoteLiteral(quoted);
      if (!exists(literal)) {
        return NoSuchTable("postgres", table, FirstColumn(session_, std::string(kUserTables)));
      }
    }
    name_ = Format("{} in PostgreSQL", table);
    query_ = Format("SELECT * FROM {}", quoted);
    order_ = TableOrder(literal);
    return {};
  }

  static std::string QuotedTable(std::string_view table) {
    std::vector<std::string> parts = SplitTableName(table);
    for (std::string& part : parts) part = QuoteIdentifier(part);
    return Join(parts, ".");
  }

  // Of the primary key, else of storage; empty for what has neither.
  std::vector<std::string> TableOrder(const std::string& literal) {
    const std::vector<std::string> keys = FirstColumn(
        session_, Format("SELECT CAST(a.attname AS text) FROM pg_index i JOIN pg_attribute a "
                         "ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
                         "WHERE i.indrelid = to_regclass({}) AND i.indisprimary "
                         "ORDER BY array_position(CAST(i.indkey AS int2[]), a.attnum)",
                         literal));
    std::vector<std::string> order;
    for (const std::string& key : keys) order.push_back(QuoteIdentifier(key));
    if (!order.empty()) return order;
    const std::vector<std::string> kind = FirstColumn(
        session_,
        Format("SELECT CAST(relkind AS text) FROM pg_class WHERE oid = to_regclass({})", literal));
    if (!kind.empty() && (kind[0] == "r" || kind[0] == "m")) order.emplace_back("ctid");
    return order;
  }

  Status CheckTypes(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      // A join with nothing: the type is known without a row being read.
      const std::vector<std::string> type = FirstColumn(
          session_, Format("SELECT CAST(pg_typeof(q.{}) AS text) FROM (SELECT 1) one LEFT JOIN "
                           "({}\n) q ON false",
                           QuoteIdentifier(name), query_));
      if (type.empty() || type[0] != "bytea") continue;
      return Unsupported(
                 Format("{}: column \"{}\": bytes (bytea) cannot be read as a value", name_, name))
          .WithHint("leave the column out with a query, or turn it into text: encode(..., 'hex')");
    }
    return {};
  }

  std::string Statement(const std::vector<std::string>& names) const {
    std::vector<std::string> casts;
    for (const std::string& name : names) {
      casts.push_back(Format("CAST({0} AS text) AS {0}", QuoteIdentifier(name)));
    }
    if (!order_.empty()) {
      // Named in full: an output column of the same name would sort as text.
      const std::string table = query_.substr(std::string_view("SELECT * FROM ").size());
      std::vector<std::string> order;
      for (const std::string& key : order_) order.push_back("t." + key);
      return Format("SELECT {} FROM {} AS t ORDER BY {}", Join(casts, ", "), table,
                    Join(order, ", "));
    }
    std::string order;
    for (size_t i = 0; i < names.size() && !ordered_; ++i) {
      order += Format("{}CAST({} AS text) COLLATE \"C\"", i == 0 ? " ORDER BY " : ", ",
                      QuoteIdentifier(names[i]));
    }
    return Format("SELECT {} FROM ({}\n) AS millrace_rows{}", Join(casts, ", "), query_, order);
  }

  Status CopyAll(const std::vector<std::string>& names, RowFile& file) {
    session_ << Format("DECLARE millrace_cursor NO SCROLL CURSOR FOR {}", Statement(names));
    TextColumns columns(names.size());
    soci::statement statement(session_);
    columns.Bind(statement);
    statement.alloc();
    statement.prepare(Format("FETCH FORWARD {} FROM millrace_cursor", kRowsAtOnce));
    statement.define_and_bind();
    std::vector<TextCell> cells(names.size());
    while (statement.execute(true)) {
      MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
      for (size_t row = 0; row < columns.num_rows(); ++row) {
        for (size_t c = 0; c < names.size(); ++c) cells[c] = columns.At(row, c);
        MILLRACE_RETURN_IF_ERROR(file.Add(cells));
      }
      columns.MakeRoom();
    }
    return {};
  }

  const spec::Locator& locator_;
  std::string out_;
  std::string name_;
  std::string query_;
  std::vector<std::string> order_;  // quoted names
  bool ordered_ = false;
  soci::session session_;
};

Status FromServerError(const soci::postgresql_soci_error& error) {
  const std::string state = error.sqlstate();
  const std::string message = error.get_error_message();
  const size_t at = message.find("ERROR:");
  const std::string line = FirstLine(at == std::string::npos ? message : message.substr(at));
  if (state == "42501") {
    return IoError(Format("postgres: {}", line)).WithHint("GRANT SELECT to this user");
  }
  if (state.starts_with("08") || state.starts_with("57")) {
    return Unavailable(Format("postgres: {}", line));
  }
  if (state.starts_with("53")) return ResourceExhausted(Format("postgres: {}", line));
  if (state.starts_with("22")) return InvalidData(Format("postgres: {}", line));
  return InvalidSpec(Format("postgres: {}", line))
      .WithHint("the table or query is read as PostgreSQL reads it, and it can only read");
}

}  // namespace

Status CopyPostgresRows(const spec::Locator& locator, const std::string& out) {
  try {
    return PostgresReader(locator, out).Copy();
  } catch (const soci::postgresql_soci_error& error) {
    return FromServerError(error);
  } catch (const soci::soci_error& error) {
    return Unavailable(Format("postgres: {}", FirstLine(error.get_error_message())));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("postgres: not enough memory");
  } catch (const std::exception& error) {
    return Internal(Format("postgres: {}", error.what()));
  }
}

}  // namespace millrace::engine
