#include "data/column_checks.h"

#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "spec/names.h"

namespace millrace::data {
namespace {

constexpr int kShownRows = 3;
constexpr std::string_view kAgeSuffix = ".age";

std::string IdOf(size_t check, std::string_view suffix) {
  return Format("data.check.{}{}", check, suffix);
}

// The SQL condition under which `value` may not follow `before`.
std::string_view BreakOf(spec::CheckOrder order) {
  switch (order) {
    case spec::CheckOrder::kAny:
      return "false";
    case spec::CheckOrder::kIncreasing:
      return "value < before";
    case spec::CheckOrder::kStrictlyIncreasing:
      return "value <= before";
    case spec::CheckOrder::kDecreasing:
      return "value > before";
    case spec::CheckOrder::kStrictlyDecreasing:
      return "value >= before";
  }
  return "false";
}

std::string WordsOf(spec::CheckOrder order) {
  return ReplaceAll(std::string(spec::NameOf(order)), "_", " ");
}

std::string TimeText(double seconds) { return FormatUtc(static_cast<int64_t>(seconds * 1e6)); }

class ColumnChecks {
 public:
  ColumnChecks(const spec::Spec& spec, engine::Engine& engine, std::string_view typed_table,
               const table::Schema& schema)
      : spec_(spec),
        engine_(engine),
        table_(engine::QuoteIdentifier(typed_table)),
        schema_(schema) {}

  Result<std::vector<report::Check>> Run() {
    for (size_t i = 0; i < spec_.data.checks.size(); ++i) {
      const spec::DataCheck& check = spec_.data.checks[i];
      const bool of_mean = check.min_mean || check.max_mean;
      const bool of_order = check.order != spec::CheckOrder::kAny;
      if (!of_mean && !of_order && !check.max_age_seconds) continue;
      MILLRACE_ASSIGN_OR_RETURN(const table::ColumnType type, TypeOf(check));
      if (of_mean) MILLRACE_RETURN_IF_ERROR(MeasureMean(i, type));
      if (of_order) MILLRACE_RETURN_IF_ERROR(MeasureOrder(i));
      if (check.max_age_seconds) MILLRACE_RETURN_IF_ERROR(MeasureNewest(i, type));
    }
    return std::move(results_);
  }

 private:
  Status Refuse(const spec::DataCheck& check, const std::string& what) const {
    return InvalidSpec(Format("{}: data.checks: {}", check.place.ToString(), what));
  }

  Result<table::ColumnType> TypeOf(const spec::DataCheck& check) const {
    const auto index = schema_.Find(check.column);
    if (index) return schema_.column(*index).type;
    return Refuse(check, Format("no such column: \"{}\"", check.column))
        .WithHint(DidYouMean(check.column, schema_.names()));
  }

  report::Check Start(size_t i, std::string_view suffix, std::string label) const {
    const spec::DataCheck& check = spec_.data.checks[i];
    report::Check result;
    result.id = IdOf(i, suffix);
    result.label = std::move(label);
    result.source = check.place.ToString();
    result.blocks = check.severity == spec::Severity::kBlock;
    return result;
  }

  void Finish(report::Check result, bool met, const std::string& broken) {
    result.state = met             ? report::CheckState::kMet
                   : result.blocks ? report::CheckState::kNotMet
                                   : report::CheckState::kWarning;
    if (!met) {
      result.fix = Format("{}: mend the data, or change the check at {}", broken, result.source);
    }
    results_.push_back(std::move(result));
  }

  Status MeasureMean(size_t i, table::ColumnType type) {
    const spec::DataCheck& check = spec_.data.checks[i];
    if (!table::IsNumeric(type) || type == table::ColumnType::kDate) {
      return Refuse(check, Format("{} has no mean: \"{}\"",
                                  WithArticle(table::ColumnTypeName(type)), check.column));
    }
    const std::string value = Format("CAST({} AS DOUBLE)", engine::QuoteIdentifier(check.column));
    // 2^52 over the power of two above the largest value: every product fits 64 bits.
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table sums,
        Query(engine_,
              Format("WITH scale AS (SELECT pow(2, least(52 - ceil(log2(max(abs({0})))), 1000)) "
                     "AS k FROM {1} WHERE isfinite({0}) AND {0} <> 0) "
                     "SELECT CAST(sum(CAST(round({0} * (SELECT k FROM scale)) AS BIGINT)) AS "
                     "DOUBLE), (SELECT k FROM scale), count(*) FROM {1} WHERE isfinite({0})",
                     value, table_)));
    const double count = sums.column(2).number(0);
    const double sum = sums.column(0).valid(0) ? sums.column(0).number(0) : 0.0;
    const double scale = sums.column(1).valid(0) ? sums.column(1).number(0) : 1.0;
    report::Check result = Start(i, ".mean", "mean of " + check.column);
    std::vector<std::string> bounds;
    if (check.min_mean) bounds.push_back(">= " + FormatDouble(*check.min_mean));
    if (check.max_mean) bounds.push_back("<= " + FormatDouble(*check.max_mean));
    result.requirement = Join(bounds, " and ");
    result.evidence = Format("of {} values", FormatCount(static_cast<int64_t>(count)));
    if (count == 0.0) {
      result.evidence = "no value";
      Finish(std::move(result), true, "");
      return {};
    }
    const double mean = sum / count / scale;
    result.value = mean;
    const bool met = mean >= check.min_mean.value_or(mean) && mean <= check.max_mean.value_or(mean);
    Finish(std::move(result), met, "the mean is " + FormatDouble(mean));
    return {};
  }

  Status MeasureOrder(size_t i) {
    const spec::DataCheck& check = spec_.data.checks[i];
    const std::string pairs = Format(
        "(SELECT __row, {0} AS value, lag({0}) OVER (ORDER BY __row) AS before FROM {1} "
        "WHERE {0} IS NOT NULL)",
        engine::QuoteIdentifier(check.column), table_);
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table counts,
        Query(engine_, Format("SELECT count(*) FILTER (WHERE {}), count(*) FROM {}",
                              BreakOf(check.order), pairs)));
    const double broken = counts.column(0).number(0);
    const double all = counts.column(1).number(0);
    report::Check result = Start(i, ".order", Format("{} {}", check.column, WordsOf(check.order)));
    const double share = all > 0.0 ? (all - broken) / all : 1.0;
    result.value = share;
    result.requirement = Format(">= {}", FormatShare(check.at_least, 1.0));
    result.evidence = Format("{} of {} values", FormatCount(static_cast<int64_t>(all - broken)),
                             FormatCount(static_cast<int64_t>(all)));
    const bool met = share >= check.at_least;
    std::string rows;
    if (!met) {
      MILLRACE_ASSIGN_OR_RETURN(rows, FirstRows(pairs, check.order));
    }
    Finish(std::move(result), met,
           Format("{} values break it{}", FormatCount(static_cast<int64_t>(broken)), rows));
    return {};
  }

  // " (row 12: 3 after 5; ...)"
  Result<std::string> FirstRows(const std::string& pairs, spec::CheckOrder order) {
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table rows,
        Query(engine_, Format("SELECT __row + 1, CAST(value AS VARCHAR), CAST(before AS VARCHAR) "
                              "FROM {} WHERE {} ORDER BY __row LIMIT {}",
                              pairs, BreakOf(order), kShownRows)));
    std::vector<std::string> shown;
    for (int64_t r = 0; r < rows.num_rows(); ++r) {
      shown.push_back(
          Format("row {}: {} after {}", FormatCount(static_cast<int64_t>(rows.column(0).number(r))),
                 Ellipsize(rows.column(1).text(r), 40), Ellipsize(rows.column(2).text(r), 40)));
    }
    return Format(" ({})", Join(shown, "; "));
  }

  Status MeasureNewest(size_t i, table::ColumnType type) {
    const spec::DataCheck& check = spec_.data.checks[i];
    if (type != table::ColumnType::kDate) {
      return Refuse(check, Format("max_age needs dates, and \"{}\" is {}", check.column,
                                  WithArticle(table::ColumnTypeName(type))));
    }
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table newest,
        Query(engine_, Format("SELECT CAST(max({}) AS DOUBLE) FROM {}",
                              engine::QuoteIdentifier(check.column), table_)));
    report::Check result = Start(i, kAgeSuffix, "age of the newest " + check.column);
    result.requirement = "<= " + FormatDuration(*check.max_age_seconds);
    if (!newest.column(0).valid(0)) {
      result.evidence = "no date";
      Finish(std::move(result), false, "there is no date");
      return {};
    }
    result.value = newest.column(0).number(0);
    result.evidence = "newest: " + TimeText(*result.value);
    results_.push_back(std::move(result));
    return {};
  }

  const spec::Spec& spec_;
  engine::Engine& engine_;
  const std::string table_;
  const table::Schema& schema_;
  std::vector<report::Check> results_;
};

}  // namespace

Result<std::vector<report::Check>> RunColumnChecks(const spec::Spec& spec, engine::Engine& engine,
                                                   std::string_view typed_table,
                                                   const table::Schema& schema) {
  return ColumnChecks(spec, engine, typed_table, schema).Run();
}

void JudgeAges(const spec::Spec& spec, int64_t now_micros, std::vector<report::Check>& checks) {
  for (size_t i = 0; i < spec.data.checks.size(); ++i) {
    const std::optional<double>& allowed = spec.data.checks[i].max_age_seconds;
    if (!allowed) continue;
    for (report::Check& check : checks) {
      if (check.id != IdOf(i, kAgeSuffix) || !check.value ||
          check.state != report::CheckState::kNotMeasured) {
        continue;
      }
      const double age = static_cast<double>(now_micros) * 1e-6 - *check.value;
      check.evidence = Format("newest: {}, {} ago", TimeText(*check.value),
                              FormatDuration(age > 0.0 ? age : 0.0));
      check.value.reset();
      if (age <= *allowed) {
        check.state = report::CheckState::kMet;
        continue;
      }
      check.state = check.blocks ? report::CheckState::kNotMet : report::CheckState::kWarning;
      check.fix = Format("get newer rows, or change the check at {}", check.source);
    }
  }
}

}  // namespace millrace::data
