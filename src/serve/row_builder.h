// RowBuilder: from JSON values or texts to the cells of a table, by the bundle's own reading rules;
// shared by every request format. Internal to the codecs: sees simdjson.

#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "serve/request_reader.h"
#include "table/table.h"
#include "table/value_parser.h"

namespace millrace::serve {

/// Fills the rows of one request. One thread at a time; memory is reused.
class RowBuilder {
 public:
  using Element = simdjson::dom::element;

  /// Begins a request: `prefix` names the list in errors ("rows": `rows[3].age: ...`).
  void Begin(table::Table& rows, const ReadOptions& options, std::string_view prefix);
  /// Returns the column of a name. `guess`: where it probably is.
  std::optional<size_t> Find(std::string_view name, size_t guess) const;
  size_t num_columns() const { return values_.size(); }
  bool IsKey(std::string_view name) const { return !key_field_.empty() && name == key_field_; }

  /// Adds a whole row that arrived as an object; a member given twice is an error. `raw`: the
  /// object as it was sent, or empty.
  Status AddObject(const Element& object, std::string_view raw = {});
  /// Adds a row that arrived as a list in the order of the columns, or as one value where there is
  /// one column. kInvalidData when the number differs.
  Status AddPositional(const Element& row);

  /// A row cell by cell.
  void BeginRow();
  void Set(size_t column, const Element& value);
  void SetText(size_t column, std::string_view text);
  void SetMissing(size_t column);
  /// Of a column that takes numbers; others have texts.
  void SetNumber(size_t column, double number);
  bool TakesNumbers(size_t column) const;
  void SetKey(std::string_view key) { key_ = key; }
  void EndRow();

  int64_t num_rows() const { return static_cast<int64_t>(texts_.keys.size()); }
  void AddError(std::string error);
  /// kInvalidData with one line per bad field; else the texts of the rows.
  Result<RowTexts> Finish();

 private:
  struct Value {
    bool is_set = false;
    table::Cell cell;
    std::string text;  // backs cell.text where it was formatted here
  };

  void NoteUnknown(std::string_view name);
  void JudgeCell(size_t column, const table::Cell& cell);
  void TellInvalid();
  std::vector<std::string> Warnings() const;
  void CheckCell(size_t column, const Value& value, std::string_view shown);
  void RequireDerived();
  void AppendRow();

  table::Table* rows_ = nullptr;
  std::shared_ptr<const table::Schema> schema_;  // that `parsers_` were made for
  std::vector<table::ValueParser> parsers_;
  std::vector<Value> values_;    // of the row that is being built
  std::vector<size_t> derived_;  // columns that every row must bring
  std::string key_field_;
  bool keep_json_ = true;
  std::string prefix_;
  std::string key_;
  RowTexts texts_;
  std::vector<std::string> errors_;
  std::vector<std::string> unknown_;  // distinct names that are no column, in order
  int64_t num_unlisted_ = 0;          // members with other such names, not kept
  std::vector<int64_t> num_absent_;   // [columns] rows without a member of the column
  const expect::RowChecks* checks_ = nullptr;
  InvalidRows on_invalid_ = InvalidRows::kFlag;
  std::vector<int64_t> num_broken_;    // [rules] cells that break the rule
  int64_t num_invalid_ = 0;            // sum of num_broken_
  std::vector<InvalidField> flagged_;  // at most 20
  std::vector<InvalidField> refused_;  // at most 20
};

/// Returns a scalar as the text that a file would hold.
std::string TextOf(const simdjson::dom::element& value);
bool IsNumber(const simdjson::dom::element& value);

/// What the codecs of one RequestReader share.
struct RequestReader::Implementation {
  simdjson::dom::parser parser;
  simdjson::ondemand::parser raw_parser;
  std::string padded;  // the body, and as many bytes behind it as the parsers may read
  RowBuilder builder;

  /// kInvalidData when the body is not JSON.
  Result<simdjson::dom::element> Parse(std::string_view body);
  /// Returns the objects of the list `name` (empty: the body itself) of the parsed body as they
  /// were sent; nothing where one of them holds a line break. Valid until the next Parse.
  std::vector<std::string_view> RawObjects(std::string_view body, std::string_view name);
};

/// Returns kResourceExhausted when there are more rows than allowed.
Status CheckRowCount(std::string_view name, size_t num_rows, int64_t max_rows);

}  // namespace millrace::serve
