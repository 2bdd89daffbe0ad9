#include "data/request_checks.h"

#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "expect/row_checks.h"

namespace millrace::data {
namespace {

expect::Action ActionOf(const spec::DataCheck& check) {
  switch (check.on_request) {
    case spec::RequestPolicy::kFlag:
      return expect::Action::kFlag;
    case spec::RequestPolicy::kReject:
      return expect::Action::kReject;
    case spec::RequestPolicy::kAuto:
    case spec::RequestPolicy::kIgnore:
      break;
  }
  // What is allowed to some rows of a table cannot be refused to one of a request.
  const bool allows_exceptions = check.at_least < 1.0 || check.severity == spec::Severity::kWarn;
  return allows_exceptions ? expect::Action::kFlag : expect::Action::kPolicy;
}

// The part of a check that judges values; not whether they are there.
expect::ColumnCheck ValuesOf(const spec::DataCheck& check) {
  return {.column = check.column,
          .minimum = check.minimum,
          .maximum = check.maximum,
          .values = check.values,
          .pattern = check.pattern,
          .min_length = check.min_length,
          .max_length = check.max_length,
          .action = ActionOf(check)};
}

bool JudgesValues(const spec::DataCheck& check) {
  return check.minimum || check.maximum || !check.values.empty() || !check.pattern.empty() ||
         check.min_length || check.max_length;
}

std::string Words(const expect::ColumnCheck& check) {
  std::vector<std::string> words;
  if (check.minimum) words.push_back(Format(">= {}", FormatDouble(*check.minimum)));
  if (check.maximum) words.push_back(Format("<= {}", FormatDouble(*check.maximum)));
  if (!check.values.empty()) words.push_back("in " + Ellipsize(Join(check.values, ", "), 60));
  if (!check.pattern.empty()) words.push_back("like " + Ellipsize(check.pattern, 60));
  if (check.min_length) words.push_back(Format("of {} characters or more", *check.min_length));
  if (check.max_length) words.push_back(Format("of {} characters or fewer", *check.max_length));
  if (check.present) words.push_back("present");
  return Join(words, " and ");
}

std::string Outcome(expect::Action action, spec::OnInvalid policy) {
  const bool rejects = action == expect::Action::kReject ||
                       (action == expect::Action::kPolicy && policy == spec::OnInvalid::kReject);
  return rejects ? "refused" : "answered with a warning";
}

}  // namespace

RequestChecks RequestChecksOf(const spec::Spec& spec, const table::Schema& request_schema) {
  RequestChecks found;
  const auto leave_out = [&found](std::string check, std::string reason) {
    found.left_out.push_back({std::move(check), std::move(reason)});
  };
  for (const spec::DataCheck& check : spec.data.checks) {
    if (!check.sql.empty()) {
      leave_out(check.sql, "SQL is not compiled for requests");
      continue;
    }
    if (check.column.empty()) {
      leave_out("number of rows", "judges the whole table");
      continue;
    }
    if (check.unique) leave_out(check.column + " unique", "judges the whole table");
    if (check.min_mean || check.max_mean || check.order != spec::CheckOrder::kAny ||
        check.max_age_seconds) {
      leave_out(check.column + " by mean, order or age", "judges the whole table");
    }
    if (check.max_missing && *check.max_missing > 0.0) {
      leave_out(check.column + " present", "a share of missing values is allowed");
    }
    std::vector<expect::ColumnCheck> asked;
    if (JudgesValues(check) && check.at_most) {
      leave_out(Format("{} {}", check.column, Words(ValuesOf(check))),
                "a band of shares: no row breaks it by itself");
    } else if (JudgesValues(check)) {
      asked.push_back(ValuesOf(check));
    }
    if (check.max_missing == 0.0) {
      // The share of missing values has no at_least: none may be missing.
      spec::DataCheck strict = check;
      strict.at_least = 1.0;
      asked.push_back({.column = check.column, .present = true, .action = ActionOf(strict)});
    }
    for (expect::ColumnCheck& item : asked) {
      const std::string name = Format("{} {}", check.column, Words(item));
      if (check.on_request == spec::RequestPolicy::kIgnore) {
        leave_out(name, "on_request: ignore");
      } else if (!request_schema.Find(check.column)) {
        leave_out(name, "requests do not hold the column");
      } else if (const auto alone = expect::RowChecks::Compile({item}, request_schema);
                 !alone.ok()) {
        leave_out(name, alone.status().message());
      } else {
        found.checks.push_back(std::move(item));
      }
    }
  }
  return found;
}

std::vector<report::Block> RequestChecksBlocks(const RequestChecks& checks,
                                               spec::OnInvalid policy) {
  std::vector<report::Block> blocks;
  if (checks.checks.empty() && checks.left_out.empty()) return blocks;
  report::DataTable table;
  table.title = "What rows of requests are checked for";
  table.columns = {"column", "must be", "a request that breaks it is"};
  for (const expect::ColumnCheck& check : checks.checks) {
    table.rows.push_back({check.column, Words(check), Outcome(check.action, policy)});
  }
  if (!table.rows.empty()) blocks.emplace_back(std::move(table));
  if (checks.left_out.empty()) return blocks;
  report::DataTable rest;
  rest.title = "Checks of the data that requests are not checked for";
  rest.columns = {"check", "why"};
  for (const LeftOutCheck& check : checks.left_out) {
    rest.rows.push_back({Ellipsize(check.check, 80), check.reason});
  }
  blocks.emplace_back(std::move(rest));
  return blocks;
}

}  // namespace millrace::data
