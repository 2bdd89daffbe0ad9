#include "sketch/column_sketch.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/digest.h"
#include "base/format.h"

namespace millrace::sketch {
namespace {

using json::Json;

std::vector<double> QuantileEdges(std::vector<double> values, int64_t max_bins) {
  std::vector<double> edges;
  if (values.empty()) return edges;
  std::ranges::sort(values);
  for (int64_t bin = 1; bin < max_bins; ++bin) {
    const auto rank = values.size() * static_cast<size_t>(bin) / static_cast<size_t>(max_bins);
    const double edge = values[std::min(rank, values.size() - 1)];
    if (edge > values.front() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
  }
  return edges;
}

std::vector<std::string> TopValues(const table::Column& column, int64_t max_values,
                                   int64_t min_value_rows) {
  std::map<std::string, int64_t, std::less<>> counts;
  for (int64_t row = 0; row < column.size(); ++row) {
    if (column.valid(row)) ++counts[std::string(column.text(row))];
  }
  std::erase_if(counts, [&](const auto& entry) { return entry.second < min_value_rows; });
  std::vector<std::pair<std::string, int64_t>> ranked(counts.begin(), counts.end());
  std::ranges::stable_sort(ranked,
                           [](const auto& a, const auto& b) { return a.second > b.second; });
  if (static_cast<int64_t>(ranked.size()) > max_values) {
    ranked.resize(static_cast<size_t>(max_values));
  }
  std::vector<std::string> values;
  for (auto& [value, count] : ranked) values.push_back(std::move(value));
  return values;
}

std::optional<double> NumberOrNothing(const Json& value) {
  return value.is_number() ? std::optional<double>(value.AsNumber()) : std::nullopt;
}

Json NumberOrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

void Widen(std::optional<double>& low, std::optional<double>& high, double value) {
  if (!low || value < *low) low = value;
  if (!high || value > *high) high = value;
}

// Finds values by their hash; open addressing, a quarter full at most.
class ValueIndex {
 public:
  explicit ValueIndex(const std::vector<std::string>& values) : values_(values) {
    size_t size = 4;
    while (size < 4 * values.size()) size *= 2;
    slots_.resize(size);
    for (size_t i = 0; i < values.size(); ++i) {
      const uint64_t hash = Hash64(values[i]);
      size_t at = hash & (size - 1);
      while (slots_[at].place != 0) at = (at + 1) & (size - 1);
      slots_[at] = {hash, i + 1};
    }
  }

  /// Returns the index of a value, or the number of values.
  size_t PlaceOf(std::string_view value) const {
    const uint64_t hash = Hash64(value);
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.place == 0) return values_.size();
      if (slot.hash == hash && values_[slot.place - 1] == value) return slot.place - 1;
    }
  }

 private:
  struct Slot {
    uint64_t hash = 0;
    size_t place = 0;  // index + 1; 0: empty
  };
  const std::vector<std::string>& values_;
  std::vector<Slot> slots_;
};

}  // namespace

ColumnSketch ColumnSketch::FromReference(std::string name, const table::Column& reference,
                                         int64_t max_bins, int64_t max_values,
                                         int64_t min_value_rows) {
  ColumnSketch sketch;
  sketch.name_ = std::move(name);
  sketch.numeric_ = table::IsNumeric(reference.type());
  if (sketch.numeric_) {
    std::vector<double> present;
    for (int64_t row = 0; row < reference.size(); ++row) {
      if (reference.valid(row) && std::isfinite(reference.number(row))) {
        present.push_back(reference.number(row));
      }
    }
    sketch.edges_ = QuantileEdges(std::move(present), max_bins);
    sketch.counts_.assign(sketch.edges_.size() + 1, 0);
  } else {
    sketch.values_ = TopValues(reference, max_values, min_value_rows);
    sketch.counts_.assign(sketch.values_.size() + 1, 0);
  }
  sketch.AddColumn(reference);
  return sketch;
}

ColumnSketch ColumnSketch::Empty() const {
  ColumnSketch sketch = *this;
  std::ranges::fill(sketch.counts_, 0);
  sketch.num_missing_ = 0;
  sketch.minimum_.reset();
  sketch.maximum_.reset();
  return sketch;
}

void ColumnSketch::AddMissing() { ++num_missing_; }

void ColumnSketch::AddNumber(double value) {
  if (!numeric_ || !std::isfinite(value)) return AddMissing();
  const auto bin = std::ranges::upper_bound(edges_, value) - edges_.begin();
  ++counts_[static_cast<size_t>(bin)];
  Widen(minimum_, maximum_, value);
}

void ColumnSketch::AddText(std::string_view value) {
  if (numeric_) return AddMissing();
  const auto place = std::ranges::find(values_, value) - values_.begin();
  ++counts_[static_cast<size_t>(place)];
}

void ColumnSketch::AddColumn(const table::Column& column) {
  if (table::IsNumeric(column.type()) != numeric_) {
    num_missing_ += column.size();
  } else if (numeric_) {
    AddNumbers(column);
  } else {
    AddTexts(column);
  }
}

// Counting the edges at or below a value has no branch to guess wrong, as a search has.
void ColumnSketch::AddNumbers(const table::Column& column) {
  constexpr size_t kFewEdges = 32;
  if (edges_.size() > kFewEdges) {
    for (int64_t row = 0; row < column.size(); ++row) {
      if (column.valid(row)) {
        AddNumber(column.number(row));
      } else {
        AddMissing();
      }
    }
    return;
  }
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  for (int64_t row = 0; row < column.size(); ++row) {
    const double value = column.number(row);
    if (!column.valid(row) || !std::isfinite(value)) {
      ++num_missing_;
      continue;
    }
    size_t bin = 0;
    for (const double edge : edges_) bin += value >= edge ? 1 : 0;
    ++counts_[bin];
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return;
  Widen(minimum_, maximum_, low);
  Widen(minimum_, maximum_, high);
}

void ColumnSketch::AddTexts(const table::Column& column) {
  const ValueIndex index(values_);
  for (int64_t row = 0; row < column.size(); ++row) {
    if (column.valid(row)) {
      ++counts_[index.PlaceOf(column.text(row))];
    } else {
      ++num_missing_;
    }
  }
}

Status ColumnSketch::Merge(const ColumnSketch& other) {
  if (name_ != other.name_ || numeric_ != other.numeric_ || edges_ != other.edges_ ||
      values_ != other.values_) {
    return InvalidData(Format("sketch: bins differ: \"{}\" and \"{}\"", name_, other.name_));
  }
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  num_missing_ += other.num_missing_;
  if (other.minimum_) Widen(minimum_, maximum_, *other.minimum_);
  if (other.maximum_) Widen(minimum_, maximum_, *other.maximum_);
  return Status();
}

int64_t ColumnSketch::num_rows() const {
  int64_t rows = num_missing_;
  for (const int64_t count : counts_) rows += count;
  return rows;
}

std::vector<double> ColumnSketch::Cells() const {
  std::vector<double> cells;
  for (const int64_t count : counts_) cells.push_back(static_cast<double>(count));
  cells.push_back(static_cast<double>(num_missing_));
  return cells;
}

Json ColumnSketch::ToJson() const {
  Json document = Json::Of({{"name", name_}, {"numeric", numeric_}});
  document.Set("edges", Json::ArrayOf(edges_));
  document.Set("values", Json::ArrayOf(values_));
  document.Set("counts", Json::ArrayOf(counts_));
  document.Set("missing", num_missing_);
  document.Set("minimum", NumberOrNull(minimum_));
  document.Set("maximum", NumberOrNull(maximum_));
  return document;
}

Result<ColumnSketch> ColumnSketch::FromJson(const Json& document) {
  ColumnSketch sketch;
  MILLRACE_ASSIGN_OR_RETURN(sketch.name_, document.RequireString("sketch", "name"));
  MILLRACE_ASSIGN_OR_RETURN(sketch.numeric_, document.RequireBool("sketch", "numeric"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* edges, document.RequireArray("sketch", "edges"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* values, document.RequireArray("sketch", "values"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* counts, document.RequireArray("sketch", "counts"));
  MILLRACE_ASSIGN_OR_RETURN(sketch.num_missing_, document.RequireInteger("sketch", "missing"));
  for (const Json& edge : *edges) {
    if (!edge.is_number() || (!sketch.edges_.empty() && edge.AsNumber() <= sketch.edges_.back())) {
      return Corrupt(Format("sketch: edges do not increase: \"{}\"", sketch.name_));
    }
    sketch.edges_.push_back(edge.AsNumber());
  }
  for (const Json& value : *values) sketch.values_.push_back(value.AsString());
  for (const Json& count : *counts) {
    if (!count.is_integer() || count.AsInteger() < 0) {
      return Corrupt(Format("sketch: not a count: \"{}\"", sketch.name_));
    }
    sketch.counts_.push_back(count.AsInteger());
  }
  const size_t cells = (sketch.numeric_ ? sketch.edges_.size() : sketch.values_.size()) + 1;
  if (sketch.counts_.size() != cells || sketch.num_missing_ < 0) {
    return Corrupt(Format("sketch: {} counts for {} cells: \"{}\"", sketch.counts_.size(), cells,
                          sketch.name_));
  }
  sketch.minimum_ = NumberOrNothing(document["minimum"]);
  sketch.maximum_ = NumberOrNothing(document["maximum"]);
  return sketch;
}

Json ToJson(const ReferenceSketches& sketches) {
  Json columns = Json::MakeArray();
  for (const ColumnSketch& column : sketches.columns) columns.Append(column.ToJson());
  Json outputs = Json::MakeArray();
  for (const ColumnSketch& output : sketches.predictions.outputs) outputs.Append(output.ToJson());
  Json document = Json::Of({{"columns", std::move(columns)}, {"outputs", std::move(outputs)}});
  const auto& decisions = sketches.predictions.decisions;
  document.Set("decisions", decisions ? decisions->ToJson() : Json());
  return document;
}

Result<ReferenceSketches> ReferenceSketchesFromJson(const Json& document) {
  ReferenceSketches sketches;
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* columns,
                            document.RequireArray("sketches", "columns"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* outputs,
                            document.RequireArray("sketches", "outputs"));
  for (const Json& item : *columns) {
    MILLRACE_ASSIGN_OR_RETURN(ColumnSketch sketch, ColumnSketch::FromJson(item));
    sketches.columns.push_back(std::move(sketch));
  }
  for (const Json& item : *outputs) {
    MILLRACE_ASSIGN_OR_RETURN(ColumnSketch sketch, ColumnSketch::FromJson(item));
    sketches.predictions.outputs.push_back(std::move(sketch));
  }
  if (!document["decisions"].is_null()) {
    MILLRACE_ASSIGN_OR_RETURN(sketches.predictions.decisions,
                              ColumnSketch::FromJson(document["decisions"]));
  }
  return sketches;
}

}  // namespace millrace::sketch
