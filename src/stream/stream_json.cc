// Documents of a stream's state, as docs/formats/stream.md has them.

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "stream/stream_state.h"

namespace millrace::stream {
namespace {

using json::Json;

Json MaybeHex(const std::optional<Digest>& digest) {
  return digest ? Json(digest->ToHex()) : Json();
}

Result<std::optional<Digest>> MaybeDigest(const Json& document, std::string_view where,
                                          std::string_view key) {
  if (document[key].is_null()) return std::optional<Digest>();
  const auto digest = Digest::FromHex(document[key].AsString());
  if (!digest.ok()) return Corrupt(Format("{}: {}: not a digest", where, key));
  return std::optional<Digest>(*digest);
}

}  // namespace

Json ToJson(const Position& position) {
  return Json::Of({{"part", position.part},
                   {"offset", position.offset},
                   {"records", position.records},
                   {"lines", position.lines},
                   {"token", position.token}});
}

Result<Position> PositionFromJson(const Json& document) {
  constexpr std::string_view kWhere = "stream position";
  Position position;
  MILLRACE_ASSIGN_OR_RETURN(position.part, document.RequireString(kWhere, "part"));
  MILLRACE_ASSIGN_OR_RETURN(position.offset, document.RequireInteger(kWhere, "offset"));
  MILLRACE_ASSIGN_OR_RETURN(position.records, document.RequireInteger(kWhere, "records"));
  MILLRACE_ASSIGN_OR_RETURN(position.lines, document.RequireInteger(kWhere, "lines"));
  position.token = document["token"];
  if (position.part.empty() || position.offset < 0 || position.records < 0 || position.lines < 0) {
    return Corrupt(Format("{}: {}: a count below zero", kWhere, position.part));
  }
  return position;
}

Json ToJson(const Segment& segment) {
  return Json::Of({{"number", segment.number},
                   {"part", segment.part},
                   {"begin", segment.begin},
                   {"end", segment.end},
                   {"rows", segment.rows},
                   {"object", MaybeHex(segment.object)},
                   {"columns", Json::ArrayOf(segment.columns)},
                   {"num_rejected", segment.num_rejected},
                   {"rejected", MaybeHex(segment.rejected)}});
}

Result<Segment> SegmentFromJson(const Json& document) {
  constexpr std::string_view kWhere = "stream segment";
  Segment segment;
  MILLRACE_ASSIGN_OR_RETURN(segment.number, document.RequireInteger(kWhere, "number"));
  MILLRACE_ASSIGN_OR_RETURN(segment.part, document.RequireString(kWhere, "part"));
  MILLRACE_ASSIGN_OR_RETURN(segment.begin, document.RequireInteger(kWhere, "begin"));
  MILLRACE_ASSIGN_OR_RETURN(segment.end, document.RequireInteger(kWhere, "end"));
  MILLRACE_ASSIGN_OR_RETURN(segment.rows, document.RequireInteger(kWhere, "rows"));
  MILLRACE_ASSIGN_OR_RETURN(segment.num_rejected, document.RequireInteger(kWhere, "num_rejected"));
  MILLRACE_ASSIGN_OR_RETURN(segment.object, MaybeDigest(document, kWhere, "object"));
  MILLRACE_ASSIGN_OR_RETURN(segment.rejected, MaybeDigest(document, kWhere, "rejected"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* names, document.RequireArray(kWhere, "columns"));
  for (const Json& name : *names) segment.columns.push_back(name.AsString());
  const bool counts = segment.begin >= 0 && segment.end >= segment.begin && segment.rows >= 0 &&
                      segment.num_rejected >= 0;
  if (!counts || (segment.rows > 0) != segment.object.has_value() ||
      (segment.num_rejected > 0) != segment.rejected.has_value()) {
    return Corrupt(Format("{} {}: counts and objects do not fit", kWhere, segment.number));
  }
  return segment;
}

Digest ContentOf(const Position& position) {
  Json document = ToJson(position);
  document.Set("part", "");
  return DigestOf(json::Write(document));
}

std::string WriteRejected(const std::vector<engine::RejectedRow>& rows) {
  std::string lines;
  for (const engine::RejectedRow& row : rows) {
    lines += json::Write(Json::Of({{"file", row.file},
                                   {"line", row.line},
                                   {"column", row.column},
                                   {"rule", row.rule},
                                   {"text", row.text}}));
    lines += '\n';
  }
  return lines;
}

Result<std::vector<engine::RejectedRow>> ReadRejected(std::string_view lines) {
  constexpr std::string_view kWhere = "rejected records";
  std::vector<engine::RejectedRow> rows;
  for (const std::string_view line : Split(lines, '\n')) {
    if (line.empty()) continue;
    const auto document = json::Parse(line, kWhere);
    if (!document.ok()) return Corrupt(document.status().message());
    engine::RejectedRow row;
    MILLRACE_ASSIGN_OR_RETURN(row.file, document->RequireString(kWhere, "file"));
    MILLRACE_ASSIGN_OR_RETURN(row.line, document->RequireInteger(kWhere, "line"));
    MILLRACE_ASSIGN_OR_RETURN(row.column, document->RequireString(kWhere, "column"));
    MILLRACE_ASSIGN_OR_RETURN(row.rule, document->RequireString(kWhere, "rule"));
    MILLRACE_ASSIGN_OR_RETURN(row.text, document->RequireString(kWhere, "text"));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace millrace::stream
