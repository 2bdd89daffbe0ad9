// What one pass over the cells of a column gathers: its type and all figures of its profile come
// from here, so that a file is read once.
//
// Distinct values are counted in a table while there are few; every figure of such a column is
// exact and comes from the counts. When the table is full, the values seen decide the type for the
// time being. A column of numbers or dates is then read cell by cell and its moments, ends and
// unreadable cells go on exactly; a column of texts goes on counting the values it knows. The
// number of distinct values is then an estimate (DistinctSketch), and quantiles come from the
// sample of rows.
//
// Thread safety: one thread at a time; different columns on different threads. Deterministic:
// depends on the cells in row order alone.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "profile/column_profile.h"
#include "profile/distinct_sketch.h"
#include "profile/type_inference.h"
#include "profile/value_table.h"
#include "table/column.h"
#include "table/value_parser.h"

namespace millrace::profile {

/// What the user fixed about a column (data.columns in the specification).
struct ColumnOverride {
  std::optional<table::ColumnType> type;
  std::optional<std::vector<std::string>> missing_texts;  // instead of those that are inferred
  std::vector<std::string> more_missing_texts;            // besides them
  std::optional<char> decimal;                            // of table::ReadingRules, as all below
  std::optional<std::string> prefix;
  std::optional<std::string> suffix;
  std::optional<std::string> date_order;
  std::optional<bool> magnitudes;
};

/// Power sums of numbers around a shift, in row order.
struct PowerSums {
  int64_t count = 0;
  double shift = 0.0;
  double sums[4] = {0.0, 0.0, 0.0, 0.0};  // of (x - shift)^1..4
  double minimum = 0.0;
  double maximum = 0.0;
  void Add(double value, double weight);
  /// Adds each value once, as Add with weight 1 does.
  void AddEach(std::span<const double> values);
};

class ColumnEvidence {
 public:
  /// `column_index` makes equal cells of different columns count differently in row hashes.
  /// `max_values`: distinct values counted exactly.
  ColumnEvidence(std::string name, size_t column_index, int64_t max_values, ColumnOverride fixed);

  /// Takes the cells of the next rows, and adds a hash of each to `row_hashes` [number of cells].
  void Add(const engine::ChunkColumn& cells, std::span<uint64_t> row_hashes);
  /// Keeps the cells of sampled rows of the last chunk.
  void AddSample(const engine::ChunkColumn& cells, std::span<const int32_t> rows);
  /// Keeps only these of the sampled cells (rising).
  void KeepSample(std::span<const int32_t> staying);

  /// Decides the type (unless fixed) and returns the profile.
  ColumnProfile Finish() const;
  /// True when nobody said which texts mean missing, and every distinct value was counted: the
  /// words for missing may turn out to be values.
  bool WordsMayBeValues() const;
  /// Takes every word for missing as a value; the next Finish shows it. Where WordsMayBeValues.
  void TakeWordsAsValues() { fixed_.missing_texts.emplace(); }
  /// Returns `max_rows` of the sampled cells at most, evenly spread, as values of the profile's
  /// type, in row order.
  table::Column SampledValues(const ColumnProfile& profile, int64_t max_rows) const;

 private:
  enum class Mode { kCounting, kNumbers, kTexts };
  // A text that a number column's reader took for no number: counted apart.
  struct OddText {
    std::string text;
    int64_t count = 0;
    bool is_missing = false;
  };

  // Cells that are looked at side by side: their places in the table are on their way from memory
  // while earlier ones are counted (a table of 20,000 values lies beyond the near caches).
  static constexpr size_t kBlockRows = 512;
  // What is known of the cells of a block, of those that hold a value first of all.
  struct NumberBlock {
    std::array<uint64_t, kBlockRows> hashes;
    std::array<uint64_t, kBlockRows> bits;
    std::array<double, kBlockRows> values;    // where there are gaps, as places
    std::array<uint16_t, kBlockRows> places;  // in the block
  };
  enum class Finite { kAll, kSome };

  // A block of rows: `wholes` is empty or as long as `cells`.
  void AddNumbers(std::span<const double> cells, std::span<const int64_t> wholes,
                  std::span<uint64_t> row_hashes);
  void AddPresent(const NumberBlock& block, std::span<const double> values, Finite finite);
  void AddTexts(std::span<const std::string_view> cells, std::span<uint64_t> row_hashes);
  void AddText(uint64_t hash, std::string_view text);
  void AddNumber(uint64_t hash, uint64_t bits, double value);
  // Cells whose values the full table does not count.
  void AddUncounted(uint64_t hash, std::string_view text);
  void AddUncounted(std::span<const uint64_t> hashes, std::span<const double> values);
  void AddLater(std::span<const uint64_t> hashes, std::span<const double> values);
  void Freeze();
  void FollowSequence(std::string_view text);
  void FollowSequence(double value);
  void CountOdd(std::string_view text, table::CellState state);

  struct WeightedNumber {
    double value = 0.0;
    int64_t count = 0;
  };
  // What the values are under a decision.
  struct ReadValues {
    std::vector<ValueCount> texts;        // valid ones, with their counts
    std::vector<WeightedNumber> numbers;  // of numeric types: in order of appearance
    int64_t num_table_missing = 0;
    int64_t num_table_invalid = 0;
  };

  std::string TextOf(const ValueTable::Entry& entry) const;
  std::string TextOf(double value) const;
  std::string_view SampledText(size_t index) const;
  size_t num_sampled() const { return is_numeric_ ? sample_numbers_.size() : sample_ends_.size(); }
  TypeDecision Decide() const;
  TypeDecision Fixed(TypeDecision decision) const;
  TypeDecision FinalDecision() const;
  double MeanWords() const;
  ReadValues Read(const table::ValueParser& parser, ColumnProfile& profile) const;
  void FillShape(ColumnProfile& profile) const;
  void FillMoments(const ReadValues& values, ColumnProfile& profile) const;
  void FillQuantiles(std::vector<WeightedNumber> numbers, ColumnProfile& profile) const;
  int64_t EstimateDistinct() const;

  std::string name_;
  uint64_t multiplier_;
  ColumnOverride fixed_;
  bool is_numeric_ = false;     // cells arrive as numbers
  bool is_whole_type_ = false;  // of a type that holds whole numbers only
  Mode mode_ = Mode::kCounting;
  int64_t num_rows_ = 0;
  int64_t num_empty_ = 0;
  int64_t num_infinite_ = 0;  // of cells that arrive as numbers
  ValueTable values_;
  // After the table is full.
  TypeDecision provisional_;  // as inferred
  std::optional<table::ValueParser> parser_;
  bool takes_numbers_as_they_are_ = true;  // none of those to come stands for missing
  PowerSums later_;
  int64_t num_later_fractions_ = 0;  // values that are not whole
  int64_t num_later_missing_ = 0;
  int64_t num_later_invalid_ = 0;
  int64_t num_later_texts_ = 0;  // cells of values that are not in the table
  int64_t later_length_ = 0;
  int64_t later_words_ = 0;
  int64_t later_max_length_ = 0;
  std::vector<OddText> odd_;
  DistinctSketch distinct_;
  // Whole numbers that rise by one from row to row.
  bool is_rising_ = true;
  double previous_ = 0.0;
  // The sample: texts one after the other, or numbers.
  std::string sample_bytes_;
  std::vector<uint32_t> sample_ends_;
  std::vector<double> sample_numbers_;
};

}  // namespace millrace::profile
