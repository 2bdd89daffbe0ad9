// PipelineDiagram: the architecture of a run as a drawing: where rows come from, which way the
// held-out ones go, what is trained, gated, served and watched.

#pragma once

#include "design/approach.h"
#include "engine/source.h"
#include "report/document.h"

namespace millrace::design {

/// Returns the diagram; its text is the same in plain signs.
report::Diagram PipelineDiagram(const Situation& situation, const engine::Source& source);

}  // namespace millrace::design
