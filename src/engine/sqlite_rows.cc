#include <soci/sqlite3/soci-sqlite3.h>

#include <cmath>
#include <new>
#include <utility>

#include "base/file_range.h"
#include "base/files.h"
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

constexpr std::string_view kMagic{"SQLite format 3\0", 16};

// A value of SQLite has its own type, whatever its column says: the first letter carries it.
constexpr char kReal = 'r';
constexpr char kBlob = 'b';

std::string TextOf(const std::string& column) {
  const std::string name = QuoteIdentifier(column);
  return Format(
      "CASE typeof({0}) WHEN 'null' THEN NULL WHEN 'real' THEN 'r' || printf('%!.17g', {0}) "
      "WHEN 'blob' THEN 'b' ELSE 't' || CAST({0} AS TEXT) END",
      name);
}

class SqliteReader {
 public:
  SqliteReader(const spec::Locator& locator, std::string out)
      : locator_(locator), out_(std::move(out)), where_(BaseName(locator.place)) {}

  Status Copy() {
    MILLRACE_RETURN_IF_ERROR(CheckFile());
    session_.open(soci::sqlite3, Format("dbname=\"{}\" readonly=true timeout=10", locator_.place));
    // Nothing in a query may write, nor in a view or trigger that it reaches.
    session_ << "PRAGMA query_only = 1";
    // One state of the database for all that follows.
    session_ << "BEGIN";
    MILLRACE_RETURN_IF_ERROR(ChooseQuery());
    const std::vector<std::string> names = ColumnNames(session_, query_);
    MILLRACE_RETURN_IF_ERROR(CheckColumnNames(where_, names));
    MILLRACE_ASSIGN_OR_RETURN(RowFile file, RowFile::Make(out_, names));
    MILLRACE_RETURN_IF_ERROR(CopyAll(names, file));
    return file.Finish();
  }

 private:
  Status CheckFile() const {
    const std::string& path = locator_.place;
    if (!FileExists(path)) {
      std::vector<std::string> names;
      if (IsFolder(FolderName(path))) {
        MILLRACE_ASSIGN_OR_RETURN(names, ListFolder(FolderName(path)));
      }
      return NotFound(Format("{}: no such file", path)).WithHint(DidYouMean(where_, names));
    }
    if (path.find('"') != std::string::npos) {
      return Unsupported(Format("{}: the path holds a quotation mark", path))
          .WithHint("rename the file");
    }
    const Result<std::string> head = ReadFileRange(path, 0, std::ssize(kMagic));
    if (!head.ok() || *head != kMagic) {
      return InvalidData(Format("{}: not an SQLite database", path))
          .WithHint("a plain file is named without sqlite:");
    }
    return {};
  }

  std::vector<std::string> Tables() {
    return FirstColumn(session_,
                       "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name "
                       "NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name");
  }

  Status ChooseQuery() {
    if (!locator_.query.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(QueryText query, ReadQuery(locator_.query));
      name_ = Format("a query of {}", where_);
      query_ = std::move(query.text);
      ordered_ = query.ordered;
      return {};
    }
    const std::vector<std::string> tables = Tables();
    std::string table = locator_.table;
    if (table.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(table, OnlyTable(where_, tables));
    }
    std::string found;
    for (const std::string& known : tables) {
      if (known == table || (found.empty() && EqualsIgnoreCase(known, table))) found = known;
    }
    if (found.empty()) return NoSuchTable(where_, table, tables);
    name_ = Format("{} of {}", found, where_);
    query_ = Format("SELECT * FROM {}", QuoteIdentifier(found));
    order_ = TableOrder(found);
    return {};
  }

  // A table without row numbers lies in the order of its key; a view has no order of its own.
  std::string TableOrder(const std::string& table) {
    const std::string literal = QuoteLiteral(table);
    const std::vector<std::string> type =
        FirstColumn(session_, Format("SELECT type FROM sqlite_master WHERE name = {}", literal));
    if (type.empty() || type[0] != "table") return "";
    try {
      soci::statement statement(session_);
      statement.alloc();
      statement.prepare(Format("SELECT rowid FROM {} LIMIT 0", QuoteIdentifier(table)));
      return "rowid";
    } catch (const soci::soci_error&) {
      std::string order;
      for (const std::string& column : FirstColumn(
               session_, Format("SELECT name FROM pragma_table_info({}) WHERE pk > 0 ORDER BY pk",
                                literal))) {
        order += Format("{}{}", order.empty() ? "" : ", ", QuoteIdentifier(column));
      }
      return order;
    }
  }

  std::string Statement(const std::vector<std::string>& names) const {
    std::vector<std::string> casts;
    for (const std::string& name : names) casts.push_back(TextOf(name));
    std::string from = Format("({}\n) AS millrace_rows", query_);
    std::string order = order_;
    if (!order.empty()) from = query_.substr(std::string_view("SELECT * FROM ").size());
    if (order.empty() && !ordered_) {
      for (size_t i = 0; i < names.size(); ++i) {
        order += Format("{}{}", i == 0 ? "" : ", ", i + 1);
      }
    }
    return Format("SELECT {} FROM {}{}{}", Join(casts, ", "), from,
                  order.empty() ? "" : " ORDER BY ", order);
  }

  Status CopyAll(const std::vector<std::string>& names, RowFile& file) {
    TextColumns columns(names.size());
    soci::statement statement(session_);
    columns.Bind(statement);
    statement.alloc();
    statement.prepare(Statement(names));
    statement.define_and_bind();
    statement.execute(false);
    std::vector<TextCell> cells(names.size());
    std::vector<std::string> numbers(names.size());
    while (statement.fetch()) {
      MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
      for (size_t row = 0; row < columns.num_rows(); ++row) {
        for (size_t c = 0; c < names.size(); ++c) {
          MILLRACE_ASSIGN_OR_RETURN(
              cells[c], CellOf(columns.At(row, c), names[c], file.num_rows() + 1, numbers[c]));
        }
        MILLRACE_RETURN_IF_ERROR(file.Add(cells));
      }
      columns.MakeRoom();
    }
    return {};
  }

  Result<TextCell> CellOf(const TextCell& tagged, const std::string& column, int64_t row,
                          std::string& number) const {
    if (!tagged || tagged->empty()) return TextCell();
    const std::string_view text = tagged->substr(1);
    if (tagged->front() == kBlob) {
      return Unsupported(Format("{}: row {}, column \"{}\": bytes (BLOB) cannot be read as a value",
                                name_, row, column))
          .WithHint("leave the column out with a query, or turn it into text: hex(...)");
    }
    if (tagged->front() == kReal) {
      const auto value = ParseDouble(text);
      if (!value || !std::isfinite(*value)) return TextCell(text);
      number = FormatDouble(*value);
      return TextCell(number);
    }
    if (!IsValidUtf8(text)) {
      return InvalidData(
          Format("{}: row {}, column \"{}\": the text is not UTF-8", name_, row, column));
    }
    return TextCell(text);
  }

  const spec::Locator& locator_;
  std::string out_;
  std::string where_;
  std::string name_;
  std::string query_;
  std::string order_;
  bool ordered_ = false;
  soci::session session_;
};

Status FromCode(const std::string& where, const soci::sqlite3_soci_error& error) {
  constexpr int kBusy = 5;
  constexpr int kLocked = 6;
  constexpr int kCorruptFile = 11;
  constexpr int kNoDatabase = 26;
  const std::string text = FirstLine(error.get_error_message());
  switch (error.result() & 0xFF) {
    case kBusy:
    case kLocked:
      return Unavailable(Format("{}: in use by another program: {}", where, text))
          .WithHint("run again when it has finished writing");
    case kCorruptFile:
    case kNoDatabase:
      return Corrupt(Format("{}: the database is damaged: {}", where, text));
    default:
      return InvalidSpec(Format("{}: {}", where, text))
          .WithHint("the table or query is read as SQLite reads it");
  }
}

}  // namespace

Status CopySqliteRows(const spec::Locator& locator, const std::string& out) {
  const std::string where = BaseName(locator.place);
  try {
    return SqliteReader(locator, out).Copy();
  } catch (const soci::sqlite3_soci_error& error) {
    return FromCode(where, error);
  } catch (const soci::soci_error& error) {
    return InvalidSpec(Format("{}: {}", where, FirstLine(error.get_error_message())));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(Format("{}: not enough memory", where));
  } catch (const std::exception& error) {
    return Internal(Format("{}: {}", where, error.what()));
  }
}

}  // namespace millrace::engine
