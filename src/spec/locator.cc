#include "spec/locator.h"

#include <cctype>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::spec {
namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::string_view kPasswordHint =
    "write ${DB_PASSWORD} in its place and set that variable; PGPASSWORD and ~/.pgpass work too";

// Returns the scheme of "scheme://...", or nothing.
std::optional<std::string_view> SchemeOf(std::string_view text) {
  const size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  for (const char c : text.substr(0, end)) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (!letter && c != '+' && c != '.' && c != '-') return std::nullopt;
  }
  return text.substr(0, end);
}

// True for "${NAME}" and nothing around it.
bool IsVariable(std::string_view text) {
  return text.starts_with("${") && text.find('}') == text.size() - 1;
}

// Splits "...?table=NAME" and "...&query=SELECT" at the last parameter of that kind.
struct Selection {
  std::string_view place;
  std::string_view table;
  std::string_view query;
  bool given = false;
};
Selection SplitSelection(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '?' && text[i] != '&') continue;
    const std::string_view rest = text.substr(i + 1);
    if (rest.starts_with("table=")) return {text.substr(0, i), rest.substr(6), {}, true};
    if (rest.starts_with("query=")) return {text.substr(0, i), {}, rest.substr(6), true};
  }
  return {text, {}, {}, false};
}

Status CheckUrlPassword(std::string_view url) {
  const size_t begin = url.find("://") + 3;
  const std::string_view authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const size_t colon = user.find(':');
    const std::string_view password =
        colon == std::string_view::npos ? std::string_view() : user.substr(colon + 1);
    if (!password.empty() && !IsVariable(password)) {
      return InvalidSpec(Format("{}://...@{}: a password in plain text", url.substr(0, begin - 3),
                                authority.substr(at + 1)))
          .WithHint(std::string(kPasswordHint));
    }
  }
  // "sslpassword=" is one too.
  constexpr std::string_view kParameter = "password=";
  for (size_t found = url.find(kParameter); found != std::string_view::npos;
       found = url.find(kParameter, found + 1)) {
    const std::string_view rest = url.substr(found + kParameter.size());
    if (IsVariable(rest.substr(0, rest.find('&')))) continue;
    return InvalidSpec(
               Format("{}: a password in plain text", url.substr(0, url.find_first_of("?"))))
        .WithHint(std::string(kPasswordHint));
  }
  return {};
}

// Words of libpq: key = value or key = 'value'.
Status CheckConnectionPassword(std::string_view connection) {
  for (size_t at = connection.find("password"); at != std::string_view::npos;
       at = connection.find("password", at + 1)) {
    std::string_view rest = Trim(connection.substr(at + 8));
    if (!rest.starts_with('=')) continue;
    rest = Trim(rest.substr(1));
    if (rest.starts_with('\'')) rest.remove_prefix(1);
    if (rest.starts_with("${")) continue;
    return InvalidSpec("postgres: a password in plain text in the connection")
        .WithHint(std::string(kPasswordHint));
  }
  return {};
}

Status CheckSelection(std::string_view text, const Selection& selection) {
  if (selection.given && Trim(selection.table).empty() && Trim(selection.query).empty()) {
    return InvalidSpec(Format("{}: names no table and no query", text))
        .WithHint("end with ?table=NAME or ?query=SELECT ...");
  }
  return {};
}

Result<Locator> DatabaseLocator(LocatorKind kind, std::string_view place, std::string_view all) {
  const Selection selection = SplitSelection(place);
  MILLRACE_RETURN_IF_ERROR(CheckSelection(selection.place, selection));
  if (Trim(selection.place).empty()) {
    return InvalidSpec(Format("{}: names no database", all))
        .WithHint("sqlite:shop.db?table=orders, postgresql://user@host/shop?table=orders");
  }
  return Locator{kind, std::string(selection.place), std::string(Trim(selection.table)),
                 std::string(Trim(selection.query))};
}

std::string SelectionText(const Locator& locator, char separator) {
  if (!locator.table.empty()) return Format("{}table={}", separator, locator.table);
  if (!locator.query.empty()) return Format("{}query={}", separator, locator.query);
  return "";
}

std::string EscapeForUrl(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      escaped += c;
    } else {
      escaped += Format("%{:02X}", byte);
    }
  }
  return escaped;
}

std::string EscapeForConnection(std::string_view value, bool in_quotes) {
  std::string escaped = ReplaceAll(ReplaceAll(value, "\\", "\\\\"), "'", "\\'");
  return in_quotes ? escaped : "'" + escaped + "'";
}

}  // namespace

Result<Locator> ParseLocator(std::string_view text) {
  if (text.empty()) return InvalidSpec("data.source: holds an empty name").WithHint("name a file");
  if (text == "-") return Locator{LocatorKind::kStdin, "-", "", ""};
  if (text.starts_with(kSqlitePrefix)) {
    return DatabaseLocator(LocatorKind::kSqlite, text.substr(kSqlitePrefix.size()), text);
  }
  if (const auto scheme = SchemeOf(text)) {
    const std::string name = ToLower(*scheme);
    if (name == "http" || name == "https") {
      MILLRACE_RETURN_IF_ERROR(CheckUrlPassword(text));
      return Locator{LocatorKind::kUrl, std::string(text), "", ""};
    }
    if (name == "postgresql" || name == "postgres") {
      const Selection selection = SplitSelection(text);
      MILLRACE_RETURN_IF_ERROR(CheckUrlPassword(selection.place));
      return DatabaseLocator(LocatorKind::kPostgres, text, text);
    }
    // What follows the scheme may hold a password.
    return Unsupported(Format("no reader for {}://", name))
        .WithHint(
            "known: files, folders, http(s)://, sqlite:FILE, postgresql://, - (standard "
            "input)");
  }
  for (const std::string_view prefix : {"postgres:", "postgresql:"}) {
    if (!text.starts_with(prefix)) continue;
    const std::string_view place = text.substr(prefix.size());
    MILLRACE_RETURN_IF_ERROR(CheckConnectionPassword(SplitSelection(place).place));
    return DatabaseLocator(LocatorKind::kPostgres, place, prefix);
  }
  return Locator{LocatorKind::kFiles, std::string(text), "", ""};
}

std::string WriteLocator(const Locator& locator) {
  switch (locator.kind) {
    case LocatorKind::kSqlite:
      return Format("{}{}{}", kSqlitePrefix, locator.place, SelectionText(locator, '?'));
    case LocatorKind::kPostgres: {
      const bool is_url = SchemeOf(locator.place).has_value();
      const bool has_parameters = is_url && locator.place.find('?') != std::string::npos;
      return Format("{}{}{}", is_url ? "" : "postgres:", locator.place,
                    SelectionText(locator, has_parameters ? '&' : '?'));
    }
    case LocatorKind::kFiles:
    case LocatorKind::kStdin:
    case LocatorKind::kUrl:
      break;
  }
  return locator.place;
}

std::string ShortName(const Locator& locator) {
  const std::string rows = !locator.table.empty()   ? locator.table
                           : !locator.query.empty() ? "a query"
                                                    : "the rows";
  switch (locator.kind) {
    case LocatorKind::kStdin:
      return "standard input";
    case LocatorKind::kSqlite:
      return Format("{} in {}", rows, BaseName(locator.place));
    case LocatorKind::kPostgres:
      return Format("{} in PostgreSQL", rows);
    case LocatorKind::kUrl: {
      const std::string path = locator.place.substr(0, locator.place.find_first_of("?#"));
      const std::string name = BaseName(path);
      return name.empty() ? path : name;
    }
    case LocatorKind::kFiles:
      break;
  }
  return BaseName(locator.place);
}

std::string ShortName(std::string_view text) {
  const Result<Locator> locator = ParseLocator(text);
  return locator.ok() ? ShortName(*locator) : BaseName(text);
}

std::string LocatorFrom(const std::string& folder, const std::string& text) {
  Result<Locator> locator = ParseLocator(text);
  if (!locator.ok()) return text;
  if (locator->kind != LocatorKind::kFiles && locator->kind != LocatorKind::kSqlite) return text;
  if (!locator->place.starts_with('/')) locator->place = JoinPath(folder, locator->place);
  locator->place = AbsolutePath(locator->place);
  return WriteLocator(*locator);
}

bool NamesFiles(std::string_view text) {
  const Result<Locator> locator = ParseLocator(text);
  return locator.ok() && locator->kind == LocatorKind::kFiles;
}

Result<std::string> LocatorOf(const DatabaseParts& parts) {
  if (parts.sqlite.empty() == parts.postgres.empty()) {
    return InvalidSpec("needs either sqlite or postgres")
        .WithHint("{sqlite: shop.db, table: orders}");
  }
  if (!parts.table.empty() && !parts.query.empty()) {
    return InvalidSpec("takes either table or query, not both");
  }
  const Locator locator{
      .kind = parts.sqlite.empty() ? LocatorKind::kPostgres : LocatorKind::kSqlite,
      .place = parts.sqlite.empty() ? parts.postgres : parts.sqlite,
      .table = parts.table,
      .query = parts.query};
  if (SplitSelection(locator.place).given) {
    return InvalidSpec(Format("{}: write table and query as keys of their own",
                              parts.sqlite.empty() ? "postgres" : "sqlite"));
  }
  std::string text = WriteLocator(locator);
  MILLRACE_RETURN_IF_ERROR(ParseLocator(text).status());
  return text;
}

Result<std::string> ExpandVariables(std::string_view text, Quoting quoting) {
  std::string expanded;
  bool in_quotes = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t end = text.substr(i).starts_with("${") ? text.find('}', i) : std::string::npos;
    if (end == std::string::npos) {
      if (text[i] == '\'' && (i == 0 || text[i - 1] != '\\')) in_quotes = !in_quotes;
      expanded += text[i];
      continue;
    }
    const std::string name(text.substr(i + 2, end - i - 2));
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
      return InvalidSpec(Format("data.source: the environment variable {} is not set", name))
          .WithHint(Format("export {}=... before the command", name));
    }
    expanded +=
        quoting == Quoting::kUrl ? EscapeForUrl(value) : EscapeForConnection(value, in_quotes);
    i = end;
  }
  return expanded;
}

}  // namespace millrace::spec
