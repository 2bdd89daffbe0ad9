#include "data/user_checks.h"

#include "base/format.h"
#include "base/text.h"

namespace millrace::data {
namespace {

// Returns the SQL condition that a row must meet, and the words for it.
struct Condition {
  std::string sql;
  std::string words;
};

Result<Condition> ConditionOf(const spec::DataCheck& check, const table::Schema& schema) {
  if (!check.sql.empty()) return Condition{Format("({})", check.sql), check.sql};
  const auto index = schema.Find(check.column);
  if (!index) {
    return InvalidSpec(Format("{}: data.checks: no such column: \"{}\"", check.place.ToString(),
                              check.column))
        .WithHint(DidYouMean(check.column, schema.names()));
  }
  const std::string name = engine::QuoteIdentifier(check.column);
  const bool numeric = table::IsNumeric(schema.column(*index).type);
  if ((check.minimum || check.maximum) && !numeric) {
    return InvalidSpec(Format("{}: data.checks: a bound on a text column: \"{}\"",
                              check.place.ToString(), check.column));
  }
  Condition condition;
  std::vector<std::string> parts;
  std::vector<std::string> words;
  if (check.minimum) {
    parts.push_back(Format("({0} IS NULL OR {0} >= {1})", name, FormatDouble(*check.minimum)));
    words.push_back(">= " + FormatDouble(*check.minimum));
  }
  if (check.maximum) {
    parts.push_back(Format("({0} IS NULL OR {0} <= {1})", name, FormatDouble(*check.maximum)));
    words.push_back("<= " + FormatDouble(*check.maximum));
  }
  if (!check.values.empty()) {
    std::vector<std::string> literals;
    for (const std::string& value : check.values) literals.push_back(engine::QuoteLiteral(value));
    parts.push_back(
        Format("({0} IS NULL OR CAST({0} AS VARCHAR) IN ({1}))", name, Join(literals, ", ")));
    words.push_back("in " + Join(check.values, ", "));
  }
  if (check.max_missing && parts.empty()) {
    parts.push_back(Format("{} IS NOT NULL", name));
    words.push_back("present");
  }
  condition.sql = parts.empty() ? "true" : Join(parts, " AND ");
  condition.words = check.column + " " + Join(words, " and ");
  return condition;
}

}  // namespace

Result<std::vector<report::Check>> RunUserChecks(const spec::Spec& spec, engine::Engine& engine,
                                                 std::string_view typed_table,
                                                 const table::Schema& schema) {
  std::vector<report::Check> results;
  for (size_t i = 0; i < spec.data.checks.size(); ++i) {
    const spec::DataCheck& check = spec.data.checks[i];
    MILLRACE_ASSIGN_OR_RETURN(const Condition condition, ConditionOf(check, schema));
    // A condition that is NULL for a row (a missing value) does not break it.
    const Result<table::Table> counted =
        Query(engine, Format("SELECT count(*) FILTER (WHERE ({}) IS NOT FALSE), count(*) FROM {}",
                             condition.sql, engine::QuoteIdentifier(typed_table)));
    if (!counted.ok()) {
      return InvalidSpec(Format("{}: data.checks[{}].sql: {}: {}", check.place.ToString(), i,
                                counted.status().message(), check.sql));
    }
    const double good = counted->column(0).number(0);
    const double all = counted->column(1).number(0);
    const double needed = check.max_missing && check.sql.empty() && !check.minimum &&
                                  !check.maximum && check.values.empty()
                              ? 1.0 - *check.max_missing
                              : check.at_least;
    const double share = all > 0.0 ? good / all : 0.0;
    report::Check result;
    result.id = Format("data.check.{}", i);
    result.label = condition.words;
    result.value = share;
    result.requirement = Format(">= {}", FormatShare(needed, 1.0));
    result.evidence = Format("{} of {} rows", FormatCount(static_cast<int64_t>(good)),
                             FormatCount(static_cast<int64_t>(all)));
    result.source = check.place.ToString();
    result.blocks = check.severity == spec::Severity::kBlock;
    if (share >= needed) {
      result.state = report::CheckState::kMet;
    } else {
      result.state = result.blocks ? report::CheckState::kNotMet : report::CheckState::kWarning;
      result.fix = Format("{} rows break it: mend the data, or change the check at {}",
                          FormatCount(static_cast<int64_t>(all - good)), result.source);
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace millrace::data
