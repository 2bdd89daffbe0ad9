#include "data/user_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "data/column_checks.h"
#include "table/value_parser.h"

namespace millrace::data {
namespace {

constexpr int kShownRows = 3;
constexpr double kLargestWhole = 9007199254740992.0;  // 2^53: whole numbers below are exact
constexpr double kMostBits = 1e9;                     // the engine's limit of a bitmap
constexpr double kBitsPerValue = 64.0;                // as many bytes as a hash table, at least

// One figure that the query measures, and what it must be.
struct Measure {
  size_t check = 0;     // of spec.data.checks
  std::string suffix;   // of the id: "", ".missing", ".unique"
  std::string words;    // what it is called on the page
  std::string good;     // SQL aggregate: rows that are as they should be
  std::string all;      // SQL aggregate: rows that it is a share of
  std::string breaks;   // SQL condition of the rows that break it; empty: none can be named
  std::string shown;    // SQL of the value that such a row is shown with; may be empty
  double needed = 1.0;  // share
  // Set: the share of the others that is allowed; 1 minus it would not be the same number.
  std::optional<double> allowed = {};
  std::optional<double> most = {};  // largest share, of a band
  /// Of uniqueness: SQL of a column that may hold whole numbers, which a bitmap counts.
  std::string whole_numbers = {};
};

class Compiler {
 public:
  Compiler(const spec::Spec& spec, const table::Schema& schema) : spec_(spec), schema_(schema) {}

  Result<std::vector<Measure>> Run() {
    for (size_t i = 0; i < spec_.data.checks.size(); ++i) {
      const spec::DataCheck& check = spec_.data.checks[i];
      if (!check.sql.empty()) {
        AddCondition(i, check.sql, Format("({}) IS FALSE", check.sql),
                     Format("count(*) FILTER (WHERE ({}) IS NOT NULL)", check.sql), "");
      } else if (check.column.empty()) {
        AddRowCount(i);
      } else {
        MILLRACE_RETURN_IF_ERROR(AddColumn(i));
      }
    }
    return std::move(measures_);
  }

 private:
  Status Refuse(const spec::DataCheck& check, const std::string& what) const {
    return InvalidSpec(Format("{}: data.checks: {}", check.place.ToString(), what));
  }

  // `breaks` is the SQL condition of the rows that break the check: one that is NULL for a row (a
  // missing value) is not. `present` counts the rows for which it is not NULL. Counting the few
  // that break is cheaper than counting the many that do not: no row needs both tests of a range.
  void AddCondition(size_t i, const std::string& words, const std::string& breaks,
                    const std::string& present, const std::string& shown) {
    const spec::DataCheck& check = spec_.data.checks[i];
    // No row breaks a band by itself, and missing values stand on neither side of it.
    const std::string all = check.at_most ? present : "count(*)";
    measures_.push_back({.check = i,
                         .suffix = "",
                         .words = words,
                         .good = Format("{} - count(*) FILTER (WHERE {})", all, breaks),
                         .all = all,
                         .breaks = check.at_most ? "" : breaks,
                         .shown = check.at_most ? "" : shown,
                         .needed = check.at_least,
                         .most = check.at_most});
  }

  void AddRowCount(size_t i) {
    const spec::DataCheck& check = spec_.data.checks[i];
    std::vector<std::string> words;
    if (check.min_rows) words.push_back(">= " + FormatCount(*check.min_rows));
    if (check.max_rows) words.push_back("<= " + FormatCount(*check.max_rows));
    measures_.push_back({.check = i,
                         .suffix = ".rows",
                         .words = "number of rows " + Join(words, " and "),
                         .good = "count(*)",
                         .all = "count(*)",
                         .breaks = "",
                         .shown = ""});
  }

  // The literals of `values` for a column of this type.
  Result<std::string> Literals(const spec::DataCheck& check,
                               const table::ColumnSchema& column) const {
    std::vector<std::string> literals;
    for (const std::string& value : check.values) {
      if (!table::IsNumeric(column.type)) {
        literals.push_back(engine::QuoteLiteral(value));
        continue;
      }
      const table::ValueParser parser(column);
      const table::Cell cell = parser.Parse(value);
      if (cell.state != table::CellState::kValue) {
        return Refuse(check,
                      Format("values: not {}: \"{}\" for column \"{}\"",
                             WithArticle(table::ColumnTypeName(column.type)), value, check.column));
      }
      literals.push_back(FormatDouble(cell.number));
    }
    return Join(literals, ", ");
  }

  Status AddColumn(size_t i) {
    const spec::DataCheck& check = spec_.data.checks[i];
    const auto index = schema_.Find(check.column);
    if (!index) {
      return Refuse(check, Format("no such column: \"{}\"", check.column))
          .WithHint(DidYouMean(check.column, schema_.names()));
    }
    const table::ColumnSchema& column = schema_.column(*index);
    const bool numeric = table::IsNumeric(column.type);
    if ((check.minimum || check.maximum) && !numeric) {
      return Refuse(check, Format("a bound on a text column: \"{}\"", check.column));
    }
    if ((!check.pattern.empty() || check.min_length || check.max_length) && numeric) {
      return Refuse(check,
                    Format("a pattern or length of a column of numbers: \"{}\"", check.column));
    }
    const std::string name = engine::QuoteIdentifier(check.column);
    std::vector<std::string> parts;  // what a value that breaks it is like
    std::vector<std::string> words;
    const auto add = [&](std::string part, std::string word) {
      parts.push_back(std::move(part));
      words.push_back(std::move(word));
    };
    if (check.minimum) {
      const std::string bound = FormatDouble(*check.minimum);
      add(Format("{} < {}", name, bound), ">= " + bound);
    }
    if (check.maximum) {
      const std::string bound = FormatDouble(*check.maximum);
      add(Format("{} > {}", name, bound), "<= " + bound);
    }
    if (!check.values.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(const std::string literals, Literals(check, column));
      // As a table the values are hashed once; as a list each row is compared with one after the
      // other.
      add(Format("{} NOT IN (SELECT unnest([{}]))", name, literals),
          "in " + Join(check.values, ", "));
    }
    if (!check.pattern.empty()) {
      add(Format("NOT regexp_full_match({}, {})", name, engine::QuoteLiteral(check.pattern)),
          "like " + check.pattern);
    }
    if (check.min_length) {
      add(Format("length({}) < {}", name, *check.min_length),
          Format("of {} characters or more", *check.min_length));
    }
    if (check.max_length) {
      add(Format("length({}) > {}", name, *check.max_length),
          Format("of {} characters or fewer", *check.max_length));
    }
    if (!parts.empty()) {
      AddCondition(i, check.column + " " + Join(words, " and "),
                   Format("({})", Join(parts, " OR ")), Format("count({})", name), name);
    }
    if (check.max_missing) {
      measures_.push_back({.check = i,
                           .suffix = parts.empty() ? "" : ".missing",
                           .words = check.column + " present",
                           .good = Format("count({})", name),
                           .all = "count(*)",
                           .breaks = Format("{} IS NULL", name),
                           .shown = "",
                           .needed = 1.0 - *check.max_missing,
                           .allowed = check.max_missing});
    }
    if (check.unique) {
      // A value that stands in n rows leaves n - 1 of them without a value of their own.
      measures_.push_back({.check = i,
                           .suffix = parts.empty() && !check.max_missing ? "" : ".unique",
                           .words = check.column + " unique",
                           .good = Format("count(DISTINCT {})", name),
                           .all = Format("count({})", name),
                           .breaks = "",
                           .shown = name,
                           .needed = check.at_least,
                           .whole_numbers = numeric ? Format("CAST({} AS DOUBLE)", name) : ""});
    }
    return {};
  }

  const spec::Spec& spec_;
  const table::Schema& schema_;
  std::vector<Measure> measures_;
};

class Runner {
 public:
  Runner(const spec::Spec& spec, engine::Engine& engine, std::string_view typed_table)
      : spec_(spec), engine_(engine), table_(engine::QuoteIdentifier(typed_table)) {}

  Result<std::vector<report::Check>> Run(std::vector<Measure> measures) {
    std::vector<report::Check> results;
    if (measures.empty()) return results;
    MILLRACE_RETURN_IF_ERROR(CountWithBitmaps(measures));
    std::vector<std::string> figures;
    for (const Measure& measure : measures) {
      figures.push_back(Format("{} AS f{}", measure.good, figures.size()));
      figures.push_back(Format("{} AS f{}", measure.all, figures.size()));
    }
    const Result<table::Table> counted =
        Query(engine_, Format("SELECT {} FROM {}", Join(figures, ", "), table_));
    if (!counted.ok()) return Culprit(measures, counted.status());
    for (size_t i = 0; i < measures.size(); ++i) {
      const auto column = static_cast<int64_t>(2 * i);
      MILLRACE_ASSIGN_OR_RETURN(report::Check result,
                                Judge(measures[i], counted->column(column).number(0),
                                      counted->column(column + 1).number(0)));
      results.push_back(std::move(result));
    }
    return results;
  }

  // The query says which words it did not understand, not whose they are.
  Status Culprit(const std::vector<Measure>& measures, const Status& failure) {
    if (failure.code() != Code::kInvalidData) return failure;
    for (const Measure& measure : measures) {
      const spec::DataCheck& check = spec_.data.checks[measure.check];
      const Result<table::Table> alone =
          Query(engine_, Format("SELECT {} FROM {}", measure.good, table_));
      if (alone.ok()) continue;
      const bool of_sql = !check.sql.empty();
      return InvalidSpec(Format("{}: data.checks[{}].{}: {}: {}", check.place.ToString(),
                                measure.check, of_sql ? "sql" : "pattern", alone.status().message(),
                                of_sql ? check.sql : check.pattern));
    }
    return failure;
  }

 private:
  // Distinct whole numbers in a range not much wider than their number are counted by a bitmap, 20
  // times as fast as by a hash table: needs their smallest and largest, which one query tells.
  Status CountWithBitmaps(std::vector<Measure>& measures) {
    std::vector<std::string> figures;
    for (const Measure& measure : measures) {
      if (measure.whole_numbers.empty()) continue;
      figures.push_back(
          Format("count({0}) AS n{1}, min({0}) AS l{1}, max({0}) AS h{1}, count({0}) "
                 "FILTER (WHERE {0} <> floor({0})) AS f{1}",
                 measure.whole_numbers, figures.size()));
    }
    if (figures.empty()) return {};
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table ranges,
        Query(engine_, Format("SELECT {} FROM {}", Join(figures, ", "), table_)));
    int64_t column = 0;
    for (Measure& measure : measures) {
      if (measure.whole_numbers.empty()) continue;
      const double count = ranges.column(column).number(0);
      const double low = ranges.column(column + 1).number(0);
      const double high = ranges.column(column + 2).number(0);
      const double broken = ranges.column(column + 3).number(0);
      const bool known = ranges.column(column + 1).valid(0) && ranges.column(column + 2).valid(0);
      column += 4;
      const double width = high - low + 1.0;
      const bool fits = known && std::abs(low) < kLargestWhole && std::abs(high) < kLargestWhole &&
                        width <= kMostBits && width <= kBitsPerValue * count;
      if (broken > 0.0 || !fits) continue;
      measure.good =
          Format("bit_count(bitstring_agg(CAST({} AS BIGINT), {}, {}))", measure.whole_numbers,
                 static_cast<int64_t>(low), static_cast<int64_t>(high));
    }
    return {};
  }

  // " (row 12: 212; row 40: 300)", or nothing.
  Result<std::string> FirstRows(const Measure& measure) {
    std::string sql;
    if (!measure.breaks.empty()) {
      sql = Format("SELECT __row + 1, {} FROM {} WHERE {} ORDER BY __row LIMIT {}",
                   measure.shown.empty() ? "NULL" : Format("CAST({} AS VARCHAR)", measure.shown),
                   table_, measure.breaks, kShownRows);
    } else if (!measure.shown.empty()) {
      sql = Format(
          "SELECT min(__row) + 1, CAST({0} AS VARCHAR) FROM {1} WHERE {0} IS NOT NULL "
          "GROUP BY {0} HAVING count(*) > 1 ORDER BY min(__row) LIMIT {2}",
          measure.shown, table_, kShownRows);
    } else {
      return std::string();
    }
    MILLRACE_ASSIGN_OR_RETURN(const table::Table rows, Query(engine_, sql));
    std::vector<std::string> shown;
    for (int64_t r = 0; r < rows.num_rows(); ++r) {
      std::string text =
          Format("row {}", FormatCount(static_cast<int64_t>(rows.column(0).number(r))));
      if (rows.column(1).valid(r) && !measure.shown.empty()) {
        text += Format(": {}", Ellipsize(rows.column(1).text(r), 40));
      }
      shown.push_back(std::move(text));
    }
    return shown.empty() ? std::string() : Format(" ({})", Join(shown, "; "));
  }

  Result<report::Check> Judge(const Measure& measure, double good, double all) {
    const spec::DataCheck& check = spec_.data.checks[measure.check];
    const bool of_rows = measure.suffix == ".rows";
    report::Check result;
    result.id = Format("data.check.{}{}", measure.check, of_rows ? "" : measure.suffix);
    result.label = measure.words;
    result.source = check.place.ToString();
    result.blocks = check.severity == spec::Severity::kBlock;
    const double share = all > 0.0 ? good / all : 1.0;
    bool met = share >= measure.needed;
    if (measure.most && all > 0.0) met = met && share <= *measure.most;
    if (measure.allowed && all > 0.0) met = (all - good) / all <= *measure.allowed;
    if (of_rows) {
      const auto rows = static_cast<int64_t>(all);
      met = rows >= check.min_rows.value_or(rows) && rows <= check.max_rows.value_or(rows);
    }
    if (of_rows) {
      result.value = all;
      result.evidence = Format("{} rows", FormatCount(static_cast<int64_t>(all)));
    } else {
      result.value = share;
      result.requirement = Format(">= {}", FormatShare(measure.needed, 1.0));
      if (measure.most) {
        result.requirement += Format(" and <= {}", FormatShare(*measure.most, 1.0));
      }
      result.evidence = Format("{} of {} rows", FormatCount(static_cast<int64_t>(good)),
                               FormatCount(static_cast<int64_t>(all)));
    }
    if (met) {
      result.state = report::CheckState::kMet;
      return result;
    }
    MILLRACE_ASSIGN_OR_RETURN(const std::string rows, FirstRows(measure));
    result.state = result.blocks ? report::CheckState::kNotMet : report::CheckState::kWarning;
    result.fix = of_rows || measure.most
                     ? Format("mend the data, or change the check at {}", result.source)
                     : Format("{} rows break it{}: mend the data, or change the check at {}",
                              FormatCount(static_cast<int64_t>(all - good)), rows, result.source);
    return result;
  }

  const spec::Spec& spec_;
  engine::Engine& engine_;
  const std::string table_;
};

// The measures of checks that set rows aside: what names rows, in the order of the specification.
std::vector<Measure> AsideMeasures(const spec::Spec& spec, const std::vector<Measure>& measures) {
  std::vector<Measure> aside;
  for (const Measure& measure : measures) {
    if (spec.data.checks[measure.check].set_aside && !measure.breaks.empty()) {
      aside.push_back(measure);
    }
  }
  return aside;
}

}  // namespace

Result<std::map<int64_t, BrokenCheck>> RowsThatBreakChecks(const spec::Spec& spec,
                                                           engine::Engine& engine,
                                                           std::string_view typed_table,
                                                           const table::Schema& schema) {
  std::map<int64_t, BrokenCheck> broken;
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Measure> measures, Compiler(spec, schema).Run());
  for (const Measure& measure : AsideMeasures(spec, measures)) {
    const std::string sql = Format("SELECT __row FROM {} WHERE {} ORDER BY __row",
                                   engine::QuoteIdentifier(typed_table), measure.breaks);
    const Status found = engine.Stream(sql, [&](const table::Table& batch) -> Status {
      for (int64_t r = 0; r < batch.num_rows(); ++r) {
        broken.try_emplace(
            static_cast<int64_t>(batch.column(0).number(r)),
            BrokenCheck{.column = spec.data.checks[measure.check].column, .words = measure.words});
      }
      return {};
    });
    if (!found.ok()) return Runner(spec, engine, typed_table).Culprit({measure}, found);
  }
  return broken;
}

Result<std::vector<report::Check>> RunUserChecks(const spec::Spec& spec, engine::Engine& engine,
                                                 std::string_view typed_table,
                                                 const table::Schema& schema) {
  MILLRACE_ASSIGN_OR_RETURN(std::vector<Measure> measures, Compiler(spec, schema).Run());
  MILLRACE_ASSIGN_OR_RETURN(std::vector<report::Check> results,
                            Runner(spec, engine, typed_table).Run(std::move(measures)));
  MILLRACE_ASSIGN_OR_RETURN(std::vector<report::Check> of_columns,
                            RunColumnChecks(spec, engine, typed_table, schema));
  std::ranges::move(of_columns, std::back_inserter(results));
  return results;
}

}  // namespace millrace::data
