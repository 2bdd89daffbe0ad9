#include "data/labels.h"

#include <algorithm>
#include <numeric>

#include "base/format.h"
#include "base/text.h"
#include "table/value_parser.h"

namespace millrace::data {
namespace {

bool LessLabel(const std::string& a, const std::string& b) {
  const auto left = ParseDouble(a);
  const auto right = ParseDouble(b);
  if (left && right && *left != *right) return *left < *right;
  return a < b;
}

// Returns which of two labels is the positive one when nobody said so.
size_t GuessPositive(const std::vector<std::string>& names, const std::vector<int64_t>& counts) {
  const auto first = table::ReadBoolean(names[0]);
  const auto second = table::ReadBoolean(names[1]);
  if (first && second && *first != *second) return *second > *first ? 1 : 0;
  if (counts[0] != counts[1]) return counts[1] < counts[0] ? 1 : 0;
  return 1;
}

}  // namespace

Result<Labels> MakeLabels(const Ingested& rows, table::Task task, const std::string& target,
                          const std::string& positive) {
  const auto num_labels = static_cast<int64_t>(rows.target_texts.size());
  if (num_labels < 2) {
    return InvalidData(Format("column \"{}\": the target has one value only: \"{}\"", target,
                              num_labels == 1 ? rows.target_texts[0] : ""))
        .WithHint("nothing can be learnt from a constant; name another target");
  }
  if (num_labels > kMaxClasses) {
    return InvalidData(Format("column \"{}\": {} distinct labels", target, FormatCount(num_labels)))
        .WithHint(Format("at most {} classes; is this an id, or a number (task: regression)?",
                         FormatCount(kMaxClasses)));
  }
  std::vector<size_t> order(rows.target_texts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return LessLabel(rows.target_texts[a], rows.target_texts[b]);
  });
  Labels labels;
  for (const size_t index : order) {
    labels.names.push_back(rows.target_texts[index]);
    labels.counts.push_back(rows.target_counts[index]);
  }
  for (size_t i = 0; i < labels.names.size(); ++i) {
    if (labels.counts[i] == 1) {
      return InvalidData(Format("column \"{}\": one row only with the label \"{}\"", target,
                                labels.names[i]))
          .WithHint("one row cannot be both learnt from and tested on; add rows, or take it out");
    }
  }
  if (task == table::Task::kBinary) {
    if (num_labels != 2) {
      return InvalidSpec(Format("problem.task: binary needs two classes: \"{}\" has {}", target,
                                num_labels))
          .WithHint("set problem.task: multiclass");
    }
    size_t positive_index = GuessPositive(labels.names, labels.counts);
    if (!positive.empty()) {
      const auto found = std::find(labels.names.begin(), labels.names.end(), positive);
      if (found == labels.names.end()) {
        return InvalidSpec(Format("problem.positive: no such label: \"{}\"", positive))
            .WithHint(Format("the labels are \"{}\" and \"{}\"", labels.names[0], labels.names[1]));
      }
      positive_index = static_cast<size_t>(found - labels.names.begin());
    }
    if (positive_index == 0) {
      std::swap(labels.names[0], labels.names[1]);
      std::swap(labels.counts[0], labels.counts[1]);
    }
  }
  for (const std::string& text : rows.target_texts) {
    const auto found = std::find(labels.names.begin(), labels.names.end(), text);
    labels.class_of_text.push_back(static_cast<int32_t>(found - labels.names.begin()));
  }
  return labels;
}

Status CheckNumericTarget(const Ingested& rows, const std::string& target) {
  if (rows.target_varies) return {};
  return InvalidData(Format("column \"{}\": the target has one value only", target))
      .WithHint("nothing can be learnt from a constant; name another target");
}

Status CheckTargetPresence(const Ingested& rows, const std::string& target) {
  if (rows.num_missing_target * 2 <= rows.num_read && !rows.rows.empty()) return {};
  return InvalidData(Format("column \"{}\": the target is missing in {} of {} rows", target,
                            FormatCount(rows.num_missing_target), FormatCount(rows.num_read)))
      .WithHint("more than half of the rows need a target; name another column or file");
}

}  // namespace millrace::data
