#include "serve/row_builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::serve {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr size_t kMaxErrors = 20;
constexpr size_t kMaxWarnings = 20;  // of a kind
constexpr int64_t kMaxShown = 80;

double NumberOf(const element& value) {
  double number = NAN;
  if (value.get(number) != simdjson::SUCCESS) return NAN;
  return number;
}

std::string_view StringOf(const element& value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return {};
  return text;
}

}  // namespace

bool IsNumber(const element& value) {
  return value.type() == element_type::INT64 || value.type() == element_type::UINT64 ||
         value.type() == element_type::DOUBLE;
}

std::string TextOf(const element& value) {
  switch (value.type()) {
    case element_type::STRING:
      return std::string(StringOf(value));
    case element_type::DOUBLE:
      return FormatDouble(NumberOf(value));
    case element_type::NULL_VALUE:
      return {};
    default:
      return simdjson::minify(value);
  }
}

void RowBuilder::Begin(table::Table& rows, const ReadOptions& options, std::string_view prefix) {
  rows_ = &rows;
  if (schema_ != rows.shared_schema()) {
    schema_ = rows.shared_schema();
    parsers_.clear();
    for (const table::ColumnSchema& column : schema_->columns()) parsers_.emplace_back(column);
    values_.assign(parsers_.size(), {});
    derived_.clear();
    for (size_t i = 0; i < parsers_.size(); ++i) {
      if (!schema_->columns()[i].derived.empty()) derived_.push_back(i);
    }
  }
  key_field_ = options.key_field;
  keep_json_ = options.keep_json;
  prefix_ = prefix;
  texts_ = {};
  errors_.clear();
  unknown_.clear();
  num_unlisted_ = 0;
  num_absent_.assign(values_.size(), 0);
  const bool judges = options.checks != nullptr && !options.checks->empty() &&
                      options.on_invalid != InvalidRows::kAccept;
  checks_ = judges ? options.checks : nullptr;
  on_invalid_ = options.on_invalid;
  num_broken_.assign(judges ? checks_->rules().size() : 0, 0);
  num_invalid_ = 0;
  flagged_.clear();
  refused_.clear();
}

std::optional<size_t> RowBuilder::Find(std::string_view name, size_t guess) const {
  const auto& columns = schema_->columns();
  if (guess < columns.size() && columns[guess].name == name) return guess;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

void RowBuilder::BeginRow() {
  for (Value& value : values_) value.is_set = false;
  key_.clear();
}

void RowBuilder::AddError(std::string error) {
  if (errors_.size() < kMaxErrors) errors_.push_back(std::move(error));
}

void RowBuilder::CheckCell(size_t column, const Value& value, std::string_view shown) {
  if (value.cell.state != table::CellState::kInvalid || errors_.size() >= kMaxErrors) return;
  const table::ColumnSchema& schema = schema_->columns()[column];
  AddError(Format("{}[{}].{}: not {}: {}", prefix_, num_rows(), schema.name,
                  WithArticle(table::ColumnTypeName(schema.type)), Ellipsize(shown, kMaxShown)));
}

void RowBuilder::Set(size_t column, const Element& element) {
  SetMissing(column);
  Value& value = values_[column];
  switch (element.type()) {
    case element_type::NULL_VALUE:
      return;
    case element_type::STRING:
      value.cell = parsers_[column].Parse(StringOf(element));
      break;
    case element_type::ARRAY:
    case element_type::OBJECT:
      value.cell.state = table::CellState::kInvalid;
      break;
    default:
      if (table::IsNumeric(schema_->columns()[column].type)) {
        bool truth = false;
        const bool is_bool = element.get(truth) == simdjson::SUCCESS;
        value.cell = parsers_[column].FromNumber(is_bool ? (truth ? 1.0 : 0.0) : NumberOf(element));
      } else {
        value.text = TextOf(element);
        value.cell = parsers_[column].Parse(value.text);
      }
  }
  if (value.cell.state == table::CellState::kInvalid) {
    CheckCell(column, value, std::string(simdjson::minify(element)));
  }
}

void RowBuilder::SetText(size_t column, std::string_view text) {
  Value& value = values_[column];
  value.is_set = true;
  value.text = text;
  value.cell = parsers_[column].Parse(value.text);
  CheckCell(column, value, json::Quote(text));
}

void RowBuilder::SetMissing(size_t column) {
  Value& value = values_[column];
  value.is_set = true;
  value.cell = {};
  value.text.clear();
}

void RowBuilder::SetNumber(size_t column, double number) {
  SetMissing(column);
  Value& value = values_[column];
  value.cell = parsers_[column].FromNumber(number);
  if (value.cell.state == table::CellState::kInvalid) {
    CheckCell(column, value, FormatDouble(number));
  }
}

bool RowBuilder::TakesNumbers(size_t column) const {
  return table::IsNumeric(schema_->columns()[column].type);
}

// What only the history tells must not be taken for missing because a caller forgot it.
void RowBuilder::RequireDerived() {
  for (const size_t i : derived_) {
    if (values_[i].is_set) continue;
    const table::ColumnSchema& column = schema_->columns()[i];
    AddError(
        Format("{}[{}].{}: absent, and no column can be missing that is computed from earlier "
               "rows ({}): send it, or null where there is no such row",
               prefix_, num_rows(), column.name, column.derived));
  }
}

void RowBuilder::AppendRow() {
  RequireDerived();
  for (size_t i = 0; i < values_.size(); ++i) {
    table::Column& column = rows_->mutable_column(static_cast<int64_t>(i));
    const Value& value = values_[i];
    if (checks_ != nullptr) JudgeCell(i, value.is_set ? value.cell : table::Cell{});
    if (!value.is_set || value.cell.state != table::CellState::kValue) {
      column.AppendMissing();
    } else if (table::IsNumeric(column.type())) {
      column.AppendNumber(value.cell.number);
    } else {
      column.AppendText(value.cell.text);
    }
  }
  texts_.keys.push_back(key_);
}

void RowBuilder::JudgeCell(size_t column, const table::Cell& cell) {
  if (cell.state == table::CellState::kInvalid) return;  // an error already
  for (const int32_t rule : checks_->RulesOf(column)) {
    if (checks_->Holds(rule, cell)) continue;
    const expect::Rule& broken = checks_->rules()[static_cast<size_t>(rule)];
    ++num_broken_[static_cast<size_t>(rule)];
    ++num_invalid_;
    const bool refuses = Refuses(broken.action, on_invalid_);
    std::vector<InvalidField>& list = refuses ? refused_ : flagged_;
    if (list.size() >= kMaxErrors) continue;
    InvalidField& field = list.emplace_back();
    field.row = num_rows();
    field.column = checks_->ColumnOf(rule);
    field.check = expect::RuleName(broken.kind);
    field.refuses = refuses;
    if (cell.state == table::CellState::kMissing) {
      field.value = "null";
    } else {
      field.value = table::IsNumeric(schema_->columns()[column].type)
                        ? FormatDouble(cell.number)
                        : json::Quote(Ellipsize(cell.text, kMaxShown));
    }
    field.message = Format("{}[{}].{}: {} (check {})", prefix_, field.row, field.column,
                           checks_->Describe(rule, cell), checks_->NameOf(rule));
  }
}

void RowBuilder::TellInvalid() {
  if (num_invalid_ == 0) return;
  for (size_t i = 0; i < num_broken_.size(); ++i) {
    if (num_broken_[i] == 0) continue;
    texts_.broken.push_back({static_cast<int32_t>(i), num_broken_[i],
                             Refuses(checks_->rules()[i].action, on_invalid_)});
  }
  texts_.is_refused = !refused_.empty();
  texts_.invalid = std::move(refused_);
  for (InvalidField& field : flagged_) {
    if (texts_.invalid.size() >= kMaxErrors) break;
    texts_.invalid.push_back(std::move(field));
  }
  for (const InvalidField& field : texts_.invalid) texts_.warnings.push_back(field.message);
  const auto listed = static_cast<int64_t>(texts_.invalid.size());
  if (listed < num_invalid_) {
    texts_.warnings.push_back(Format("{} more fields break a check", num_invalid_ - listed));
  }
}

void RowBuilder::EndRow() {
  AppendRow();
  if (!keep_json_) return;
  std::string json = "{";
  for (size_t i = 0; i < values_.size(); ++i) {
    const Value& value = values_[i];
    const table::ColumnSchema& column = schema_->columns()[i];
    if (!value.is_set || value.cell.state != table::CellState::kValue) {
      // Said, so that the row can be read again.
      if (value.is_set && !column.derived.empty()) {
        json += Format("{}{}:null", json.size() > 1 ? "," : "", json::Quote(column.name));
      }
      continue;
    }
    json += Format("{}{}:{}", json.size() > 1 ? "," : "", json::Quote(column.name),
                   table::IsNumeric(column.type) ? FormatDouble(value.cell.number)
                                                 : json::Quote(value.cell.text));
  }
  json += '}';
  texts_.json.push_back(std::move(json));
}

Status RowBuilder::AddObject(const Element& element, std::string_view raw) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    return InvalidData(Format("{}[{}]: not an object", prefix_, num_rows()));
  }
  BeginRow();
  size_t guess = 0;
  for (const auto& [name, value] : object) {
    if (IsKey(name)) key_ = TextOf(value);
    const std::optional<size_t> column = Find(name, guess);
    if (!column) {
      if (!IsKey(name)) NoteUnknown(name);
      continue;
    }
    guess = *column + 1;
    if (values_[*column].is_set) {
      AddError(Format("{}[{}].{}: given twice", prefix_, num_rows(), name));
    }
    Set(*column, value);
  }
  for (size_t i = 0; i < values_.size(); ++i) {
    if (!values_[i].is_set) ++num_absent_[i];
  }
  AppendRow();
  if (keep_json_) {
    texts_.json.push_back(raw.empty() ? simdjson::minify(element) : std::string(raw));
  }
  return {};
}

Status RowBuilder::AddPositional(const Element& row) {
  simdjson::dom::array array;
  BeginRow();
  if (row.get(array) != simdjson::SUCCESS) {
    if (num_columns() != 1) {
      return InvalidData(
          Format("{}[{}]: one value for {} columns", prefix_, num_rows(), num_columns()));
    }
    Set(0, row);
    EndRow();
    return {};
  }
  size_t column = 0;
  for (const Element value : array) {
    if (column < num_columns()) Set(column, value);
    ++column;
  }
  if (column != num_columns()) {
    return InvalidData(
        Format("{}[{}]: {} values for {} columns", prefix_, num_rows(), column, num_columns()));
  }
  EndRow();
  return {};
}

void RowBuilder::NoteUnknown(std::string_view name) {
  if (std::find(unknown_.begin(), unknown_.end(), name) != unknown_.end()) return;
  if (unknown_.size() < kMaxWarnings) {
    unknown_.emplace_back(name);
  } else {
    ++num_unlisted_;
  }
}

std::vector<std::string> RowBuilder::Warnings() const {
  std::vector<std::string> absent_names;
  for (size_t i = 0; i < num_absent_.size(); ++i) {
    if (num_absent_[i] > 0) absent_names.push_back(schema_->columns()[i].name);
  }
  std::vector<std::string> warnings;
  for (const std::string& name : unknown_) {
    const std::string shown = Ellipsize(name, kMaxShown);  // also bounds the search for its like
    const std::string near = DidYouMean(shown, absent_names);
    warnings.push_back(
        Format("{}: no column of the model, ignored{}{}", shown, near.empty() ? "" : "; ", near));
  }
  if (num_unlisted_ > 0) {
    warnings.push_back(Format("{} more members are no columns of the model", num_unlisted_));
  }
  size_t num_listed = 0;
  for (size_t i = 0; i < num_absent_.size() && num_listed < kMaxWarnings; ++i) {
    if (num_absent_[i] == 0) continue;
    const std::string rows =
        num_rows() == 1 ? "" : Format(" in {} of {} rows", num_absent_[i], num_rows());
    warnings.push_back(
        Format("{}: absent{}, treated as missing", schema_->columns()[i].name, rows));
    ++num_listed;
  }
  if (num_listed < absent_names.size()) {
    warnings.push_back(Format("{} more columns are absent", absent_names.size() - num_listed));
  }
  return warnings;
}

Result<RowTexts> RowBuilder::Finish() {
  if (!errors_.empty()) return InvalidData(Join(errors_, "\n"));
  if (texts_.keys.empty()) return InvalidData(Format("{}: empty", prefix_));
  texts_.warnings = Warnings();
  TellInvalid();
  return std::move(texts_);
}

Result<simdjson::dom::element> RequestReader::Implementation::Parse(std::string_view body) {
  // A copy of our own, so that both parsers read the same bytes.
  constexpr size_t kKept = size_t{4} << 20;
  if (padded.size() > kKept && body.size() <= kKept) std::string().swap(padded);
  if (padded.size() < body.size() + simdjson::SIMDJSON_PADDING) {
    padded.resize(body.size() + simdjson::SIMDJSON_PADDING);
  }
  std::copy(body.begin(), body.end(), padded.begin());
  simdjson::dom::element root;
  const simdjson::error_code error = parser.parse(padded.data(), body.size(), false).get(root);
  if (error != simdjson::SUCCESS) {
    return InvalidData(Format("body: not JSON: {}", simdjson::error_message(error)));
  }
  return root;
}

std::vector<std::string_view> RequestReader::Implementation::RawObjects(std::string_view body,
                                                                        std::string_view name) {
  if (body.find('\n') != body.npos || body.find('\r') != body.npos) return {};
  simdjson::ondemand::document document;
  const simdjson::padded_string_view bytes(padded.data(), body.size(), padded.size());
  if (raw_parser.iterate(bytes).get(document) != simdjson::SUCCESS) return {};
  std::vector<std::string_view> raws;
  std::string_view raw;
  simdjson::ondemand::object object;
  if (name.empty()) {
    if (document.get_object().get(object) != simdjson::SUCCESS) return {};
    if (object.raw_json().get(raw) != simdjson::SUCCESS) return {};
    raws.push_back(Trim(raw));
    return raws;
  }
  simdjson::ondemand::array array;
  if (document.find_field(name).get_array().get(array) != simdjson::SUCCESS) return {};
  for (auto item : array) {
    if (item.get_object().get(object) != simdjson::SUCCESS) return {};
    if (object.raw_json().get(raw) != simdjson::SUCCESS) return {};
    raws.push_back(Trim(raw));
  }
  return raws;
}

Status CheckRowCount(std::string_view name, size_t num_rows, int64_t max_rows) {
  if (static_cast<int64_t>(num_rows) <= max_rows) return {};
  return ResourceExhausted(Format("{}: more than {}: {}", name, max_rows, num_rows));
}

}  // namespace millrace::serve
