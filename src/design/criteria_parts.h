// Parts of ReadCriteria: each reads one kind of demand from a sentence.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "design/criteria.h"
#include "design/sentence.h"

namespace millrace::design {

/// Which way a bound goes, by the words around a figure.
struct Bound {
  enum class Way { kNone, kAtLeast, kAtMost };
  Way way = Way::kNone;
  size_t first = 0;  // the first token of the words that say so; the figure's where none does
};
/// Reads the words before tokens [first, last] in their clause ("no more than", "must not fall
/// below"), and after them ("or less").
Bound BoundAround(const Sentence& sentence, size_t first, size_t last);

/// Returns why the figure at `at` is no demand ("need not", "today"), or "".
std::string WhyNoDemand(const Sentence& sentence, size_t at);

/// Bounds on metrics of quality. Returns the indexes of the figures that a metric's word takes.
std::vector<size_t> ReadQualityGates(const Sentence& sentence, table::Task task,
                                     std::string_view target, Criteria& criteria);
/// Bounds on time, size and rate.
void ReadOperationGates(const Sentence& sentence, Criteria& criteria);
/// Equal treatment of groups.
void ReadFairness(const Sentence& sentence, table::Task task, Criteria& criteria);
/// Worth of decisions; `taken` figures are no sums.
void ReadDecisionValue(const Sentence& sentence, table::Task task, const std::vector<size_t>& taken,
                       Criteria& criteria);

/// Adds a gate unless its metric has one of this direction already.
void AddGate(std::vector<SentenceGate>& gates, std::string_view metric, spec::Comparison op,
             double bound, std::string reason);

/// Returns 'from your sentence: "..."' with the words of tokens [first, last].
std::string FromSentence(const Sentence& sentence, size_t first, size_t last);

}  // namespace millrace::design
