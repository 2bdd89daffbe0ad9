// What the tests on public data sets share: where the sets lie, and the types of a set's columns in
// one line. For tests only.

#pragma once

#include <cstdlib>
#include <string>

#include "base/format.h"
#include "profile/source_profile.h"
#include "table/column.h"

namespace millrace::profile {

/// The sets lie outside the project: $MILLRACE_DATA, or ../shared/data.
inline std::string FolderOfSets() {
  const char* set = std::getenv("MILLRACE_DATA");
  return set != nullptr ? set : MILLRACE_SOURCE_DIR "/../shared/data";
}

/// Returns runs of equal types in file order: "i3 c" is three whole numbers and a category. i:
/// integer, n: number, b: boolean, c: category, t: text, d: date.
inline std::string TypeRuns(const SourceProfile& profile) {
  std::string runs;
  size_t count = 0;
  for (size_t c = 0; c < profile.columns.size(); ++c) {
    const char letter = table::ColumnTypeName(profile.columns[c].type).front();
    ++count;
    const bool ends = c + 1 == profile.columns.size() ||
                      table::ColumnTypeName(profile.columns[c + 1].type).front() != letter;
    if (!ends) continue;
    runs +=
        Format("{}{}{}", runs.empty() ? "" : " ", letter, count == 1 ? "" : Format("{}", count));
    count = 0;
  }
  return runs;
}

}  // namespace millrace::profile
