#include "fit/column_statistics.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/format.h"
#include "base/text.h"
#include "fit/row_pass.h"

namespace millrace::fit {
namespace {

using table::ColumnType;

// In one statement. Each column of texts is a branch of it that scans all columns of the statement,
// and the engine refuses about a thousand branches.
constexpr size_t kMostColumns = 100;

// The columns as "r"; kept for its readers where there are several.
std::string Cells(const std::string& relation, std::span<const ColumnQuestion> questions,
                  size_t num_readers) {
  std::vector<std::string> columns;
  for (const ColumnQuestion& question : questions) {
    columns.push_back(CellsAs(question.column, static_cast<int64_t>(columns.size())));
  }
  return Format("WITH r AS {}(SELECT {} FROM {} AS rows)", num_readers > 1 ? "MATERIALIZED " : "",
                Join(columns, ", "), relation);
}

void AddNumbers(const ColumnQuestion& question, const std::string& name,
                std::vector<std::string>& numbers) {
  const bool numeric = table::IsNumeric(question.column.type);
  numbers.push_back(Format("count({})", name));
  numbers.push_back(numeric ? Format("min({})", name) : "0");
  numbers.push_back(numeric ? Format("max({})", name) : "0");
  numbers.push_back(question.column.type == ColumnType::kDate
                        ? Format("count(*) FILTER (WHERE {0} <> floor({0} / 86400) * 86400)", name)
                        : "0");
  std::vector<std::string> shares;
  for (const double share : question.quantiles) shares.push_back(FormatDouble(share));
  for (size_t q = 0; q < shares.size(); ++q) {
    numbers.push_back(Format("(quantile_disc({}, [{}]))[{}]", name, Join(shares, ", "), q + 1));
  }
}

std::string CountValues(size_t column, const CategoryOptions& options) {
  return Format(
      "SELECT {0} AS question, row_number() OVER (ORDER BY n DESC, v) AS place, v AS value, "
      "n AS number FROM (SELECT c{0} AS v, count(*)::DOUBLE AS n FROM r WHERE c{0} IS NOT NULL "
      "GROUP BY c{0} HAVING count(*) >= {1} ORDER BY n DESC, v LIMIT {2})",
      column, options.min_rows, options.max_values);
}

// Asks one statement of some of the columns.
Result<std::vector<ColumnStatistics>> AskOnce(engine::Engine& engine, const std::string& relation,
                                              std::span<const ColumnQuestion> questions,
                                              const CategoryOptions& options) {
  std::vector<ColumnStatistics> statistics(questions.size());
  std::vector<std::string> numbers{"count(*)"};
  std::vector<std::string> parts;
  for (size_t i = 0; i < questions.size(); ++i) {
    AddNumbers(questions[i], Format("c{}", i), numbers);
    if (questions[i].categories) parts.push_back(CountValues(i, options));
  }
  for (std::string& number : numbers) number = Format("({})::DOUBLE", number);
  parts.push_back(
      Format("SELECT -1 AS question, unnest(range({})) AS place, NULL::VARCHAR AS value, "
             "unnest([{}]) AS number FROM r",
             numbers.size(), Join(numbers, ", ")));
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table found,
      engine::Query(engine,
                    Format("{} SELECT * FROM ({}) AS parts ORDER BY question, place",
                           Cells(relation, questions, parts.size()), Join(parts, " UNION ALL "))));
  const double rows = found.column(3).number(0);
  // Numbers come first: their question is -1.
  int64_t at = 1;
  for (size_t i = 0; i < questions.size(); ++i) {
    ColumnStatistics& column = statistics[i];
    column.rows = rows;
    const auto next = [&] { return found.column(3).number(at++); };
    column.present = next();
    column.minimum = next();
    column.maximum = next();
    column.with_hours = next();
    for (size_t q = 0; q < questions[i].quantiles.size(); ++q) {
      const double quantile = next();
      if (column.present > 0.0) column.quantiles.push_back(quantile);
    }
  }
  for (; at < found.num_rows(); ++at) {
    Categories& categories = statistics[static_cast<size_t>(found.column(0).number(at))].categories;
    categories.values.emplace_back(found.column(2).text(at));
    categories.shares.push_back(found.column(3).number(at) / rows);
  }
  return statistics;
}

}  // namespace

Result<std::vector<ColumnStatistics>> CollectStatistics(
    engine::Engine& engine, const std::string& relation,
    const std::vector<ColumnQuestion>& questions, const CategoryOptions& options) {
  std::vector<ColumnStatistics> statistics;
  std::span<const ColumnQuestion> rest = questions;
  while (!rest.empty()) {
    const size_t num_columns = std::min(rest.size(), kMostColumns);
    MILLRACE_ASSIGN_OR_RETURN(std::vector<ColumnStatistics> some,
                              AskOnce(engine, relation, rest.first(num_columns), options));
    std::ranges::move(some, std::back_inserter(statistics));
    rest = rest.subspan(num_columns);
  }
  return statistics;
}

}  // namespace millrace::fit
