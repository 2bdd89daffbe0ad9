#include "feature/graph_program.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "feature/ngrams.h"
#include "feature/number_shapes.h"
#include "feature/words.h"

namespace millrace::feature {
namespace {

constexpr double kDaySeconds = 86400.0;
// Part of the format: another seed would give other codes.
constexpr uint64_t kHashSeed = 0;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

Result<Expression> ParseExpression(const table::Schema& schema, const Node& node) {
  MILLRACE_ASSIGN_OR_RETURN(
      Expression expression,
      Expression::Parse(node.expression, schema, Format("feature \"{}\"", node.name)));
  if (expression.columns().empty()) {
    return InvalidSpec(Format("feature \"{}\": the expression reads no column: \"{}\"", node.name,
                              Ellipsize(node.expression, 60)));
  }
  return expression;
}

// Columns that a group's feature reads, in schema order.
std::vector<std::string> ReadByGroup(const table::Schema& schema, const Node& node) {
  std::vector<std::string> read;
  for (const table::ColumnSchema& column : schema.columns()) {
    const bool key =
        std::ranges::find(node.groups.by, column.name, &GroupColumn::name) != node.groups.by.end();
    const bool own = node.view != GroupView::kValue && column.name == node.column;
    if (key || own) read.push_back(column.name);
  }
  return read;
}

// Counts the words of a text into `words` by their place in the index.
void CountWords(std::string_view text, const TextIndex& index, bool has_pairs,
                std::span<float> words) {
  const auto count = [&](std::string_view word) {
    const int32_t place = index.Find(word);
    if (place >= 0) words[static_cast<size_t>(place)] += 1.0f;
  };
  WordReader reader(text);
  while (reader.Next()) {
    count(reader.word());
    if (has_pairs && !reader.pair().empty()) count(reader.pair());
  }
}

void CountNgrams(std::string_view text, const TextIndex& index, size_t min, size_t max,
                 std::span<float> ngrams) {
  NgramReader reader(text, min, max);
  while (reader.Next()) {
    const int32_t place = index.Find(reader.ngram());
    if (place >= 0) ngrams[static_cast<size_t>(place)] += 1.0f;
  }
}

// From counts to a vector of length 1: sublinear tf-idf.
void Weigh(std::span<const double> weights, std::span<float> counts) {
  double squares = 0.0;
  for (size_t w = 0; w < counts.size(); ++w) {
    if (counts[w] == 0.0f) continue;
    counts[w] = ToFloat((1.0 + std::log(static_cast<double>(counts[w]))) * weights[w]);
    squares += static_cast<double>(counts[w]) * static_cast<double>(counts[w]);
  }
  if (squares == 0.0) return;
  const double norm = std::sqrt(squares);
  for (float& count : counts) count = ToFloat(static_cast<double>(count) / norm);
}

}  // namespace

float ToFloat(double value) {
  constexpr double kLargest = static_cast<double>(std::numeric_limits<float>::max());
  return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

Status Graph::Program::Prepare(const table::Schema& schema) {
  steps.resize(nodes.size());
  std::set<std::string> names;
  std::set<std::string> used;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const Node& node = nodes[n];
    if (!names.insert(node.name).second) {
      return InvalidSpec(Format("feature \"{}\": the name is used twice", node.name));
    }
    MILLRACE_RETURN_IF_ERROR(CheckNode(schema, node));
    if (node.kind == NodeKind::kExpression) {
      MILLRACE_ASSIGN_OR_RETURN(steps[n].expression, ParseExpression(schema, node));
      steps[n].read = steps[n].expression->columns();
    } else if (node.kind == NodeKind::kGroup) {
      steps[n].read = ReadByGroup(schema, node);
    } else {
      steps[n].read = {node.column};
    }
    used.insert(steps[n].read.begin(), steps[n].read.end());
  }
  MILLRACE_RETURN_IF_ERROR(CheckTreatments(schema, treatments));
  used = WithModels(std::move(used));
  for (const table::ColumnSchema& column : schema.columns()) {
    if (!used.contains(column.name)) continue;
    columns.push_back(column.name);
    column_types.push_back(column.type);
  }
  for (size_t n = 0; n < nodes.size(); ++n) {
    Step& step = steps[n];
    if (step.expression) {
      step.expression = step.expression->Over(columns);
      continue;
    }
    step.column = PlaceOf(nodes[n].column);
    if (nodes[n].kind == NodeKind::kGroup) {
      MILLRACE_RETURN_IF_ERROR(AddGroups(schema, n));
      continue;
    }
    if (nodes[n].kind != NodeKind::kMissing) step.treatment = TreatmentOf(nodes[n].column);
    MILLRACE_RETURN_IF_ERROR(AddIndex(n));
    MILLRACE_RETURN_IF_ERROR(AddVector(n));
  }
  AddModels();
  return {};
}

size_t Graph::Program::PlaceOf(const std::string& column) const {
  return static_cast<size_t>(std::ranges::find(columns, column) - columns.begin());
}

// Neighbours with the same keys find a group once: see Run.
Status Graph::Program::AddGroups(const table::Schema& schema, size_t n) {
  const GroupKeys& keys = nodes[n].groups;
  if (n > 0 && steps[n - 1].groups && nodes[n - 1].groups == keys) {
    steps[n].groups = steps[n - 1].groups;
    steps[n].key = steps[n - 1].key;
    return {};
  }
  std::array<bool, kMaxGroupColumns> texts{};
  for (size_t i = 0; i < keys.by.size(); ++i) {
    steps[n].key.push_back(PlaceOf(keys.by[i].name));
    texts[i] = !table::IsNumeric(schema.column(*schema.Find(keys.by[i].name)).type);
  }
  std::optional<GroupIndex> index = GroupIndex::Make(keys, std::span(texts).first(keys.by.size()));
  if (!index) {
    return InvalidSpec(Format("feature \"{}\": the keys of its groups do not fit", nodes[n].name));
  }
  steps[n].groups = std::make_shared<const GroupIndex>(*std::move(index));
  return {};
}

// Neighbours of one column with the same values find a text once: see Run.
Status Graph::Program::AddIndex(size_t n) {
  const Node& node = nodes[n];
  if (!UsesValues(node.kind)) return {};
  if (n > 0 && steps[n - 1].index && nodes[n - 1].column == node.column &&
      nodes[n - 1].values == node.values) {
    steps[n].index = steps[n - 1].index;
    return {};
  }
  std::optional<TextIndex> index = TextIndex::Make(node.values);
  if (!index) return InvalidSpec(Format("feature \"{}\": a value stands twice", node.name));
  steps[n].index = std::make_shared<const TextIndex>(*std::move(index));
  return {};
}

// A text is read once for all neighbours of one kind and column that make one vector.
Status Graph::Program::AddVector(size_t first) {
  const NodeKind kind = nodes[first].kind;
  if (!IsPartOfVector(kind)) return {};
  const auto belongs = [&](size_t n) {
    return nodes[n].kind == kind && nodes[n].column == nodes[first].column;
  };
  if (first > 0 && belongs(first - 1)) return {};
  Step& step = steps[first];
  std::vector<std::string> words;
  step.min_ngram = kMostNgramCharacters;
  for (size_t n = first; n < nodes.size() && belongs(n); ++n) {
    const std::string& word = nodes[n].word;
    words.push_back(word);
    step.weights.push_back(nodes[n].weight);
    step.has_pairs = step.has_pairs || word.find(' ') != std::string::npos;
    const size_t characters = std::min(NgramCharacters(word), kMostNgramCharacters);
    step.min_ngram = std::min(step.min_ngram, characters);
    step.max_ngram = std::max(step.max_ngram, characters);
  }
  std::optional<TextIndex> index = TextIndex::Make(words);
  if (!index) {
    return InvalidSpec(Format("feature \"{}\": a {} of the column stands twice", nodes[first].name,
                              kind == NodeKind::kOneHot ? "value" : NodeKindName(kind)));
  }
  step.index = std::make_shared<const TextIndex>(*std::move(index));
  return {};
}

float Graph::Program::ComputeGroup(size_t n, std::span<const RawValue> values,
                                   int32_t place) const {
  const Node& node = nodes[n];
  if (place == GroupIndex::kMissing) return kMissing;
  const double group = place < 0 ? node.whole : node.group_values[static_cast<size_t>(place)];
  if (node.view == GroupView::kValue) return ToFloat(group);
  const RawValue& own = values[steps[n].column];
  if (own.missing) return kMissing;
  if (node.view == GroupView::kDifference) return ToFloat(own.number - group);
  return group == 0.0 ? kMissing : ToFloat(own.number / group);
}

float Graph::Program::Compute(size_t n, const RawValue& value, int32_t place) const {
  const Node& node = nodes[n];
  switch (node.kind) {
    case NodeKind::kMissing:
      return value.missing ? 1.0f : 0.0f;
    case NodeKind::kTextLength:
      return value.missing ? 0.0f : ToFloat(static_cast<double>(CountCodePoints(value.text)));
    case NodeKind::kWordCount:
      return value.missing ? 0.0f : ToFloat(static_cast<double>(feature::CountWords(value.text)));
    case NodeKind::kTextStatistic:
      return value.missing ? 0.0f : ToFloat(TextStatisticOf(node.statistic, value.text));
    default:
      break;
  }
  if (value.missing) return kMissing;
  switch (node.kind) {
    case NodeKind::kNumber:
    case NodeKind::kBoolean:
      return ToFloat(value.number);
    case NodeKind::kCategory:
      return place < 0 ? kMissing : static_cast<float>(place);
    case NodeKind::kFrequency:
      return place < 0 ? 0.0f : ToFloat(node.shares[static_cast<size_t>(place)]);
    case NodeKind::kTarget:
      return ToFloat(place < 0 ? node.mean : node.encodings[static_cast<size_t>(place)]);
    case NodeKind::kDatePart:
      return ToFloat(DatePartOf(node.part, value.number));
    case NodeKind::kDateElapsed:
      return ToFloat((value.number - node.origin) / kDaySeconds);
    case NodeKind::kDateWave:
      return ToFloat(DateWaveOf(node.part, node.wave, value.number));
    case NodeKind::kHash:
      return static_cast<float>(Hash64(value.text, kHashSeed) %
                                static_cast<uint64_t>(node.buckets));
    case NodeKind::kBin:
      return ToFloat(BinOf(node.borders, value.number));
    case NodeKind::kScale:
      return ToFloat((value.number - node.center) / node.divisor);
    case NodeKind::kLog:
      return ToFloat(LogOf(value.number, node.offset));
    case NodeKind::kSignedLog:
      return ToFloat(SignedLogOf(value.number));
    case NodeKind::kPower:
      return ToFloat(PowerOf(value.number, node.lambda));
    default:
      return kMissing;
  }
}

// Counts into the features themselves, so that no other memory is needed.
void Graph::Program::RunVector(size_t first, const RawValue& value,
                               std::span<float> features) const {
  const Step& step = steps[first];
  const std::span<float> vector = features.subspan(first, step.weights.size());
  std::ranges::fill(vector, 0.0f);
  if (value.missing) return;
  switch (nodes[first].kind) {
    case NodeKind::kOneHot: {
      const int32_t place = step.index->Find(value.text);
      if (place >= 0) vector[static_cast<size_t>(place)] = 1.0f;
      return;
    }
    case NodeKind::kNgram:
      CountNgrams(value.text, *step.index, step.min_ngram, step.max_ngram, vector);
      break;
    default:
      CountWords(value.text, *step.index, step.has_pairs, vector);
  }
  Weigh(step.weights, vector);
}

template <typename ValueOf>
void Graph::Program::RunNodes(std::span<const RawValue> values, std::span<float> features,
                              const ValueOf& value_of) const {
  const void* found_in = nullptr;  // the index that gave `place`
  int32_t place = -1;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const Step& step = steps[n];
    if (step.expression) {
      features[n] = ToFloat(step.expression->Evaluate(values));
      continue;
    }
    if (step.groups) {
      if (step.groups.get() != found_in) {
        place = step.groups->Find(values, step.key);
        found_in = step.groups.get();
      }
      features[n] = ComputeGroup(n, values, place);
      continue;
    }
    const RawValue& value = value_of(step);
    if (!step.weights.empty()) {
      RunVector(n, value, features);
      n += step.weights.size() - 1;
      continue;
    }
    if (step.index && step.index.get() != found_in) {
      place = value.missing ? -1 : step.index->Find(value.text);
      found_in = step.index.get();
    }
    features[n] = Compute(n, value, place);
  }
}

void Graph::Program::Run(std::span<const RawValue> values, std::span<float> features) const {
  const auto as_it_came = [&](const Step& step) -> const RawValue& { return values[step.column]; };
  if (treatments.empty()) return RunNodes(values, features, as_it_came);
  const Estimates estimates = Estimate(values);
  RunNodes(values, features, [&](const Step& step) {
    const RawValue& value = as_it_came(step);
    return step.treatment < 0 ? value : Treat(step.treatment, value, estimates);
  });
}

Result<std::vector<const table::Column*>> Graph::Program::Match(const table::Table& rows) const {
  std::vector<const table::Column*> matched;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto index = rows.schema().Find(columns[i]);
    if (!index) {
      return NotFound(Format("column \"{}\" is missing", columns[i]))
          .WithHint(DidYouMean(columns[i], rows.schema().names()));
    }
    const table::Column& column = rows.column(*index);
    if (table::IsNumeric(column.type()) != table::IsNumeric(column_types[i])) {
      return InvalidData(Format("column \"{}\": {} where {} is expected", columns[i],
                                table::ColumnTypeName(column.type()),
                                table::ColumnTypeName(column_types[i])));
    }
    matched.push_back(&column);
  }
  return matched;
}

}  // namespace millrace::feature
