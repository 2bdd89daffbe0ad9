#include "profile/target_sums.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace millrace::profile {
namespace {

using table::Column;

// A sum counts as the target when it meets it on this share of rows, up to rounding.
constexpr double kSumShare = 0.995;
constexpr double kRounding = 1e-9;
constexpr size_t kMostSummands = 60;  // pairs grow with the square

bool IsSum(const Column& a, const Column& b, double sign, std::span<const double> targets) {
  int64_t misses = 0;
  int64_t moving = 0;  // rows where both parts matter
  const auto size = static_cast<int64_t>(targets.size());
  const auto allowed = static_cast<int64_t>((1.0 - kSumShare) * static_cast<double>(size));
  for (int64_t r = 0; r < size; ++r) {
    const double target = targets[static_cast<size_t>(r)];
    const double sum = a.number(r) + sign * b.number(r);
    const bool equal = a.valid(r) && b.valid(r) &&
                       std::abs(sum - target) <= kRounding * std::max(1.0, std::abs(target));
    if (!equal && ++misses > allowed) return false;
    if (equal && a.number(r) != 0.0 && b.number(r) != 0.0) ++moving;
  }
  return moving * 2 > size;
}

}  // namespace

std::vector<TargetSum> FindTargetSums(const table::Table& rows, const std::string& target,
                                      std::span<const double> targets,
                                      const std::vector<std::string>& features) {
  std::vector<int64_t> numbers;
  for (const std::string& name : features) {
    const auto index = rows.schema().Find(name);
    if (!index) continue;
    const table::ColumnType type = rows.column(*index).type();
    const bool number = type == table::ColumnType::kInteger || type == table::ColumnType::kNumber;
    if (number && numbers.size() < kMostSummands) numbers.push_back(*index);
  }
  std::vector<TargetSum> sums;
  for (size_t i = 0; i < numbers.size(); ++i) {
    for (size_t j = i + 1; j < numbers.size(); ++j) {
      const Column& a = rows.column(numbers[i]);
      const Column& b = rows.column(numbers[j]);
      const std::string& left = rows.schema().column(numbers[i]).name;
      const std::string& right = rows.schema().column(numbers[j]).name;
      std::string identity;
      if (IsSum(a, b, 1.0, targets)) identity = Format("{} + {} = {}", left, right, target);
      if (IsSum(a, b, -1.0, targets)) identity = Format("{} - {} = {}", left, right, target);
      if (IsSum(b, a, -1.0, targets)) identity = Format("{} - {} = {}", right, left, target);
      if (!identity.empty()) sums.push_back({left, right, std::move(identity)});
    }
  }
  return sums;
}

}  // namespace millrace::profile
