// The part of phase 2's report section that shows what was set aside, and what was put back.

#pragma once

#include <optional>
#include <vector>

#include "data/ingest.h"
#include "report/document.h"

namespace millrace::data {

/// Returns the check on rows set aside: how many of each kind.
report::Check QuarantineCheck(const Ingested& rows);
/// Returns the check on rows that were put back; nothing where there are none. It warns where a row
/// that was put back is not in the data any more.
std::optional<report::Check> ReleasedCheck(const Ingested& rows);
/// Returns the tables: rows set aside by rule, and the rows that were put back. Empty where there
/// are none.
std::vector<report::Block> QuarantineTables(const Ingested& rows);

}  // namespace millrace::data
