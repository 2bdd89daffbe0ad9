#include "expect/row_checks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::expect {
namespace {

using table::Cell;
using table::CellState;

constexpr int64_t kVersion = 1;
constexpr int64_t kMaxShown = 80;
constexpr size_t kMaxListed = 5;

std::string_view ActionName(Action action) {
  switch (action) {
    case Action::kFlag:
      return "flag";
    case Action::kReject:
      return "reject";
    case Action::kPolicy:
      break;
  }
  return "policy";
}

std::optional<Action> ActionFromName(std::string_view name) {
  for (const Action action : {Action::kFlag, Action::kPolicy, Action::kReject}) {
    if (ActionName(action) == name) return action;
  }
  return std::nullopt;
}

std::string Shown(const Cell& cell, bool numeric) {
  return numeric ? FormatDouble(cell.number) : json::Quote(Ellipsize(cell.text, kMaxShown));
}

std::string Listed(const std::vector<std::string>& values) {
  const size_t shown = std::min(values.size(), kMaxListed);
  std::string text = Ellipsize(
      Join(std::vector<std::string>(values.begin(), values.begin() + static_cast<long>(shown)),
           ", "),
      kMaxShown);
  if (shown < values.size()) text += Format(" and {} more", values.size() - shown);
  return text;
}

// Reads one check of a document; refuses what the writer never writes.
class CheckReader {
 public:
  CheckReader(const json::Json& item, std::string where) : item_(item), where_(std::move(where)) {}

  Result<ColumnCheck> Read() {
    ColumnCheck check;
    MILLRACE_ASSIGN_OR_RETURN(check.column, item_.RequireString(where_, "column"));
    MILLRACE_ASSIGN_OR_RETURN(check.minimum, Number("min"));
    MILLRACE_ASSIGN_OR_RETURN(check.maximum, Number("max"));
    MILLRACE_ASSIGN_OR_RETURN(check.min_length, Length("min_length"));
    MILLRACE_ASSIGN_OR_RETURN(check.max_length, Length("max_length"));
    const json::Json& values = item_["values"];
    if (!values.is_null() && !values.is_array()) return Refuse("values", "a list");
    for (const json::Json& value : values.AsArray()) {
      if (!value.is_string()) return Refuse("values", "a list of texts");
      check.values.push_back(value.AsString());
    }
    const json::Json& pattern = item_["pattern"];
    if (!pattern.is_null() && !pattern.is_string()) return Refuse("pattern", "a text");
    check.pattern = pattern.AsString();
    const json::Json& present = item_["present"];
    if (!present.is_null() && !present.is_bool()) return Refuse("present", "true or false");
    check.present = present.AsBool();
    MILLRACE_ASSIGN_OR_RETURN(const std::string action, item_.RequireString(where_, "action"));
    const std::optional<Action> known = ActionFromName(action);
    if (!known) return Refuse("action", "a known action");
    check.action = *known;
    return check;
  }

 private:
  Status Refuse(std::string_view key, std::string_view needed) const {
    return Corrupt(Format("{}.{}: is not {}", where_, key, needed));
  }
  Result<std::optional<double>> Number(std::string_view key) const {
    const json::Json& value = item_[key];
    if (value.is_null()) return std::optional<double>();
    if (!value.is_number() || !std::isfinite(value.AsNumber())) return Refuse(key, "a number");
    return std::optional<double>(value.AsNumber());
  }
  Result<std::optional<int64_t>> Length(std::string_view key) const {
    const json::Json& value = item_[key];
    if (value.is_null()) return std::optional<int64_t>();
    if (!value.is_integer() || value.AsInteger() < 0) return Refuse(key, "a length");
    return std::optional<int64_t>(value.AsInteger());
  }

  const json::Json& item_;
  std::string where_;
};

}  // namespace

std::string_view RuleName(RuleKind kind) {
  switch (kind) {
    case RuleKind::kMinimum:
      return "min";
    case RuleKind::kMaximum:
      return "max";
    case RuleKind::kValues:
      return "values";
    case RuleKind::kPattern:
      return "pattern";
    case RuleKind::kMinLength:
      return "min_length";
    case RuleKind::kMaxLength:
      return "max_length";
    case RuleKind::kPresent:
      break;
  }
  return "max_missing";
}

Result<RowChecks> RowChecks::Compile(std::vector<ColumnCheck> checks, const table::Schema& schema) {
  RowChecks compiled;
  compiled.columns_ = schema.names();
  for (const ColumnCheck& check : checks) {
    const auto column = schema.Find(check.column);
    if (!column) return InvalidData(Format("check: no such column: \"{}\"", check.column));
    MILLRACE_RETURN_IF_ERROR(
        compiled.Add(check, static_cast<int32_t>(*column), schema.column(*column)));
  }
  compiled.checks_ = std::move(checks);
  compiled.Index(compiled.columns_.size());
  return compiled;
}

Status RowChecks::Add(const ColumnCheck& check, int32_t column, const table::ColumnSchema& schema) {
  const bool numeric = table::IsNumeric(schema.type);
  const auto refuse = [&check](std::string_view what) {
    return InvalidData(Format("check of column \"{}\": {}", check.column, what));
  };
  const bool on_text = !check.pattern.empty() || check.min_length || check.max_length;
  if ((check.minimum || check.maximum) && !numeric) return refuse("a bound on a text column");
  if (on_text && numeric) return refuse("a pattern or length of a column of numbers");
  const auto add = [&](RuleKind kind) -> Rule& {
    Rule& rule = rules_.emplace_back();
    rule.column = column;
    rule.kind = kind;
    rule.action = check.action;
    return rule;
  };
  if (check.minimum) add(RuleKind::kMinimum).bound = *check.minimum;
  if (check.maximum) add(RuleKind::kMaximum).bound = *check.maximum;
  if (!check.values.empty()) {
    Rule& rule = add(RuleKind::kValues);
    rule.listed = check.values;
    if (!numeric) rule.texts = check.values;
    const table::ValueParser parser(schema);
    for (const std::string& value : check.values) {
      if (!numeric) continue;
      const Cell cell = parser.Parse(value);
      if (cell.state != CellState::kValue) {
        return refuse(Format("values: not {}: \"{}\"",
                             WithArticle(table::ColumnTypeName(schema.type)), value));
      }
      rule.numbers.push_back(cell.number);
    }
    std::sort(rule.numbers.begin(), rule.numbers.end());
    std::sort(rule.texts.begin(), rule.texts.end());
  }
  if (!check.pattern.empty()) {
    Result<Pattern> pattern = Pattern::Compile(check.pattern);
    if (!pattern.ok()) return refuse(pattern.status().message());
    add(RuleKind::kPattern).pattern = *std::move(pattern);
  }
  if (check.min_length) add(RuleKind::kMinLength).length = *check.min_length;
  if (check.max_length) add(RuleKind::kMaxLength).length = *check.max_length;
  if (check.present) add(RuleKind::kPresent);
  return {};
}

void RowChecks::Index(size_t num_columns) {
  begins_.assign(num_columns + 1, 0);
  for (const Rule& rule : rules_) ++begins_[static_cast<size_t>(rule.column) + 1];
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  order_.resize(rules_.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [this](int32_t a, int32_t b) {
    return rules_[static_cast<size_t>(a)].column < rules_[static_cast<size_t>(b)].column;
  });
}

std::span<const int32_t> RowChecks::RulesOf(size_t column) const {
  if (column + 1 >= begins_.size()) return {};
  const auto begin = static_cast<size_t>(begins_[column]);
  return std::span(order_).subspan(begin, static_cast<size_t>(begins_[column + 1]) - begin);
}

bool RowChecks::Holds(int32_t rule, const Cell& cell) const {
  const Rule& asked = rules_[static_cast<size_t>(rule)];
  if (cell.state != CellState::kValue) return asked.kind != RuleKind::kPresent;
  switch (asked.kind) {
    case RuleKind::kMinimum:
      return cell.number >= asked.bound;
    case RuleKind::kMaximum:
      return cell.number <= asked.bound;
    case RuleKind::kValues:
      return asked.numbers.empty()
                 ? std::binary_search(asked.texts.begin(), asked.texts.end(), cell.text)
                 : std::binary_search(asked.numbers.begin(), asked.numbers.end(), cell.number);
    case RuleKind::kPattern:
      return asked.pattern->MatchesAll(cell.text);
    case RuleKind::kMinLength:
      return CountCodePoints(cell.text) >= asked.length;
    case RuleKind::kMaxLength:
      return CountCodePoints(cell.text) <= asked.length;
    case RuleKind::kPresent:
      break;
  }
  return true;
}

std::string RowChecks::Describe(int32_t rule, const Cell& cell) const {
  const Rule& asked = rules_[static_cast<size_t>(rule)];
  switch (asked.kind) {
    case RuleKind::kMinimum:
      return Format("{} is below {}", FormatDouble(cell.number), FormatDouble(asked.bound));
    case RuleKind::kMaximum:
      return Format("{} is above {}", FormatDouble(cell.number), FormatDouble(asked.bound));
    case RuleKind::kValues:
      return Format("{} is none of {}", Shown(cell, !asked.numbers.empty()), Listed(asked.listed));
    case RuleKind::kPattern:
      return Format("{} is not like {}", Shown(cell, false),
                    Ellipsize(asked.pattern->text(), kMaxShown));
    case RuleKind::kMinLength:
      return Format("{} has fewer than {} characters", Shown(cell, false), asked.length);
    case RuleKind::kMaxLength:
      return Format("{} has more than {} characters", Shown(cell, false), asked.length);
    case RuleKind::kPresent:
      break;
  }
  return "a value is needed";
}

const std::string& RowChecks::ColumnOf(int32_t rule) const {
  return columns_[static_cast<size_t>(rules_[static_cast<size_t>(rule)].column)];
}

std::string RowChecks::NameOf(int32_t rule) const {
  return Format("{} {}", ColumnOf(rule), RuleName(rules_[static_cast<size_t>(rule)].kind));
}

json::Json RowChecks::ToJson() const {
  json::Json list = json::Json::MakeArray();
  for (const ColumnCheck& check : checks_) {
    json::Json item = json::Json::Of({{"column", check.column}});
    if (check.minimum) item.Set("min", *check.minimum);
    if (check.maximum) item.Set("max", *check.maximum);
    if (!check.values.empty()) item.Set("values", json::Json::ArrayOf(check.values));
    if (!check.pattern.empty()) item.Set("pattern", check.pattern);
    if (check.min_length) item.Set("min_length", *check.min_length);
    if (check.max_length) item.Set("max_length", *check.max_length);
    if (check.present) item.Set("present", true);
    item.Set("action", ActionName(check.action));
    list.Append(std::move(item));
  }
  return json::Json::Of({{"version", kVersion}, {"checks", std::move(list)}});
}

Result<RowChecks> RowChecks::FromJson(const json::Json& document, const table::Schema& schema,
                                      std::string_view where) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t version, document.RequireInteger(where, "version"));
  if (version < 1) return Corrupt(Format("{}: version: {}", where, version));
  if (version > kVersion) {
    return Unsupported(
        Format("{}: version {}: this program reads up to {}", where, version, kVersion));
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* list, document.RequireArray(where, "checks"));
  std::vector<ColumnCheck> checks;
  for (size_t i = 0; i < list->size(); ++i) {
    MILLRACE_ASSIGN_OR_RETURN(ColumnCheck check,
                              CheckReader((*list)[i], Format("{}.checks[{}]", where, i)).Read());
    checks.push_back(std::move(check));
  }
  Result<RowChecks> compiled = Compile(std::move(checks), schema);
  if (!compiled.ok()) return Corrupt(Format("{}: {}", where, compiled.status().message()));
  return compiled;
}

}  // namespace millrace::expect
