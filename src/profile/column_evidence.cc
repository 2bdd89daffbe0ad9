#include "profile/column_evidence.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "profile/cell_hash.h"
#include "profile/text_shape.h"

namespace millrace::profile {
namespace {

using table::ColumnType;

constexpr size_t kMaxOddTexts = 64;
constexpr size_t kMaxSampledText = 2'000;  // bytes of one cell

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trimmed(std::string_view text) {
  if (!text.empty() && !IsSpace(text.front()) && !IsSpace(text.back())) return text;
  return Trim(text);
}

}  // namespace

void PowerSums::Add(double value, double weight) {
  if (count == 0) {
    minimum = maximum = value;
  } else {
    minimum = std::min(minimum, value);
    maximum = std::max(maximum, value);
  }
  count += static_cast<int64_t>(weight);
  const double x = value - shift;
  const double square = x * x;
  sums[0] += weight * x;
  sums[1] += weight * square;
  sums[2] += weight * (square * x);
  sums[3] += weight * (square * square);
}

ColumnEvidence::ColumnEvidence(std::string name, size_t column_index, int64_t max_values,
                               ColumnOverride fixed)
    : name_(std::move(name)),
      multiplier_(MixHash(column_index, 0xc01u) | 1),
      fixed_(std::move(fixed)),
      values_(max_values) {}

void ColumnEvidence::Add(const engine::ChunkColumn& cells, std::span<uint64_t> row_hashes) {
  const size_t num_rows = row_hashes.size();
  num_rows_ += static_cast<int64_t>(num_rows);
  if (!cells.numbers.empty()) {
    is_numeric_ = true;
    is_whole_type_ = cells.is_whole_type;
    for (size_t row = 0; row < num_rows; ++row) {
      const double value = cells.numbers[row];
      if (std::isnan(value)) {
        ++num_empty_;
        row_hashes[row] += kMissingHash * multiplier_;
        continue;
      }
      const uint64_t bits =
          cells.wholes.empty() ? BitsOf(value) : static_cast<uint64_t>(cells.wholes[row]);
      const uint64_t hash = HashCell(bits);
      row_hashes[row] += hash * multiplier_;
      AddNumber(hash, cells.wholes.empty() ? bits : BitsOf(value), value);
    }
    return;
  }
  for (size_t row = 0; row < num_rows; ++row) {
    const std::string_view text = Trimmed(cells.texts[row]);
    if (text.empty()) {
      ++num_empty_;
      row_hashes[row] += kMissingHash * multiplier_;
      continue;
    }
    const uint64_t hash = HashCell(text);
    row_hashes[row] += hash * multiplier_;
    AddText(hash, text);
  }
}

void ColumnEvidence::AddText(uint64_t hash, std::string_view text) {
  if (is_rising_) FollowSequence(text);
  if (mode_ == Mode::kCounting) {
    if (values_.Count(hash, text)) return;
    Freeze();
  }
  AddUncounted(hash, text);
}

void ColumnEvidence::AddUncounted(uint64_t hash, std::string_view text) {
  if (mode_ == Mode::kTexts) {
    if (values_.Count(hash, text)) return;
    distinct_.Add(hash * kSketchSpread);
    const table::Cell cell = parser_->Parse(text);
    if (cell.state != table::CellState::kValue ||
        (!fixed_.missing_texts && MeansMissingInText(text))) {
      CountOdd(text, cell.state);
      return;
    }
    ++num_later_texts_;
    const auto length = static_cast<int64_t>(text.size());
    later_length_ += length;
    later_max_length_ = std::max(later_max_length_, length);
    later_words_ += CountWords(text);
    return;
  }
  const table::Cell cell = parser_->Parse(text);
  if (cell.state != table::CellState::kValue) {
    CountOdd(text, cell.state);
    return;
  }
  distinct_.Add(hash * kSketchSpread);
  ++num_later_texts_;
  later_length_ += static_cast<int64_t>(text.size());
  later_max_length_ = std::max(later_max_length_, static_cast<int64_t>(text.size()));
  if (std::floor(cell.number) != cell.number) ++num_later_fractions_;
  later_.Add(cell.number, 1.0);
}

void ColumnEvidence::AddNumber(uint64_t hash, uint64_t bits, double value) {
  if (std::isinf(value)) {
    ++num_infinite_;
    is_rising_ = false;
    return;
  }
  if (is_rising_) FollowSequence(value);
  if (mode_ == Mode::kCounting) {
    if (values_.Count(hash, bits)) return;
    Freeze();
  }
  if (!takes_numbers_as_they_are_) {
    const bool as_text = mode_ == Mode::kTexts;
    const table::Cell cell = as_text ? parser_->Parse(TextOf(value)) : parser_->FromNumber(value);
    if (cell.state != table::CellState::kValue) {
      ++(cell.state == table::CellState::kMissing ? num_later_missing_ : num_later_invalid_);
      return;
    }
    if (!as_text) value = cell.number;
  }
  distinct_.Add(hash * kSketchSpread);
  ++num_later_texts_;
  if (std::floor(value) != value) ++num_later_fractions_;
  later_.Add(value, 1.0);
}

// Decides how the cells to come are read.
void ColumnEvidence::Freeze() {
  provisional_ = Decide();
  // Whether all numbers are whole shows at the end only.
  const TypeDecision decision = Fixed(provisional_);
  table::ColumnSchema column{.name = name_, .type = decision.type, .rules = decision.rules};
  if (column.type == ColumnType::kInteger && !fixed_.type) column.type = ColumnType::kNumber;
  const bool takes_all = column.type != ColumnType::kInteger && column.type != ColumnType::kBoolean;
  takes_numbers_as_they_are_ =
      takes_all && column.rules.missing_texts.empty() && column.rules.date_order != "milliseconds";
  mode_ = table::IsNumeric(column.type) ? Mode::kNumbers : Mode::kTexts;
  parser_.emplace(column);
  if (mode_ == Mode::kNumbers && !values_.entries().empty()) {
    const auto& middle = values_.entries()[values_.entries().size() / 2];
    const table::Cell cell = is_numeric_ ? parser_->FromNumber(std::bit_cast<double>(middle.bits))
                                         : parser_->Parse(values_.TextOf(middle));
    later_.shift = cell.number;
  }
}

void ColumnEvidence::FollowSequence(std::string_view text) {
  static const table::ReadingRules kPlain;
  const auto number = table::ReadNumber(text, kPlain);
  if (!number) {
    is_rising_ = false;
    return;
  }
  FollowSequence(*number);
}

void ColumnEvidence::FollowSequence(double value) {
  const bool is_first = values_.size() == 0 && mode_ == Mode::kCounting;
  is_rising_ = std::floor(value) == value && (is_first || value == previous_ + 1.0);
  previous_ = value;
}

void ColumnEvidence::CountOdd(std::string_view text, table::CellState state) {
  const bool is_missing =
      state == table::CellState::kMissing || (!fixed_.missing_texts && table::LooksMissing(text));
  ++(is_missing ? num_later_missing_ : num_later_invalid_);
  for (OddText& each : odd_) {
    if (each.text != text) continue;
    ++each.count;
    return;
  }
  if (odd_.size() < kMaxOddTexts) odd_.push_back({std::string(text), 1, is_missing});
}

void ColumnEvidence::AddSample(const engine::ChunkColumn& cells, std::span<const int32_t> rows) {
  if (!cells.numbers.empty()) {
    for (const int32_t row : rows) {
      sample_numbers_.push_back(cells.numbers[static_cast<size_t>(row)]);
    }
    return;
  }
  for (const int32_t row : rows) {
    sample_bytes_ += Trimmed(cells.texts[static_cast<size_t>(row)]).substr(0, kMaxSampledText);
    sample_ends_.push_back(static_cast<uint32_t>(sample_bytes_.size()));
  }
}

void ColumnEvidence::KeepSample(std::span<const int32_t> staying) {
  if (is_numeric_) {
    size_t kept = 0;
    for (const int32_t i : staying)
      sample_numbers_[kept++] = sample_numbers_[static_cast<size_t>(i)];
    sample_numbers_.resize(kept);
    return;
  }
  std::string bytes;
  std::vector<uint32_t> ends;
  for (const int32_t i : staying) {
    const auto at = static_cast<size_t>(i);
    const uint32_t start = at == 0 ? 0 : sample_ends_[at - 1];
    bytes.append(sample_bytes_, start, sample_ends_[at] - start);
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  sample_bytes_ = std::move(bytes);
  sample_ends_ = std::move(ends);
}

}  // namespace millrace::profile
