#include "data/quality/row_copies.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <unordered_map>

namespace millrace::data {
namespace {

using table::Column;

constexpr int64_t kTestRows = 10'000;
constexpr int64_t kTrainRows = 100'000;
constexpr int64_t kKeys = 500'000;  // of one cell left out, that are held
constexpr size_t kExamples = 20;
constexpr double kDigits = 4.0;
constexpr double kChancePairs = 0.01;
constexpr double kDependence = 1.25;

// A number as its first four digits.
uint64_t HashRounded(const Column& column, int64_t row) {
  if (column.type() != table::ColumnType::kNumber || !column.valid(row)) {
    return HashCell(column, row);
  }
  const double value = column.number(row);
  if (value == 0.0) return HashCell(column, row);
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) + 1.0 - kDigits);
  const double rounded = std::round(value / unit) * unit;
  return MixHash(std::bit_cast<uint64_t>(rounded), 4);
}

// Hashes of cells [rows, columns] and, beside them, how rare each value is, in bits.
struct Cells {
  std::vector<uint64_t> exact;
  std::vector<uint64_t> rounded;
  std::vector<float> bits;
};

class Comparison {
 public:
  Comparison(const QualityRows& rows, const std::vector<std::string>& columns)
      : rows_(rows), num_columns_(columns.size()) {
    const auto budget =
        std::max<int64_t>(1, kKeys / static_cast<int64_t>(std::max<size_t>(1, num_columns_)));
    test_ = rows.Sample(rows.RowsOf(SplitPart::kTest), std::min(kTestRows, budget));
    train_ = rows.Sample(rows.RowsOf(SplitPart::kTrain), kTrainRows);
    for (const std::string& name : columns) columns_.push_back(&rows.column(name));
    for (const Column* column : columns_) CountValues(*column);
    const double pairs = static_cast<double>(test_.size()) * static_cast<double>(train_.size());
    bits_needed_ = kDependence * std::log2(std::max(1.0, pairs) / kChancePairs);
  }

  RowCopies Run() {
    RowCopies copies;
    copies.num_test = static_cast<int64_t>(test_.size());
    copies.num_train = static_cast<int64_t>(train_.size());
    KeepTestKeys();
    std::vector<uint64_t> cells(num_columns_);
    for (const int64_t row : train_) Meet(row, cells);
    std::vector<RowPair> near;
    for (size_t t = 0; t < test_.size(); ++t) {
      if (state_[t] == State::kAlone) continue;
      const RowPair pair{Place(test_[t]), Place(partner_[t])};
      if (state_[t] == State::kCommon) ++copies.num_common;
      if (state_[t] == State::kExact) {
        ++copies.num_exact;
        if (copies.examples.size() < kExamples) copies.examples.push_back(pair);
      }
      if (state_[t] == State::kNear) {
        ++copies.num_near;
        near.push_back(pair);
      }
    }
    for (size_t i = 0; i < near.size() && copies.examples.size() < kExamples; ++i) {
      copies.examples.push_back(near[i]);
    }
    return copies;
  }

 private:
  enum class State : uint8_t { kAlone, kCommon, kNear, kExact };

  int64_t Place(int64_t row) const { return rows_.places[static_cast<size_t>(row)]; }

  void CountValues(const Column& column) {
    std::unordered_map<uint64_t, int64_t> counts;
    for (const int64_t row : train_) ++counts[HashRounded(column, row)];
    counts_.push_back(std::move(counts));
  }

  // Self-information of a value; one that no training row has cannot be met.
  double BitsOf(size_t column, uint64_t hash) const {
    const auto found = counts_[column].find(hash);
    const double count = found == counts_[column].end() ? 1.0 : static_cast<double>(found->second);
    return std::log2(static_cast<double>(train_.size()) / count);
  }

  void KeepTestKeys() {
    state_.assign(test_.size(), State::kAlone);
    partner_.assign(test_.size(), 0);
    bits_.assign(test_.size() * num_columns_, 0.0F);
    all_bits_.assign(test_.size(), 0.0);
    keys_.reserve(test_.size() * num_columns_);
    for (size_t t = 0; t < test_.size(); ++t) {
      std::vector<uint64_t> cells(num_columns_);
      const uint64_t sum = HashRow(test_[t], cells);
      for (size_t c = 0; c < num_columns_; ++c) {
        const double bits = BitsOf(c, cells[c]);
        bits_[t * num_columns_ + c] = static_cast<float>(bits);
        all_bits_[t] += bits;
      }
      for (size_t c = 0; c < num_columns_; ++c) {
        keys_[MixHash(sum - MixHash(cells[c], c), c)].push_back(static_cast<int32_t>(t));
      }
    }
  }

  // Returns the sum of the cells' hashes, so that one can be taken out again.
  uint64_t HashRow(int64_t row, std::vector<uint64_t>& cells) const {
    uint64_t sum = 0;
    for (size_t c = 0; c < num_columns_; ++c) {
      cells[c] = HashRounded(*columns_[c], row);
      sum += MixHash(cells[c], c);
    }
    return sum;
  }

  bool IsExact(int64_t a, int64_t b) const {
    return std::all_of(columns_.begin(), columns_.end(), [&](const Column* column) {
      return HashCell(*column, a) == HashCell(*column, b);
    });
  }

  void Meet(int64_t row, std::vector<uint64_t>& cells) {
    const uint64_t sum = HashRow(row, cells);
    for (size_t c = 0; c < num_columns_; ++c) {
      const auto found = keys_.find(MixHash(sum - MixHash(cells[c], c), c));
      if (found == keys_.end()) continue;
      for (const int32_t t : found->second) {
        const auto index = static_cast<size_t>(t);
        const bool same = HashRounded(*columns_[c], test_[index]) == cells[c];
        double bits = all_bits_[index];
        if (!same) bits -= static_cast<double>(bits_[index * num_columns_ + c]);
        State state = State::kAlone;
        if (bits >= bits_needed_) {
          state = same && IsExact(row, test_[index]) ? State::kExact : State::kNear;
        } else if (same && IsExact(row, test_[index])) {
          state = State::kCommon;
        }
        if (state > state_[index]) {
          state_[index] = state;
          partner_[index] = row;
        }
      }
    }
  }

  const QualityRows& rows_;
  size_t num_columns_;
  std::vector<int64_t> test_;
  std::vector<int64_t> train_;
  std::vector<const Column*> columns_;
  std::vector<std::unordered_map<uint64_t, int64_t>> counts_;
  double bits_needed_ = 0.0;
  std::unordered_map<uint64_t, std::vector<int32_t>> keys_;
  std::vector<float> bits_;
  std::vector<double> all_bits_;
  std::vector<State> state_;
  std::vector<int64_t> partner_;
};

// --- Texts ---

constexpr int64_t kTestTexts = 5'000;
constexpr int64_t kTrainTexts = 20'000;
constexpr size_t kLeastWords = 6;
constexpr size_t kMostWords = 400;
constexpr size_t kTriple = 3;
constexpr size_t kBins = 64;
constexpr size_t kBands = 16;
constexpr size_t kBandBins = kBins / kBands;
constexpr size_t kCandidates = 50;  // of one band

std::vector<uint64_t> WordHashes(std::string_view text) {
  std::vector<uint64_t> words;
  std::string word;
  for (size_t i = 0; i <= text.size() && words.size() < kMostWords; ++i) {
    const auto byte = i < text.size() ? static_cast<unsigned char>(text[i]) : ' ';
    if (std::isalnum(byte) != 0 || byte >= 0x80) {
      word.push_back(static_cast<char>(std::tolower(byte)));
    } else if (!word.empty()) {
      words.push_back(Hash64(word, 5));
      word.clear();
    }
  }
  return words;
}

// Distinct triples of neighbouring words, sorted.
std::vector<uint64_t> TriplesOf(std::string_view text, size_t least_words) {
  const std::vector<uint64_t> words = WordHashes(text);
  std::vector<uint64_t> triples;
  if (words.size() < least_words) return triples;
  const size_t count = words.size() < kTriple ? 1 : words.size() - kTriple + 1;
  for (size_t i = 0; i < count; ++i) {
    uint64_t hash = 7;
    for (size_t k = i; k < std::min(i + kTriple, words.size()); ++k) hash = MixHash(hash, words[k]);
    triples.push_back(hash);
  }
  std::sort(triples.begin(), triples.end());
  triples.erase(std::unique(triples.begin(), triples.end()), triples.end());
  return triples;
}

double Jaccard(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  if (a.empty() || b.empty()) return 0.0;
  size_t common = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) ++common;
    const bool left = a[i] <= b[j];
    const bool right = b[j] <= a[i];
    if (left) ++i;
    if (right) ++j;
  }
  return static_cast<double>(common) / static_cast<double>(a.size() + b.size() - common);
}

// The smallest hash of each bin; an empty bin takes that of the next one that is not.
std::vector<uint64_t> BandsOf(const std::vector<uint64_t>& triples) {
  std::vector<uint64_t> smallest(kBins, ~uint64_t{0});
  for (const uint64_t triple : triples) {
    const uint64_t hash = MixHash(triple, 11);
    uint64_t& bin = smallest[hash % kBins];
    bin = std::min(bin, hash);
  }
  std::vector<uint64_t> filled = smallest;
  for (size_t b = 0; b < kBins; ++b) {
    for (size_t step = 1; filled[b] == ~uint64_t{0} && step < kBins; ++step) {
      const uint64_t other = smallest[(b + step) % kBins];
      if (other != ~uint64_t{0}) filled[b] = MixHash(other, step);
    }
  }
  std::vector<uint64_t> bands;
  for (size_t band = 0; band < kBands; ++band) {
    uint64_t hash = band;
    for (size_t i = 0; i < kBandBins; ++i) hash = MixHash(hash, filled[band * kBandBins + i]);
    bands.push_back(hash);
  }
  return bands;
}

}  // namespace

RowCopies FindRowCopies(const QualityRows& rows, const std::vector<std::string>& columns) {
  if (columns.empty()) return {};
  return Comparison(rows, columns).Run();
}

double TextSimilarity(std::string_view a, std::string_view b) {
  return Jaccard(TriplesOf(a, 1), TriplesOf(b, 1));
}

TextCopies FindTextCopies(const QualityRows& rows, const std::string& column_name) {
  const Column& column = rows.column(column_name);
  TextCopies copies;
  copies.column = column_name;
  std::unordered_map<uint64_t, std::vector<int64_t>> bands;
  std::unordered_map<int64_t, std::vector<uint64_t>> triples_of;
  for (const int64_t row : rows.Sample(rows.RowsOf(SplitPart::kTrain), kTrainTexts)) {
    if (!column.valid(row)) continue;
    std::vector<uint64_t> triples = TriplesOf(column.text(row), kLeastWords);
    if (triples.empty()) continue;
    for (const uint64_t band : BandsOf(triples)) {
      std::vector<int64_t>& members = bands[band];
      if (members.size() < kCandidates) members.push_back(row);
    }
    triples_of.emplace(row, std::move(triples));
  }
  for (const int64_t row : rows.Sample(rows.RowsOf(SplitPart::kTest), kTestTexts)) {
    if (!column.valid(row)) continue;
    const std::vector<uint64_t> triples = TriplesOf(column.text(row), kLeastWords);
    if (triples.empty()) continue;
    ++copies.num_test;
    int64_t partner = -1;
    for (const uint64_t band : BandsOf(triples)) {
      const auto found = bands.find(band);
      if (found == bands.end()) continue;
      for (const int64_t other : found->second) {
        if (partner < 0 && Jaccard(triples, triples_of.at(other)) >= kNearText) partner = other;
      }
      if (partner >= 0) break;
    }
    if (partner < 0) continue;
    ++copies.num_near;
    if (copies.examples.size() < kExamples) {
      copies.examples.push_back(
          {rows.places[static_cast<size_t>(row)], rows.places[static_cast<size_t>(partner)]});
    }
  }
  return copies;
}

}  // namespace millrace::data
