// Any bytes as the text of a growing file, and as documents of a stream's state: records cover the
// bytes, do not depend on where a piece ends, and what reads as a document writes back equal.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/text.h"
#include "stream/prefix_proof.h"
#include "stream/records.h"
#include "stream/row_builder.h"
#include "stream/stream_state.h"

namespace {

using millrace::stream::Record;

void CheckHeader(std::string_view bytes, size_t piece) {
  const auto header = millrace::stream::ReadHeader(bytes, std::nullopt, "fuzz");
  if (!header.ok() || !*header) return;
  MILLRACE_CHECK((*header)->size_bytes <= bytes.size(), "a header lies within the bytes");
  MILLRACE_CHECK(!(*header)->columns.empty(), "a header has columns");
  if (piece < (*header)->size_bytes) return;
  // The delimiter is chosen by the header line alone.
  const auto early = millrace::stream::ReadHeader(bytes.substr(0, piece), std::nullopt, "fuzz");
  MILLRACE_CHECK(early.ok() && *early && (*early)->columns == (*header)->columns,
                 "a header does not depend on what follows it");
}

template <typename Cutter>
void CheckRecords(std::string_view bytes, Cutter cutter, size_t piece) {
  millrace::stream::RowBuilder rows({});
  while (true) {
    const auto record = cutter.Next(bytes);
    if (!record) return;
    MILLRACE_CHECK(record->size_bytes > 0 && record->size_bytes <= bytes.size(),
                   "a record lies within the bytes");
    const auto early = cutter.Next(bytes.substr(0, piece));
    MILLRACE_CHECK(!early || (early->size_bytes == record->size_bytes &&
                              early->cells == record->cells && early->problem == record->problem),
                   "a record does not depend on where the bytes end");
    if (!record->names.empty()) (void)rows.AddNamed(*record);
    bytes.remove_prefix(record->size_bytes);
  }
}

void CheckDocuments(std::string_view text) {
  const auto document = millrace::json::Parse(text, "fuzz");
  if (!document.ok()) return;
  if (const auto read = millrace::stream::PositionFromJson(*document); read.ok()) {
    const auto again = millrace::stream::PositionFromJson(millrace::stream::ToJson(*read));
    MILLRACE_CHECK(again.ok() && *again == *read, "a position writes back equal");
  }
  if (const auto read = millrace::stream::PrefixProofFromJson(*document, "fuzz"); read.ok()) {
    const auto again =
        millrace::stream::PrefixProofFromJson(millrace::stream::ToJson(*read), "fuzz");
    MILLRACE_CHECK(again.ok() && *again == *read, "a proof writes back equal");
    MILLRACE_CHECK(read->tail_offset() <= read->size_bytes, "the last block begins in the prefix");
  }
  if (const auto read = millrace::stream::SegmentFromJson(*document); read.ok()) {
    const auto again = millrace::stream::SegmentFromJson(millrace::stream::ToJson(*read));
    MILLRACE_CHECK(again.ok() && again->object == read->object, "a segment writes back equal");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  const auto choice = static_cast<uint8_t>(input[0]);
  const std::string_view bytes = input.substr(1);
  const size_t piece = std::min<size_t>(bytes.size(), choice % 64);
  CheckHeader(bytes, piece);
  const char delimiters[] = {',', ';', '\t', '|'};
  CheckRecords(bytes, millrace::stream::DelimitedCutter(delimiters[choice % 4], choice % 5), piece);
  CheckRecords(bytes, millrace::stream::JsonLineCutter(), piece);
  CheckDocuments(bytes);
  (void)millrace::stream::ReadRejected(bytes);
  return 0;
}
