#include "stream/follow.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "stream/row_builder.h"

namespace millrace::stream {
namespace {

using table::Column;
using table::ColumnType;
using table::Table;

constexpr std::string_view kTable = "__stream_batch";
constexpr double kSliceSeconds = 0.1;
// A part's newest segments are merged when so many in a row are small.
constexpr size_t kMaxSmallSegments = 32;
constexpr int64_t kSmallRows = 50'000;
constexpr size_t kShownBytes = 1000;

// Says how a header differs from the stream's columns; empty when it has the same names.
std::string DifferenceOf(const std::vector<std::string>& columns, const Table& rows) {
  std::vector<std::string> unknown;
  std::vector<std::string> absent;
  const std::vector<std::string> names = rows.schema().names();
  const auto has = [](const std::vector<std::string>& list, const std::string& name) {
    return std::any_of(list.begin(), list.end(),
                       [&name](const std::string& other) { return EqualsIgnoreCase(other, name); });
  };
  for (const std::string& name : names) {
    if (!has(columns, name)) unknown.push_back("\"" + name + "\"");
  }
  for (const std::string& name : columns) {
    if (!has(names, name)) absent.push_back("\"" + name + "\"");
  }
  std::string text;
  if (!unknown.empty()) text = "unknown column " + Join(unknown, ", ");
  if (!absent.empty()) text += (text.empty() ? "no column " : ", no column ") + Join(absent, ", ");
  return text;
}

// The same rows with the columns in the stream's order and spelling.
Result<Table> Ordered(const std::vector<std::string>& columns, const Table& rows) {
  std::vector<Column> ordered;
  for (const std::string& name : columns) {
    for (int64_t c = 0; c < rows.num_columns(); ++c) {
      if (EqualsIgnoreCase(rows.schema().column(c).name, name)) ordered.push_back(rows.column(c));
    }
  }
  return MakeTextTable(columns, std::move(ordered));
}

std::vector<std::string> NamesOf(const Batch& batch) {
  return batch.whole ? batch.whole->columns : batch.rows.schema().names();
}

std::string TextOfRow(const Table& rows, int64_t row) {
  std::vector<std::string> cells;
  for (int64_t c = 0; c < rows.num_columns(); ++c) cells.emplace_back(rows.column(c).text(row));
  return Join(cells, ",").substr(0, kShownBytes);
}

class Follower {
 public:
  Follower(const FollowInputs& inputs, const FollowOptions& options)
      : inputs_(inputs), options_(options) {}

  Result<FollowSummary> Run() {
    MILLRACE_ASSIGN_OR_RETURN(state_, inputs_.store.Load());
    while (!inputs_.stop()) {
      MILLRACE_ASSIGN_OR_RETURN(const Pass pass, MakePass());
      if (pass.more) continue;
      if (options_.until_idle) {
        if (!pass.moved) break;
      } else {
        Wait();
      }
    }
    return summary_;
  }

 private:
  struct Pass {
    bool moved = false;  // something was committed
    bool more = false;   // a batch ended at a limit
  };

  void Wait() {
    const double end = inputs_.clock.MonotonicSeconds() + options_.every_seconds;
    while (!inputs_.stop()) {
      const double left = end - inputs_.clock.MonotonicSeconds();
      if (left <= 0.0) return;
      inputs_.clock.SleepSeconds(std::min(left, kSliceSeconds));
    }
  }

  // Every part once.
  Result<Pass> MakePass() {
    Pass pass;
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<Part> parts, inputs_.source.Parts());
    MILLRACE_RETURN_IF_ERROR(CheckAllThere(parts));
    summary_.waiting_bytes = 0;
    for (const Part& part : parts) {
      if (inputs_.stop()) break;
      const std::pair<int64_t, int64_t> look(part.end, part.file.modified_micros);
      const auto seen = seen_.find(part.name);
      const Position from = PositionOf(part.name);
      if (seen == seen_.end() || seen->second != look) {
        MILLRACE_ASSIGN_OR_RETURN(Batch batch, inputs_.source.Poll(from, options_.limit));
        if (batch.next.offset != from.offset) {
          pass.moved = true;
          MILLRACE_RETURN_IF_ERROR(Take(std::move(batch), from));
        } else {
          // Nothing new until size or time of the file change.
          seen_.insert_or_assign(part.name, look);
        }
        pass.more = pass.more || batch.full;
      }
      summary_.waiting_bytes += std::max<int64_t>(0, part.end - PositionOf(part.name).offset);
    }
    return pass;
  }

  Position PositionOf(const std::string& part) const {
    const auto found = state_.parts.find(part);
    if (found != state_.parts.end()) return found->second;
    Position begin;
    begin.part = part;
    return begin;
  }

  // A part that is gone is asked for, so that the source says so.
  Status CheckAllThere(const std::vector<Part>& parts) const {
    std::set<std::string> there;
    for (const Part& part : parts) there.insert(part.name);
    for (const auto& [name, position] : state_.parts) {
      if (there.contains(name) || position.offset == 0) continue;
      MILLRACE_RETURN_IF_ERROR(inputs_.source.Poll(position, options_.limit).status());
    }
    return {};
  }

  Status Take(Batch batch, const Position& from) {
    const double start = inputs_.clock.MonotonicSeconds();
    CommittedBatch committed{.part = from.part, .begin = from.offset, .end = batch.next.offset};
    MILLRACE_RETURN_IF_ERROR(FitColumns(batch, from, committed.remarks));
    Segment segment{.part = from.part, .begin = from.offset, .end = batch.next.offset};
    segment.rows = batch.whole ? batch.next.records - from.records : batch.rows.num_rows();
    segment.columns = NamesOf(batch);
    segment.num_rejected = static_cast<int64_t>(batch.rejected.size());
    PendingBatch pending{.part = from.part, .columns = segment.columns};
    if (segment.rows > 0) {
      pending.table_name = batch.whole ? batch.whole->view_name : std::string(kTable);
      if (!batch.whole) MILLRACE_RETURN_IF_ERROR(inputs_.engine.Load(kTable, batch.rows));
      MILLRACE_ASSIGN_OR_RETURN(
          segment.object,
          StoreSegment(inputs_.engine, inputs_.store.objects(),
                       Format("SELECT * FROM {}", engine::QuoteIdentifier(pending.table_name))));
    }
    if (segment.num_rejected > 0) {
      MILLRACE_ASSIGN_OR_RETURN(segment.rejected,
                                inputs_.store.objects().Put(WriteRejected(batch.rejected)));
    }
    MILLRACE_ASSIGN_OR_RETURN(std::vector<std::string> remarks,
                              inputs_.observer.Examine(inputs_.engine, pending));
    committed.remarks.insert(committed.remarks.end(), remarks.begin(), remarks.end());
    committed.rows = segment.rows;
    committed.num_rejected = segment.num_rejected;
    MILLRACE_RETURN_IF_ERROR(inputs_.store.Commit(state_, batch.next, std::move(segment),
                                                  {.time_micros = inputs_.clock.NowMicros(),
                                                   .rows = committed.rows,
                                                   .num_rejected = committed.num_rejected,
                                                   .remarks = committed.remarks}));
    committed.seconds = inputs_.clock.MonotonicSeconds() - start;
    ++summary_.num_batches;
    summary_.rows += committed.rows;
    summary_.num_rejected += committed.num_rejected;
    summary_.bytes += committed.end - committed.begin;
    inputs_.observer.Committed(committed);
    return MergeSmall(from.part);
  }

  // Columns of a header must be those of the stream; columns of single records may come and go.
  Status FitColumns(Batch& batch, const Position& from, std::vector<std::string>& remarks) {
    const std::vector<std::string> names = NamesOf(batch);
    if (!batch.fixed_columns) {
      NoteNewNames(names, remarks);
      return {};
    }
    if (names.empty()) return {};
    if (state_.columns.empty()) {
      state_.columns = names;
      NoteNewNames(names, remarks);  // where files of another kind came before
    }
    if (names == state_.columns) return {};
    const std::string difference = DifferenceOf(state_.columns, batch.rows);
    if (difference.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(batch.rows, Ordered(state_.columns, batch.rows));
      return {};
    }
    remarks.push_back(Format("{}: {}: its rows are set aside", from.part, difference));
    std::vector<engine::RejectedRow> rejected;
    for (int64_t row = 0; row < batch.rows.num_rows(); ++row) {
      rejected.push_back({.file = BaseName(from.part),
                          .line = batch.lines[static_cast<size_t>(row)],
                          .column = "",
                          .rule = difference,
                          .text = TextOfRow(batch.rows, row)});
    }
    rejected.insert(rejected.end(), batch.rejected.begin(), batch.rejected.end());
    batch.rejected = std::move(rejected);
    MILLRACE_ASSIGN_OR_RETURN(batch.rows, MakeTextTable({}, {}));
    return {};
  }

  void NoteNewNames(const std::vector<std::string>& names, std::vector<std::string>& remarks) {
    if (known_names_.empty()) {
      for (const Segment& segment : state_.segments) {
        for (const std::string& name : segment.columns) known_names_.insert(ToLower(name));
      }
    }
    const bool first = known_names_.empty();
    for (const std::string& name : names) {
      if (!known_names_.insert(ToLower(name)).second || first) continue;
      remarks.push_back(Format("new column \"{}\": missing in the rows before", name));
    }
  }

  Status MergeSmall(const std::string& part) {
    std::vector<const Segment*> small;
    for (const Segment& segment : state_.segments) {
      if (segment.part != part) continue;
      if (segment.rows >= kSmallRows) {
        small.clear();
      } else {
        small.push_back(&segment);
      }
    }
    if (small.size() < kMaxSmallSegments) return {};
    Segment merged{.part = part, .begin = small.front()->begin, .end = small.back()->end};
    std::vector<int64_t> numbers;
    std::vector<std::string> paths;
    std::set<std::string> seen;
    std::string rejected;
    for (const Segment* segment : small) {
      numbers.push_back(segment->number);
      merged.rows += segment->rows;
      merged.num_rejected += segment->num_rejected;
      for (const std::string& name : segment->columns) {
        if (seen.insert(ToLower(name)).second) merged.columns.push_back(name);
      }
      if (segment->object) {
        paths.push_back(engine::QuoteLiteral(inputs_.store.objects().PathOf(*segment->object)));
      }
      if (!segment->rejected) continue;
      MILLRACE_ASSIGN_OR_RETURN(const std::string lines,
                                inputs_.store.objects().Get(*segment->rejected));
      rejected += lines;
    }
    if (!paths.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(
          merged.object,
          StoreSegment(inputs_.engine, inputs_.store.objects(),
                       Format("SELECT {} FROM read_parquet([{}], union_by_name = true)",
                              engine::QuotedList(merged.columns), Join(paths, ", "))));
    }
    if (!rejected.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(merged.rejected, inputs_.store.objects().Put(rejected));
    }
    return inputs_.store.Merge(state_, numbers, std::move(merged));
  }

  const FollowInputs& inputs_;
  const FollowOptions& options_;
  StreamState state_;
  FollowSummary summary_;
  std::map<std::string, std::pair<int64_t, int64_t>> seen_;  // size and time at the last idle poll
  std::set<std::string> known_names_;  // lower case, of records that name them
};

}  // namespace

Result<FollowSummary> Follow(const FollowInputs& inputs, const FollowOptions& options) {
  return Follower(inputs, options).Run();
}

int64_t LagOf(const StreamState& state, const std::vector<Part>& parts) {
  int64_t lag = 0;
  for (const Part& part : parts) {
    const auto position = state.parts.find(part.name);
    lag += part.end - (position == state.parts.end() ? 0 : position->second.offset);
  }
  return lag;
}

}  // namespace millrace::stream
