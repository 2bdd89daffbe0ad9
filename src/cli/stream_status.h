// Stream status: what `millrace status` says of an append-only source: what is committed, what is
// there and not read yet, whether someone follows it.

#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/command.h"
#include "data/quarantine.h"
#include "json/value.h"
#include "pipeline/run.h"
#include "report/document.h"
#include "stream/stream_state.h"

namespace millrace::cli {

struct StreamStatus {
  stream::StreamState state;
  std::vector<stream::Part> parts;  // as they are now
  int64_t lag_bytes = 0;            // there, and not committed
  bool followed = false;            // by a process that runs now
};

/// Returns nothing where the project's source is not append-only.
Result<std::optional<StreamStatus>> GatherStream(const CommandContext& context,
                                                 const pipeline::Workspace& workspace);

/// Adds the lines that reading the source has set aside and `rows`, of the newest run, lacks.
Status AddRejected(const StreamStatus& status, const store::ObjectStore& objects,
                   std::vector<data::QuarantinedRow>& rows);

/// Returns the lines of `millrace status`.
std::vector<report::Fact> FactsOf(const StreamStatus& status, const Clock& clock);
json::Json ToJson(const StreamStatus& status);

}  // namespace millrace::cli
