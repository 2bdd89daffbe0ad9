// SplitByTime: whether later rows are held out.

#pragma once

#include "spec/spec.h"

namespace millrace::spec {

/// Returns true where the split follows data.time: split.kind says so, or leaves it open and no
/// column states the parts.
bool SplitsByTime(const Spec& spec);

}  // namespace millrace::spec
