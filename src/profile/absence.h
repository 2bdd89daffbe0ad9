// Absence: where a word for missing in a column of texts means "there is none". A garage of type
// "NA" in every row whose garage area is 0, and in no other, is no unknown garage.
//
// Pure. Deterministic: depends on the sampled cells alone.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "profile/column_profile.h"
#include "table/column.h"

namespace millrace::profile {

/// A category whose word for missing goes with the zeros of an amount.
struct Absence {
  size_t column = 0;  // the category
  size_t amount = 0;  // the column of numbers that is 0 there
};

/// Agreement from which a word counts as a value: the phi coefficient of "the word stands here" and
/// "the amount is 0". 0.95 lets a row or two of some dozens differ.
inline constexpr double kLeastAgreement = 0.95;
/// Sampled rows with the word, and rows without it, that the agreement is measured on at least.
inline constexpr int64_t kLeastAbsences = 5;

/// Returns, per category with exactly one word for missing and no empty cell, the amount that
/// agrees best with it, if any does. `sampled` holds the values of `columns`, the same rows of
/// each.
std::vector<Absence> FindAbsences(std::span<const ColumnProfile> columns,
                                  std::span<const table::Column> sampled);

}  // namespace millrace::profile
