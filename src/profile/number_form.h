// The form of numbers in a column of texts: sign of currency before, unit behind, decimal sign; and
// numbers that stand for missing. Internal to type inference.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profile/type_inference.h"

namespace millrace::profile {

/// Numbers as a column writes them.
struct NumberForm {
  table::ReadingRules rules;     // prefix, suffix, decimal; without missing texts
  int64_t num_cells = 0;         // that do not look missing
  int64_t num_readable = 0;      // of them
  int64_t num_values = 0;        // distinct (complete evidence) or sampled readable ones
  bool is_whole = true;          // every readable one is whole and written so
  bool is_written_whole = true;  // whole, though written with ".0"
  bool has_point_zero = false;
  std::vector<std::string> odd_words;  // distinct unreadable ones, sorted; at most kMaxOddWords + 1
  bool odd_has_digit = false;
};

inline constexpr size_t kMaxOddWords = 3;

/// Returns how the column reads with the given rules.
NumberForm ReadAsNumbers(const TypeEvidence& evidence, const table::ReadingRules& rules);

/// Returns the most common form besides plain numbers: "$5", "12%", "1.234,50 EUR", "23.4 kmpl";
/// nothing when no sign or unit is common. Letters before a number make a code ("town3", "Q1"), not
/// a number, except codes of currencies; letters right behind it are a unit that is known.
std::optional<NumberForm> FindNumberForm(const TypeEvidence& evidence);

/// Returns the form in which letters behind numbers multiply them ("5k", "$1.2M", "300"); nothing
/// where no cell ends in k or M.
std::optional<NumberForm> FindMagnitudeForm(const TypeEvidence& evidence);

/// A number that stands for missing, with the texts that write it.
struct Sentinel {
  double value = 0.0;
  std::vector<std::string> texts;
  int64_t count = 0;
  std::string why;
};

/// Returns the number that stands for missing, if one does: nines or -200 and the like, repeated,
/// and far from everything else (the gap is more than twice the range of the other values), or the
/// only negative one among at least ten others. A cap such as 99999 above 41310 stays a value.
std::optional<Sentinel> FindSentinel(const TypeEvidence& evidence,
                                     const table::ReadingRules& rules);

}  // namespace millrace::profile
