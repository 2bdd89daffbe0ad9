#include "profile/column_evidence.h"

#include <algorithm>
#include <array>
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

// All ones in NaN and the infinities alone (IEEE 754).
constexpr uint64_t kExponentBits = uint64_t{0x7ff} << 52;

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trimmed(std::string_view text) {
  if (!text.empty() && !IsSpace(text.front()) && !IsSpace(text.back())) return text;
  return Trim(text);
}

// Whole as std::floor says, without a call of it for each value.
bool IsWhole(double value) {
  constexpr double kLargest = 9.0e15;  // from 2^53 on there are no fractions
  if (!(std::abs(value) < kLargest)) return true;
  return static_cast<double>(static_cast<int64_t>(value)) == value;
}

}  // namespace

void PowerSums::AddEach(std::span<const double> values) {
  if (values.empty()) return;
  if (count == 0) minimum = maximum = values.front();
  count += static_cast<int64_t>(values.size());
  PowerSums each = *this;  // in registers, which `this` would not be
  for (const double value : values) {
    each.minimum = std::min(each.minimum, value);
    each.maximum = std::max(each.maximum, value);
    const double x = value - each.shift;
    const double square = x * x;
    each.sums[0] += x;
    each.sums[1] += square;
    each.sums[2] += square * x;
    each.sums[3] += square * square;
  }
  *this = each;
}

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
  num_rows_ += static_cast<int64_t>(row_hashes.size());
  for (size_t begin = 0; begin < row_hashes.size(); begin += kBlockRows) {
    const size_t size = std::min(kBlockRows, row_hashes.size() - begin);
    const std::span<uint64_t> hashes = row_hashes.subspan(begin, size);
    if (!cells.numbers.empty()) {
      is_numeric_ = true;
      is_whole_type_ = cells.is_whole_type;
      AddNumbers(cells.numbers.subspan(begin, size),
                 cells.wholes.empty() ? cells.wholes : cells.wholes.subspan(begin, size), hashes);
    } else {
      AddTexts(cells.texts.subspan(begin, size), hashes);
    }
  }
}

void ColumnEvidence::AddNumbers(std::span<const double> cells, std::span<const int64_t> wholes,
                                std::span<uint64_t> row_hashes) {
  NumberBlock block;
  const size_t num_cells = cells.size();
  size_t num_special = 0;
  const auto take = [&](size_t i, uint64_t hash) {
    const uint64_t bits = BitsOf(cells[i]);
    block.bits[i] = bits;
    block.hashes[i] = hash;
    row_hashes[i] += hash * multiplier_;
    num_special += (bits & kExponentBits) == kExponentBits ? 1 : 0;
  };
  for (size_t i = 0; i < wholes.size(); ++i) take(i, HashCell(static_cast<uint64_t>(wholes[i])));
  for (size_t i = wholes.size(); i < num_cells; ++i) take(i, HashCell(BitsOf(cells[i])));
  if (num_special == 0) {
    AddPresent(block, cells, Finite::kAll);
    return;
  }
  size_t kept = 0;
  size_t num_infinite = 0;
  for (size_t i = 0; i < num_cells; ++i) {
    // Without a jump: gaps that lie anywhere cannot be foretold.
    const bool is_missing = std::isnan(cells[i]);
    const uint64_t hash = block.hashes[i];
    const uint64_t correction = (kMissingHash - hash) & (uint64_t{0} - uint64_t{is_missing});
    row_hashes[i] += correction * multiplier_;
    block.hashes[kept] = hash;
    block.bits[kept] = block.bits[i];
    block.values[kept] = cells[i];
    block.places[kept] = static_cast<uint16_t>(i);
    kept += is_missing ? 0 : 1;
    num_infinite += std::isinf(cells[i]) ? 1 : 0;
  }
  const Finite finite = num_infinite == 0 ? Finite::kAll : Finite::kSome;
  const size_t num_missing = num_cells - kept;
  const int64_t num_empty = num_empty_;
  AddPresent(block, std::span(block.values).first(kept), finite);
  num_empty_ = num_empty + static_cast<int64_t>(num_missing);
}

void ColumnEvidence::AddPresent(const NumberBlock& block, std::span<const double> values,
                                Finite finite) {
  const size_t num_values = values.size();
  const auto hashes = std::span<const uint64_t>(block.hashes).first(num_values);
  const auto bits = std::span<const uint64_t>(block.bits).first(num_values);
  const bool has_gaps = values.data() == block.values.data();
  // The type may be decided in the middle, on the cells so far.
  const int64_t num_empty = num_empty_;
  const auto read_until = [&](size_t next) {
    if (has_gaps) num_empty_ = num_empty + static_cast<int64_t>(block.places[next] - next);
  };
  size_t next = 0;
  while (next < num_values && (is_rising_ || finite == Finite::kSome)) {
    read_until(next);
    AddNumber(hashes[next], bits[next], values[next]);
    ++next;
  }
  if (mode_ == Mode::kCounting && next < num_values) {
    next += values_.CountEach(hashes.subspan(next), bits.subspan(next));
    if (next < num_values) {
      read_until(next);
      Freeze();
    }
  }
  if (next < num_values) AddUncounted(hashes.subspan(next), values.subspan(next));
}

void ColumnEvidence::AddTexts(std::span<const std::string_view> cells,
                              std::span<uint64_t> row_hashes) {
  std::array<uint64_t, kBlockRows> hashes;
  std::array<std::string_view, kBlockRows> texts;
  std::array<uint16_t, kBlockRows> places;
  size_t num_values = 0;
  for (size_t row = 0; row < cells.size(); ++row) {
    const std::string_view text = Trimmed(cells[row]);
    if (text.empty()) {
      row_hashes[row] += kMissingHash * multiplier_;
      continue;
    }
    hashes[num_values] = HashCell(text);
    row_hashes[row] += hashes[num_values] * multiplier_;
    texts[num_values] = text;
    places[num_values] = static_cast<uint16_t>(row);
    ++num_values;
  }
  const int64_t num_empty = num_empty_;
  const auto read_until = [&](size_t next) {
    num_empty_ = num_empty + static_cast<int64_t>(places[next] - next);
  };
  size_t next = 0;
  while (next < num_values && is_rising_) {
    read_until(next);
    AddText(hashes[next], texts[next]);
    ++next;
  }
  while (next < num_values && mode_ != Mode::kNumbers) {
    next += values_.CountEach<std::string_view>(std::span(hashes).subspan(next, num_values - next),
                                                std::span(texts).subspan(next, num_values - next));
    if (next == num_values) break;
    if (mode_ == Mode::kCounting) {
      read_until(next);
      Freeze();
      if (mode_ == Mode::kNumbers) break;
    }
    AddUncounted(hashes[next], texts[next]);
    ++next;
  }
  for (; next < num_values; ++next) AddUncounted(hashes[next], texts[next]);
  num_empty_ = num_empty + static_cast<int64_t>(cells.size() - num_values);
}

void ColumnEvidence::AddText(uint64_t hash, std::string_view text) {
  if (is_rising_) FollowSequence(text);
  if (mode_ != Mode::kNumbers && values_.Count(hash, text)) return;
  if (mode_ == Mode::kCounting) Freeze();
  AddUncounted(hash, text);
}

void ColumnEvidence::AddUncounted(uint64_t hash, std::string_view text) {
  if (mode_ == Mode::kTexts) {
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
  AddUncounted(std::span(&hash, 1), std::span(&value, 1));
}

void ColumnEvidence::AddUncounted(std::span<const uint64_t> hashes,
                                  std::span<const double> values) {
  if (!takes_numbers_as_they_are_) {
    for (size_t i = 0; i < values.size(); ++i) {
      const bool as_text = mode_ == Mode::kTexts;
      const table::Cell cell =
          as_text ? parser_->Parse(TextOf(values[i])) : parser_->FromNumber(values[i]);
      if (cell.state != table::CellState::kValue) {
        ++(cell.state == table::CellState::kMissing ? num_later_missing_ : num_later_invalid_);
        continue;
      }
      const double value = as_text ? values[i] : cell.number;
      AddLater(hashes.subspan(i, 1), std::span(&value, 1));
    }
    return;
  }
  AddLater(hashes, values);
}

void ColumnEvidence::AddLater(std::span<const uint64_t> hashes, std::span<const double> values) {
  distinct_.AddEach(hashes, kSketchSpread);
  num_later_texts_ += static_cast<int64_t>(values.size());
  if (!is_whole_type_) {
    for (const double value : values) num_later_fractions_ += IsWhole(value) ? 0 : 1;
  }
  later_.AddEach(values);
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
