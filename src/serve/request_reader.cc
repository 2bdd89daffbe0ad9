#include "serve/request_reader.h"

#include <simdjson.h>

#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "table/value_parser.h"

namespace millrace::serve {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr size_t kMaxErrors = 20;

bool IsNumber(const element& value) {
  return value.type() == element_type::INT64 || value.type() == element_type::UINT64 ||
         value.type() == element_type::DOUBLE;
}

double NumberOf(const element& value) {
  double number = NAN;
  if (value.get(number) != simdjson::SUCCESS) return NAN;
  return number;
}

// Writes scalars as the text that a file would hold.
std::string TextOf(const element& value) {
  switch (value.type()) {
    case element_type::STRING: {
      std::string_view text;
      if (value.get(text) != simdjson::SUCCESS) return {};
      return std::string(text);
    }
    case element_type::DOUBLE:
      return FormatDouble(NumberOf(value));
    case element_type::NULL_VALUE:
      return {};
    default:
      return simdjson::minify(value);
  }
}

struct ReadValue {
  table::Cell cell;
  std::string text;  // backs cell.text where it was formatted here
};

ReadValue ReadCell(const table::ValueParser& parser, table::ColumnType type, const element& value) {
  ReadValue read;
  switch (value.type()) {
    case element_type::NULL_VALUE:
      return read;
    case element_type::STRING: {
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS) read.cell = parser.Parse(text);
      return read;
    }
    case element_type::ARRAY:
    case element_type::OBJECT:
      read.cell.state = table::CellState::kInvalid;
      return read;
    default:
      break;
  }
  if (table::IsNumeric(type)) {
    bool truth = false;
    const bool is_bool = value.get(truth) == simdjson::SUCCESS;
    read.cell = parser.FromNumber(is_bool ? (truth ? 1.0 : 0.0) : NumberOf(value));
  } else {
    read.text = TextOf(value);
    read.cell = parser.Parse(read.text);
  }
  return read;
}

void AppendCell(table::Column& column, const ReadValue& read) {
  if (read.cell.state != table::CellState::kValue) {
    column.AppendMissing();
  } else if (table::IsNumeric(column.type())) {
    column.AppendNumber(read.cell.number);
  } else {
    column.AppendText(read.text.empty() ? read.cell.text : std::string_view(read.text));
  }
}

}  // namespace

struct RequestReader::Implementation {
  simdjson::dom::parser parser;
  std::shared_ptr<const table::Schema> schema;  // that `values` were made for
  std::vector<table::ValueParser> values;

  Result<element> Parse(std::string_view body) {
    element root;
    const simdjson::error_code error = parser.parse(body.data(), body.size()).get(root);
    if (error != simdjson::SUCCESS) {
      return InvalidData(Format("body: not JSON: {}", simdjson::error_message(error)));
    }
    return root;
  }

  void Prepare(const table::Table& rows) {
    if (schema == rows.shared_schema()) return;
    schema = rows.shared_schema();
    values.clear();
    for (const table::ColumnSchema& column : schema->columns()) values.emplace_back(column);
  }

  void ReadRow(const element& row, size_t index, table::Table& rows,
               std::vector<std::string>& errors) const {
    for (int64_t c = 0; c < schema->num_columns(); ++c) {
      const table::ColumnSchema& column = schema->column(c);
      element value;
      ReadValue read;
      if (row.at_key(column.name).get(value) == simdjson::SUCCESS) {
        read = ReadCell(values[static_cast<size_t>(c)], column.type, value);
        if (read.cell.state == table::CellState::kInvalid && errors.size() < kMaxErrors) {
          errors.push_back(Format("rows[{}].{}: not a {}: {}", index, column.name,
                                  table::ColumnTypeName(column.type),
                                  Ellipsize(std::string(simdjson::minify(value)), 80)));
        }
      }
      AppendCell(rows.mutable_column(c), read);
    }
  }
};

RequestReader::RequestReader() : implementation_(std::make_unique<Implementation>()) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

Result<RowTexts> RequestReader::ReadRows(std::string_view body, std::string_view key_field,
                                         int64_t max_rows, table::Table& rows) {
  MILLRACE_ASSIGN_OR_RETURN(const element root, implementation_->Parse(body));
  if (root.type() != element_type::OBJECT) {
    return InvalidData("body: neither {\"rows\": [...]} nor one object");
  }
  std::vector<element> items;
  simdjson::dom::array array;
  element wrapped;
  if (root.at_key("rows").get(wrapped) == simdjson::SUCCESS &&
      wrapped.get(array) == simdjson::SUCCESS) {
    for (const element item : array) items.push_back(item);
  } else {
    items.push_back(root);
  }
  if (items.empty()) return InvalidData("rows: empty");
  if (static_cast<int64_t>(items.size()) > max_rows) {
    return ResourceExhausted(Format("rows: more than {}: {}", max_rows, items.size()));
  }
  implementation_->Prepare(rows);
  RowTexts texts;
  std::vector<std::string> errors;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].type() != element_type::OBJECT) {
      return InvalidData(Format("rows[{}]: not an object", i));
    }
    implementation_->ReadRow(items[i], i, rows, errors);
    texts.json.emplace_back(simdjson::minify(items[i]));
    element key;
    const bool has_key =
        !key_field.empty() && items[i].at_key(key_field).get(key) == simdjson::SUCCESS;
    texts.keys.push_back(has_key ? TextOf(key) : std::string());
  }
  if (!errors.empty()) return InvalidData(Join(errors, "\n"));
  return texts;
}

Result<std::vector<FeedbackItem>> RequestReader::ReadFeedback(std::string_view body,
                                                              int64_t max_rows) {
  MILLRACE_ASSIGN_OR_RETURN(const element root, implementation_->Parse(body));
  std::vector<element> found;
  simdjson::dom::array array;
  if (root.type() == element_type::OBJECT &&
      root.at_key("feedback").get(array) == simdjson::SUCCESS) {
    for (const element item : array) found.push_back(item);
  } else {
    found.push_back(root);
  }
  if (static_cast<int64_t>(found.size()) > max_rows) {
    return ResourceExhausted(Format("feedback: more than {}: {}", max_rows, found.size()));
  }
  std::vector<FeedbackItem> items;
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].type() != element_type::OBJECT) {
      return InvalidData(Format("feedback[{}]: not an object", i));
    }
    FeedbackItem item;
    element value;
    if (found[i].at_key("request_id").get(value) == simdjson::SUCCESS) {
      item.request_id = TextOf(value);
    }
    if (found[i].at_key("row").get(value) == simdjson::SUCCESS) {
      int64_t row = 0;
      if (value.get(row) != simdjson::SUCCESS || row < 0) {
        return InvalidData(Format("feedback[{}].row: not a row number", i));
      }
      item.row_index = row;
    }
    if (found[i].at_key("key").get(value) == simdjson::SUCCESS) item.row_key = TextOf(value);
    if (found[i].at_key("label").get(value) != simdjson::SUCCESS ||
        !(IsNumber(value) || value.type() == element_type::STRING ||
          value.type() == element_type::BOOL)) {
      return InvalidData(Format("feedback[{}].label: absent", i));
    }
    item.label = TextOf(value);
    if (item.request_id.empty() && item.row_key.empty()) {
      return InvalidData(Format("feedback[{}]: neither request_id nor key", i));
    }
    items.push_back(std::move(item));
  }
  if (items.empty()) return InvalidData("feedback: empty");
  return items;
}

}  // namespace millrace::serve
