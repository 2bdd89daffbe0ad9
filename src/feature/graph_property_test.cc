// Random schemas, graphs and values: a table, a row, and a graph that was stored and loaded give
// the same bits.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>

#include "base/format.h"
#include "base/rng.h"
#include "feature/graph.h"
#include "feature/target_encoding.h"
#include "json/text.h"
#include "table/value_parser.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

constexpr ColumnType kTypes[] = {ColumnType::kInteger,  ColumnType::kNumber, ColumnType::kBoolean,
                                 ColumnType::kCategory, ColumnType::kText,   ColumnType::kDate};

std::string TextOf(Rng& rng) {
  const std::string texts[] = {"",           "x",
                               "X",          "it's good",
                               "größe",      "good day",
                               "not a good", std::string("nul\0in", 6),
                               "\xff",       "good good good day"};
  return texts[rng.Below(10)];
}

double NumberOf(Rng& rng) {
  const double numbers[] = {0.0,
                            -0.0,
                            1.0,
                            -1.5,
                            1e300,
                            -1e308,
                            5e-324,
                            1e-36,
                            16777217.0,
                            static_cast<double>(std::numeric_limits<float>::max()),
                            rng.Normal() * 1e9,
                            rng.Normal()};
  return numbers[rng.Below(12)];
}

table::Schema SchemaOf(Rng& rng) {
  std::vector<table::ColumnSchema> columns;
  const uint64_t count = 1 + rng.Below(6);
  for (uint64_t i = 0; i < count; ++i) {
    columns.push_back({.name = Format("c{}", i), .type = kTypes[rng.Below(6)]});
  }
  return *table::Schema::Make(std::move(columns));
}

Node TargetNode(Rng& rng, const Node& category) {
  Node node{.kind = NodeKind::kTarget, .column = category.column, .values = category.values};
  node.smoothing = 1.0 + rng.Uniform();
  std::vector<const TargetFold*> all;
  for (int fold = 0; fold < 3; ++fold) {
    TargetFold counted{.num_rows = 100, .sum = 50.0 * rng.Uniform()};
    for (size_t v = 0; v < node.values.size(); ++v) {
      counted.counts.push_back(static_cast<int64_t>(rng.Below(20)));
      counted.sums.push_back(static_cast<double>(counted.counts.back()) * rng.Uniform());
    }
    node.folds.push_back(std::move(counted));
  }
  for (const TargetFold& fold : node.folds) all.push_back(&fold);
  const TargetEncoding encoding = EncodeTarget(all, node.values.size(), node.smoothing);
  node.encodings = encoding.encodings;
  node.mean = encoding.mean;
  return node;
}

void AddTextNodes(Rng& rng, const std::string& column, std::vector<Node>& nodes) {
  Node category{.kind = NodeKind::kCategory, .column = column, .values = {"x", "größe", ""}};
  Node frequency = category;
  frequency.kind = NodeKind::kFrequency;
  frequency.shares = {0.5, rng.Uniform(), 0.0};
  nodes.push_back(category);
  nodes.push_back(TargetNode(rng, category));
  nodes.push_back(std::move(frequency));
  for (const char* word : {"good", "not good", "good good", "day"}) {
    Node node{.kind = NodeKind::kWord, .column = column};
    node.word = word;
    node.weight = 0.5 + rng.Uniform();
    nodes.push_back(std::move(node));
  }
  for (const char* value : {"x", "", "größe"}) {
    Node node{.kind = NodeKind::kOneHot, .column = column};
    node.word = value;
    nodes.push_back(std::move(node));
  }
  for (const char* ngram : {"goo", "öße", " da", "d day", "x"}) {
    Node node{.kind = NodeKind::kNgram, .column = column};
    node.word = ngram;
    node.weight = 0.5 + rng.Uniform();
    nodes.push_back(std::move(node));
  }
  for (const TextStatistic statistic :
       {TextStatistic::kDigits, TextStatistic::kPunctuation, TextStatistic::kUpperShare,
        TextStatistic::kMeanWordLength}) {
    Node node{.kind = NodeKind::kTextStatistic, .column = column};
    node.statistic = statistic;
    nodes.push_back(std::move(node));
  }
  Node hash{.kind = NodeKind::kHash, .column = column};
  hash.buckets = 2 + static_cast<int64_t>(rng.Below(1'000));
  nodes.push_back(std::move(hash));
  nodes.push_back({.kind = NodeKind::kTextLength, .column = column});
  nodes.push_back({.kind = NodeKind::kWordCount, .column = column});
}

void AddDateNodes(Rng& rng, const std::string& column, std::vector<Node>& nodes) {
  for (int p = 0; p <= static_cast<int>(DatePart::kIsMonthEnd); ++p) {
    const auto part = static_cast<DatePart>(p);
    nodes.push_back({.kind = NodeKind::kDatePart, .column = column, .part = part});
    if (!HasCycle(part)) continue;
    Node wave{.kind = NodeKind::kDateWave, .column = column, .part = part};
    wave.wave = rng.Below(2) == 0 ? Wave::kSine : Wave::kCosine;
    nodes.push_back(std::move(wave));
  }
  nodes.push_back({.kind = NodeKind::kDateElapsed, .column = column, .origin = NumberOf(rng)});
}

void AddNumberNodes(Rng& rng, const std::string& column, std::vector<Node>& nodes) {
  nodes.push_back({.kind = NodeKind::kNumber, .column = column});
  Node bin{.kind = NodeKind::kBin, .column = column};
  bin.borders = {-1e9, -0.0, 1.0, 1e300};
  nodes.push_back(std::move(bin));
  Node scale{.kind = NodeKind::kScale, .column = column};
  scale.center = NumberOf(rng);
  scale.divisor = rng.Below(2) == 0 ? 5e-324 : 1.0 + rng.Uniform();
  nodes.push_back(std::move(scale));
  Node log{.kind = NodeKind::kLog, .column = column};
  log.offset = NumberOf(rng);
  nodes.push_back(std::move(log));
  nodes.push_back({.kind = NodeKind::kSignedLog, .column = column});
  Node power{.kind = NodeKind::kPower, .column = column};
  power.lambda = rng.Below(4) == 0 ? 2.0 : 20.0 * rng.Uniform() - 10.0;
  nodes.push_back(std::move(power));
}

// Groups by one to three columns, with keys that random rows have, and that they have not.
void AddGroupNodes(Rng& rng, const table::Schema& schema, std::vector<Node>& nodes) {
  GroupKeys keys;
  const int64_t width = 1 + static_cast<int64_t>(rng.Below(3));
  for (int64_t c = 0; c < std::min(width, schema.num_columns()); ++c) {
    GroupColumn part{.name = schema.column(c).name, .texts = {}, .numbers = {}};
    if (table::IsNumeric(schema.column(c).type)) {
      part.numbers = {-1.5, 0.0, 1.0};
    } else {
      part.texts = {"x", "", "größe"};
    }
    keys.by.push_back(std::move(part));
  }
  for (int32_t group = 0; group < 27; ++group) {
    // Three parts of three values each at most: the digits of a number differ for each.
    const int32_t digits[] = {group % 3, group / 3 % 3, group / 9};
    if (rng.Below(3) == 0 || (keys.by.size() == 1 && group > 2) ||
        (keys.by.size() == 2 && group > 8)) {
      continue;
    }
    keys.codes.insert(keys.codes.end(), digits, digits + keys.by.size());
  }
  for (int n = 0; n < 3; ++n) {
    Node node{.kind = NodeKind::kGroup, .column = n == 2 ? "" : schema.column(0).name};
    node.groups = keys;
    for (size_t g = 0; g < keys.num_groups(); ++g) node.group_values.push_back(NumberOf(rng));
    node.whole = NumberOf(rng);
    node.group_statistic = AllGroupStatistics()[rng.Below(AllGroupStatistics().size())];
    if (n < 2 && table::IsNumeric(schema.column(0).type)) {
      node.view = n == 0 ? GroupView::kDifference : GroupView::kRatio;
    }
    nodes.push_back(std::move(node));
  }
}

std::vector<Node> NodesOf(Rng& rng, const table::Schema& schema) {
  std::vector<Node> nodes;
  for (const table::ColumnSchema& column : schema.columns()) {
    if (rng.Below(5) == 0) continue;
    nodes.push_back({.kind = NodeKind::kMissing, .column = column.name});
    if (!table::IsNumeric(column.type)) {
      AddTextNodes(rng, column.name, nodes);
    } else if (column.type == ColumnType::kDate) {
      AddDateNodes(rng, column.name, nodes);
    } else if (column.type == ColumnType::kBoolean) {
      nodes.push_back({.kind = NodeKind::kBoolean, .column = column.name});
    } else {
      AddNumberNodes(rng, column.name, nodes);
    }
  }
  const std::string first = schema.column(0).name;
  Node expression{.kind = NodeKind::kExpression};
  expression.expression = table::IsNumeric(schema.column(0).type)
                              ? Format("ln(abs({0})) / nullif({0}, 1) + {0} % 3", first)
                              : Format("coalesce({0}, 'none') < 'h' or {0} is null", first);
  nodes.push_back(std::move(expression));
  AddGroupNodes(rng, schema, nodes);
  for (size_t n = 0; n < nodes.size(); ++n) nodes[n].name = Format("f{}", n);
  return nodes;
}

// A text of training: the engine holds valid UTF-8 only.
std::string KnownTextOf(Rng& rng) {
  const std::string text = TextOf(rng);
  return text == "\xff" ? "x" : text;
}

// Bounds, fills and models for some columns.
std::vector<Treatment> TreatmentsOf(Rng& rng, const table::Schema& schema) {
  std::vector<Treatment> treatments;
  for (const table::ColumnSchema& column : schema.columns()) {
    if (rng.Below(3) == 0) continue;
    Treatment treatment{.column = column.name};
    const bool number = column.type == ColumnType::kInteger || column.type == ColumnType::kNumber;
    if (number && rng.Below(2) == 0) treatment.low = -1.0 - rng.Uniform();
    if (number && rng.Below(2) == 0) treatment.high = 1e9 * rng.Uniform();
    treatment.number = NumberOf(rng);
    if (!table::IsNumeric(column.type)) {
      treatment.number = 0.0;
      treatment.fill = rng.Below(2) == 0 ? FillKind::kNone : FillKind::kText;
      if (treatment.fill == FillKind::kText) treatment.text = KnownTextOf(rng);
    } else if (number && rng.Below(2) == 0) {
      treatment.fill = FillKind::kModel;
      treatment.model = {.intercept = NumberOf(rng), .least = -1e30, .greatest = 1e300};
      for (const table::ColumnSchema& other : schema.columns()) {
        if (other.name == column.name || rng.Below(3) == 0) continue;
        FillTerm term{.column = other.name, .weight = NumberOf(rng)};
        if (!table::IsNumeric(other.type)) term.value = KnownTextOf(rng);
        if (!term.value) term.center = NumberOf(rng);
        treatment.model.terms.push_back(std::move(term));
      }
    } else {
      treatment.fill = FillKind::kNumber;
    }
    treatments.push_back(std::move(treatment));
  }
  return treatments;
}

Result<Graph> GraphOf(Rng& rng, const table::Schema& schema) {
  std::vector<Node> nodes = NodesOf(rng, schema);
  if (rng.Below(2) == 0) return Graph::Make(schema, std::move(nodes));
  return Graph::Make(schema, std::move(nodes), TreatmentsOf(rng, schema));
}

table::Table RowsOf(Rng& rng, const table::Schema& schema) {
  table::Table rows(std::make_shared<const table::Schema>(schema));
  for (int r = 0; r < 20; ++r) {
    for (int64_t c = 0; c < schema.num_columns(); ++c) {
      table::Column& column = rows.mutable_column(c);
      if (rng.Below(4) == 0) {
        column.AppendMissing();
      } else if (!table::IsNumeric(column.type())) {
        column.AppendText(TextOf(rng));
      } else {
        column.AppendNumber(NumberOf(rng));
      }
    }
  }
  return rows;
}

bool SameBits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

RC_GTEST_PROP(GraphProperty, TableRowAndLoadedGraphGiveTheSameBits, (uint64_t seed)) {
  Rng rng(seed);
  const table::Schema schema = SchemaOf(rng);
  const auto graph = GraphOf(rng, schema);
  if (!graph.ok()) RC_FAIL(graph.status().ToString());
  const auto document = json::Parse(json::Write(graph->ToJson()), "graph");
  RC_ASSERT(document.ok());
  const auto loaded = Graph::FromJson(schema, *document);
  if (!loaded.ok()) RC_FAIL(loaded.status().ToString());
  RC_ASSERT(loaded->nodes() == graph->nodes());
  RC_ASSERT(loaded->treatments() == graph->treatments());
  const Graph serving = loaded->Serving();

  const table::Table rows = RowsOf(rng, schema);
  const auto matrix = graph->Apply(rows);
  const auto again = loaded->Apply(rows);
  RC_ASSERT(matrix.ok() && again.ok());
  RC_ASSERT(SameBits(matrix->values(), again->values()));
  std::vector<float> features(static_cast<size_t>(serving.num_features()));
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    std::vector<RawValue> values;
    for (const std::string& name : serving.columns()) {
      values.push_back(RawValueAt(rows.column(*schema.Find(name)), row));
    }
    serving.ApplyRow(values, features);
    RC_ASSERT(SameBits(features, matrix->row(row)));
    for (const float feature : features) RC_ASSERT(!std::isinf(feature));
  }
}

// What a server does: texts and numbers of a request pass the parser; so do cells of a file.
RC_GTEST_PROP(GraphProperty, RequestsReadLikeFiles, (uint64_t seed)) {
  Rng rng(seed);
  const table::Schema schema = SchemaOf(rng);
  const auto graph = GraphOf(rng, schema);
  if (!graph.ok()) RC_FAIL(graph.status().ToString());
  const std::string cells[] = {"",    "NA",  "nan",  "inf", "1e400",      "-0",         "1",
                               "0.5", "yes", "true", "x",   "2024-01-31", "2023-02-30", "12:00"};
  table::Table rows(std::make_shared<const table::Schema>(schema));
  std::vector<RawValue> by_name(static_cast<size_t>(schema.num_columns()));
  std::vector<std::string> texts;
  for (int64_t c = 0; c < schema.num_columns(); ++c) texts.push_back(cells[rng.Below(14)]);
  for (int64_t c = 0; c < schema.num_columns(); ++c) {
    const table::ValueParser parser(schema.column(c));
    const table::Cell cell = parser.Parse(texts[static_cast<size_t>(c)]);
    RawValue& value = by_name[static_cast<size_t>(c)];
    if (cell.state != table::CellState::kValue) {
      rows.mutable_column(c).AppendMissing();
    } else if (table::IsNumeric(schema.column(c).type)) {
      rows.mutable_column(c).AppendNumber(cell.number);
      value = {.missing = false, .number = cell.number};
    } else {
      rows.mutable_column(c).AppendText(cell.text);
      value = {.missing = false, .text = cell.text};
    }
  }
  std::vector<RawValue> values;
  for (const std::string& name : graph->columns()) {
    values.push_back(by_name[static_cast<size_t>(*schema.Find(name))]);
  }
  std::vector<float> features(static_cast<size_t>(graph->num_features()));
  graph->ApplyRow(values, features);
  const auto matrix = graph->Apply(rows);
  RC_ASSERT(matrix.ok());
  RC_ASSERT(SameBits(features, matrix->row(0)));
}

// Any damage to the stored form is refused or gives a graph that runs and stores itself again.
RC_GTEST_PROP(GraphProperty, DamagedDocumentsAreRefusedOrRun, (uint64_t seed)) {
  Rng rng(seed);
  const table::Schema schema = SchemaOf(rng);
  const auto graph = GraphOf(rng, schema);
  if (!graph.ok()) RC_FAIL(graph.status().ToString());
  std::string text = json::Write(graph->ToJson());
  const std::string pieces[] = {"null", "-1", "1e308", "\"c0\"", "[]", "{}", "0", "\"as before\""};
  // Replaces one value after a colon or comma.
  size_t at = text.find_first_of(":,[", rng.Below(text.size()));
  if (at == std::string::npos) at = 0;
  const size_t end = std::min(text.find_first_of(",]}", at + 1), text.size());
  text.replace(at + 1, end - at - 1, pieces[rng.Below(8)]);
  const auto document = json::Parse(text, "damaged");
  if (!document.ok()) return;
  const auto loaded = Graph::FromJson(schema, *document);
  if (!loaded.ok()) {
    RC_ASSERT(loaded.status().code() == Code::kCorrupt ||
              loaded.status().code() == Code::kUnsupported);
    return;
  }
  RC_ASSERT(loaded->Apply(RowsOf(rng, schema)).ok());
  const auto again = Graph::FromJson(schema, loaded->ToJson());
  RC_ASSERT(again.ok() && again->nodes() == loaded->nodes());
  RC_ASSERT(again->treatments() == loaded->treatments());
}

}  // namespace
}  // namespace millrace::feature
