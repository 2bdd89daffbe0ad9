// Drift verdict on a large window: counts 1,000,000 rows of 30 columns into sketches and compares
// them with the reference, beside a plain scan of the same bytes in the same run. Limit: 1 s.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/rng.h"
#include "base/threads.h"
#include "operate/monitor.h"
#include "table/table.h"

namespace millrace::bench {
namespace {

constexpr int64_t kRows = 1'000'000;
constexpr int64_t kReferenceRows = 20'000;
constexpr int64_t kNumbers = 20;
constexpr int64_t kCategories = 10;
constexpr double kLimitSeconds = 1.0;

table::Column DrawColumn(std::string_view purpose, int64_t index, int64_t rows, double shift) {
  Rng rng = Rng(7).Fork(purpose, static_cast<uint64_t>(index));
  const bool number = index < kNumbers;
  table::Column column(number ? table::ColumnType::kNumber : table::ColumnType::kCategory);
  column.Reserve(rows);
  for (int64_t row = 0; row < rows; ++row) {
    if (number) {
      column.AppendNumber(rng.Normal() + shift);
    } else {
      column.AppendText("category " + std::to_string(rng.Below(12)));
    }
  }
  return column;
}

// Reads every number, validity flag and text once: what memory alone costs.
double ScanSeconds(const std::vector<table::Column>& columns, int num_threads,
                   const SystemClock& clock) {
  std::vector<double> sums(columns.size());
  const double start = clock.MonotonicSeconds();
  ParallelFor(num_threads, static_cast<int64_t>(columns.size()), [&](int64_t c) {
    const table::Column& column = columns[static_cast<size_t>(c)];
    double sum = 0.0;
    for (int64_t row = 0; row < column.size(); ++row) {
      sum += c < kNumbers ? column.number(row) : static_cast<double>(column.text(row).size());
    }
    sums[static_cast<size_t>(c)] = sum;
  });
  const double seconds = clock.MonotonicSeconds() - start;
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return total == 0.123 ? 0.0 : seconds;  // keeps the sums
}

int Main() {
  const SystemClock clock;
  const int num_threads = NumProcessors();
  std::vector<table::Column> window;
  sketch::ReferenceSketches reference;
  for (int64_t c = 0; c < kNumbers + kCategories; ++c) {
    reference.columns.push_back(sketch::ColumnSketch::FromReference(
        "c" + std::to_string(c), DrawColumn("reference", c, kReferenceRows, 0.0)));
    window.push_back(DrawColumn("window", c, kRows, c == 3 ? 0.1 : 0.0));
  }
  const double scan = ScanSeconds(window, num_threads, clock);
  const double start = clock.MonotonicSeconds();
  sketch::ReferenceSketches now = reference;
  ParallelFor(num_threads, static_cast<int64_t>(window.size()), [&](int64_t c) {
    const auto i = static_cast<size_t>(c);
    sketch::ColumnSketch counts = reference.columns[i].Empty();
    counts.AddColumn(window[i]);
    now.columns[i] = std::move(counts);
  });
  const auto drift = operate::MeasureDrift(reference, now, 0.005);
  const double verdict = clock.MonotonicSeconds() - start;
  const auto alarms = std::ranges::count_if(drift, &operate::ColumnDrift::alarm);
  std::printf("drift verdict: %lld rows x %lld columns, %d threads\n",
              static_cast<long long>(kRows), static_cast<long long>(kNumbers + kCategories),
              num_threads);
  std::printf("  verdict      %.3f s  (limit %.1f s; %.0f million values/s)\n", verdict,
              kLimitSeconds, static_cast<double>(kRows * (kNumbers + kCategories)) / verdict / 1e6);
  std::printf("  plain scan   %.3f s  of the same columns\n", scan);
  std::printf("  found        column 3 psi %.4f, alarm %s; %lld alarms in all\n", drift[3].psi,
              drift[3].alarm ? "yes" : "no", static_cast<long long>(alarms));
  return verdict <= kLimitSeconds && drift[3].alarm ? 0 : 1;
}

}  // namespace
}  // namespace millrace::bench

int main() { return millrace::bench::Main(); }
