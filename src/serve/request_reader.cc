#include "serve/request_reader.h"

#include "base/format.h"
#include "serve/row_builder.h"

namespace millrace::serve {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

}  // namespace

RequestReader::RequestReader() : implementation_(std::make_unique<Implementation>()) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

Result<RowTexts> RequestReader::ReadRows(std::string_view body, const ReadOptions& options,
                                         table::Table& rows) {
  MILLRACE_ASSIGN_OR_RETURN(const element root, implementation_->Parse(body));
  if (root.type() != element_type::OBJECT) {
    return InvalidData("body: neither {\"rows\": [...]} nor one object");
  }
  RowBuilder& builder = implementation_->builder;
  builder.Begin(rows, options, "rows");
  simdjson::dom::array array;
  element wrapped;
  const bool is_list = root.at_key("rows").get(wrapped) == simdjson::SUCCESS &&
                       wrapped.get(array) == simdjson::SUCCESS;
  if (is_list) {
    MILLRACE_RETURN_IF_ERROR(CheckRowCount("rows", array.size(), options.max_rows));
  }
  std::vector<std::string_view> raws;
  if (options.keep_json) raws = implementation_->RawObjects(body, is_list ? "rows" : "");
  if (!is_list) {
    MILLRACE_RETURN_IF_ERROR(builder.AddObject(root, raws.empty() ? "" : raws.front()));
    return builder.Finish();
  }
  const bool has_raws = raws.size() == array.size();
  size_t index = 0;
  for (const element item : array) {
    MILLRACE_RETURN_IF_ERROR(builder.AddObject(item, has_raws ? raws[index] : ""));
    ++index;
  }
  return builder.Finish();
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
