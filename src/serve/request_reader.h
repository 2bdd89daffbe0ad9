// RequestReader: the adapter of simdjson. Reads the body of a predict or feedback request.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/table.h"

namespace millrace::serve {

/// Rows of one request besides their values.
struct RowTexts {
  std::vector<std::string> json;  // [rows] the row as compact JSON
  std::vector<std::string> keys;  // [rows] the key field as text; empty when absent
};

/// One line of feedback as sent.
struct FeedbackItem {
  std::string request_id;
  int64_t row_index = 0;
  std::string row_key;
  std::string label;
};

/// One thread at a time; memory is reused.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;

  /// Appends the rows of `body`, `{"rows": [{...}]}` or one object, to the empty `rows`, whose
  /// schema says what to read. kInvalidData: one line `rows[3].age: not a number: "n/a"` per bad
  /// field (at most 20), kResourceExhausted beyond `max_rows`.
  Result<RowTexts> ReadRows(std::string_view body, std::string_view key_field, int64_t max_rows,
                            table::Table& rows);
  /// Reads `{"feedback": [{...}]}` or one object: request_id (and row), or key; label.
  Result<std::vector<FeedbackItem>> ReadFeedback(std::string_view body, int64_t max_rows);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::serve
