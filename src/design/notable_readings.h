// Which readings of columns a new specification spells out: those that the values do not show at a
// glance, so that a person sees and can change them.

#pragma once

#include <string>
#include <vector>

#include "profile/source_profile.h"
#include "spec/spec.h"

namespace millrace::design {

/// A reading to be written under data.columns, with its reason.
struct NotableReading {
  spec::ColumnRules rules;
  std::string reason;  // "97 % of the values are numbers written $...; \"free\" read as missing"
};

/// Returns the word for missing that `column` holds as a value, or "": the profile keeps one only
/// where it stands for "none there" (profile/absence.h).
std::string KeptMissingWord(const profile::ColumnProfile& column);

/// Returns them in source order. `skipped`: the target of a classification, whose labels are texts
/// as written, and columns that are left out anyway.
std::vector<NotableReading> NotableReadings(const profile::SourceProfile& profile,
                                            const std::vector<std::string>& skipped);

}  // namespace millrace::design
