// Feasibility: whether the gates of a sentence can be met, by what a quick probe reaches. A word of
// warning before an hour is spent, no verdict: gates stay as they are.
//
// Deterministic, as the probe is.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "design/quick_probe.h"
#include "spec/gate.h"
#include "table/task.h"

namespace millrace::design {

enum class Reach {
  kWithin,      // the probe meets it
  kAmbitious,   // the probe does not, a longer search may
  kOutOfReach,  // half of the probe's error, and three times its uncertainty, lie between
};

struct Feasibility {
  std::string metric;
  Reach reach = Reach::kWithin;
  std::string text;  // "0.99 auc is out of reach: 3 quick probes reach 0.71 +- 0.02"
};

/// Returns a word for each gate on quality, in their order; gates on time, size and rate have none.
/// Gates on decisions (recall, precision, ...) of a binary task are met together by one threshold
/// or not at all: the word tells what the first reaches where the others are met.
std::vector<Feasibility> JudgeGates(const QuickProbe& probe, table::Task task,
                                    std::span<const spec::Gate> gates);

}  // namespace millrace::design
