// The one table of kinds: name, columns that it reads, family.

#include <algorithm>
#include <iterator>

#include "feature/node.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

// Columns that a kind reads.
enum class Reads { kAny, kNumbers, kBooleans, kTexts, kDates, kSeveral };

struct KindRow {
  NodeKind kind;
  std::string_view name;
  Reads reads;
};
constexpr KindRow kKinds[] = {
    {NodeKind::kNumber, "number", Reads::kNumbers},
    {NodeKind::kMissing, "missing", Reads::kAny},
    {NodeKind::kBoolean, "boolean", Reads::kBooleans},
    {NodeKind::kCategory, "category", Reads::kTexts},
    {NodeKind::kFrequency, "frequency", Reads::kTexts},
    {NodeKind::kDatePart, "date_part", Reads::kDates},
    {NodeKind::kDateElapsed, "date_elapsed", Reads::kDates},
    {NodeKind::kExpression, "expression", Reads::kSeveral},
    {NodeKind::kTarget, "target", Reads::kTexts},
    {NodeKind::kTextLength, "text_length", Reads::kTexts},
    {NodeKind::kWordCount, "word_count", Reads::kTexts},
    {NodeKind::kWord, "word", Reads::kTexts},
    {NodeKind::kOneHot, "one_hot", Reads::kTexts},
    {NodeKind::kHash, "hash", Reads::kTexts},
    {NodeKind::kBin, "bin", Reads::kNumbers},
    {NodeKind::kScale, "scale", Reads::kNumbers},
    {NodeKind::kLog, "log", Reads::kNumbers},
    {NodeKind::kSignedLog, "signed_log", Reads::kNumbers},
    {NodeKind::kPower, "power", Reads::kNumbers},
    {NodeKind::kDateWave, "date_wave", Reads::kDates},
    {NodeKind::kNgram, "ngram", Reads::kTexts},
    {NodeKind::kTextStatistic, "text_statistic", Reads::kTexts},
    {NodeKind::kGroup, "group", Reads::kSeveral},
};

const KindRow& RowOf(NodeKind kind) {
  return *std::find_if(std::begin(kKinds), std::prev(std::end(kKinds)),
                       [&](const KindRow& row) { return row.kind == kind; });
}

}  // namespace

std::string_view NodeKindName(NodeKind kind) { return RowOf(kind).name; }

std::optional<NodeKind> NodeKindFromName(std::string_view name) {
  for (const KindRow& row : kKinds) {
    if (row.name == name) return row.kind;
  }
  return std::nullopt;
}

bool KindFits(NodeKind kind, ColumnType type) {
  switch (RowOf(kind).reads) {
    case Reads::kAny:
      return true;
    case Reads::kNumbers:
      return type == ColumnType::kInteger || type == ColumnType::kNumber;
    case Reads::kBooleans:
      return type == ColumnType::kBoolean;
    case Reads::kTexts:
      return !table::IsNumeric(type);
    case Reads::kDates:
      return type == ColumnType::kDate;
    case Reads::kSeveral:
      return false;
  }
  return false;
}

bool UsesValues(NodeKind kind) {
  return kind == NodeKind::kCategory || kind == NodeKind::kFrequency || kind == NodeKind::kTarget;
}

bool IsPartOfVector(NodeKind kind) {
  return kind == NodeKind::kWord || kind == NodeKind::kNgram || kind == NodeKind::kOneHot;
}

}  // namespace millrace::feature
