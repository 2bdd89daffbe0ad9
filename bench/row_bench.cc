// One row through a whole bundle, in memory: transforms, model and decision, row after row.
//   row_bench MODEL.mill DATA [ROWS]
// Prints a JSON object a line: p50_ms, p95_ms and mean_ms of a row over ROWS (default 1000) of the
// file, the best of five passes each; the first pass only warms up.

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "bundle/scorer.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "table/value_parser.h"

namespace millrace {
namespace {

constexpr int kPasses = 5;

// The first rows of a file as the server would hold them: one table a row.
Result<std::vector<table::Table>> ReadSingleRows(const bundle::Bundle& bundle,
                                                 const std::string& file, int64_t count) {
  MILLRACE_ASSIGN_OR_RETURN(
      const std::unique_ptr<engine::Engine> engine,
      engine::MakeDuckDbEngine({.num_threads = 1, .memory_bytes = int64_t{1} << 30}));
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source,
                            engine::OpenSource(*engine, ".", {file}, {}, "rows"));
  const table::Schema& schema = bundle.scorer().schema();
  std::vector<table::ValueParser> parsers;
  std::string list;
  for (const table::ColumnSchema& column : schema.columns()) {
    parsers.emplace_back(column);
    list += Format("{}{}", list.empty() ? "" : ", ", engine::QuoteIdentifier(column.name));
  }
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table texts,
      engine::Query(*engine, Format("SELECT {} FROM {} LIMIT {}", list,
                                    engine::QuoteIdentifier(source.view_name), count)));
  std::vector<table::Table> rows;
  for (int64_t r = 0; r < texts.num_rows(); ++r) {
    table::Table row(bundle.scorer().shared_schema());
    for (int64_t c = 0; c < texts.num_columns(); ++c) {
      const table::Column& from = texts.column(c);
      table::Column& to = row.mutable_column(c);
      const table::Cell cell =
          from.valid(r) ? parsers[static_cast<size_t>(c)].Parse(from.text(r)) : table::Cell{};
      if (cell.state != table::CellState::kValue) {
        to.AppendMissing();
      } else if (table::IsNumeric(to.type())) {
        to.AppendNumber(cell.number);
      } else {
        to.AppendText(cell.text);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<int> Run(const std::string& model, const std::string& file, int64_t count) {
  MILLRACE_ASSIGN_OR_RETURN(const std::shared_ptr<const bundle::Bundle> bundle,
                            bundle::Bundle::Open(model));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<table::Table> rows,
                            ReadSingleRows(*bundle, file, count));
  if (rows.empty()) return InvalidData(Format("{}: no rows", file));
  const SystemClock clock;
  bundle::Predictions predictions;
  double middle = 0.0;
  double late = 0.0;
  double mean = 0.0;
  for (int pass = 0; pass <= kPasses; ++pass) {
    std::vector<double> seconds;
    double sum = 0.0;
    for (const table::Table& row : rows) {
      const double start = clock.MonotonicSeconds();
      MILLRACE_RETURN_IF_ERROR(bundle->scorer().ScoreInto(row, predictions));
      seconds.push_back(clock.MonotonicSeconds() - start);
      sum += seconds.back();
    }
    std::sort(seconds.begin(), seconds.end());
    const auto best = [pass](double before, double now) {
      return pass <= 1 ? now : std::min(before, now);
    };
    middle = best(middle, seconds[seconds.size() / 2]);
    late = best(late, seconds[seconds.size() * 95 / 100]);
    mean = best(mean, sum / static_cast<double>(seconds.size()));
  }
  std::printf("{\"rows\": %zu, \"p50_ms\": %.5f, \"p95_ms\": %.5f, \"mean_ms\": %.5f}\n",
              rows.size(), 1e3 * middle, 1e3 * late, 1e3 * mean);
  return 0;
}

}  // namespace
}  // namespace millrace

int main(int count, char** values) {
  using namespace millrace;
  if (count < 3) {
    std::fprintf(stderr, "usage: row_bench MODEL.mill DATA [ROWS]\n");
    return 2;
  }
  const auto rows = count > 3 ? ParseDouble(values[3]) : std::optional<double>(1000.0);
  if (!rows || *rows < 1.0) {
    std::fprintf(stderr, "row_bench: ROWS: not a number of rows: %s\n", values[3]);
    return 2;
  }
  const auto done = Run(values[1], values[2], static_cast<int64_t>(*rows));
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.status().ToString().c_str());
  return done.ok() ? 0 : 1;
}
