#include "profile/association.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "base/format.h"
#include "base/threads.h"

namespace millrace::profile {
namespace {

constexpr int64_t kFewestRows = 30;

// The sampled values of one column: numbers, or indexes of categories.
struct Prepared {
  int64_t column = 0;
  bool is_number = false;
  int32_t num_codes = 0;
  std::vector<double> numbers;  // NaN where missing
  std::vector<int32_t> codes;   // -1 where missing
  // Of numbers without a gap: what is the same for every pair.
  std::vector<double> centred;
  double sum_of_squares = 0.0;
};

// The sum of products, in four sums that do not wait for each other.
double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sums[4] = {};
  const size_t even = a.size() / 4 * 4;
  for (size_t i = 0; i < even; i += 4) {
    for (size_t lane = 0; lane < 4; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (size_t i = even; i < a.size(); ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void Centre(Prepared& prepared) {
  double sum = 0.0;
  for (const double value : prepared.numbers) sum += value;
  const double mean = sum / static_cast<double>(prepared.numbers.size());
  for (const double value : prepared.numbers) prepared.centred.push_back(value - mean);
  prepared.sum_of_squares = Dot(prepared.centred, prepared.centred);
}

std::optional<Prepared> Prepare(const table::Column& column, int64_t index, int64_t num_rows) {
  Prepared prepared;
  prepared.column = index;
  prepared.is_number = table::IsNumeric(column.type());
  if (column.type() == table::ColumnType::kText) return std::nullopt;
  int64_t present = 0;
  bool varies = false;
  if (prepared.is_number) {
    double first = NAN;
    for (int64_t row = 0; row < num_rows; ++row) {
      const double value = column.valid(row) ? column.number(row) : NAN;
      prepared.numbers.push_back(value);
      if (std::isnan(value)) continue;
      ++present;
      if (std::isnan(first)) first = value;
      varies = varies || value != first;
    }
  } else {
    std::map<std::string, int32_t, std::less<>> codes;
    for (int64_t row = 0; row < num_rows; ++row) {
      if (!column.valid(row)) {
        prepared.codes.push_back(-1);
        continue;
      }
      ++present;
      const auto [entry, is_new] =
          codes.emplace(std::string(column.text(row)), static_cast<int32_t>(codes.size()));
      if (is_new && codes.size() > static_cast<size_t>(kMaxAssociatedValues)) return std::nullopt;
      prepared.codes.push_back(entry->second);
    }
    prepared.num_codes = static_cast<int32_t>(codes.size());
    varies = prepared.num_codes > 1;
  }
  if (!varies || present < kFewestRows) return std::nullopt;
  if (prepared.is_number && present == num_rows) Centre(prepared);
  return prepared;
}

std::optional<Association> PearsonOf(const Prepared& a, const Prepared& b, double ab, double aa,
                                     double bb, int64_t num_rows) {
  if (!(aa > 0.0) || !(bb > 0.0)) return std::nullopt;
  const double value = std::clamp(ab / std::sqrt(aa) / std::sqrt(bb), -1.0, 1.0);
  return Association{a.column, b.column, AssociationKind::kPearson, value, num_rows};
}

std::optional<Association> Pearson(const Prepared& a, const Prepared& b) {
  if (!a.centred.empty() && !b.centred.empty()) {
    return PearsonOf(a, b, Dot(a.centred, b.centred), a.sum_of_squares, b.sum_of_squares,
                     static_cast<int64_t>(a.centred.size()));
  }
  double sum_a = 0.0;
  double sum_b = 0.0;
  int64_t n = 0;
  for (size_t i = 0; i < a.numbers.size(); ++i) {
    if (std::isnan(a.numbers[i]) || std::isnan(b.numbers[i])) continue;
    sum_a += a.numbers[i];
    sum_b += b.numbers[i];
    ++n;
  }
  if (n < kFewestRows) return std::nullopt;
  const double mean_a = sum_a / static_cast<double>(n);
  const double mean_b = sum_b / static_cast<double>(n);
  double aa = 0.0;
  double bb = 0.0;
  double ab = 0.0;
  for (size_t i = 0; i < a.numbers.size(); ++i) {
    const double x = a.numbers[i] - mean_a;
    const double y = b.numbers[i] - mean_b;
    if (std::isnan(x) || std::isnan(y)) continue;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return PearsonOf(a, b, ab, aa, bb, n);
}

std::optional<Association> CramersV(const Prepared& a, const Prepared& b) {
  std::vector<double> counts(static_cast<size_t>(a.num_codes) * static_cast<size_t>(b.num_codes));
  std::vector<double> rows(static_cast<size_t>(a.num_codes));
  std::vector<double> columns(static_cast<size_t>(b.num_codes));
  double n = 0.0;
  for (size_t i = 0; i < a.codes.size(); ++i) {
    if (a.codes[i] < 0 || b.codes[i] < 0) continue;
    const auto r = static_cast<size_t>(a.codes[i]);
    const auto c = static_cast<size_t>(b.codes[i]);
    ++counts[r * columns.size() + c];
    ++rows[r];
    ++columns[c];
    ++n;
  }
  const auto present = [](double count) { return count > 0.0; };
  const auto k = static_cast<double>(std::count_if(rows.begin(), rows.end(), present));
  const auto l = static_cast<double>(std::count_if(columns.begin(), columns.end(), present));
  if (n < static_cast<double>(kFewestRows) || k < 2.0 || l < 2.0) return std::nullopt;
  double chi_square = 0.0;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t c = 0; c < columns.size(); ++c) {
      const double expected = rows[r] * columns[c] / n;
      if (expected <= 0.0) continue;
      const double off = counts[r * columns.size() + c] - expected;
      chi_square += off * off / expected;
    }
  }
  const double phi = std::max(0.0, chi_square / n - (k - 1.0) * (l - 1.0) / (n - 1.0));
  const double fewer =
      std::min(k - (k - 1.0) * (k - 1.0) / (n - 1.0), l - (l - 1.0) * (l - 1.0) / (n - 1.0)) - 1.0;
  if (fewer <= 0.0) return std::nullopt;
  const double value = std::min(1.0, std::sqrt(phi / fewer));
  return Association{a.column, b.column, AssociationKind::kCramersV, value,
                     static_cast<int64_t>(n)};
}

std::optional<Association> CorrelationRatio(const Prepared& group, const Prepared& number) {
  std::vector<double> sums(static_cast<size_t>(group.num_codes));
  std::vector<double> counts(static_cast<size_t>(group.num_codes));
  double sum = 0.0;
  double n = 0.0;
  for (size_t i = 0; i < group.codes.size(); ++i) {
    if (group.codes[i] < 0 || std::isnan(number.numbers[i])) continue;
    sums[static_cast<size_t>(group.codes[i])] += number.numbers[i];
    ++counts[static_cast<size_t>(group.codes[i])];
    sum += number.numbers[i];
    ++n;
  }
  const auto k = static_cast<double>(
      std::count_if(counts.begin(), counts.end(), [](double count) { return count > 0.0; }));
  if (n < static_cast<double>(kFewestRows) || k < 2.0 || n <= k) return std::nullopt;
  const double mean = sum / n;
  double total = 0.0;
  double within = 0.0;
  for (size_t i = 0; i < group.codes.size(); ++i) {
    if (group.codes[i] < 0 || std::isnan(number.numbers[i])) continue;
    const auto code = static_cast<size_t>(group.codes[i]);
    const double off = number.numbers[i] - mean;
    const double off_group = number.numbers[i] - sums[code] / counts[code];
    total += off * off;
    within += off_group * off_group;
  }
  if (!(total > 0.0)) return std::nullopt;
  const double explained = std::max(0.0, 1.0 - within / total * (n - 1.0) / (n - k));
  return Association{std::min(group.column, number.column), std::max(group.column, number.column),
                     AssociationKind::kCorrelationRatio, std::sqrt(explained),
                     static_cast<int64_t>(n)};
}

std::optional<Association> AssociateTwo(const Prepared& a, const Prepared& b) {
  if (a.is_number && b.is_number) return Pearson(a, b);
  if (!a.is_number && !b.is_number) return CramersV(a, b);
  return a.is_number ? CorrelationRatio(b, a) : CorrelationRatio(a, b);
}

}  // namespace

std::string_view AssociationKindName(AssociationKind kind) {
  switch (kind) {
    case AssociationKind::kPearson:
      return "pearson";
    case AssociationKind::kCramersV:
      return "cramers_v";
    case AssociationKind::kCorrelationRatio:
      return "eta";
  }
  return "";
}

std::vector<Association> Associate(const std::vector<table::Column>& columns, int num_threads) {
  std::vector<Prepared> prepared;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (prepared.size() >= static_cast<size_t>(kMaxAssociated)) break;
    const int64_t num_rows = std::min(columns[c].size(), kAssociationRows);
    if (auto one = Prepare(columns[c], static_cast<int64_t>(c), num_rows)) {
      prepared.push_back(std::move(*one));
    }
  }
  std::vector<std::vector<Association>> found(prepared.size());
  ParallelFor(num_threads, static_cast<int64_t>(prepared.size()), [&](int64_t i) {
    const auto first = static_cast<size_t>(i);
    for (size_t second = first + 1; second < prepared.size(); ++second) {
      if (const auto one = AssociateTwo(prepared[first], prepared[second])) {
        found[first].push_back(*one);
      }
    }
  });
  std::vector<Association> all;
  for (const std::vector<Association>& each : found)
    all.insert(all.end(), each.begin(), each.end());
  std::stable_sort(all.begin(), all.end(), [](const Association& a, const Association& b) {
    return std::abs(a.value) > std::abs(b.value);
  });
  return all;
}

json::Json ToJson(const Association& association) {
  return json::Json::Of({{"first", association.first},
                         {"second", association.second},
                         {"kind", AssociationKindName(association.kind)},
                         {"value", association.value},
                         {"rows", association.num_rows}});
}

Result<Association> AssociationFromJson(const json::Json& document) {
  Association association;
  MILLRACE_ASSIGN_OR_RETURN(association.first, document.RequireInteger("association", "first"));
  MILLRACE_ASSIGN_OR_RETURN(association.second, document.RequireInteger("association", "second"));
  MILLRACE_ASSIGN_OR_RETURN(const std::string kind, document.RequireString("association", "kind"));
  for (const AssociationKind each : {AssociationKind::kPearson, AssociationKind::kCramersV,
                                     AssociationKind::kCorrelationRatio}) {
    if (AssociationKindName(each) != kind) continue;
    association.kind = each;
    association.value = document["value"].AsNumber();
    association.num_rows = document["rows"].AsInteger();
    return association;
  }
  return Corrupt(Format("association: unknown kind: \"{}\"", kind));
}

}  // namespace millrace::profile
