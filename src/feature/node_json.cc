// The stored form of nodes.

#include "feature/node_json.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"

namespace millrace::feature {
namespace {

using json::Json;

constexpr std::string_view kWhere = "transform graph";

Json FoldsToJson(const std::vector<TargetFold>& folds) {
  Json items = Json::MakeArray();
  for (const TargetFold& fold : folds) {
    items.Append(Json::Of({{"rows", fold.num_rows},
                           {"sum", fold.sum},
                           {"counts", Json::ArrayOf(fold.counts)},
                           {"sums", Json::ArrayOf(fold.sums)}}));
  }
  return items;
}

// The parameters of a shape of numbers, or the buckets of a hash.
Json SetShape(const Node& node, Json document) {
  switch (node.kind) {
    case NodeKind::kHash:
      document.Set("buckets", node.buckets);
      break;
    case NodeKind::kBin:
      document.Set("borders", Json::ArrayOf(node.borders));
      break;
    case NodeKind::kScale:
      document.Set("center", node.center);
      document.Set("divisor", node.divisor);
      break;
    case NodeKind::kLog:
      document.Set("offset", node.offset);
      break;
    case NodeKind::kPower:
      document.Set("lambda", node.lambda);
      break;
    default:
      break;
  }
  return document;
}

Result<std::vector<std::string>> TextsFromJson(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(kWhere, key));
  std::vector<std::string> texts;
  for (const Json& item : *items) {
    if (!item.is_string()) return Corrupt(Format("{}: {}: not a text", kWhere, key));
    texts.push_back(item.AsString());
  }
  return texts;
}

Result<std::vector<std::string>> ValuesFromJson(const Json& document, const Node* previous) {
  const Json& values = document["values"];
  if (values.is_string() && values.AsString() == "as before") {
    if (previous == nullptr || !UsesValues(previous->kind)) {
      return Corrupt(Format("{}: no values stand before", kWhere));
    }
    return previous->values;
  }
  return TextsFromJson(document, "values");
}

Result<std::vector<double>> NumbersFromJson(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(kWhere, key));
  std::vector<double> numbers;
  for (const Json& item : *items) {
    if (!item.is_number()) return Corrupt(Format("{}: {}: not a number", kWhere, key));
    numbers.push_back(item.AsNumber());
  }
  return numbers;
}

Result<std::vector<TargetFold>> FoldsFromJson(const Json& document) {
  std::vector<TargetFold> folds;
  if (!document.Has("folds")) return folds;
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(kWhere, "folds"));
  for (const Json& item : *items) {
    TargetFold fold;
    MILLRACE_ASSIGN_OR_RETURN(fold.num_rows, item.RequireInteger(kWhere, "rows"));
    MILLRACE_ASSIGN_OR_RETURN(fold.sum, item.RequireNumber(kWhere, "sum"));
    MILLRACE_ASSIGN_OR_RETURN(fold.sums, NumbersFromJson(item, "sums"));
    MILLRACE_ASSIGN_OR_RETURN(const json::Array* counts, item.RequireArray(kWhere, "counts"));
    for (const Json& count : *counts) {
      if (!count.is_integer()) return Corrupt(Format("{}: counts: not a count", kWhere));
      fold.counts.push_back(count.AsInteger());
    }
    folds.push_back(std::move(fold));
  }
  return folds;
}

Json GroupToJson(const Node& node, const Node* previous, Json document) {
  document.Set("statistic", GroupStatisticName(node.group_statistic));
  document.Set("view", GroupViewName(node.view));
  if (previous != nullptr && previous->kind == NodeKind::kGroup &&
      previous->groups == node.groups) {
    document.Set("by", "as before");
  } else {
    Json by = Json::MakeArray();
    for (const GroupColumn& column : node.groups.by) {
      // A column without a value fits either way.
      by.Append(
          column.numbers.empty()
              ? Json::Of({{"column", column.name}, {"texts", Json::ArrayOf(column.texts)}})
              : Json::Of({{"column", column.name}, {"numbers", Json::ArrayOf(column.numbers)}}));
    }
    document.Set("by", std::move(by));
    Json codes = Json::MakeArray();
    for (const int32_t code : node.groups.codes) codes.Append(int64_t{code});
    document.Set("codes", std::move(codes));
  }
  document.Set("values", Json::ArrayOf(node.group_values));
  document.Set("whole", node.whole);
  return document;
}

// Reads a word that `from_name` knows.
template <typename T>
Result<T> ReadName(const Json& document, std::string_view key,
                   std::optional<T> (*from_name)(std::string_view)) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string name, document.RequireString(kWhere, key));
  const std::optional<T> known = from_name(name);
  if (!known) return Corrupt(Format("{}: unknown {}: \"{}\"", kWhere, key, name));
  return *known;
}

Result<GroupKeys> KeysFromJson(const Json& document, const Node* previous) {
  if (document["by"].is_string() && document["by"].AsString() == "as before") {
    if (previous == nullptr || previous->kind != NodeKind::kGroup) {
      return Corrupt(Format("{}: no groups stand before", kWhere));
    }
    return previous->groups;
  }
  GroupKeys keys;
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* by, document.RequireArray(kWhere, "by"));
  for (const Json& item : *by) {
    GroupColumn column;
    MILLRACE_ASSIGN_OR_RETURN(column.name, item.RequireString(kWhere, "column"));
    if (item.Has("numbers")) {
      MILLRACE_ASSIGN_OR_RETURN(column.numbers, NumbersFromJson(item, "numbers"));
    } else {
      MILLRACE_ASSIGN_OR_RETURN(column.texts, TextsFromJson(item, "texts"));
    }
    keys.by.push_back(std::move(column));
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* codes, document.RequireArray(kWhere, "codes"));
  for (const Json& code : *codes) {
    if (!code.is_integer() || code.AsInteger() < 0 ||
        code.AsInteger() > std::numeric_limits<int32_t>::max()) {
      return Corrupt(Format("{}: codes: not a place", kWhere));
    }
    keys.codes.push_back(static_cast<int32_t>(code.AsInteger()));
  }
  return keys;
}

Result<Node> GroupFromJson(Node node, const Json& document, const Node* previous) {
  MILLRACE_ASSIGN_OR_RETURN(node.group_statistic,
                            ReadName(document, "statistic", GroupStatisticFromName));
  MILLRACE_ASSIGN_OR_RETURN(node.view, ReadName(document, "view", GroupViewFromName));
  MILLRACE_ASSIGN_OR_RETURN(node.groups, KeysFromJson(document, previous));
  MILLRACE_ASSIGN_OR_RETURN(node.group_values, NumbersFromJson(document, "values"));
  MILLRACE_ASSIGN_OR_RETURN(node.whole, document.RequireNumber(kWhere, "whole"));
  return node;
}

Result<Node> WithShape(Node node, const Json& document) {
  switch (node.kind) {
    case NodeKind::kHash: {
      MILLRACE_ASSIGN_OR_RETURN(node.buckets, document.RequireInteger(kWhere, "buckets"));
      return node;
    }
    case NodeKind::kBin: {
      MILLRACE_ASSIGN_OR_RETURN(node.borders, NumbersFromJson(document, "borders"));
      return node;
    }
    case NodeKind::kScale: {
      MILLRACE_ASSIGN_OR_RETURN(node.center, document.RequireNumber(kWhere, "center"));
      MILLRACE_ASSIGN_OR_RETURN(node.divisor, document.RequireNumber(kWhere, "divisor"));
      return node;
    }
    case NodeKind::kLog: {
      MILLRACE_ASSIGN_OR_RETURN(node.offset, document.RequireNumber(kWhere, "offset"));
      return node;
    }
    case NodeKind::kPower: {
      MILLRACE_ASSIGN_OR_RETURN(node.lambda, document.RequireNumber(kWhere, "lambda"));
      return node;
    }
    default:
      return node;
  }
}

// Reads the members of a kind into `node`, which holds its kind, name and column.
Result<Node> WithMembers(Node node, const Json& document, const Node* previous) {
  if (UsesValues(node.kind)) {
    MILLRACE_ASSIGN_OR_RETURN(node.values, ValuesFromJson(document, previous));
  }
  switch (node.kind) {
    case NodeKind::kFrequency: {
      MILLRACE_ASSIGN_OR_RETURN(node.shares, NumbersFromJson(document, "shares"));
      return node;
    }
    case NodeKind::kDatePart: {
      MILLRACE_ASSIGN_OR_RETURN(node.part, ReadName(document, "part", DatePartFromName));
      return node;
    }
    case NodeKind::kDateWave: {
      MILLRACE_ASSIGN_OR_RETURN(node.part, ReadName(document, "part", DatePartFromName));
      MILLRACE_ASSIGN_OR_RETURN(node.wave, ReadName(document, "wave", WaveFromName));
      return node;
    }
    case NodeKind::kTextStatistic: {
      MILLRACE_ASSIGN_OR_RETURN(node.statistic,
                                ReadName(document, "statistic", TextStatisticFromName));
      return node;
    }
    case NodeKind::kOneHot: {
      MILLRACE_ASSIGN_OR_RETURN(node.word, document.RequireString(kWhere, "value"));
      return node;
    }
    case NodeKind::kDateElapsed: {
      MILLRACE_ASSIGN_OR_RETURN(node.origin, document.RequireNumber(kWhere, "origin"));
      return node;
    }
    case NodeKind::kTarget: {
      MILLRACE_ASSIGN_OR_RETURN(node.encodings, NumbersFromJson(document, "encodings"));
      MILLRACE_ASSIGN_OR_RETURN(node.mean, document.RequireNumber(kWhere, "mean"));
      MILLRACE_ASSIGN_OR_RETURN(node.smoothing, document.RequireNumber(kWhere, "smoothing"));
      MILLRACE_ASSIGN_OR_RETURN(node.folds, FoldsFromJson(document));
      return node;
    }
    case NodeKind::kWord:
    case NodeKind::kNgram: {
      MILLRACE_ASSIGN_OR_RETURN(node.word, document.RequireString(kWhere, "word"));
      MILLRACE_ASSIGN_OR_RETURN(node.weight, document.RequireNumber(kWhere, "weight"));
      return node;
    }
    case NodeKind::kGroup:
      return GroupFromJson(std::move(node), document, previous);
    default:
      return WithShape(std::move(node), document);
  }
}

}  // namespace

Json NodeToJson(const Node& node, const Node* previous) {
  Json document = Json::Of({{"kind", NodeKindName(node.kind)}, {"name", node.name}});
  if (node.kind != NodeKind::kExpression) document.Set("column", node.column);
  if (UsesValues(node.kind)) {
    if (previous != nullptr && UsesValues(previous->kind) && previous->values == node.values) {
      document.Set("values", "as before");
    } else {
      document.Set("values", Json::ArrayOf(node.values));
    }
  }
  switch (node.kind) {
    case NodeKind::kFrequency:
      document.Set("shares", Json::ArrayOf(node.shares));
      break;
    case NodeKind::kDatePart:
      document.Set("part", DatePartName(node.part));
      break;
    case NodeKind::kDateElapsed:
      document.Set("origin", node.origin);
      break;
    case NodeKind::kExpression:
      document.Set("expression", node.expression);
      break;
    case NodeKind::kTarget:
      document.Set("encodings", Json::ArrayOf(node.encodings));
      document.Set("mean", node.mean);
      document.Set("smoothing", node.smoothing);
      if (!node.folds.empty()) document.Set("folds", FoldsToJson(node.folds));
      break;
    case NodeKind::kWord:
    case NodeKind::kNgram:
      document.Set("word", node.word);
      document.Set("weight", node.weight);
      break;
    case NodeKind::kOneHot:
      document.Set("value", node.word);
      break;
    case NodeKind::kTextStatistic:
      document.Set("statistic", TextStatisticName(node.statistic));
      break;
    case NodeKind::kDateWave:
      document.Set("part", DatePartName(node.part));
      document.Set("wave", WaveName(node.wave));
      break;
    case NodeKind::kGroup:
      return GroupToJson(node, previous, std::move(document));
    default:
      break;
  }
  return SetShape(node, std::move(document));
}

Result<Node> NodeFromJson(const Json& document, const Node* previous) {
  Node node;
  MILLRACE_ASSIGN_OR_RETURN(const std::string kind, document.RequireString(kWhere, "kind"));
  const auto known = NodeKindFromName(kind);
  if (!known) return Corrupt(Format("{}: unknown kind of node: \"{}\"", kWhere, kind));
  node.kind = *known;
  MILLRACE_ASSIGN_OR_RETURN(node.name, document.RequireString(kWhere, "name"));
  if (node.kind == NodeKind::kExpression) {
    MILLRACE_ASSIGN_OR_RETURN(node.expression, document.RequireString(kWhere, "expression"));
    return node;
  }
  MILLRACE_ASSIGN_OR_RETURN(node.column, document.RequireString(kWhere, "column"));
  return WithMembers(std::move(node), document, previous);
}

}  // namespace millrace::feature
