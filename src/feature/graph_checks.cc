#include <algorithm>
#include <cmath>
#include <functional>

#include "base/format.h"
#include "base/text.h"
#include "feature/graph_program.h"
#include "feature/ngrams.h"
#include "feature/number_shapes.h"

namespace millrace::feature {
namespace {

Status CheckColumn(const table::Schema& schema, const Node& node) {
  const auto index = schema.Find(node.column);
  if (!index) {
    return InvalidSpec(Format("feature \"{}\": no such column: \"{}\"", node.name, node.column))
        .WithHint(DidYouMean(node.column, schema.names()));
  }
  const table::ColumnType type = schema.column(*index).type;
  if (!KindFits(node.kind, type)) {
    return InvalidSpec(Format("feature \"{}\": {} of a {} column", node.name,
                              NodeKindName(node.kind), table::ColumnTypeName(type)));
  }
  return {};
}

// The columns of a group's feature; its keys are checked by the index.
Status CheckGroup(const table::Schema& schema, const Node& node) {
  const auto fail = [&](std::string_view what, std::string_view column) {
    return InvalidSpec(Format("feature \"{}\": {}: \"{}\"", node.name, what, column));
  };
  if (node.groups.by.empty() || node.groups.by.size() > kMaxGroupColumns) {
    return InvalidSpec(Format("feature \"{}\": a group by {} columns; 1 to {} are possible",
                              node.name, node.groups.by.size(), kMaxGroupColumns));
  }
  std::vector<std::string_view> seen;
  for (const GroupColumn& column : node.groups.by) {
    if (!schema.Find(column.name)) {
      return fail("no such column", column.name).WithHint(DidYouMean(column.name, schema.names()));
    }
    if (std::ranges::find(seen, column.name) != seen.end()) {
      return fail("a column stands twice in the key", column.name);
    }
    seen.push_back(column.name);
  }
  if (node.view != GroupView::kValue) {
    const auto own = schema.Find(node.column);
    if (!own || !table::IsNumeric(schema.column(*own).type)) {
      return fail("only a number has a difference or a ratio", node.column);
    }
  }
  return {};
}

bool AllFinite(const std::vector<double>& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

bool Ascend(const std::vector<double>& numbers) {
  return std::ranges::adjacent_find(numbers, std::greater_equal<>()) == numbers.end();
}

bool FoldFits(const TargetFold& fold, size_t num_values) {
  return fold.num_rows >= 0 && std::isfinite(fold.sum) && fold.counts.size() == num_values &&
         fold.sums.size() == num_values && AllFinite(fold.sums) &&
         std::ranges::all_of(fold.counts,
                             [&](int64_t count) { return count >= 0 && count <= fold.num_rows; });
}

}  // namespace

Status CheckNode(const table::Schema& schema, const Node& node) {
  const auto fail = [&](std::string_view what) {
    return InvalidSpec(Format("feature \"{}\": {}", node.name, what));
  };
  const auto require = [&](bool met, std::string_view what) { return met ? Status() : fail(what); };
  if (node.kind == NodeKind::kGroup) {
    MILLRACE_RETURN_IF_ERROR(CheckGroup(schema, node));
  } else if (node.kind != NodeKind::kExpression) {
    MILLRACE_RETURN_IF_ERROR(CheckColumn(schema, node));
  }
  switch (node.kind) {
    case NodeKind::kFrequency:
      if (node.shares.size() != node.values.size())
        return fail("shares and values differ in number");
      if (!std::ranges::all_of(node.shares, [](double s) { return s >= 0.0 && s <= 1.0; })) {
        return fail("a share out of range");
      }
      return {};
    case NodeKind::kDateElapsed:
      return std::isfinite(node.origin) ? Status() : fail("the origin is no number");
    case NodeKind::kTarget:
      if (node.encodings.size() != node.values.size()) {
        return fail("encodings and values differ in number");
      }
      if (!AllFinite(node.encodings) || !std::isfinite(node.mean) ||
          !(node.smoothing > 0.0 && std::isfinite(node.smoothing))) {
        return fail("a number out of range");
      }
      if (!std::ranges::all_of(node.folds, [&](const TargetFold& fold) {
            return FoldFits(fold, node.values.size());
          })) {
        return fail("a fold does not fit");
      }
      return {};
    case NodeKind::kNgram:
      if (NgramCharacters(node.word) > kMostNgramCharacters) return fail("too many characters");
      [[fallthrough]];
    case NodeKind::kWord:
      if (node.word.empty()) return fail("the word is empty");
      return require(node.weight > 0.0 && std::isfinite(node.weight), "a weight out of range");
    case NodeKind::kHash:
      return require(node.buckets >= 2 && node.buckets <= kMaxBuckets,
                     "a number of buckets out of range");
    case NodeKind::kBin:
      return require(!node.borders.empty() && AllFinite(node.borders) && Ascend(node.borders),
                     "the borders do not ascend");
    case NodeKind::kScale:
      return require(
          std::isfinite(node.center) && node.divisor > 0.0 && std::isfinite(node.divisor),
          "a scale out of range");
    case NodeKind::kLog:
      return require(std::isfinite(node.offset), "the offset is no number");
    case NodeKind::kPower:
      return require(std::abs(node.lambda) <= kMaxLambda, "lambda is out of range");
    case NodeKind::kGroup:
      return require(node.group_values.size() == node.groups.num_groups() &&
                         AllFinite(node.group_values) && std::isfinite(node.whole),
                     "groups and values differ in number, or a value is no number");
    case NodeKind::kDateWave:
      return require(HasCycle(node.part), "the part of the date has no cycle");
    default:
      return {};
  }
}

}  // namespace millrace::feature
