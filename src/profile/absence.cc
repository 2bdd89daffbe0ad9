#include "profile/absence.h"

#include <cmath>
#include <optional>

namespace millrace::profile {
namespace {

using table::Column;
using table::ColumnType;

// The cells of a category that are missing are those with its one word.
bool MayHideAbsence(const ColumnProfile& column) {
  return column.type == ColumnType::kCategory && column.missing_words.size() == 1 &&
         column.missing_words.front().count == column.num_missing &&
         column.num_missing >= kLeastAbsences &&
         column.num_rows - column.num_missing >= kLeastAbsences;
}

bool IsAmount(const ColumnProfile& column) {
  const bool number = column.type == ColumnType::kInteger || column.type == ColumnType::kNumber;
  return number && column.minimum == 0.0 && column.maximum > 0.0;
}

// Phi coefficient of two yes-or-no columns (Pearson's correlation of a 2 x 2 table); 0 where too
// few rows have or lack the word.
double Agreement(const Column& words, const Column& amounts) {
  double both = 0.0;
  double num_words = 0.0;
  double num_zeros = 0.0;
  const auto rows = static_cast<double>(words.size());
  for (int64_t r = 0; r < words.size(); ++r) {
    const bool word = !words.valid(r);
    const bool zero = amounts.valid(r) && amounts.number(r) == 0.0;
    num_words += word ? 1.0 : 0.0;
    num_zeros += zero ? 1.0 : 0.0;
    both += word && zero ? 1.0 : 0.0;
  }
  const auto least = static_cast<double>(kLeastAbsences);
  if (num_words < least || rows - num_words < least) return 0.0;
  const double spread = num_words * (rows - num_words) * num_zeros * (rows - num_zeros);
  return spread > 0.0 ? (both * rows - num_words * num_zeros) / std::sqrt(spread) : 0.0;
}

}  // namespace

std::vector<Absence> FindAbsences(std::span<const ColumnProfile> columns,
                                  std::span<const Column> sampled) {
  std::vector<Absence> found;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (!MayHideAbsence(columns[c])) continue;
    std::optional<size_t> best;
    double agreement = kLeastAgreement;
    for (size_t a = 0; a < columns.size(); ++a) {
      if (!IsAmount(columns[a])) continue;
      const double here = Agreement(sampled[c], sampled[a]);
      if (here < agreement || (best && here == agreement)) continue;
      best = a;
      agreement = here;
    }
    if (best) found.push_back({c, *best});
  }
  return found;
}

}  // namespace millrace::profile
