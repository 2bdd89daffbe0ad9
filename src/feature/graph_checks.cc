#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "feature/graph_program.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

bool KindFits(NodeKind kind, ColumnType type) {
  switch (kind) {
    case NodeKind::kMissing:
      return true;
    case NodeKind::kNumber:
      return type == ColumnType::kInteger || type == ColumnType::kNumber;
    case NodeKind::kBoolean:
      return type == ColumnType::kBoolean;
    case NodeKind::kCategory:
    case NodeKind::kFrequency:
    case NodeKind::kTarget:
    case NodeKind::kTextLength:
    case NodeKind::kWordCount:
    case NodeKind::kWord:
      return type == ColumnType::kCategory || type == ColumnType::kText;
    case NodeKind::kDatePart:
    case NodeKind::kDateElapsed:
      return type == ColumnType::kDate;
    case NodeKind::kExpression:
      return false;
  }
  return false;
}

Status CheckColumn(const table::Schema& schema, const Node& node) {
  const auto index = schema.Find(node.column);
  if (!index) {
    return InvalidSpec(Format("feature \"{}\": no such column: \"{}\"", node.name, node.column))
        .WithHint(DidYouMean(node.column, schema.names()));
  }
  const ColumnType type = schema.column(*index).type;
  if (!KindFits(node.kind, type)) {
    return InvalidSpec(Format("feature \"{}\": {} of a {} column", node.name,
                              NodeKindName(node.kind), table::ColumnTypeName(type)));
  }
  return {};
}

bool AllFinite(const std::vector<double>& numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

bool FoldFits(const TargetFold& fold, size_t num_values) {
  return fold.num_rows >= 0 && std::isfinite(fold.sum) && fold.counts.size() == num_values &&
         fold.sums.size() == num_values && AllFinite(fold.sums) &&
         std::ranges::all_of(fold.counts,
                             [&](int64_t count) { return count >= 0 && count <= fold.num_rows; });
}

}  // namespace

bool UsesValues(NodeKind kind) {
  return kind == NodeKind::kCategory || kind == NodeKind::kFrequency || kind == NodeKind::kTarget;
}

Status CheckNode(const table::Schema& schema, const Node& node) {
  const auto fail = [&](std::string_view what) {
    return InvalidSpec(Format("feature \"{}\": {}", node.name, what));
  };
  if (node.kind != NodeKind::kExpression) MILLRACE_RETURN_IF_ERROR(CheckColumn(schema, node));
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
    case NodeKind::kWord:
      if (node.word.empty()) return fail("the word is empty");
      return node.weight > 0.0 && std::isfinite(node.weight) ? Status()
                                                             : fail("a weight out of range");
    default:
      return {};
  }
}

}  // namespace millrace::feature
