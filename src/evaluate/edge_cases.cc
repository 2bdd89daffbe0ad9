#include "evaluate/edge_cases.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "table/value_parser.h"

namespace millrace::evaluate {
namespace {

using table::ColumnSchema;
using table::ColumnType;

constexpr double kSumTolerance = 1e-9;
constexpr size_t kLongText = 100'000;
constexpr int64_t kAloneRows = 50;

// A value that stands in a column of a made row.
struct Value {
  bool missing = false;
  double number = 0.0;
  std::string text;
};

// Gives the value of a case for a column, or nothing where the case does not touch the column.
using Change = std::function<std::optional<Value>(const ColumnSchema&)>;

struct Case {
  const char* id;
  const char* text;
  Change change;
};

bool HoldsTexts(const ColumnSchema& column) { return !table::IsNumeric(column.type); }
bool HoldsNumbers(const ColumnSchema& column) {
  return column.type == ColumnType::kInteger || column.type == ColumnType::kNumber;
}

std::optional<Value> Number(const ColumnSchema& column, double value) {
  if (!HoldsNumbers(column)) return std::nullopt;
  return Value{.number = value};
}

// What a client gets when it sends the text.
std::optional<Value> Sent(const ColumnSchema& column, std::string_view text) {
  const table::ValueParser parser(column);
  const table::Cell cell = parser.Parse(text);
  if (cell.state == table::CellState::kInvalid) return std::nullopt;  // refused with its place
  if (cell.state == table::CellState::kMissing) return Value{.missing = true};
  return Value{.number = cell.number, .text = std::string(cell.text)};
}

std::vector<Case> AllCases() {
  using Maybe = std::optional<Value>;
  return {
      {"all_missing", "every value missing",
       [](const ColumnSchema&) -> Maybe { return Value{.missing = true}; }},
      {"unseen_category", "a text that training never saw",
       [](const ColumnSchema& c) -> Maybe {
         if (!HoldsTexts(c)) return std::nullopt;
         return Value{.text = "a value that was never seen"};
       }},
      {"empty_text", "an empty text",
       [](const ColumnSchema& c) -> Maybe { return HoldsTexts(c) ? Sent(c, "") : std::nullopt; }},
      {"long_text", "a text of 100,000 letters",
       [](const ColumnSchema& c) -> Maybe {
         if (!HoldsTexts(c)) return std::nullopt;
         return Value{.text = std::string(kLongText, 'x')};
       }},
      {"beyond_range", "a number ten ranges above the training rows",
       [](const ColumnSchema& c) -> Maybe {
         const double high = c.maximum.value_or(1.0);
         return Number(c, high + 10.0 * (high - c.minimum.value_or(0.0)) + 1.0);
       }},
      {"largest_number", "the largest number there is",
       [](const ColumnSchema& c) -> Maybe { return Number(c, 1.7e308); }},
      {"smallest_number", "the smallest number there is",
       [](const ColumnSchema& c) -> Maybe { return Number(c, -1.7e308); }},
      {"negative_number", "a negative number where training saw none",
       [](const ColumnSchema& c) -> Maybe {
         if (!c.minimum || *c.minimum < 0.0) return std::nullopt;
         return Number(c, -1.0);
       }},
      {"not_a_number", "the text NaN where a number belongs",
       [](const ColumnSchema& c) -> Maybe {
         return table::IsNumeric(c.type) ? Sent(c, "NaN") : std::nullopt;
       }},
      {"far_date", "a date in the year 1800 and in 2200",
       [](const ColumnSchema& c) -> Maybe {
         if (c.type != ColumnType::kDate) return std::nullopt;
         return Value{.number = c.name.size() % 2 == 0 ? -5'364'662'400.0 : 7'258'118'400.0};
       }},
  };
}

void Append(table::Column& column, const Value& value) {
  if (value.missing) {
    column.AppendMissing();
  } else if (table::IsNumeric(column.type())) {
    column.AppendNumber(value.number);
  } else {
    column.AppendText(value.text);
  }
}

void Copy(const table::Column& from, int64_t row, table::Column& to) {
  if (!from.valid(row)) {
    to.AppendMissing();
  } else if (table::IsNumeric(to.type())) {
    to.AppendNumber(from.number(row));
  } else {
    to.AppendText(from.text(row));
  }
}

// One row with every column changed, then one row for each changed column alone.
table::Table MakeRows(const bundle::Scorer& scorer, const table::Table& typical,
                      const Change& change) {
  const table::Schema& schema = scorer.schema();
  table::Table rows(scorer.shared_schema());
  std::vector<std::optional<Value>> values;
  for (const ColumnSchema& column : schema.columns()) values.push_back(change(column));
  const auto add = [&](std::optional<size_t> only, int64_t base) {
    for (size_t c = 0; c < values.size(); ++c) {
      const auto index = static_cast<int64_t>(c);
      if (values[c] && (!only || *only == c)) {
        Append(rows.mutable_column(index), *values[c]);
      } else {
        Copy(typical.column(index), base, rows.mutable_column(index));
      }
    }
  };
  if (std::none_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); })) {
    return rows;
  }
  add(std::nullopt, 0);
  for (size_t c = 0; c < values.size(); ++c) {
    if (values[c]) add(c, static_cast<int64_t>(c) % typical.num_rows());
  }
  return rows;
}

// What is wrong with the answer to a row; empty when nothing is.
std::string Wrong(const bundle::Scorer& scorer, const bundle::Predictions& predictions,
                  int64_t row) {
  double sum = 0.0;
  for (int64_t k = 0; k < predictions.num_outputs; ++k) {
    const double output = predictions.output(row, k);
    if (!std::isfinite(output)) return "the answer is no finite number";
    if (!scorer.class_labels().empty() && (output < 0.0 || output > 1.0)) {
      return Format("a probability of {}", FormatSignificant(output, 4));
    }
    sum += output;
  }
  if (predictions.num_outputs > 1 && std::abs(sum - 1.0) > kSumTolerance) {
    return Format("probabilities that sum to {}", FormatSignificant(sum, 10));
  }
  return "";
}

void Judge(const bundle::Scorer& scorer, const bundle::Predictions& predictions, EdgeCase& found) {
  found.num_rows = predictions.num_rows;
  for (int64_t row = 0; row < predictions.num_rows; ++row) {
    const double output = predictions.output(row);
    found.lowest = row == 0 ? output : std::min(found.lowest, output);
    found.highest = row == 0 ? output : std::max(found.highest, output);
    const std::string wrong = Wrong(scorer, predictions, row);
    if (wrong.empty()) continue;
    if (found.num_failed++ == 0) found.failure = wrong;
  }
}

// A row's answer must not depend on its neighbours in a batch.
Result<EdgeCase> ScoreAlone(const bundle::Scorer& scorer, const table::Table& typical) {
  EdgeCase found{.id = "row_alone", .text = "a row alone answers as in a batch", .failure = ""};
  MILLRACE_ASSIGN_OR_RETURN(const bundle::Predictions batch, scorer.Score(typical));
  found.num_rows = std::min(typical.num_rows(), kAloneRows);
  for (int64_t row = 0; row < found.num_rows; ++row) {
    const int64_t one[] = {row};
    MILLRACE_ASSIGN_OR_RETURN(const bundle::Predictions alone, scorer.Score(typical.Take(one)));
    found.lowest = row == 0 ? alone.output(0) : std::min(found.lowest, alone.output(0));
    found.highest = row == 0 ? alone.output(0) : std::max(found.highest, alone.output(0));
    for (int64_t k = 0; k < alone.num_outputs; ++k) {
      if (alone.output(0, k) == batch.output(row, k)) continue;
      if (found.num_failed++ == 0) found.failure = "another answer alone than in a batch";
      break;
    }
  }
  return found;
}

}  // namespace

Result<std::vector<EdgeCase>> RunEdgeCases(const bundle::Scorer& scorer,
                                           const table::Table& typical) {
  MILLRACE_ASSIGN_OR_RETURN(const table::Table request, typical.Select(scorer.schema().names()));
  std::vector<EdgeCase> cases;
  for (const Case& one : AllCases()) {
    const table::Table rows = MakeRows(scorer, request, one.change);
    if (rows.num_rows() == 0) continue;
    MILLRACE_ASSIGN_OR_RETURN(const bundle::Predictions predictions, scorer.Score(rows));
    EdgeCase found{.id = one.id, .text = one.text, .failure = ""};
    Judge(scorer, predictions, found);
    cases.push_back(std::move(found));
  }
  MILLRACE_ASSIGN_OR_RETURN(EdgeCase alone, ScoreAlone(scorer, request));
  cases.push_back(std::move(alone));
  return cases;
}

std::vector<report::Check> CheckEdgeCases(const std::vector<EdgeCase>& cases) {
  std::vector<report::Check> checks;
  for (const EdgeCase& one : cases) {
    report::Check check;
    check.id = "edge." + one.id;
    check.label = one.text;
    check.blocks = true;
    check.state = one.num_failed == 0 ? report::CheckState::kMet : report::CheckState::kNotMet;
    check.evidence = one.num_failed == 0
                         ? Format("{} rows, outputs {} to {}", one.num_rows,
                                  FormatFigure(one.lowest), FormatFigure(one.highest))
                         : Format("{} of {} rows: {}", one.num_failed, one.num_rows, one.failure);
    if (one.num_failed > 0) {
      check.fix = "leave out the learner that answers so: develop.learners";
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace millrace::evaluate
