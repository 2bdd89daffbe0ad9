#include "pipeline/appended.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/engine.h"
#include "json/text.h"
#include "stream/follow.h"

namespace millrace::pipeline {
namespace {

constexpr int64_t kEngineBytes = int64_t{512} << 20;

// Phases 1 and 2 look at all rows afterwards: nothing is said of single batches.
class SilentObserver final : public stream::FollowObserver {
 public:
  Result<std::vector<std::string>> Examine(engine::Engine&, const stream::PendingBatch&) override {
    return std::vector<std::string>();
  }
  void Committed(const stream::CommittedBatch&) override {}
};

Status TakeWhatIsNew(const Workspace& workspace, stream::FileSource& source,
                     stream::StreamStore& store, engine::Engine& engine, Clock& clock,
                     TakeNew take) {
  std::optional<FileLock> lock;
  if (take == TakeNew::kYes) {
    MILLRACE_ASSIGN_OR_RETURN(lock, TryStreamLock(workspace.project));
    if (!lock) return {};
  }
  SilentObserver observer;
  stream::FollowOptions options;
  options.until_idle = true;
  MILLRACE_RETURN_IF_ERROR(stream::Follow({.source = source,
                                           .store = store,
                                           .engine = engine,
                                           .clock = clock,
                                           .observer = observer,
                                           .stop = [] { return Interrupted(); }},
                                          options)
                               .status());
  return CheckInterrupted();
}

}  // namespace

stream::FileSource AppendedSource(const spec::Spec& spec, const std::string& project_folder,
                                  engine::Engine* engine) {
  return stream::FileSource({.folder = project_folder,
                             .paths = spec.data.paths,
                             .delimiter = spec.data.delimiter,
                             .engine = engine});
}

Result<std::optional<FileLock>> TryStreamLock(const store::Project& project) {
  return FileLock::TryLock(JoinPath(project.state_folder(), "stream.lock"));
}

Result<AppendedRows> ReadAppended(const Workspace& workspace, const spec::Spec& spec, Clock& clock,
                                  TakeNew take) {
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine,
                            engine::MakeDuckDbEngine({.memory_bytes = kEngineBytes}));
  stream::FileSource source = AppendedSource(spec, workspace.project.folder(), engine.get());
  stream::StreamStore store(*workspace.catalog, workspace.objects);
  if (take != TakeNew::kNo) {
    MILLRACE_RETURN_IF_ERROR(TakeWhatIsNew(workspace, source, store, *engine, clock, take));
  }
  MILLRACE_ASSIGN_OR_RETURN(const stream::StreamState state, store.Load());
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<stream::Part> parts, source.Parts());
  if (parts.empty() && state.parts.empty()) {
    return NotFound(Format("{}: no file is there yet", Join(spec.data.paths, ", ")))
        .WithHint("data.source names files, patterns or folders, from the project's folder");
  }
  AppendedRows rows;
  MILLRACE_ASSIGN_OR_RETURN(rows.cells, stream::CommittedCells(state, parts, workspace.objects));
  std::unordered_map<std::string_view, const stream::Part*> part_of;
  for (const stream::Part& part : parts) part_of.emplace(part.file.path, &part);
  for (const stream::Part& part : parts) {
    if (take != TakeNew::kNo || rows.has_more) break;
    stream::Position from;
    from.part = part.name;
    const auto known = state.parts.find(part.name);
    if (known != state.parts.end()) from = known->second;
    if (from.offset == part.end) continue;
    MILLRACE_ASSIGN_OR_RETURN(const stream::Batch batch, source.Poll(from, {.max_rows = 1}));
    rows.has_more = batch.next.offset != from.offset;
  }
  if (rows.cells.parquet_paths.empty()) {
    return InvalidData(Format("{}: no complete row yet", Join(spec.data.paths, ", ")))
        .WithHint("a row counts once its line has an end");
  }
  for (const engine::SourceFile& file : rows.cells.files) {
    SourceContent content{
        .path = file.path, .size_bytes = file.size_bytes, .modified_micros = file.modified_micros};
    if (const auto part = part_of.find(file.path); part != part_of.end()) {
      // Which columns the stream has may depend on which file was there first.
      content.content = DigestOf(stream::ContentOf(state.parts.at(part->second->name)).ToHex() +
                                 json::Write(json::Json::ArrayOf(state.columns)));
    }
    rows.contents.push_back(std::move(content));
  }
  return rows;
}

Status VerifyAppended(const Workspace& workspace, const spec::Spec& spec) {
  stream::FileSource source = AppendedSource(spec, workspace.project.folder(), nullptr);
  const stream::StreamStore store(*workspace.catalog, workspace.objects);
  MILLRACE_ASSIGN_OR_RETURN(const stream::StreamState state, store.Load());
  for (const auto& [name, position] : state.parts) {
    MILLRACE_RETURN_IF_ERROR(source.Verify(position));
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  }
  return {};
}

}  // namespace millrace::pipeline
