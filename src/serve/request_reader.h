// RequestReader: reads the bodies of requests in every format that the service speaks.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expect/row_checks.h"
#include "serve/invalid_field.h"
#include "table/table.h"

namespace millrace::serve {

/// Rows of one request besides their values.
struct RowTexts {
  /// [rows] the row as JSON without a line break: as it was sent, where that was an object. Empty
  /// without ReadOptions::keep_json.
  std::vector<std::string> json;
  std::vector<std::string> keys;  // [rows] the key field as text; empty when absent
  /// Where the rows were objects: names that are no column, columns that rows do not hold. At most
  /// 20 of each, and a line that counts the others.
  std::vector<std::string> warnings;
  /// Fields that break a check, at most 20, in order of rows; those that refuse the request before
  /// the others. Their messages stand in `warnings` too, with a line that counts the others.
  std::vector<InvalidField> invalid;
  std::vector<BrokenRule> broken;  // every rule that was broken, with its exact count
  bool is_refused = false;         // a field refuses the request: it must not be answered
};

/// One line of feedback as sent.
struct FeedbackItem {
  std::string request_id;
  int64_t row_index = 0;
  std::string row_key;
  std::string label;
};

struct ReadOptions {
  std::string_view key_field;  // field of a row that is its key; may be empty
  int64_t max_rows = 10'000;
  bool keep_json = true;  // for the log
  /// What values must be; null: anything that can be read. Borrowed, of the schema of the rows.
  const expect::RowChecks* checks = nullptr;
  InvalidRows on_invalid = InvalidRows::kFlag;
};

/// Rows of an MLflow scoring request.
struct InvocationRows {
  RowTexts texts;
  bool probabilities = false;  // params.probabilities: true
};

/// An output that a request asks for.
struct WantedOutput {
  std::string name;
  bool binary = false;  // packed behind the JSON, not as a list in it
};

/// Rows of an Open Inference Protocol request.
struct TensorRows {
  RowTexts texts;
  std::string id;                     // to be echoed; may be empty
  std::vector<WantedOutput> outputs;  // empty: all
  bool all_binary = false;            // of all, where `outputs` is empty
};

struct PackedTensor;  // packed_tensor.h

/// Reads the bodies of all request formats. Every Read... of rows appends to the empty `rows`,
/// whose schema says what to read. A column that a row does not hold is missing, as in a file; one
/// that the schema does not know is ignored, unless a function says otherwise. Errors:
/// kInvalidData, one line `rows[3].age: not a number: "n/a"` per bad field (at most 20);
/// kResourceExhausted beyond max_rows. One thread at a time; memory is reused.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;

  /// `{"rows": [{...}]}` or one object.
  Result<RowTexts> ReadRows(std::string_view body, const ReadOptions& options, table::Table& rows);
  /// MLflow scoring: exactly one of dataframe_split, dataframe_records, instances, inputs;
  /// `params`.
  Result<InvocationRows> ReadInvocation(std::string_view body, const ReadOptions& options,
                                        table::Table& rows);
  /// Comma-separated text (RFC 4180) with a header line. At least one name must be a column.
  Result<RowTexts> ReadCsv(std::string_view body, const ReadOptions& options, table::Table& rows);
  /// Open Inference Protocol v2: inputs named by column, each [n] or [n, 1]; or one input [n, k]
  /// with all k columns in order. An input that is no column is an error. An input whose parameter
  /// binary_data_size says so has its values in `binary`, one after the other in the order of the
  /// inputs (Triton's binary extension); all of `binary` must be used.
  Result<TensorRows> ReadTensors(std::string_view body, std::string_view binary,
                                 const ReadOptions& options, table::Table& rows);
  /// Tensors whose values lie in memory as machine words, placed as those of ReadTensors.
  Result<RowTexts> ReadPacked(const std::vector<PackedTensor>& tensors, const ReadOptions& options,
                              table::Table& rows);
  /// Reads `{"feedback": [{...}]}` or one object: request_id (and row), or key; label.
  Result<std::vector<FeedbackItem>> ReadFeedback(std::string_view body, int64_t max_rows);

  struct Implementation;  // of row_builder.h

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::serve
