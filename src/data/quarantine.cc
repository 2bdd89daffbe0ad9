#include "data/quarantine.h"

#include "base/text.h"
#include "json/text.h"

namespace millrace::data {

std::string WriteQuarantine(const std::vector<QuarantinedRow>& rows) {
  std::string lines;
  for (const QuarantinedRow& row : rows) {
    lines += json::Write(json::Json::Of({{"file", row.file},
                                         {"line", row.line},
                                         {"column", row.column},
                                         {"value", row.value},
                                         {"rule", row.rule}}));
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
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace millrace::data
