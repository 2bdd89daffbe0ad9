// One scan of large files, beside the engine's own full scan of the same file in the same run:
// profile + digest of a 1 GB CSV (real rows repeated, perturbed) and of a Parquet file with 100
// columns. Usage: profile_bench FOLDER [MEGABYTES] [THREADS...] [csv|parquet]; the files are made
// in FOLDER once.
//
// The engine's full scan reads and parses every column of every row: its own CSV reader with its
// own types, and an aggregate over each column that needs every value (count of values for CSV,
// where a value must be parsed to be counted; bit_xor of a hash for Parquet, where counts and ends
// are in the file's statistics). The second figure hands all rows over to a sink that drops them.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "profile/source_profile.h"

namespace {

using namespace millrace;

// Processor time of all threads: what other programs on the machine do not change.
double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void StopOnError(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

std::string FolderOfSets() {
  const char* set = std::getenv("MILLRACE_DATA");
  return set != nullptr ? set : MILLRACE_SOURCE_DIR "/../shared/data";
}

int64_t SizeOf(const std::string& path) {
  const auto size = FileSize(path);
  return size.ok() ? *size : 0;
}

// Taxi rides, each repeated with other numbers, times and a count of its own.
void MakeCsv(engine::Engine& engine, const std::string& path, int64_t megabytes) {
  const int64_t copies = std::max<int64_t>(1, megabytes * 1'000'000 / (6'433 * 138));
  StopOnError(engine.Execute(Format(
      "COPY (SELECT pickup + to_seconds(CAST(hash(i, pickup) % 86400 AS INT)) AS pickup, "
      "dropoff + to_seconds(CAST(hash(i, pickup) % 86400 AS INT)) AS dropoff, passengers, "
      "round(distance * (0.5 + (hash(i, distance) % 1000) / 1000.0), 2) AS distance, "
      "round(fare * (0.5 + (hash(i, fare) % 1000) / 1000.0), 2) AS fare, tip, tolls, total, color, "
      "payment, pickup_zone, dropoff_zone, pickup_borough, dropoff_borough "
      "FROM range({}) c(i), read_csv({}) t ORDER BY i) TO {} (FORMAT csv, HEADER)",
      copies, engine::QuoteLiteral(FolderOfSets() + "/nyc_taxi_sample/taxis.csv"),
      engine::QuoteLiteral(path))));
}

// 100 columns of numbers of several kinds, with missing ones, from the rows of census data.
void MakeParquet(engine::Engine& engine, const std::string& path, int64_t megabytes) {
  const int64_t copies = std::max<int64_t>(1, megabytes / 40);
  std::vector<std::string> columns;
  for (int c = 0; c < 100; ++c) {
    switch (c % 5) {
      case 0:
        columns.push_back(Format("age + (hash(i, a.rowid, {0}) % 10) AS c{0}", c));
        break;
      case 1:
        columns.push_back(Format("(hash(i, a.rowid, {0}) % 1000000007) / 1000003.0 AS c{0}", c));
        break;
      case 2:
        columns.push_back(
            Format("CASE WHEN hash(i, a.rowid, {0}) % 20 > 0 THEN ln(1 + capital_gain + "
                   "hash(i, a.rowid, {0}) % 5000) END AS c{0}",
                   c));
        break;
      case 3:
        columns.push_back(Format("CAST(hash(i, a.rowid, {0}) % 1000000 AS BIGINT) AS c{0}", c));
        break;
      default:
        columns.push_back(Format("CAST(hours_per_week + i % 3 AS DOUBLE) AS c{0}", c));
    }
  }
  StopOnError(engine.Execute(
      Format("CREATE OR REPLACE TABLE census AS SELECT row_number() OVER () AS rowid, * FROM "
             "read_csv({}, all_varchar = false)",
             engine::QuoteLiteral(FolderOfSets() + "/adult/adult.csv.gz"))));
  engine::Engine& e = engine;
  auto names = engine::Query(e, "SELECT column_name FROM (DESCRIBE census)");
  StopOnError(names.ok() ? Status() : names.status());
  for (int64_t row = 0; row < names->num_rows(); ++row) {
    const std::string name(names->column(0).text(row));
    const std::string plain = ReplaceAll(ReplaceAll(name, "-", "_"), ".", "_");
    if (plain != name) {
      StopOnError(e.Execute(Format("ALTER TABLE census RENAME COLUMN {} TO {}",
                                   engine::QuoteIdentifier(name), engine::QuoteIdentifier(plain))));
    }
  }
  StopOnError(
      engine.Execute(Format("COPY (SELECT {} FROM range({}) c(i), census a) TO {} (FORMAT parquet)",
                            Join(columns, ", "), copies, engine::QuoteLiteral(path))));
  StopOnError(engine.Execute("DROP TABLE census"));
}

constexpr int kTurns = 3;

// Seconds.
struct Taken {
  double wall = 0.0;
  double processor = 0.0;  // of all threads
};

struct Figure {
  Taken aggregate;
  Taken sink;
  Taken profile;
};

Taken Time(const std::function<void()>& work) {
  const SystemClock clock;
  const double start = clock.MonotonicSeconds();
  const double processor = ProcessorSeconds();
  work();
  return {.wall = clock.MonotonicSeconds() - start, .processor = ProcessorSeconds() - processor};
}

// The least of each; `best` is empty before the first turn.
Taken Faster(const Taken& best, const Taken& taken) {
  if (best.wall == 0.0) return taken;
  return {.wall = std::min(best.wall, taken.wall),
          .processor = std::min(best.processor, taken.processor)};
}

void Measure(const std::string& path, int threads, int64_t memory_bytes) {
  const bool csv = path.ends_with(".csv");
  auto made = engine::MakeDuckDbEngine({.num_threads = threads, .memory_bytes = memory_bytes});
  StopOnError(made.ok() ? Status() : made.status());
  engine::Engine& engine = **made;
  const auto source = engine::OpenSource(engine, ".", {path}, {}, "source");
  StopOnError(source.ok() ? Status() : source.status());
  const std::string reader =
      Format("{}({})", csv ? "read_csv" : "read_parquet", engine::QuoteLiteral(path));
  std::vector<std::string> aggregates;
  for (const std::string& name : source->columns) {
    const std::string column = engine::QuoteIdentifier(name);
    aggregates.push_back(csv ? Format("count({})", column) : Format("bit_xor(hash({}))", column));
  }
  std::vector<std::string> columns;
  for (const std::string& name : source->columns) columns.push_back(engine::QuoteIdentifier(name));
  if (csv) {
    // Points in time have no view: as text they cost the engine one more step, so without them.
    std::erase(columns, "\"pickup\"");
    std::erase(columns, "\"dropoff\"");
  }
  const std::string aggregated = Format("SELECT {} FROM {}", Join(aggregates, ", "), reader);
  const std::string handed_over = Format("SELECT {} FROM {}", Join(columns, ", "), reader);
  Figure figure;
  profile::SourceProfile profile;
  // Taken in turns, and the fastest of each counts: other programs only ever make it slower.
  for (int turn = 0; turn < kTurns; ++turn) {
    const Taken scan = Time([&] {
      const auto rows = engine::Query(engine, aggregated);
      StopOnError(rows.ok() ? Status() : rows.status());
    });
    const Taken sink = Time([&] {
      StopOnError(
          engine.StreamChunks(handed_over, [](const engine::Chunk&) -> Status { return {}; }));
    });
    const Taken profiled = Time([&] {
      auto made_profile = profile::ProfileSource(engine, *source, {}, threads);
      StopOnError(made_profile.ok() ? Status() : made_profile.status());
      profile = std::move(*made_profile);
    });
    figure.aggregate = Faster(figure.aggregate, scan);
    figure.sink = Faster(figure.sink, sink);
    figure.profile = Faster(figure.profile, profiled);
  }
  std::printf(
      "%-16s %d threads  %s rows x %zu  scan %.2f s (sink %.2f s)  profile %.2f s  ratio %.2f "
      "(%.2f)  processor %.2f s and %.2f s, ratio %.2f  %s duplicates  digest %s  peak so far %lld "
      "MB\n",
      BaseName(path).c_str(), threads, FormatCount(profile.num_rows).c_str(),
      source->columns.size(), figure.aggregate.wall, figure.sink.wall, figure.profile.wall,
      figure.profile.wall / figure.aggregate.wall, figure.profile.wall / figure.sink.wall,
      figure.aggregate.processor, figure.profile.processor,
      figure.profile.processor / figure.aggregate.processor,
      FormatCount(profile.num_duplicate_rows).c_str(), profile.content_digest.Short().c_str(),
      static_cast<long long>(PeakResidentBytes() >> 20));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: profile_bench FOLDER [MEGABYTES] [THREADS...]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const int64_t megabytes = argc > 2 ? std::atoll(argv[2]) : 1'000;
  std::vector<int> threads;
  std::string form;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "csv" || word == "parquet") {
      form = word;
    } else {
      threads.push_back(std::atoi(argv[i]));
    }
  }
  if (threads.empty()) threads = {1, 2};
  StopOnError(MakeFolders(folder));
  const std::string csv = JoinPath(folder, Format("taxis_{}.csv", megabytes));
  const std::string parquet = JoinPath(folder, Format("census_{}.parquet", megabytes));
  {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{2} << 30});
    StopOnError(engine.ok() ? Status() : engine.status());
    if (!FileExists(csv)) MakeCsv(**engine, csv, megabytes);
    if (!FileExists(parquet)) MakeParquet(**engine, parquet, megabytes);
  }
  std::printf("%s: %s, %s: %s\n", BaseName(csv).c_str(), FormatBytes(SizeOf(csv)).c_str(),
              BaseName(parquet).c_str(), FormatBytes(SizeOf(parquet)).c_str());
  for (const std::string& path : {csv, parquet}) {
    if (!form.empty() && !path.ends_with(form)) continue;
    for (const int num : threads) Measure(path, num, int64_t{1} << 30);
  }
  return 0;
}
