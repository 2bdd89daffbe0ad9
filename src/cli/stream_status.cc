#include "cli/stream_status.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/project_access.h"
#include "pipeline/appended.h"
#include "stream/follow.h"

namespace millrace::cli {

Result<std::optional<StreamStatus>> GatherStream(const CommandContext& context,
                                                 const pipeline::Workspace& workspace) {
  // A specification that cannot be read is told by the commands that need it.
  const auto spec = ReadProjectSpec(context);
  if (!spec.ok() || !spec->data.append_only) return std::optional<StreamStatus>();
  stream::FileSource source = pipeline::AppendedSource(*spec, workspace.project.folder(), nullptr);
  StreamStatus status;
  const stream::StreamStore store(*workspace.catalog, workspace.objects);
  MILLRACE_ASSIGN_OR_RETURN(status.state, store.Load());
  MILLRACE_ASSIGN_OR_RETURN(status.parts, source.Parts());
  status.lag_bytes = stream::LagOf(status.state, status.parts);
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<FileLock> lock,
                            pipeline::TryStreamLock(workspace.project));
  status.followed = !lock.has_value();
  return std::optional<StreamStatus>(std::move(status));
}

Status AddRejected(const StreamStatus& status, const store::ObjectStore& objects,
                   std::vector<data::QuarantinedRow>& rows) {
  std::set<std::pair<std::string, int64_t>> known;
  for (const data::QuarantinedRow& row : rows) known.emplace(row.file, row.line);
  for (const stream::Segment& segment : status.state.segments) {
    if (!segment.rejected) continue;
    MILLRACE_ASSIGN_OR_RETURN(const std::string lines, objects.Get(*segment.rejected));
    MILLRACE_ASSIGN_OR_RETURN(const auto rejected, stream::ReadRejected(lines));
    for (const engine::RejectedRow& row : rejected) {
      if (!known.emplace(row.file, row.line).second) continue;
      rows.push_back({.file = row.file,
                      .line = row.line,
                      .column = row.column,
                      .value = row.text,
                      .rule = row.rule});
    }
  }
  return {};
}

std::vector<report::Fact> FactsOf(const StreamStatus& status, const Clock& clock) {
  const stream::StreamState& state = status.state;
  std::vector<report::Fact> facts;
  std::string read = Format("{} batches from {} files", FormatCount(state.num_batches),
                            FormatCount(static_cast<int64_t>(state.parts.size())));
  if (state.num_rejected > 0) {
    read += Format(", {} lines set aside", FormatCount(state.num_rejected));
  }
  facts.push_back({"stream", Format("{} rows", FormatCount(state.rows)), read});
  facts.push_back({"  not read", FormatBytes(status.lag_bytes),
                   status.followed ? "a process follows the source"
                                   : "millrace data follow reads what is new, a run too"});
  if (state.last.time_micros > 0) {
    const double ago = static_cast<double>(clock.NowMicros() - state.last.time_micros) * 1e-6;
    facts.push_back({"  last batch", Format("{} rows", FormatCount(state.last.rows)),
                     FormatDuration(std::max(0.0, std::floor(ago))) + " ago"});
  }
  for (const std::string& remark : state.last.remarks) facts.push_back({"  told", remark, ""});
  return facts;
}

json::Json ToJson(const StreamStatus& status) {
  const stream::StreamState& state = status.state;
  json::Json parts = json::Json::MakeArray();
  for (const stream::Part& part : status.parts) {
    const auto position = state.parts.find(part.name);
    const bool known = position != state.parts.end();
    const int64_t offset = known ? position->second.offset : 0;
    parts.Append(json::Json::Of({{"part", part.name},
                                 {"offset", offset},
                                 {"records", known ? position->second.records : 0},
                                 {"lag_bytes", part.end - offset}}));
  }
  json::Json last;
  if (state.last.time_micros > 0) {
    last = json::Json::Of({{"time", FormatUtc(state.last.time_micros)},
                           {"rows", state.last.rows},
                           {"rejected", state.last.num_rejected},
                           {"remarks", json::Json::ArrayOf(state.last.remarks)}});
  }
  return json::Json::Of({{"rows", state.rows},
                         {"rejected", state.num_rejected},
                         {"batches", state.num_batches},
                         {"segments", static_cast<int64_t>(state.segments.size())},
                         {"lag_bytes", status.lag_bytes},
                         {"followed", status.followed},
                         {"last_batch", std::move(last)},
                         {"parts", std::move(parts)}});
}

}  // namespace millrace::cli
