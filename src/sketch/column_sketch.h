// ColumnSketch: a summary of one column against a fixed reference: counts in the reference's bins.
// Mergeable, and independent of the order in which values arrive: only whole counts are kept.
//
// Thread safety: a value; one thread at a time while adding.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "table/column.h"

namespace millrace::sketch {

class ColumnSketch {
 public:
  /// Chooses the bins from reference values and counts them. Numbers: at most `max_bins` bins at
  /// quantiles (distinct edges); texts: the `max_values` most frequent ones that at least
  /// `min_value_rows` rows hold, ties by text, the rest as "other".
  static ColumnSketch FromReference(std::string name, const table::Column& reference,
                                    int64_t max_bins = 10, int64_t max_values = 20,
                                    int64_t min_value_rows = 1);
  /// Returns a sketch with the same bins and no counts: for a window.
  ColumnSketch Empty() const;

  void AddMissing();
  /// Numeric columns; NaN and infinities count as missing.
  void AddNumber(double value);
  /// Category and text columns.
  void AddText(std::string_view value);
  /// The same as value by value, faster; a column of the other kind counts as missing.
  void AddColumn(const table::Column& column);
  /// Adds the counts of a sketch with equal bins. kInvalidData naming the column otherwise.
  Status Merge(const ColumnSketch& other);

  const std::string& name() const { return name_; }
  bool numeric() const { return numeric_; }
  /// Borders between bins, [bins - 1], increasing; bin i holds edges[i - 1] <= value < edges[i].
  const std::vector<double>& edges() const { return edges_; }
  const std::vector<std::string>& values() const { return values_; }
  /// Counts per bin or value; for texts the last one is "other".
  const std::vector<int64_t>& counts() const { return counts_; }
  int64_t num_missing() const { return num_missing_; }
  int64_t num_rows() const;
  std::optional<double> minimum() const { return minimum_; }
  std::optional<double> maximum() const { return maximum_; }
  /// Returns counts() and the missing count as the last cell: what drift compares.
  std::vector<double> Cells() const;

  json::Json ToJson() const;
  /// kCorrupt when the document is no sketch.
  static Result<ColumnSketch> FromJson(const json::Json& document);

  friend bool operator==(const ColumnSketch&, const ColumnSketch&) = default;

 private:
  ColumnSketch() = default;
  void AddNumbers(const table::Column& column);
  void AddTexts(const table::Column& column);

  std::string name_;
  bool numeric_ = true;
  std::vector<double> edges_;
  std::vector<std::string> values_;
  std::vector<int64_t> counts_;
  int64_t num_missing_ = 0;
  std::optional<double> minimum_;
  std::optional<double> maximum_;
};

/// Outputs and decisions of a model. `outputs[i]` is output i; `decisions` is absent for numbers.
struct PredictionSketch {
  std::vector<ColumnSketch> outputs;
  std::optional<ColumnSketch> decisions;
};

/// The reference of a bundle (docs/formats/bundle.md, sketches.json).
struct ReferenceSketches {
  std::vector<ColumnSketch> columns;
  PredictionSketch predictions;
};
json::Json ToJson(const ReferenceSketches& sketches);
Result<ReferenceSketches> ReferenceSketchesFromJson(const json::Json& document);

}  // namespace millrace::sketch
