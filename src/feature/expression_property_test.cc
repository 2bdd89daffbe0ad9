// Random expressions against a second evaluator that walks the tree, with missing values as
// std::optional.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/rng.h"
#include "base/text.h"
#include "feature/expression.h"

namespace millrace::feature {
namespace {

using Value = std::optional<double>;

table::Schema Columns() {
  return *table::Schema::Make({{.name = "x", .type = table::ColumnType::kNumber},
                               {.name = "y z", .type = table::ColumnType::kNumber},
                               {.name = "c", .type = table::ColumnType::kCategory}});
}

// The text of an expression and its value.
struct Sample {
  std::string text;
  Value value;
};

struct RowValues {
  Value x;
  Value y;
  std::optional<std::string> c;
};

Value Known(double value) { return std::isfinite(value) ? Value(value) : Value(); }
Value Truth(bool value) { return value ? 1.0 : 0.0; }

class Writer {
 public:
  Writer(uint64_t seed, const RowValues& row) : rng_(seed), row_(row) {}

  Sample Make(int depth) {
    if (depth == 0 || rng_.Below(6) == 0) return Leaf();
    switch (rng_.Below(7)) {
      case 5:
        return Case(depth - 1);
      case 6:
        return OfText(MakeText(depth - 1), MakeText(depth - 1));
      case 0:
        return Arithmetic(Make(depth - 1), Make(depth - 1));
      case 1:
        return Comparison(Make(depth - 1), Make(depth - 1));
      case 2:
        return Logic(Make(depth - 1), Make(depth - 1));
      case 3:
        return Unary(Make(depth - 1));
      default:
        return Choice(Make(depth - 1), Make(depth - 1), Make(depth - 1));
    }
  }

 private:
  std::string Space() { return rng_.Below(4) == 0 ? "\n\t " : " "; }
  std::string AnyCase(std::string_view word) {
    std::string text(word);
    for (char& c : text) {
      if (rng_.Below(2) == 0 && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
  }

  Sample Leaf() {
    switch (rng_.Below(5)) {
      case 0:
        return {rng_.Below(2) == 0 ? "x" : "\"x\"", row_.x};
      case 1:
        return {"\"y z\"", row_.y};
      case 2:
        return {"(c" + Space() + "=" + Space() + "'it''s')",
                row_.c ? Truth(*row_.c == "it's") : Value()};
      case 3:
        return {"(c " + AnyCase("is") + Space() + AnyCase("null") + ")", Truth(!row_.c)};
      default: {
        const double choices[] = {0.0, 1.0, 2.5, 1e-300, 1e300, 3.0, rng_.Uniform()};
        const double number = choices[rng_.Below(7)];
        return {FormatDouble(number), number};
      }
    }
  }

  Sample Arithmetic(const Sample& a, const Sample& b) {
    const char sign = "+-*/%"[rng_.Below(5)];
    Value value;
    if (a.value && b.value) {
      if (sign == '+') value = Known(*a.value + *b.value);
      if (sign == '-') value = Known(*a.value - *b.value);
      if (sign == '*') value = Known(*a.value * *b.value);
      if (sign == '/' && *b.value != 0.0) value = Known(*a.value / *b.value);
      if (sign == '%' && *b.value != 0.0) value = Known(std::fmod(*a.value, *b.value));
    }
    return {"(" + a.text + Space() + sign + Space() + b.text + ")", value};
  }

  Sample Comparison(const Sample& a, const Sample& b) {
    const char* signs[] = {"=", "<>", "!=", "<", "<=", ">", ">="};
    const size_t which = rng_.Below(7);
    Value value;
    if (a.value && b.value) {
      const double p = *a.value;
      const double q = *b.value;
      const bool results[] = {p == q, p != q, p != q, p<q, p <= q, p> q, p >= q};
      value = Truth(results[which]);
    }
    return {"(" + a.text + signs[which] + b.text + ")", value};
  }

  Sample Logic(const Sample& a, const Sample& b) {
    const bool is_and = rng_.Below(2) == 0;
    const bool decided = is_and ? (a.value && *a.value == 0.0) || (b.value && *b.value == 0.0)
                                : (a.value && *a.value != 0.0) || (b.value && *b.value != 0.0);
    const Value value = decided ? Truth(!is_and) : a.value && b.value ? Truth(is_and) : Value();
    return {"(" + a.text + Space() + AnyCase(is_and ? "and" : "or") + Space() + b.text + ")",
            value};
  }

  Sample Unary(const Sample& a) {
    switch (rng_.Below(13)) {
      case 6:
        return {AnyCase("floor") + "(" + a.text + ")",
                a.value ? Value(std::floor(*a.value)) : Value()};
      case 7:
        return {AnyCase("ceil") + "(" + a.text + ")",
                a.value ? Value(std::ceil(*a.value)) : Value()};
      case 8:
        return {"exp(" + a.text + ")", a.value ? Known(std::exp(*a.value)) : Value()};
      case 9:
        return {"log10(" + a.text + ")",
                a.value && *a.value > 0.0 ? Value(std::log10(*a.value)) : Value()};
      case 10:
        return {"sign(" + a.text + ")", a.value ? Value(*a.value > 0.0   ? 1.0
                                                        : *a.value < 0.0 ? -1.0
                                                                         : *a.value)
                                                : Value()};
      case 11:
        return {"pow(" + a.text + ", 2)", a.value ? Known(std::pow(*a.value, 2.0)) : Value()};
      case 0:
        return {"(- " + a.text + ")", a.value ? Value(-*a.value) : Value()};
      case 1:
        return {"(" + AnyCase("not") + " " + a.text + ")",
                a.value ? Truth(*a.value == 0.0) : Value()};
      case 2:
        return {AnyCase("abs") + "(" + a.text + ")", a.value ? Value(std::abs(*a.value)) : Value()};
      case 3:
        return {AnyCase("ln") + "(" + a.text + ")",
                a.value && *a.value > 0.0 ? Value(std::log(*a.value)) : Value()};
      case 4:
        return {AnyCase("sqrt") + "(" + a.text + ")",
                a.value && *a.value >= 0.0 ? Value(std::sqrt(*a.value)) : Value()};
      case 5:
        return {"(" + a.text + " is not null)", Truth(a.value.has_value())};
      default:
        return {AnyCase("round") + "(" + a.text + ")",
                a.value ? Value(std::abs(*a.value) < 9007199254740992.0 ? std::round(*a.value)
                                                                        : *a.value)
                        : Value()};
    }
  }

  Sample Choice(const Sample& a, const Sample& b, const Sample& c) {
    const std::string list = "(" + a.text + "," + Space() + b.text + ", " + c.text + ")";
    std::optional<double> chosen;
    switch (rng_.Below(4)) {
      case 0:
        for (const Value& value : {a.value, b.value, c.value}) {
          if (!chosen) chosen = value;
        }
        return {AnyCase("coalesce") + list, chosen};
      case 1:
        for (const Value& value : {a.value, b.value, c.value}) {
          if (value && (!chosen || *value < *chosen)) chosen = value;
        }
        return {AnyCase("least") + list, chosen};
      case 2:
        for (const Value& value : {a.value, b.value, c.value}) {
          if (value && (!chosen || *chosen < *value)) chosen = value;
        }
        return {AnyCase("greatest") + list, chosen};
      default:
        return {AnyCase("nullif") + "(" + a.text + ", " + b.text + ")",
                a.value && b.value && *a.value == *b.value ? Value() : a.value};
    }
  }

  // case when, and if.
  Sample Case(int depth) {
    const Sample condition = Make(depth);
    const Sample a = Make(depth);
    const bool met = condition.value && *condition.value != 0.0;
    if (rng_.Below(4) == 0) {
      return {AnyCase("case") + " " + AnyCase("when") + " " + condition.text + " then " + a.text +
                  Space() + AnyCase("end"),
              met ? a.value : Value()};
    }
    const Sample b = Make(depth);
    if (rng_.Below(2) == 0) {
      return {AnyCase("if") + "(" + condition.text + "," + a.text + "," + b.text + ")",
              met ? a.value : b.value};
    }
    const Sample second = Make(depth);
    const Sample c = Make(depth);
    const bool second_met = second.value && *second.value != 0.0;
    return {"(case when " + condition.text + " then " + a.text + " when " + second.text + " then " +
                c.text + " else " + b.text + " end)",
            met          ? a.value
            : second_met ? c.value
                         : b.value};
  }

  struct TextSample {
    std::string text;
    std::optional<std::string> value;
  };

  static std::string ReplaceEach(std::string text, const std::string& from,
                                 const std::string& with) {
    std::string result;
    for (size_t at = 0; at < text.size();) {
      if (!from.empty() && text.compare(at, from.size(), from) == 0) {
        result += with;
        at += from.size();
      } else {
        result += text[at++];
      }
    }
    return result;
  }
  static std::string Quoted(const std::string& text) {
    return "'" + ReplaceEach(text, "'", "''") + "'";
  }

  TextSample MakeText(int depth) {
    if (depth <= 0 || rng_.Below(3) == 0) {
      if (rng_.Below(2) == 0) return {"c", row_.c};
      const std::string texts[] = {"it's", "", " It'S ", "s", std::string(60, 'A'), "B\tb"};
      const std::string text = texts[rng_.Below(6)];
      return {Quoted(text), text};
    }
    const TextSample a = MakeText(depth - 1);
    switch (rng_.Below(7)) {
      case 0:
        return {AnyCase("lower") + "(" + a.text + ")",
                a.value ? std::optional(ToLower(*a.value)) : std::nullopt};
      case 1: {
        std::string upper = a.value.value_or("");
        for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        return {"upper(" + a.text + ")", a.value ? std::optional(upper) : std::nullopt};
      }
      case 2:
        return {"trim(" + a.text + ")",
                a.value ? std::optional(std::string(Trim(*a.value))) : std::nullopt};
      case 3: {
        const int start = static_cast<int>(rng_.Below(6)) - 2;
        const int count = static_cast<int>(rng_.Below(5)) - 1;
        std::string part;
        const std::string text = a.value.value_or("");
        for (int i = start; i < start + count; ++i) {
          if (i >= 1 && i <= static_cast<int>(text.size()))
            part += text[static_cast<size_t>(i - 1)];
        }
        return {"substring(" + a.text + ", " + std::to_string(start) + ", " +
                    std::to_string(count) + ")",
                a.value ? std::optional(part) : std::nullopt};
      }
      case 4: {
        const TextSample from = MakeText(depth - 1);
        const TextSample with = MakeText(depth - 1);
        const bool known = a.value && from.value && with.value;
        return {
            "replace(" + a.text + "," + from.text + "," + with.text + ")",
            known ? std::optional(ReplaceEach(*a.value, *from.value, *with.value)) : std::nullopt};
      }
      case 5: {
        const TextSample b = MakeText(depth - 1);
        const Sample condition = Make(depth - 1);
        const bool met = condition.value && *condition.value != 0.0;
        return {"if(" + condition.text + ", " + a.text + ", " + b.text + ")",
                met ? a.value : b.value};
      }
      default: {
        const Sample condition = Make(depth - 1);
        const bool met = condition.value && *condition.value != 0.0;
        return {"(case when " + condition.text + " then " + a.text + " end)",
                met ? a.value : std::nullopt};
      }
    }
  }

  Sample OfText(const TextSample& a, const TextSample& b) {
    const bool known = a.value && b.value;
    switch (rng_.Below(5)) {
      case 0:
        return {"length(" + a.text + ")",
                a.value ? Value(static_cast<double>(CountCodePoints(*a.value))) : Value()};
      case 1:
        return {"contains(" + a.text + ", " + b.text + ")",
                known ? Truth(a.value->find(*b.value) != std::string::npos) : Value()};
      case 2:
        return {"starts_with(" + a.text + ", " + b.text + ")",
                known ? Truth(a.value->rfind(*b.value, 0) == 0) : Value()};
      case 3:
        return {"ends_with(" + a.text + ", " + b.text + ")",
                known ? Truth(a.value->size() >= b.value->size() &&
                              a.value->compare(a.value->size() - b.value->size(), b.value->size(),
                                               *b.value) == 0)
                      : Value()};
      default:
        return {"(" + a.text + " = " + b.text + ")", known ? Truth(*a.value == *b.value) : Value()};
    }
  }

  Rng rng_;
  const RowValues& row_;
};

RC_GTEST_PROP(ExpressionProperty, EqualsTheTreeThatWroteIt, (uint64_t seed)) {
  Rng rng(seed);
  const double numbers[] = {0.0, -0.0, 1.0, -1.5, 1e300, -1e308, 5e-324, rng.Normal()};
  RowValues row;
  if (rng.Below(4) != 0) row.x = numbers[rng.Below(8)];
  if (rng.Below(4) != 0) row.y = numbers[rng.Below(8)];
  if (rng.Below(4) != 0) row.c = rng.Below(2) == 0 ? "it's" : "";
  const Sample sample = Writer(seed ^ 0x5bd1e995, row).Make(4);
  if (static_cast<int64_t>(sample.text.size()) > kMaxExpressionBytes) return;

  const auto expression = Expression::Parse(sample.text, Columns(), "p");
  if (!expression.ok()) RC_FAIL(sample.text + ": " + expression.status().ToString());
  std::vector<RawValue> values;
  for (const std::string& column : expression->columns()) {
    RawValue value;
    if (column == "c") {
      value = {.missing = !row.c, .text = row.c ? std::string_view(*row.c) : std::string_view()};
    } else {
      const Value& number = column == "x" ? row.x : row.y;
      value = {.missing = !number, .number = number.value_or(0.0)};
    }
    values.push_back(value);
  }
  const double found = expression->Evaluate(values);
  const double wanted = sample.value.value_or(std::numeric_limits<double>::quiet_NaN());
  const bool equal =
      std::isnan(wanted) ? std::isnan(found) : std::memcmp(&found, &wanted, sizeof(double)) == 0;
  if (!equal) {
    RC_FAIL(sample.text + " gives " + FormatDouble(found) + ", not " + FormatDouble(wanted));
  }
}

RC_GTEST_PROP(ExpressionProperty, AnyTextIsReadOrRefused, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "x", "\"y z\"", "c", "(", ")", "+", "-", "*", "/", "%", "=", "<>", "<", "and", "or", "not",
      "is", "null", ",", "abs(", "coalesce(", "'t'", "1", "1e999", "\"", "'", "round(", "true",
      "\xff", "nullif(", "case", "when", "then", "else", "end", "if(", "substring(", "replace(",
      "lower(", "date_diff(", "'day'", "year("));
  std::string text;
  for (const std::string& piece : pieces) text += piece + " ";
  const auto expression = Expression::Parse(text, Columns(), "p");
  if (!expression.ok()) {
    RC_ASSERT(expression.status().code() == Code::kInvalidSpec);
    return;
  }
  const std::vector<RawValue> values(expression->columns().size());
  (void)expression->Evaluate(values);
}

}  // namespace
}  // namespace millrace::feature
