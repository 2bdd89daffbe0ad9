// Approach: the decisions of phase 1 that do not concern single columns, each with its arithmetic.
// Pure functions of specification and profile.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "design/design_phase.h"
#include "profile/source_profile.h"
#include "spec/spec.h"

namespace millrace::design {

/// What the decisions rest on. Borrowed for the call.
struct Situation {
  const spec::Spec& spec;
  const profile::SourceProfile& profile;
  const DesignRecord& record;  // task, target, positive, columns, num_rows are set
  int64_t source_bytes = 0;
};

/// Returns how many rows the rarest class has (all rows for a regression).
int64_t RarestClassRows(const Situation& situation);
/// Returns the share of rows that is expected to be held out: split.test, or as split.column says.
double HeldOutShare(const Situation& situation);
/// Returns the rows that are expected to be held out.
int64_t HeldOutRows(const Situation& situation);

/// Traditional machine learning or deep learning.
Decision ChooseApproach(const Situation& situation);
/// Online, batch or both; a stream or files.
Decision ChooseServing(const Situation& situation);
/// How rows are held out, and how precise a figure on them will be.
Decision ChooseValidation(const Situation& situation);
/// What may go wrong, with the figures; `leaks` as found on a sample.
std::vector<Risk> FindRisks(const Situation& situation, const std::vector<std::string>& leaks);

}  // namespace millrace::design
