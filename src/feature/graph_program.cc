#include "feature/graph_program.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "feature/words.h"

namespace millrace::feature {
namespace {

constexpr double kDaySeconds = 86400.0;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// Missing beyond a million years: calendars end there.
double DatePartOf(DatePart part, double seconds) {
  const double day = std::floor(seconds / kDaySeconds);
  if (!(std::abs(day) < 366e6)) return std::numeric_limits<double>::quiet_NaN();
  const CivilDate date = CivilFromDays(static_cast<int64_t>(day));
  switch (part) {
    case DatePart::kYear:
      return static_cast<double>(date.year);
    case DatePart::kMonth:
      return date.month;
    case DatePart::kDay:
      return date.day;
    case DatePart::kWeekday: {
      // 1970-01-01 was a Thursday.
      const auto days = static_cast<int64_t>(day);
      return static_cast<double>(((days + 3) % 7 + 7) % 7);
    }
    case DatePart::kHour:
      return std::floor((seconds - day * kDaySeconds) / 3600.0);
  }
  return 0.0;
}

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
    } else {
      steps[n].read = {node.column};
    }
    used.insert(steps[n].read.begin(), steps[n].read.end());
  }
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
    step.column =
        static_cast<size_t>(std::ranges::find(columns, nodes[n].column) - columns.begin());
    MILLRACE_RETURN_IF_ERROR(AddIndex(n));
    MILLRACE_RETURN_IF_ERROR(AddWords(n));
  }
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

// A text is read once for all neighbouring words of its column.
Status Graph::Program::AddWords(size_t first) {
  const auto belongs = [&](size_t n) {
    return nodes[n].kind == NodeKind::kWord && nodes[n].column == nodes[first].column;
  };
  if (!belongs(first) || (first > 0 && belongs(first - 1))) return {};
  Step& step = steps[first];
  std::vector<std::string> words;
  for (size_t n = first; n < nodes.size() && belongs(n); ++n) {
    words.push_back(nodes[n].word);
    step.weights.push_back(nodes[n].weight);
    step.has_pairs = step.has_pairs || nodes[n].word.find(' ') != std::string::npos;
  }
  std::optional<TextIndex> index = TextIndex::Make(words);
  if (!index) {
    return InvalidSpec(
        Format("feature \"{}\": a word of the column stands twice", nodes[first].name));
  }
  step.index = std::make_shared<const TextIndex>(*std::move(index));
  return {};
}

float Graph::Program::Compute(size_t n, std::span<const RawValue> values, int32_t place) const {
  const Node& node = nodes[n];
  const Step& step = steps[n];
  if (step.expression) return ToFloat(step.expression->Evaluate(values));
  const RawValue& value = values[step.column];
  switch (node.kind) {
    case NodeKind::kMissing:
      return value.missing ? 1.0f : 0.0f;
    case NodeKind::kTextLength:
      return value.missing ? 0.0f : ToFloat(static_cast<double>(CountCodePoints(value.text)));
    case NodeKind::kWordCount:
      return value.missing ? 0.0f : ToFloat(static_cast<double>(CountWords(value.text)));
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
    default:
      return kMissing;
  }
}

// Counts into the features themselves, so that no other memory is needed.
void Graph::Program::RunWords(size_t first, const RawValue& value,
                              std::span<float> features) const {
  const Step& step = steps[first];
  const std::span<float> words = features.subspan(first, step.weights.size());
  std::ranges::fill(words, 0.0f);
  if (value.missing) return;
  const auto count = [&](std::string_view text) {
    const int32_t place = step.index->Find(text);
    if (place >= 0) words[static_cast<size_t>(place)] += 1.0f;
  };
  WordReader reader(value.text);
  while (reader.Next()) {
    count(reader.word());
    if (step.has_pairs && !reader.pair().empty()) count(reader.pair());
  }
  double squares = 0.0;
  for (size_t w = 0; w < words.size(); ++w) {
    if (words[w] == 0.0f) continue;
    const double weight = (1.0 + std::log(static_cast<double>(words[w]))) * nodes[first + w].weight;
    words[w] = ToFloat(weight);
    squares += static_cast<double>(words[w]) * static_cast<double>(words[w]);
  }
  if (squares == 0.0) return;
  const double norm = std::sqrt(squares);
  for (float& word : words) word = ToFloat(static_cast<double>(word) / norm);
}

void Graph::Program::Run(std::span<const RawValue> values, std::span<float> features) const {
  const TextIndex* found_in = nullptr;
  int32_t place = -1;
  for (size_t n = 0; n < nodes.size(); ++n) {
    const Step& step = steps[n];
    if (!step.weights.empty()) {
      RunWords(n, values[step.column], features);
      n += step.weights.size() - 1;
      continue;
    }
    if (step.index && step.index.get() != found_in) {
      const RawValue& value = values[step.column];
      place = value.missing ? -1 : step.index->Find(value.text);
      found_in = step.index.get();
    }
    features[n] = Compute(n, values, place);
  }
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
