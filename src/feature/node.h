// Nodes of the transform graph: each makes one float32 feature from one raw column, or from several
// by an expression, a group or a history. Plain data, fitted by fit/ and applied by graph.h;
// docs/formats/graph.md gives the stored form.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feature/date_values.h"
#include "feature/group_keys.h"
#include "feature/text_statistics.h"
#include "table/column.h"

namespace millrace::feature {

/// What a node does with the value of its column. Do not renumber: stored by name.
enum class NodeKind {
  kNumber,         // the value; missing stays missing (NaN)
  kMissing,        // 1 where the value is missing, else 0
  kBoolean,        // 0 or 1; missing stays missing
  kCategory,       // index in `values`; unseen and missing values are NaN
  kFrequency,      // share of training rows with the same value; unseen values 0
  kDatePart,       // `part` of the date
  kDateElapsed,    // days since `origin`, fractional
  kExpression,     // `expression` over raw columns (expression.h)
  kTarget,         // smoothed mean of the target among rows with the same value; see TargetFold
  kTextLength,     // code points of the text; missing 0
  kWordCount,      // words of the text (words.h); missing 0
  kWord,           // tf-idf of `word` among the neighbouring kWord nodes of the column; missing 0
  kOneHot,         // 1 where the value is `word`, else 0; missing 0
  kHash,           // code of the text's hash, 0 .. buckets - 1; missing is NaN
  kBin,            // how many of `borders` are at or below the value: a code
  kScale,          // (value - center) / divisor
  kLog,            // ln(value + offset); missing where that is not defined
  kSignedLog,      // ln(1 + |value|) with the sign of the value
  kPower,          // Yeo-Johnson transform with `lambda`
  kDateWave,       // `wave` of the place within the cycle of `part`
  kNgram,          // tf-idf of `word`, some characters (ngrams.h), among neighbouring kNgram nodes
  kTextStatistic,  // `statistic` of the text; missing 0
  kGroup,          // a statistic of the row's group: see Node::groups
};

std::string_view NodeKindName(NodeKind kind);  // "number", "missing", ...
std::optional<NodeKind> NodeKindFromName(std::string_view name);
/// Returns true when a node of this kind can read a column of this type; false for kinds that read
/// several columns.
bool KindFits(NodeKind kind, table::ColumnType type);
/// Returns true for kinds that look a text up in Node::values.
bool UsesValues(NodeKind kind);
/// Returns true for kinds whose neighbours of one column are one vector: one-hot, words, n-grams.
bool IsPartOfVector(NodeKind kind);

/// What the target encoding knows of the rows of one fold. The encoding of a value from any set of
/// folds is the m-estimate (sum + smoothing * mean) / (count + smoothing), with the sums, counts
/// and mean of these folds alone (Micci-Barreca 2001, section 3.1; Cestnik 1990).
struct TargetFold {
  int64_t num_rows = 0;
  double sum = 0.0;             // of the target over all rows
  std::vector<int64_t> counts;  // [values.size()] rows with the value
  std::vector<double> sums;     // [values.size()] their targets

  friend bool operator==(const TargetFold&, const TargetFold&) = default;
};

struct Node {
  NodeKind kind = NodeKind::kNumber;
  std::string column;               // raw column; empty for kExpression; of kGroup see `view`
  std::string name;                 // of the feature; unique in the graph
  std::vector<std::string> values;  // kCategory, kFrequency, kTarget: known texts, distinct
  std::vector<double> shares;       // kFrequency: [values.size()], in [0, 1]
  DatePart part = DatePart::kYear;  // kDatePart, kDateWave (see HasCycle)
  double origin = 0.0;              // kDateElapsed: seconds since 1970-01-01 UTC
  std::string expression;           // kExpression: reads at least one column
  // kTarget. An unseen value reads as the mean, a missing one stays missing.
  std::vector<double> encodings;  // [values.size()] from all rows: what serving uses
  double mean = 0.0;              // of the target over all rows
  double smoothing = 0.0;         // > 0, in rows
  std::vector<TargetFold> folds;  // while training; empty in a bundle
  // kWord, kNgram, kOneHot.
  std::string word;     // a word or a pair, characters, or a value; distinct among neighbours
  double weight = 0.0;  // kWord, kNgram: inverse document frequency, > 0
  // Shapes of numbers (number_shapes.h).
  std::vector<double> borders;  // kBin: at least one, ascending, distinct, finite
  double center = 0.0;          // kScale: finite
  double divisor = 1.0;         // kScale: > 0, finite
  double offset = 0.0;          // kLog: finite
  double lambda = 1.0;          // kPower: in [-kMaxLambda, kMaxLambda]
  int64_t buckets = 0;          // kHash: 2 .. kMaxBuckets
  Wave wave = Wave::kSine;      // kDateWave
  TextStatistic statistic = TextStatistic::kDigits;  // kTextStatistic
  // kGroup: `group_statistic` of the column over the training rows of the row's group. A key that
  // has no group reads `whole`, a key with a missing part stays missing. The column is a number,
  // and is read for a difference (own value - statistic) and a ratio (own value / statistic,
  // missing where the statistic is 0); for `kValue` only the key is read.
  GroupKeys groups;
  std::vector<double> group_values;  // [groups.num_groups()], finite
  double whole = 0.0;                // finite
  GroupStatistic group_statistic = GroupStatistic::kMean;
  GroupView view = GroupView::kValue;

  friend bool operator==(const Node&, const Node&) = default;
};

inline constexpr int64_t kMaxBuckets = 65'536;

/// What a learner needs to know of a feature.
struct FeatureInfo {
  std::string name;
  std::string column;                // raw column; empty where several are read
  std::vector<std::string> columns;  // all raw columns it reads, in schema order
  bool category = false;             // values are codes 0 .. cardinality - 1
  int64_t cardinality = 0;
};

}  // namespace millrace::feature
