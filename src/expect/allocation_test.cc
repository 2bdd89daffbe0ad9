// A row that keeps its checks is judged without allocation: this program counts its calls of
// malloc. Sanitizers replace malloc by their own; there the test skips.

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "expect/row_checks.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
#define MILLRACE_COUNTS_MALLOC 1
namespace {
std::atomic<int64_t> malloc_calls{0};
}  // namespace

extern "C" void* __libc_malloc(size_t size);  // NOLINT(bugprone-reserved-identifier)
extern "C" void* malloc(size_t size) {
  malloc_calls.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
#endif

namespace millrace::expect {
namespace {

#ifdef MILLRACE_COUNTS_MALLOC

TEST(RowChecksAllocation, AValidRowAllocatesNothing) {
  const table::Schema schema =
      *table::Schema::Make({{.name = "age", .type = table::ColumnType::kInteger},
                            {.name = "plan", .type = table::ColumnType::kCategory},
                            {.name = "code", .type = table::ColumnType::kText}});
  const RowChecks checks = *RowChecks::Compile(
      {{.column = "age", .minimum = 0.0, .maximum = 120.0, .present = true},
       {.column = "age", .values = {"20", "30", "40"}},
       {.column = "plan", .values = {"a plan with a long name that is no short text", "Gold"}},
       {.column = "code", .pattern = "([A-Z]{2}[0-9]{2} ?)*", .min_length = 2, .max_length = 400}},
      schema);
  std::vector<table::ValueParser> parsers;
  for (const table::ColumnSchema& column : schema.columns()) parsers.emplace_back(column);
  const std::vector<std::string> cells = {"30", "a plan with a long name that is no short text",
                                          "AB12 CD34 EF56 GH78"};
  const auto judge = [&] {
    int broken = 0;
    for (size_t c = 0; c < cells.size(); ++c) {
      const table::Cell cell = parsers[c].Parse(cells[c]);
      for (const int32_t rule : checks.RulesOf(c)) broken += checks.Holds(rule, cell) ? 0 : 1;
    }
    return broken;
  };
  EXPECT_EQ(judge(), 0);  // the pattern meets its states
  const int64_t before = malloc_calls.load();
  int broken = 0;
  for (int i = 0; i < 1000; ++i) broken += judge();
  EXPECT_EQ(malloc_calls.load() - before, 0);
  EXPECT_EQ(broken, 0);
}

#else

TEST(RowChecksAllocation, CountsOnlyWithoutSanitizers) { GTEST_SKIP(); }

#endif

}  // namespace
}  // namespace millrace::expect
