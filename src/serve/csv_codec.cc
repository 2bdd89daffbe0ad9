// Comma-separated request bodies (RFC 4180).

#include "base/format.h"
#include "base/text.h"
#include "serve/request_reader.h"
#include "serve/row_builder.h"

namespace millrace::serve {
namespace {

// Takes the records of a text one by one.
class CsvLines {
 public:
  explicit CsvLines(std::string_view text) : rest_(text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (rest_.substr(0, 3) == kByteOrderMark) rest_.remove_prefix(3);
  }

  bool AtEnd() const { return rest_.empty(); }

  /// Reads one record. kInvalidData when a quote is not closed or stands within a field.
  Status Next(std::vector<std::string>& fields) {
    fields.clear();
    ++number_;
    for (bool more = true; more;) {
      std::string field;
      MILLRACE_ASSIGN_OR_RETURN(more, ReadField(field));
      fields.push_back(std::move(field));
    }
    return {};
  }
  int64_t number() const { return number_; }

 private:
  // Returns true when another field follows on this record.
  Result<bool> ReadField(std::string& field) {
    if (!rest_.empty() && rest_.front() == '"') {
      rest_.remove_prefix(1);
      while (true) {
        const size_t quote = rest_.find('"');
        if (quote == std::string_view::npos) {
          return InvalidData(Format("csv: record {}: a quote is not closed", number_));
        }
        field += rest_.substr(0, quote);
        rest_.remove_prefix(quote + 1);
        if (rest_.empty() || rest_.front() != '"') break;
        field += '"';
        rest_.remove_prefix(1);
      }
    } else {
      const size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
      field = rest_.substr(0, end);
      rest_.remove_prefix(end);
    }
    if (rest_.empty()) return false;
    const char next = rest_.front();
    if (next == ',') {
      rest_.remove_prefix(1);
      return true;
    }
    if (next == '\r') rest_.remove_prefix(1);
    if (!rest_.empty() && rest_.front() == '\n') {
      rest_.remove_prefix(1);
      return false;
    }
    if (next == '\r') return false;
    return InvalidData(Format("csv: record {}: text after a closing quote", number_));
  }

  std::string_view rest_;
  int64_t number_ = 0;
};

}  // namespace

Result<RowTexts> RequestReader::ReadCsv(std::string_view body, const ReadOptions& options,
                                        table::Table& rows) {
  if (!IsValidUtf8(body)) return InvalidData("csv: not UTF-8");
  RowBuilder& builder = implementation_->builder;
  builder.Begin(rows, options, "csv");
  CsvLines lines(body);
  if (lines.AtEnd()) return InvalidData("csv: empty");
  std::vector<std::string> header;
  MILLRACE_RETURN_IF_ERROR(lines.Next(header));
  std::vector<std::optional<size_t>> columns;
  std::vector<bool> seen(builder.num_columns(), false);
  bool any = false;
  for (const std::string& name : header) {
    columns.push_back(builder.Find(name, columns.size()));
    if (!columns.back()) continue;
    if (seen[*columns.back()]) return InvalidData(Format("csv: header: {}: given twice", name));
    seen[*columns.back()] = true;
    any = true;
  }
  if (!any) return InvalidData("csv: header: no name is a column of the model");
  std::vector<std::string> fields;
  while (!lines.AtEnd()) {
    MILLRACE_RETURN_IF_ERROR(lines.Next(fields));
    if (fields.size() == 1 && fields.front().empty() && header.size() > 1) continue;  // blank line
    if (fields.size() != header.size()) {
      return InvalidData(Format("csv[{}]: {} fields, the header has {}", builder.num_rows(),
                                fields.size(), header.size()));
    }
    MILLRACE_RETURN_IF_ERROR(
        CheckRowCount("csv", static_cast<size_t>(builder.num_rows()) + 1, options.max_rows));
    builder.BeginRow();
    for (size_t i = 0; i < fields.size(); ++i) {
      if (builder.IsKey(header[i])) builder.SetKey(fields[i]);
      if (columns[i]) builder.SetText(*columns[i], fields[i]);
    }
    builder.EndRow();
  }
  return builder.Finish();
}

}  // namespace millrace::serve
