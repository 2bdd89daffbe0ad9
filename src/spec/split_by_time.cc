#include "spec/split_by_time.h"

namespace millrace::spec {

bool SplitsByTime(const Spec& spec) {
  const SplitPlan& split = spec.split;
  return split.kind == SplitKind::kTime ||
         (split.kind == SplitKind::kAuto && spec.data.time && !split.column);
}

}  // namespace millrace::spec
