#include "data/quality/plain_columns.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace millrace::data {
namespace {

using table::Column;

constexpr int64_t kRows = 20'000;
constexpr int64_t kLeastRows = 50;
constexpr size_t kLeastValues = 2;
constexpr size_t kMostValues = 1'000;  // of a renamed category
constexpr size_t kNumbers = 200;       // pairs grow with the square

// Values as numbers 0, 1, ... in order of appearance, so that renamed columns look alike.
struct Codes {
  std::vector<int32_t> of_row;
  size_t num_values = 0;
  int64_t most = 0;      // rows of the most frequent value
  uint64_t exact = 0;    // digest of the values
  uint64_t renamed = 0;  // digest of the codes
};

Codes CodesOf(const Column& column, const std::vector<int64_t>& rows) {
  Codes codes;
  std::unordered_map<uint64_t, int32_t> index;
  std::vector<int64_t> counts;
  for (const int64_t row : rows) {
    const uint64_t hash = HashCell(column, row);
    const auto [at, is_new] = index.emplace(hash, static_cast<int32_t>(index.size()));
    if (is_new) counts.push_back(0);
    ++counts[static_cast<size_t>(at->second)];
    codes.of_row.push_back(at->second);
    codes.exact = MixHash(codes.exact, hash);
    codes.renamed = MixHash(codes.renamed, static_cast<uint64_t>(at->second));
  }
  codes.num_values = index.size();
  if (!counts.empty()) codes.most = *std::max_element(counts.begin(), counts.end());
  return codes;
}

// Deviations from the mean over their norm; missing ones are 0. Empty where there is no spread.
std::vector<double> UnitDeviations(const Column& column, const std::vector<int64_t>& rows) {
  double mean = 0.0;
  double present = 0.0;
  for (const int64_t row : rows) {
    if (!column.valid(row)) continue;
    mean += column.number(row);
    ++present;
  }
  if (present < static_cast<double>(kLeastRows)) return {};
  mean /= present;
  double sum = 0.0;
  std::vector<double> deviations;
  for (const int64_t row : rows) {
    deviations.push_back(column.valid(row) ? column.number(row) - mean : 0.0);
    sum += deviations.back() * deviations.back();
  }
  if (!(sum > 0.0) || !std::isfinite(sum)) return {};
  for (double& value : deviations) value /= std::sqrt(sum);
  return deviations;
}

bool Known(const std::vector<RedundantPair>& pairs, const std::string& a, const std::string& b) {
  return std::any_of(pairs.begin(), pairs.end(),
                     [&](const RedundantPair& pair) { return pair.kept == a && pair.other == b; });
}

void FindCorrelated(const QualityRows& rows, const std::vector<int64_t>& sample,
                    const std::vector<std::string>& features, PlainColumns& found) {
  std::vector<std::string> names;
  std::vector<std::vector<double>> units;
  for (const std::string& name : features) {
    const Column& column = rows.column(name);
    const bool number =
        column.type() == table::ColumnType::kInteger || column.type() == table::ColumnType::kNumber;
    if (!number || names.size() >= kNumbers) continue;
    std::vector<double> unit = UnitDeviations(column, sample);
    if (unit.empty()) continue;
    names.push_back(name);
    units.push_back(std::move(unit));
  }
  for (size_t j = 0; j < names.size(); ++j) {
    for (size_t i = 0; i < j; ++i) {
      double correlation = 0.0;
      for (size_t r = 0; r < units[i].size(); ++r) correlation += units[i][r] * units[j][r];
      if (std::abs(correlation) <= kCorrelated || Known(found.redundant, names[i], names[j])) {
        continue;
      }
      found.redundant.push_back({names[i], names[j], Redundancy::kCorrelated, correlation});
      break;
    }
  }
}

}  // namespace

PlainColumns FindPlainColumns(const QualityRows& rows, const std::vector<std::string>& features) {
  PlainColumns found;
  const std::vector<int64_t> train = rows.RowsOf(SplitPart::kTrain);
  if (static_cast<int64_t>(train.size()) < kLeastRows) return found;
  std::unordered_map<uint64_t, std::string> by_values;
  std::unordered_map<uint64_t, std::string> by_codes;
  for (const std::string& name : features) {
    const Column& column = rows.column(name);
    const Codes codes = CodesOf(column, train);
    const double share = static_cast<double>(codes.most) / static_cast<double>(train.size());
    if (share >= kNearConstant) found.near_constant.push_back({name, share});
    if (codes.num_values < kLeastValues) continue;
    const auto [same, is_first] = by_values.emplace(codes.exact, name);
    if (!is_first) {
      found.redundant.push_back({same->second, name, Redundancy::kCopy, 1.0});
      continue;
    }
    // Two columns of one value a row are renamed copies by nature: ids, measurements.
    const bool category = codes.num_values <= kMostValues && codes.num_values * 10 <= train.size();
    if (!category) continue;
    const auto [alike, is_new] = by_codes.emplace(codes.renamed, name);
    if (!is_new) found.redundant.push_back({alike->second, name, Redundancy::kRenamed, 1.0});
  }
  FindCorrelated(rows, rows.Sample(train, kRows), features, found);
  return found;
}

}  // namespace millrace::data
