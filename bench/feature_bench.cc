// Values per second and core of the transform graph on mixed columns, and the time of a single row
// of 30 columns, beside a copy of the same bytes in the same run: what memory alone allows.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "feature/graph.h"

namespace millrace::bench {
namespace {

using feature::Graph;
using feature::Node;
using feature::NodeKind;
using feature::RawValue;
using table::ColumnType;

constexpr int64_t kRows = 10'000;
constexpr int kColumns = 30;
constexpr int kRepeats = 50;

// Seconds of the fastest of some calls.
template <typename Work>
double Fastest(Work work) {
  SystemClock clock;
  double best = 1e9;
  for (int i = 0; i < kRepeats; ++i) {
    const double start = clock.MonotonicSeconds();
    work();
    best = std::min(best, clock.MonotonicSeconds() - start);
  }
  return best;
}

// 18 numbers, 2 booleans, 8 categories (half of 500 values), 2 dates.
ColumnType TypeOf(int column) {
  if (column < 18) return ColumnType::kNumber;
  if (column < 20) return ColumnType::kBoolean;
  return column < 28 ? ColumnType::kCategory : ColumnType::kDate;
}

uint64_t CardinalityOf(int column) { return column % 2 == 0 ? 500 : 8; }

table::Schema MixedColumns() {
  std::vector<table::ColumnSchema> columns;
  for (int c = 0; c < kColumns; ++c) {
    columns.push_back({.name = Format("c{}", c), .type = TypeOf(c)});
  }
  return *table::Schema::Make(std::move(columns));
}

table::Table MixedRows(const table::Schema& schema, int64_t num_rows) {
  table::Table rows(std::make_shared<const table::Schema>(schema));
  Rng rng(7);
  for (int64_t r = 0; r < num_rows; ++r) {
    for (int c = 0; c < kColumns; ++c) {
      table::Column& column = rows.mutable_column(c);
      const ColumnType type = TypeOf(c);
      if (rng.Below(20) == 0) {
        column.AppendMissing();
      } else if (type == ColumnType::kCategory) {
        column.AppendText(Format("value {}", rng.Below(CardinalityOf(c))));
      } else if (type == ColumnType::kBoolean) {
        column.AppendNumber(static_cast<double>(rng.Below(2)));
      } else {
        column.AppendNumber(type == ColumnType::kDate ? 1.7e9 * rng.Uniform() : rng.Normal());
      }
    }
  }
  return rows;
}

void AddCategory(const std::string& name, uint64_t cardinality, std::vector<Node>& nodes) {
  std::vector<std::string> values;
  for (uint64_t v = 0; v < cardinality; ++v) values.push_back(Format("value {}", v));
  nodes.push_back({.kind = NodeKind::kCategory, .column = name, .name = name, .values = values});
  if (cardinality < 20) return;
  nodes.push_back({.kind = NodeKind::kFrequency,
                   .column = name,
                   .name = name + " frequency",
                   .values = values,
                   .shares = std::vector<double>(values.size(), 0.002)});
  Node target{.kind = NodeKind::kTarget, .column = name, .name = name + " target"};
  target.values = values;
  target.encodings = std::vector<double>(values.size(), 0.3);
  target.smoothing = 20.0;
  nodes.push_back(std::move(target));
}

// What the fit makes of such columns, and two expressions.
Graph MixedGraph(const table::Schema& schema) {
  std::vector<Node> nodes;
  for (int c = 0; c < kColumns; ++c) {
    const std::string name = Format("c{}", c);
    switch (TypeOf(c)) {
      case ColumnType::kCategory:
        AddCategory(name, CardinalityOf(c), nodes);
        break;
      case ColumnType::kDate:
        for (const feature::DatePart part :
             {feature::DatePart::kYear, feature::DatePart::kMonth, feature::DatePart::kDay,
              feature::DatePart::kWeekday}) {
          nodes.push_back({.kind = NodeKind::kDatePart,
                           .column = name,
                           .name = Format("{} {}", name, feature::DatePartName(part)),
                           .part = part});
        }
        nodes.push_back({.kind = NodeKind::kDateElapsed, .column = name, .name = name + " days"});
        break;
      case ColumnType::kBoolean:
        nodes.push_back({.kind = NodeKind::kBoolean, .column = name, .name = name});
        break;
      default:
        nodes.push_back({.kind = NodeKind::kNumber, .column = name, .name = name});
        nodes.push_back({.kind = NodeKind::kMissing, .column = name, .name = name + " missing"});
    }
  }
  Node ratio{.kind = NodeKind::kExpression, .name = "ratio"};
  ratio.expression = "c0 / nullif(c1, 0)";
  Node both{.kind = NodeKind::kExpression, .name = "both"};
  both.expression = "c18 and coalesce(c20, 'none') = 'value 7'";
  nodes.push_back(std::move(ratio));
  nodes.push_back(std::move(both));
  return *Graph::Make(schema, std::move(nodes));
}

Node ShapeOf(NodeKind kind, const std::string& column, std::string_view suffix) {
  Node node{.kind = kind, .column = column, .name = Format("{} {}", column, suffix)};
  node.borders = {-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5};
  node.divisor = 2.0;
  node.offset = 10.0;
  node.lambda = 0.4;
  node.buckets = 256;
  return node;
}

// The strategies of features.columns: shapes of numbers, one-hot and hashes, calendars and waves.
Graph StrategyGraph(const table::Schema& schema) {
  std::vector<Node> nodes;
  constexpr NodeKind kShapes[] = {NodeKind::kBin, NodeKind::kScale, NodeKind::kLog,
                                  NodeKind::kSignedLog, NodeKind::kPower};
  for (int c = 0; c < kColumns; ++c) {
    const std::string name = Format("c{}", c);
    switch (TypeOf(c)) {
      case ColumnType::kCategory:
        nodes.push_back(ShapeOf(NodeKind::kHash, name, "hash"));
        for (int v = 0; v < 8; ++v) {
          Node node{.kind = NodeKind::kOneHot, .column = name};
          node.word = Format("value {}", v);
          node.name = Format("{} = {}", name, node.word);
          nodes.push_back(std::move(node));
        }
        break;
      case ColumnType::kDate:
        for (const auto part : {feature::DatePart::kMonth, feature::DatePart::kDayOfYear}) {
          for (const auto wave : {feature::Wave::kSine, feature::Wave::kCosine}) {
            Node node{.kind = NodeKind::kDateWave, .column = name, .part = part};
            node.name =
                Format("{} {} {}", name, feature::DatePartName(part), feature::WaveName(wave));
            node.wave = wave;
            nodes.push_back(std::move(node));
          }
        }
        nodes.push_back({.kind = NodeKind::kDatePart,
                         .column = name,
                         .name = name + " week",
                         .part = feature::DatePart::kWeek});
        break;
      case ColumnType::kBoolean:
        nodes.push_back({.kind = NodeKind::kBoolean, .column = name, .name = name});
        break;
      default:
        nodes.push_back(ShapeOf(kShapes[c % 5], name, "shape"));
    }
  }
  return *Graph::Make(schema, std::move(nodes));
}

// Bytes that Apply reads (values and their validity) and writes.
size_t BytesOf(const table::Table& rows, int64_t num_features) {
  size_t bytes = 0;
  for (int64_t c = 0; c < rows.num_columns(); ++c) {
    const table::Column& column = rows.column(c);
    for (int64_t r = 0; r < rows.num_rows(); ++r) {
      bytes += 1 + sizeof(double) + (table::IsNumeric(column.type()) ? 0 : column.text(r).size());
    }
  }
  return bytes + static_cast<size_t>(rows.num_rows() * num_features) * sizeof(float);
}

// Bytes per second of copying a block that does not fit the caches; reading and writing count once.
double CopySpeed(size_t bytes) {
  const std::vector<char> from(bytes / 2, 'x');
  std::vector<char> to(bytes / 2);
  const double seconds = Fastest([&] { std::memcpy(to.data(), from.data(), to.size()); });
  return static_cast<double>(bytes) / seconds;
}

void BenchTable(const Graph& graph, const table::Table& rows) {
  double sum = 0.0;
  const double seconds = Fastest([&] {
    const auto matrix = graph.Apply(rows);
    sum += static_cast<double>(matrix->num_rows());
  });
  const double values = static_cast<double>(kRows * kColumns);
  const auto bytes = static_cast<double>(BytesOf(rows, graph.num_features()));
  const double copy_seconds = bytes / CopySpeed(size_t{1} << 26);
  std::printf("table      %s rows, %d columns, %s features: %s M values/s/core (goal 5)\n",
              FormatCount(kRows).c_str(), kColumns, FormatCount(graph.num_features()).c_str(),
              FormatFixed(values / seconds * 1e-6, 1).c_str());
  std::printf("           copying the same bytes: %s M values/s, share of it %s\n",
              FormatFixed(values / copy_seconds * 1e-6, 1).c_str(),
              FormatShare(copy_seconds, seconds).c_str());
  if (sum < 0.0) std::printf("%f\n", sum);
}

void BenchRow(const Graph& graph, const table::Table& rows) {
  constexpr int64_t kSample = 1'000;
  std::vector<std::vector<RawValue>> sample;
  for (int64_t r = 0; r < kSample; ++r) {
    std::vector<RawValue> values;
    for (const std::string& name : graph.columns()) {
      values.push_back(feature::RawValueAt(rows.column(*rows.schema().Find(name)), r));
    }
    sample.push_back(std::move(values));
  }
  std::vector<float> features(static_cast<size_t>(graph.num_features()));
  const double seconds = Fastest([&] {
    for (const std::vector<RawValue>& values : sample) graph.ApplyRow(values, features);
  });
  const size_t row_bytes = sample[0].size() * sizeof(RawValue);
  std::vector<char> copy(row_bytes);
  const double copied = Fastest([&] {
    for (const std::vector<RawValue>& values : sample) {
      std::memcpy(copy.data(), values.data(), row_bytes);
      asm volatile("" : : "r"(copy.data()) : "memory");  // keeps the copy
    }
  });
  std::printf("row        %d columns: %s us (goal 10); copying its values: %s us\n", kColumns,
              FormatFixed(seconds / kSample * 1e6, 2).c_str(),
              FormatFixed(copied / kSample * 1e6, 3).c_str());
}

// A text of 50 words against 200 of them.
void BenchText() {
  const auto schema = *table::Schema::Make({{.name = "t", .type = ColumnType::kText}});
  std::vector<Node> nodes;
  for (int w = 0; w < 200; ++w) {
    Node node{.kind = NodeKind::kWord, .column = "t", .name = Format("t: {}", w)};
    node.word = w % 4 == 0 ? Format("word{} word{}", w, w + 1) : Format("word{}", w);
    node.weight = 1.0 + w;
    nodes.push_back(std::move(node));
  }
  const Graph graph = *Graph::Make(schema, std::move(nodes));
  Rng rng(3);
  std::vector<std::string> texts;
  size_t bytes = 0;
  for (int r = 0; r < 2'000; ++r) {
    std::string text;
    for (int w = 0; w < 50; ++w) text += Format("Word{} ", rng.Below(400));
    bytes += text.size();
    texts.push_back(std::move(text));
  }
  std::vector<float> features(200);
  const double seconds = Fastest([&] {
    for (const std::string& text : texts) {
      graph.ApplyRow(std::vector<RawValue>{{false, 0.0, text}}, features);
    }
  });
  std::printf("text       50 words against 200: %s us, %s MB/s\n",
              FormatFixed(seconds / 2'000.0 * 1e6, 2).c_str(),
              FormatFixed(static_cast<double>(bytes) / seconds * 1e-6, 0).c_str());
}

}  // namespace
}  // namespace millrace::bench

int main() {
  const millrace::table::Schema schema = millrace::bench::MixedColumns();
  const millrace::table::Table rows = millrace::bench::MixedRows(schema, millrace::bench::kRows);
  const millrace::feature::Graph graph = millrace::bench::MixedGraph(schema);
  millrace::bench::BenchTable(graph, rows);
  millrace::bench::BenchRow(graph, rows);
  std::printf("strategies of features.columns on the same rows:\n");
  const millrace::feature::Graph chosen = millrace::bench::StrategyGraph(schema);
  millrace::bench::BenchTable(chosen, rows);
  millrace::bench::BenchRow(chosen, rows);
  millrace::bench::BenchText();
  return 0;
}
