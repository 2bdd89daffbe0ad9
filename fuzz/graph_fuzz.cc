// Any bytes as a transform graph: an error, or a graph that runs on any row, makes no infinity, and
// is the same graph after it was stored.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "feature/graph.h"
#include "json/text.h"

namespace {

using millrace::feature::Graph;
using millrace::feature::RawValue;
using millrace::table::ColumnType;

millrace::table::Schema Columns() {
  return *millrace::table::Schema::Make({{.name = "i", .type = ColumnType::kInteger},
                                         {.name = "n", .type = ColumnType::kNumber},
                                         {.name = "b", .type = ColumnType::kBoolean},
                                         {.name = "c", .type = ColumnType::kCategory},
                                         {.name = "t", .type = ColumnType::kText},
                                         {.name = "d", .type = ColumnType::kDate}});
}

void Run(const Graph& graph, std::string_view text) {
  std::vector<float> features(static_cast<size_t>(graph.num_features()));
  for (const double number :
       {0.0, -0.0, 1.0, -1e308, 1e308, 5e-324, std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    const std::vector<RawValue> row(graph.columns().size(),
                                    {.missing = false, .number = number, .text = text});
    graph.ApplyRow(row, features);
    for (const float feature : features) {
      MILLRACE_CHECK(!std::isinf(feature), "features are finite or missing");
    }
  }
  const std::vector<RawValue> missing(graph.columns().size());
  graph.ApplyRow(missing, features);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto document = millrace::json::Parse(input, "fuzz");
  if (!document.ok()) return 0;
  const auto graph = Graph::FromJson(Columns(), *document);
  if (!graph.ok()) return 0;
  Run(*graph, input);
  Run(*graph, "x");
  Run(graph->Serving(), "");
  const auto written = millrace::json::Parse(millrace::json::Write(graph->ToJson()), "written");
  MILLRACE_CHECK(written.ok(), "a stored graph is a document");
  const auto again = Graph::FromJson(Columns(), *written);
  MILLRACE_CHECK(again.ok(), "a stored graph can be read");
  MILLRACE_CHECK(again->nodes() == graph->nodes(), "a stored graph is the same graph");
  MILLRACE_CHECK(again->treatments() == graph->treatments(), "its treatments are the same");
  return 0;
}
