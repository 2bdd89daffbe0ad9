#include "engine/database_columns.h"

#include <set>

#include "base/format.h"
#include "base/text.h"

namespace millrace::engine {
namespace {

constexpr size_t kListedTables = 12;

std::string Listed(const std::vector<std::string>& tables) {
  std::vector<std::string> some(
      tables.begin(),
      tables.begin() + static_cast<std::ptrdiff_t>(std::min(tables.size(), kListedTables)));
  if (tables.size() > kListedTables) some.emplace_back("...");
  return Join(some, ", ");
}

}  // namespace

Status CheckColumnNames(std::string_view where, const std::vector<std::string>& names) {
  if (names.empty()) return InvalidData(Format("{}: no columns", where));
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) {
      return InvalidData(Format("{}: column {} has no name", where, i + 1))
          .WithHint("give it one in the query: ... AS name");
    }
    // The engine compares names without case.
    if (!seen.insert(ToLower(names[i])).second) {
      return InvalidData(Format("{}: two columns share a name: \"{}\"", where, names[i]))
          .WithHint("give one of them another name in the query: ... AS name");
    }
  }
  return {};
}

Result<std::string> OnlyTable(std::string_view where, const std::vector<std::string>& tables) {
  if (tables.size() == 1) return tables[0];
  if (tables.empty()) return InvalidData(Format("{}: holds no table", where));
  return InvalidSpec(Format("{}: holds {} tables, and none is named", where, tables.size()))
      .WithHint(Format("end with ?table=NAME: {}", Listed(tables)));
}

Status NoSuchTable(std::string_view where, std::string_view name,
                   const std::vector<std::string>& tables) {
  const std::string near = DidYouMean(name, tables);
  const std::string list =
      tables.empty() ? "the database holds no table" : "tables: " + Listed(tables);
  return NotFound(Format("{}: no such table: \"{}\"", where, name))
      .WithHint(near.empty() ? list : near);
}

std::string FirstLine(std::string_view message) {
  std::string_view line = message.substr(0, message.find('\n'));
  for (const std::string_view prefix :
       {"sqlite3_statement_backend::prepare:", "ERROR:", "FATAL:"}) {
    const size_t at = line.find(prefix);
    if (at != std::string_view::npos) line = line.substr(at + prefix.size());
  }
  return std::string(Trim(line));
}

}  // namespace millrace::engine
