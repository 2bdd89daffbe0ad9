// 25 checks on a table in memory: 10 of missing values, 8 ranges, 4 sets of values, a unique id, a
// mean, the number of rows; beside a plain scan of every column in the same run. bench/run_checks
// measures Great Expectations and Pandera on the same kind of table right after it.
// Usage: check_bench [THREADS [ROWS]]      (default 2, and 10,000 and 1,000,000 rows)

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/format.h"
#include "base/process.h"
#include "base/rng.h"
#include "base/text.h"
#include "data/user_checks.h"
#include "table/table.h"

namespace millrace::bench {
namespace {

constexpr int64_t kNumbers = 20;
constexpr int64_t kLevels[] = {2, 3, 5, 8, 12, 16, 20, 30, 50, 100};

std::string NumberName(int64_t i) { return Format("n{}", i); }
std::string TextName(int64_t i) { return Format("c{}", i); }

Result<table::Table> MakeTable(int64_t num_rows) {
  std::vector<table::ColumnSchema> columns = {
      {.name = "__row", .type = table::ColumnType::kInteger},
      {.name = "id", .type = table::ColumnType::kInteger}};
  for (int64_t i = 0; i < kNumbers; ++i) {
    columns.push_back({.name = NumberName(i), .type = table::ColumnType::kNumber});
  }
  for (size_t i = 0; i < std::size(kLevels); ++i) {
    columns.push_back(
        {.name = TextName(static_cast<int64_t>(i)), .type = table::ColumnType::kCategory});
  }
  MILLRACE_ASSIGN_OR_RETURN(table::Schema schema, table::Schema::Make(std::move(columns)));
  table::Table rows(std::make_shared<const table::Schema>(std::move(schema)));
  Rng rng(7);
  for (int64_t r = 0; r < num_rows; ++r) {
    int64_t c = 0;
    rows.mutable_column(c++).AppendNumber(static_cast<double>(r));
    rows.mutable_column(c++).AppendNumber(static_cast<double>(r));
    for (int64_t i = 0; i < kNumbers; ++i) {
      const bool missing = i >= 15 && rng.Uniform() < 0.02;
      missing ? rows.mutable_column(c++).AppendMissing()
              : rows.mutable_column(c++).AppendNumber(rng.Normal());
    }
    for (const int64_t levels : kLevels) {
      rows.mutable_column(c++).AppendText(Format("v{}", rng.Below(static_cast<uint64_t>(levels))));
    }
  }
  return rows;
}

std::vector<spec::DataCheck> MakeChecks(int64_t num_rows) {
  std::vector<spec::DataCheck> checks;
  for (int64_t i = 0; i < 10; ++i) {
    checks.push_back({.column = NumberName(i), .max_missing = 0.0});
  }
  for (int64_t i = 0; i < 8; ++i) {
    checks.push_back({.column = NumberName(i), .minimum = -50.0, .maximum = 1e6});
  }
  for (const int64_t i : {1, 2, 6, 8}) {
    spec::DataCheck check{.column = TextName(i)};
    for (int64_t v = 0; v < kLevels[i]; ++v) check.values.push_back(Format("v{}", v));
    checks.push_back(std::move(check));
  }
  checks.push_back({.column = "id", .unique = true});
  checks.push_back({.column = "n0", .min_mean = -1.0, .max_mean = 1.0});
  checks.push_back({.min_rows = num_rows, .max_rows = num_rows});
  return checks;
}

Status Measure(int64_t num_rows, int num_threads) {
  MILLRACE_ASSIGN_OR_RETURN(
      const auto engine,
      engine::MakeDuckDbEngine({.num_threads = num_threads, .memory_bytes = int64_t{4} << 30}));
  spec::Spec spec;
  spec.data.checks = MakeChecks(num_rows);
  table::Schema schema;
  std::vector<std::string> counts;
  {
    MILLRACE_ASSIGN_OR_RETURN(const table::Table rows, MakeTable(num_rows));
    MILLRACE_RETURN_IF_ERROR(engine->Load("typed", rows));
    schema = rows.schema();
    for (const table::ColumnSchema& column : schema.columns()) {
      counts.push_back(Format("count({0}), min({0})", engine::QuoteIdentifier(column.name)));
    }
  }
  const double before = static_cast<double>(PeakResidentBytes()) / (1 << 20);
  const SystemClock clock;
  double best = 1e9;
  double scan = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double start = clock.MonotonicSeconds();
    MILLRACE_ASSIGN_OR_RETURN(const auto results,
                              data::RunUserChecks(spec, *engine, "typed", schema));
    best = std::min(best, clock.MonotonicSeconds() - start);
    for (const report::Check& check : results) {
      if (check.state != report::CheckState::kMet)
        return Internal("bench: not met: " + check.label);
    }
    const double scan_start = clock.MonotonicSeconds();
    MILLRACE_ASSIGN_OR_RETURN(const auto counted,
                              Query(*engine, "SELECT " + Join(counts, ", ") + " FROM typed"));
    if (counted.num_rows() != 1) return Internal("bench: no scan");
    scan = std::min(scan, clock.MonotonicSeconds() - scan_start);
  }
  std::printf(
      "%9lld rows x 31, 25 checks, %d threads  %8.1f ms  %5.2f x a scan of all columns "
      "(%.1f ms)  %+.0f MiB at peak\n",
      static_cast<long long>(num_rows), num_threads, best * 1e3, best / scan, scan * 1e3,
      static_cast<double>(PeakResidentBytes()) / (1 << 20) - before);
  return {};
}

}  // namespace
}  // namespace millrace::bench

int main(int argc, char** argv) {
  const int num_threads = argc > 1 ? std::atoi(argv[1]) : 2;
  std::vector<int64_t> sizes = {10'000, 1'000'000};
  if (argc > 2) sizes = {std::max(1LL, std::atoll(argv[2]))};
  for (const int64_t rows : sizes) {
    const millrace::Status status = millrace::bench::Measure(rows, std::max(1, num_threads));
    if (status.ok()) continue;
    std::fprintf(stderr, "check_bench: %s\n", status.ToString().c_str());
    return millrace::ExitCode(status.code());
  }
  return 0;
}
