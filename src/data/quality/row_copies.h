// RowCopies: held-out rows that training rows repeat, exactly or nearly. What a model has seen says
// nothing of what it will meet; a score on such rows flatters.
//
// Exact: equal in every feature and the target. Near: numbers equal to four digits, and at most one
// cell different. Only rows whose equal cells are too rare to meet by chance count: under
// independence fewer than 0.01 pairs are expected at four fifths of a row's self-information (not
// all of it: columns hang together). Texts: by MinHash with one permutation (Li, Owen and Zhang
// 2012; Shrivastava and Li 2014) and the exact Jaccard index of their word triples.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/quality/quality_rows.h"

namespace millrace::data {

struct RowPair {
  int64_t test = 0;   // place in the source
  int64_t train = 0;  // place in the source
};

struct RowCopies {
  int64_t num_test = 0;   // rows compared
  int64_t num_train = 0;  // with so many
  int64_t num_exact = 0;  // test rows with an exact copy
  int64_t num_near = 0;   // test rows with a near copy and no exact one
  /// Test rows that are equal to a training row, but of values that meet by chance.
  int64_t num_common = 0;
  std::vector<RowPair> examples;  // at most 20, exact ones first
};

/// Compares at most 10,000 test rows with at most 100,000 training rows, in `columns`.
RowCopies FindRowCopies(const QualityRows& rows, const std::vector<std::string>& columns);

struct TextCopies {
  std::string column;
  int64_t num_test = 0;
  int64_t num_near = 0;  // test texts that a training text repeats, all or nearly all
  std::vector<RowPair> examples;
};

/// Two texts are near copies from this share of common word triples on.
inline constexpr double kNearText = 0.8;

/// Compares the texts of `column` with at least six words: 5,000 test rows, 20,000 training rows.
TextCopies FindTextCopies(const QualityRows& rows, const std::string& column);

/// Returns the Jaccard index of the word triples of two texts: common / all, in [0, 1].
double TextSimilarity(std::string_view a, std::string_view b);

}  // namespace millrace::data
