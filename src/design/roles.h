// Roles: which columns identify, date, group or describe a person, from names and profiles.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "design/infer.h"
#include "profile/source_profile.h"

namespace millrace::design {

/// Returns true for a column whose values tell rows apart: every value differs (copies of whole
/// rows aside) and it counts, is named as an id, or is a code of a few words. Free text never is.
bool LooksLikeId(const profile::ColumnProfile& column, int64_t num_duplicate_rows);

/// Returns why a column describes a protected trait of a person, or "".
std::string SensitiveReason(const profile::ColumnProfile& column);

/// Returns true when a column's name says that it holds a trait: "sex", "race", "age",
/// "nationality", "religion", "disability".
bool TellsTrait(const std::string& column, std::string_view trait);

/// Fills id, time, group, sensitive and exclude; the target is set. kInvalidSpec for an unknown id.
Status ChooseRoles(const profile::SourceProfile& profile, const Known& known, Inference& inference);

}  // namespace millrace::design
