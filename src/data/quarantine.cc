#include "data/quarantine.h"

#include "base/digest.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::data {

std::string NameOfRow(const std::vector<std::string>& names,
                      const std::vector<const std::string*>& cells) {
  Sha256 hash;
  for (size_t i = 0; i < names.size(); ++i) {
    hash.UpdateField(names[i]);
    hash.UpdateField(cells[i] == nullptr ? "null" : "text");
    hash.UpdateField(cells[i] == nullptr ? std::string_view() : std::string_view(*cells[i]));
  }
  return hash.Finish().Short(16);
}

std::string WriteQuarantine(const std::vector<QuarantinedRow>& rows) {
  std::string lines;
  for (const QuarantinedRow& row : rows) {
    json::Json line = json::Json::Of({{"file", row.file},
                                      {"line", row.line},
                                      {"column", row.column},
                                      {"value", row.value},
                                      {"rule", row.rule}});
    if (!row.row.empty()) line.Set("row", row.row);
    lines += json::Write(line);
    lines += '\n';
  }
  return lines;
}

Result<std::vector<QuarantinedRow>> ReadQuarantine(std::string_view lines) {
  std::vector<QuarantinedRow> rows;
  for (const std::string_view line : Split(lines, '\n')) {
    if (line.empty()) continue;
    const Result<json::Json> document = json::Parse(line, "quarantine");
    if (!document.ok()) return Corrupt(document.status().message());
    QuarantinedRow row;
    MILLRACE_ASSIGN_OR_RETURN(row.file, document->RequireString("quarantine", "file"));
    MILLRACE_ASSIGN_OR_RETURN(row.line, document->RequireInteger("quarantine", "line"));
    row.column = (*document)["column"].AsString();
    row.value = (*document)["value"].AsString();
    MILLRACE_ASSIGN_OR_RETURN(row.rule, document->RequireString("quarantine", "rule"));
    row.row = (*document)["row"].AsString();
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace millrace::data
