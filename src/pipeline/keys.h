// Keys: the digest of exactly what a phase reads. Equal keys, equal records: a phase whose key is
// known is found, not repeated (docs/adr/0055-keys-of-phases.md). Internal to the folder.

#pragma once

#include "base/digest.h"
#include "json/value.h"
#include "pipeline/phase_step.h"

namespace millrace::pipeline {

/// Phase 1 reads the whole specification and the source files.
Digest DesignKey(const PhaseContext& context);
/// Phase 2: problem, data, split; task and positive class of phase 1; source files; the salt; rows
/// that were put back from the quarantine.
Digest DataKey(const PhaseContext& context);
/// Phase 3: what phase 2 kept, features, development, requirements that move the threshold, the
/// budget. The number of threads is left out: it decides how long a plan becomes, as the hour does.
Digest DevelopKey(const PhaseContext& context);
/// Phase 4: all of phase 3, its record, the requirements, and the checks that a bundle keeps.
Digest EvaluateKey(const PhaseContext& context);

/// Returns the key under which a search that an interrupt cut short is kept: only the same run,
/// continued, takes it.
Digest CutShortKey(const Digest& key);

/// What a bundle says of its origin: no wall-clock figure, no run, no path, so that equal inputs
/// give equal bytes.
json::Json ProvenanceOf(const PhaseContext& context);

}  // namespace millrace::pipeline
