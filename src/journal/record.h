// Records of the prediction and feedback log (docs/formats/journal.md).

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace millrace::journal {

/// One predicted row.
struct PredictionRecord {
  std::string request_id;       // unique per request
  int64_t row_index = 0;        // within the request
  std::string row_key;          // of the row id column or the sticky key; may be empty
  int64_t time_micros = 0;      // UTC
  std::string bundle;           // digest, 64 hexadecimal digits
  std::string route;            // label of the route: "champion", ...
  std::string row_json;         // the row as a JSON object
  std::vector<double> outputs;  // in label order; one for binary and numbers
  int32_t decision = -1;        // index of the class; -1 for numbers
};

/// A predicted row whose texts belong to somebody else: what a server appends without a copy.
struct PredictionView {
  std::string_view request_id;
  int64_t row_index = 0;
  std::string_view row_key;
  int64_t time_micros = 0;
  std::string_view bundle;
  std::string_view route;
  std::string_view row_json;
  std::span<const double> outputs;
  int32_t decision = -1;
};

/// A label that became known later. Joins by request id and row index, else by row key.
struct FeedbackRecord {
  std::string request_id;  // may be empty
  int64_t row_index = 0;
  std::string row_key;  // may be empty
  int64_t time_micros = 0;
  std::string label;  // as text, read with the target's rules
};

using Record = std::variant<PredictionRecord, FeedbackRecord>;

/// Appends the payload of a predicted row (no framing).
void AppendPrediction(std::string& out, const PredictionView& prediction);
/// Returns the payload of a record (no framing).
std::string EncodeRecord(const Record& record);
/// kCorrupt when the payload is no record.
Result<Record> DecodeRecord(std::string_view payload);

}  // namespace millrace::journal
