#include "design/target_leaks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "profile/leak_probe.h"

namespace millrace::design {
namespace {

using table::Column;
using table::Table;
using table::Task;

constexpr int64_t kLeastRows = 100;
constexpr size_t kMostClasses = 50;
// A sum counts as the target when it meets it on this share of rows, up to rounding.
constexpr double kSumShare = 0.995;
constexpr double kRounding = 1e-9;
constexpr size_t kMostSummands = 60;  // pairs grow with the square

std::vector<int64_t> RowsWithTarget(const Column& target) {
  std::vector<int64_t> rows;
  for (int64_t r = 0; r < target.size(); ++r) {
    if (target.valid(r)) rows.push_back(r);
  }
  return rows;
}

// Class indexes in order of the labels' texts, or the values.
struct Targets {
  std::vector<double> values;
  size_t num_classes = 0;
};

Targets TargetsOf(const Column& target) {
  Targets targets;
  if (table::IsNumeric(target.type())) {
    for (int64_t r = 0; r < target.size(); ++r) targets.values.push_back(target.number(r));
    return targets;
  }
  std::map<std::string, double, std::less<>> index;
  for (int64_t r = 0; r < target.size(); ++r) index.emplace(target.text(r), 0.0);
  double next = 0.0;
  for (auto& [label, number] : index) number = next++;
  for (int64_t r = 0; r < target.size(); ++r) {
    targets.values.push_back(index.find(target.text(r))->second);
  }
  targets.num_classes = index.size();
  return targets;
}

bool IsSum(const Column& a, const Column& b, double sign, const std::vector<double>& targets) {
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

void AddOnce(std::vector<ColumnNote>& notes, const std::string& name, const std::string& reason) {
  const bool known = std::any_of(notes.begin(), notes.end(),
                                 [&](const ColumnNote& note) { return note.name == name; });
  if (!known) notes.push_back({name, reason});
}

void FindSums(const Table& rows, const std::string& target, const std::vector<double>& targets,
              const std::vector<std::string>& features, std::vector<ColumnNote>& notes) {
  std::vector<int64_t> numbers;
  for (const std::string& name : features) {
    const int64_t index = *rows.schema().Find(name);
    const table::ColumnType type = rows.column(index).type();
    const bool number = type == table::ColumnType::kInteger || type == table::ColumnType::kNumber;
    if (number && numbers.size() < kMostSummands) numbers.push_back(index);
  }
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
      if (identity.empty()) continue;
      AddOnce(notes, left, Format("tells the target: {}", identity));
      AddOnce(notes, right, Format("tells the target: {}", identity));
    }
  }
}

}  // namespace

std::vector<ColumnNote> FindTargetLeaks(const Table& all_rows, const std::string& target, Task task,
                                        const std::vector<std::string>& features) {
  const auto target_index = all_rows.schema().Find(target);
  if (!target_index) return {};
  const std::vector<int64_t> present = RowsWithTarget(all_rows.column(*target_index));
  if (static_cast<int64_t>(present.size()) < kLeastRows) return {};
  const Table rows = all_rows.Take(present);
  const Targets targets = TargetsOf(rows.column(*target_index));
  if (targets.num_classes > kMostClasses) return {};
  std::vector<ColumnNote> notes;
  for (const std::string& name : features) {
    const auto index = rows.schema().Find(name);
    if (!index) continue;
    const double score = profile::ProbeColumn(profile::BinsOf(rows.column(*index)), targets.values,
                                              static_cast<int64_t>(targets.num_classes));
    if (score < profile::kLeakScore) continue;
    notes.push_back(
        {name, Format("tells the target by itself: explains {} of it", FormatShare(score, 1.0))});
  }
  if (task == Task::kRegression) FindSums(rows, target, targets.values, features, notes);
  return notes;
}

}  // namespace millrace::design
