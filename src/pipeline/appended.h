// Appended: a source that only grows, as a run sees it: what is new is read and committed, and the
// phases work on the committed rows. Internal to pipeline and cli.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "pipeline/run.h"
#include "pipeline/sources.h"
#include "spec/spec.h"
#include "stream/file_source.h"
#include "stream/stream_state.h"

namespace millrace::pipeline {

/// Returns the growing source that `spec.data` names. `engine`: opens files that are taken as a
/// whole, borrowed; null where nothing is read.
stream::FileSource AppendedSource(const spec::Spec& spec, const std::string& project_folder,
                                  engine::Engine* engine);

/// Takes the right to commit to the project's stream; nothing when another process has it.
Result<std::optional<FileLock>> TryStreamLock(const store::Project& project);

/// kPrivate: into a store that nobody else uses, whoever follows the source.
enum class TakeNew { kYes, kNo, kPrivate };

struct AppendedRows {
  engine::KeptCells cells;
  std::vector<SourceContent> contents;  // of what is committed; size = bytes read
  bool has_more = false;                // complete records that are not committed; told of kNo only
};

/// Reads what is new and commits it, unless another process follows the source (then what that one
/// has committed counts) or `take` is kNo, and returns what is committed. kNotFound without a file,
/// kInvalidData without a row, and when what was read before has changed; kCancelled.
Result<AppendedRows> ReadAppended(const Workspace& workspace, const spec::Spec& spec, Clock& clock,
                                  TakeNew take);

/// Reads all that was read of the files before, and proves that it has not changed. kInvalidData
/// naming the file and the way out.
Status VerifyAppended(const Workspace& workspace, const spec::Spec& spec);

}  // namespace millrace::pipeline
