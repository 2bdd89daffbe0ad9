// Suggested checks: what the rows of today say about those of tomorrow, as data.checks that the
// user edits.

#pragma once

#include <string>
#include <vector>

#include "profile/source_profile.h"
#include "spec/spec.h"

namespace millrace::data {

struct SuggestedCheck {
  spec::DataCheck check;
  std::string reason;  // one sentence
};

/// Returns checks that a batch drawn like the profiled rows meets; nothing for a profile of fewer
/// than 100 rows, which says too little. For every column in order:
/// - the share of missing values: its Wilson upper bound at 99.9 % (Wilson 1927);
/// - numbers: the observed range for 99 % of rows. A next row lies outside the range of n with
///   probability 2 / (n + 1) at most, so a batch of 100 rows breaks it less than once in 100
///   batches from n = 2,000 on;
/// - categories of at most 50 values: the observed values for 99 % of rows, when the share of
///   unseen values is below 0.5 % (Good-Turing: values seen once / n);
/// - ids: unique.
/// The target has no range or values here: what is learnt may move.
std::vector<SuggestedCheck> SuggestChecks(const profile::SourceProfile& profile,
                                          const spec::Spec& spec);

/// Returns the lines that go under `data:` of millrace.yaml.
std::string ChecksAsYaml(const std::vector<SuggestedCheck>& checks);

}  // namespace millrace::data
