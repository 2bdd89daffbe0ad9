// Suggested rules: what holds between the values of a column, and between columns, in the rows of
// today. Beside suggest_checks.h, which needs the profile alone.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/suggest_checks.h"
#include "engine/engine.h"
#include "profile/source_profile.h"
#include "spec/spec.h"
#include "table/schema.h"

namespace millrace::data {

/// Returns rules that the rows of the engine table `typed_table` (with the columns of `schema`)
/// keep and that a batch drawn like them keeps too; nothing below 100 rows. They warn.
/// - Bands (at_least, at_most) of distributions: of the share of each frequent category (10 % or
///   more, three at most a column), and of the share of numbers below the lower and the upper
///   quartile. A band is the share +- z sqrt(p (1 - p) (1/n + 1/m)) for a batch of m = n / 10
///   rows (100 at least), with z = sqrt(2 ln(k / 0.01)) for k bands (Chernoff's bound of the
///   normal tail, Bonferroni's of k): fewer than 1 in 100 such batches leaves any band by chance.
/// - Order of two columns of numbers, or of two dates: a <= b, where it holds in every row in which
///   both are present and would be broken by 5 % of rows or more if the columns did not hang
///   together (by their histograms). Of the 40 first such columns.
/// - Freshness of data.time: twice the longest time between two of its dates, where the newest is
///   not older than that at `now_micros` (since 1970-01-01 UTC), from 10 dates on.
/// The target has no band: what is learnt may move. Deterministic, for a given clock.
Result<std::vector<SuggestedCheck>> SuggestRules(engine::Engine& engine,
                                                 std::string_view typed_table,
                                                 const table::Schema& schema,
                                                 const profile::SourceProfile& profile,
                                                 const spec::Spec& spec, int64_t now_micros);

}  // namespace millrace::data
