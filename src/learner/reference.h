// The page of all learners and their options.

#pragma once

#include <string>

#include "learner/registry.h"

namespace millrace::learner {

/// Returns docs/reference/learners.md, made from the descriptor tables.
std::string LearnersMarkdown(const Registry& registry);

}  // namespace millrace::learner
