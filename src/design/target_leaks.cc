#include "design/target_leaks.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "profile/leak_probe.h"
#include "profile/target_sums.h"

namespace millrace::design {
namespace {

using table::Column;
using table::Table;
using table::Task;

constexpr int64_t kLeastRows = 100;
constexpr size_t kMostClasses = 50;

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

void AddOnce(std::vector<ColumnNote>& notes, const std::string& name, const std::string& reason) {
  const bool known = std::any_of(notes.begin(), notes.end(),
                                 [&](const ColumnNote& note) { return note.name == name; });
  if (!known) notes.push_back({name, reason});
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
  if (task != Task::kRegression) return notes;
  for (const profile::TargetSum& sum :
       profile::FindTargetSums(rows, target, targets.values, features)) {
    AddOnce(notes, sum.left, Format("tells the target: {}", sum.identity));
    AddOnce(notes, sum.right, Format("tells the target: {}", sum.identity));
  }
  return notes;
}

}  // namespace millrace::design
