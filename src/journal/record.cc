#include "journal/record.h"

#include <array>
#include <bit>

namespace millrace::journal {
namespace {

constexpr char kPrediction = 1;
constexpr char kFeedback = 2;

void PutInteger(std::string& out, uint64_t value) {
  std::array<char, 8> bytes{};
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>((value >> (8 * i)) & 0xff);
  out.append(bytes.data(), bytes.size());
}

void PutText(std::string& out, std::string_view text) {
  PutInteger(out, text.size());
  out += text;
}

// Reads fields in order; the first one that does not fit fails all.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t Integer() {
    if (bytes_.size() < 8) {
      failed_ = true;
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes_[i])) << (8 * i);
    }
    bytes_.remove_prefix(8);
    return value;
  }
  std::string Text() {
    const uint64_t size = Integer();
    if (failed_ || size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    std::string text(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return text;
  }
  size_t left() const { return bytes_.size(); }
  bool done() const { return !failed_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

struct Encoder {
  std::string operator()(const PredictionRecord& record) const {
    std::string out;
    AppendPrediction(out, {.request_id = record.request_id,
                           .row_index = record.row_index,
                           .row_key = record.row_key,
                           .time_micros = record.time_micros,
                           .bundle = record.bundle,
                           .route = record.route,
                           .row_json = record.row_json,
                           .outputs = record.outputs,
                           .decision = record.decision});
    return out;
  }
  std::string operator()(const FeedbackRecord& record) const {
    std::string out(1, kFeedback);
    PutText(out, record.request_id);
    PutInteger(out, static_cast<uint64_t>(record.row_index));
    PutText(out, record.row_key);
    PutInteger(out, static_cast<uint64_t>(record.time_micros));
    PutText(out, record.label);
    return out;
  }
};

}  // namespace

void AppendPrediction(std::string& out, const PredictionView& prediction) {
  out += kPrediction;
  PutText(out, prediction.request_id);
  PutInteger(out, static_cast<uint64_t>(prediction.row_index));
  PutText(out, prediction.row_key);
  PutInteger(out, static_cast<uint64_t>(prediction.time_micros));
  PutText(out, prediction.bundle);
  PutText(out, prediction.route);
  PutText(out, prediction.row_json);
  PutInteger(out, prediction.outputs.size());
  for (const double output : prediction.outputs) PutInteger(out, std::bit_cast<uint64_t>(output));
  PutInteger(out, static_cast<uint64_t>(int64_t{prediction.decision}));
}

std::string EncodeRecord(const Record& record) { return std::visit(Encoder{}, record); }

Result<Record> DecodeRecord(std::string_view payload) {
  if (payload.empty()) return Corrupt("journal record: empty");
  FieldReader reader(payload.substr(1));
  if (payload[0] == kFeedback) {
    FeedbackRecord record;
    record.request_id = reader.Text();
    record.row_index = static_cast<int64_t>(reader.Integer());
    record.row_key = reader.Text();
    record.time_micros = static_cast<int64_t>(reader.Integer());
    record.label = reader.Text();
    if (!reader.done()) return Corrupt("journal record: feedback does not fit its length");
    return Record(std::move(record));
  }
  if (payload[0] != kPrediction) return Corrupt("journal record: unknown kind");
  PredictionRecord record;
  record.request_id = reader.Text();
  record.row_index = static_cast<int64_t>(reader.Integer());
  record.row_key = reader.Text();
  record.time_micros = static_cast<int64_t>(reader.Integer());
  record.bundle = reader.Text();
  record.route = reader.Text();
  record.row_json = reader.Text();
  const uint64_t count = reader.Integer();
  if (count > reader.left() / 8) return Corrupt("journal record: more outputs than bytes");
  for (uint64_t i = 0; i < count; ++i) {
    record.outputs.push_back(std::bit_cast<double>(reader.Integer()));
  }
  record.decision = static_cast<int32_t>(static_cast<int64_t>(reader.Integer()));
  if (!reader.done()) return Corrupt("journal record: prediction does not fit its length");
  return Record(std::move(record));
}

}  // namespace millrace::journal
