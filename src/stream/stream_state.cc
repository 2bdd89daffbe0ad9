#include "stream/stream_state.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::stream {
namespace {

using json::Json;

constexpr std::string_view kPrefix = "stream/";
constexpr std::string_view kHeadKey = "stream/head";
constexpr std::string_view kPartPrefix = "stream/part/";
constexpr std::string_view kSegmentPrefix = "stream/segment/";
constexpr int64_t kFormatVersion = 1;

std::string SegmentKey(int64_t number) { return Format("{}{:012}", kSegmentPrefix, number); }
std::string PartKey(const std::string& part) { return std::string(kPartPrefix) + part; }

Json HeadOf(const StreamState& state) {
  return Json::Of({{"version", kFormatVersion},
                   {"columns", Json::ArrayOf(state.columns)},
                   {"next_number", state.next_number},
                   {"rows", state.rows},
                   {"num_rejected", state.num_rejected},
                   {"num_batches", state.num_batches},
                   {"last", Json::Of({{"time", state.last.time_micros},
                                      {"rows", state.last.rows},
                                      {"num_rejected", state.last.num_rejected},
                                      {"remarks", Json::ArrayOf(state.last.remarks)}})}});
}

Status ReadHead(const Json& head, StreamState& state) {
  constexpr std::string_view kWhere = "stream head";
  MILLRACE_ASSIGN_OR_RETURN(const int64_t version, head.RequireInteger(kWhere, "version"));
  if (version != kFormatVersion) {
    return Unsupported(
               Format("{}: version {}, this program reads {}", kWhere, version, kFormatVersion))
        .WithHint("use a newer millrace");
  }
  for (const Json& name : head["columns"].AsArray()) state.columns.push_back(name.AsString());
  MILLRACE_ASSIGN_OR_RETURN(state.next_number, head.RequireInteger(kWhere, "next_number"));
  MILLRACE_ASSIGN_OR_RETURN(state.rows, head.RequireInteger(kWhere, "rows"));
  MILLRACE_ASSIGN_OR_RETURN(state.num_rejected, head.RequireInteger(kWhere, "num_rejected"));
  MILLRACE_ASSIGN_OR_RETURN(state.num_batches, head.RequireInteger(kWhere, "num_batches"));
  const Json& last = head["last"];
  MILLRACE_ASSIGN_OR_RETURN(state.last.time_micros, last.RequireInteger(kWhere, "time"));
  MILLRACE_ASSIGN_OR_RETURN(state.last.rows, last.RequireInteger(kWhere, "rows"));
  MILLRACE_ASSIGN_OR_RETURN(state.last.num_rejected, last.RequireInteger(kWhere, "num_rejected"));
  for (const Json& remark : last["remarks"].AsArray()) {
    state.last.remarks.push_back(remark.AsString());
  }
  return {};
}

// Adds names that are not there yet; names differ without regard to case, as in the engine.
void Unite(const std::vector<std::string>& names, std::set<std::string>& seen,
           std::vector<std::string>& united) {
  for (const std::string& name : names) {
    if (seen.insert(ToLower(name)).second) united.push_back(name);
  }
}

}  // namespace

Result<StreamState> StreamStore::Load() const {
  StreamState state;
  MILLRACE_ASSIGN_OR_RETURN(const auto documents, catalog_.ListStates(kPrefix));
  for (const auto& [key, document] : documents) {
    if (key == kHeadKey) {
      MILLRACE_RETURN_IF_ERROR(ReadHead(document, state));
    } else if (key.starts_with(kPartPrefix)) {
      MILLRACE_ASSIGN_OR_RETURN(Position position, PositionFromJson(document));
      state.parts.insert_or_assign(position.part, std::move(position));
    } else if (key.starts_with(kSegmentPrefix)) {
      MILLRACE_ASSIGN_OR_RETURN(Segment segment, SegmentFromJson(document));
      state.segments.push_back(std::move(segment));
    }
  }
  return state;
}

Status StreamStore::CheckUnchanged(const StreamState& state) const {
  MILLRACE_ASSIGN_OR_RETURN(const Json head, catalog_.GetState(kHeadKey));
  const int64_t batches = head["num_batches"].AsInteger();
  if (batches == state.num_batches) return {};
  return Unavailable(
             Format("the stream: another process has committed batch {} meanwhile", batches))
      .WithHint("one process at a time follows a stream; start again");
}

Status StreamStore::Commit(StreamState& state, const Position& next, Segment segment,
                           LastBatch last) {
  // Head only: parts and segments may be many.
  StreamState after;
  after.columns = state.columns;
  after.next_number = state.next_number;
  after.rows = state.rows;
  after.num_rejected = state.num_rejected;
  after.num_batches = state.num_batches;
  const bool has_segment = segment.rows > 0 || segment.num_rejected > 0;
  if (has_segment) segment.number = after.next_number++;
  after.rows += segment.rows;
  after.num_rejected += segment.num_rejected;
  ++after.num_batches;
  after.last = std::move(last);
  MILLRACE_RETURN_IF_ERROR(catalog_.Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(CheckUnchanged(state));
    if (has_segment) {
      MILLRACE_RETURN_IF_ERROR(catalog_.PutState(SegmentKey(segment.number), ToJson(segment)));
    }
    MILLRACE_RETURN_IF_ERROR(catalog_.PutState(PartKey(next.part), ToJson(next)));
    return catalog_.PutState(kHeadKey, HeadOf(after));
  }));
  after.parts = std::move(state.parts);
  after.segments = std::move(state.segments);
  after.parts.insert_or_assign(next.part, next);
  if (has_segment) after.segments.push_back(std::move(segment));
  state = std::move(after);
  return {};
}

Status StreamStore::Merge(StreamState& state, std::span<const int64_t> numbers, Segment merged) {
  merged.number = numbers.front();
  MILLRACE_RETURN_IF_ERROR(catalog_.Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(CheckUnchanged(state));
    for (const int64_t number : numbers) {
      MILLRACE_RETURN_IF_ERROR(catalog_.ClearState(SegmentKey(number)));
    }
    return catalog_.PutState(SegmentKey(merged.number), ToJson(merged));
  }));
  std::erase_if(state.segments, [&](const Segment& segment) {
    return std::find(numbers.begin(), numbers.end(), segment.number) != numbers.end();
  });
  const auto place =
      std::find_if(state.segments.begin(), state.segments.end(),
                   [&merged](const Segment& segment) { return segment.number > merged.number; });
  state.segments.insert(place, std::move(merged));
  return {};
}

Status StreamStore::Forget() {
  return catalog_.Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(const auto documents, catalog_.ListStates(kPrefix));
    for (const auto& [key, document] : documents) {
      MILLRACE_RETURN_IF_ERROR(catalog_.ClearState(key));
    }
    return Status();
  });
}

Result<engine::KeptCells> CommittedCells(const StreamState& state, const std::vector<Part>& parts,
                                         const store::ObjectStore& objects) {
  std::map<std::string, std::vector<const Segment*>> by_part;
  for (const Segment& segment : state.segments) by_part[segment.part].push_back(&segment);
  engine::KeptCells cells;
  std::set<std::string> seen;
  for (const Part& part : parts) {
    const auto position = state.parts.find(part.name);
    if (position == state.parts.end()) continue;
    engine::SourceFile file = part.file;
    file.size_bytes = position->second.offset;
    cells.files.push_back(std::move(file));
    std::vector<const Segment*>& segments = by_part[part.name];
    std::sort(segments.begin(), segments.end(),
              [](const Segment* a, const Segment* b) { return a->begin < b->begin; });
    const auto damaged = [&part](const Status& status) {
      return Corrupt(Format("rows of {}: {}", part.name, status.message()))
          .WithHint("read all anew: millrace data follow --reingest --until-idle");
    };
    for (const Segment* segment : segments) {
      if (segment->object) {
        const Status whole = objects.Verify(*segment->object);
        if (!whole.ok()) return damaged(whole);
        cells.parquet_paths.push_back(objects.PathOf(*segment->object));
      }
      Unite(segment->columns, seen, cells.columns);
      if (!segment->rejected) continue;
      const Result<std::string> lines = objects.Get(*segment->rejected);
      if (!lines.ok()) return damaged(lines.status());
      MILLRACE_ASSIGN_OR_RETURN(const auto rows, ReadRejected(*lines));
      cells.rejected.insert(cells.rejected.end(), rows.begin(), rows.end());
    }
    by_part.erase(part.name);
  }
  for (const auto& [name, segments] : by_part) {
    if (segments.empty()) continue;
    return InvalidData(
               Format("{}: is no file of the source any more, and rows of it were read", name))
        .WithHint("put it back, or read all anew: millrace data follow --reingest --until-idle");
  }
  return cells;
}

Result<Digest> StoreSegment(engine::Engine& engine, const store::ObjectStore& objects,
                            const std::string& query) {
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  const std::string path = JoinPath(folder.path(), "segment.parquet");
  MILLRACE_RETURN_IF_ERROR(engine.Execute(Format(
      "COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd)", query, engine::QuoteLiteral(path))));
  return objects.AdoptFile(path);
}

}  // namespace millrace::stream
