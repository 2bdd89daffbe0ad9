#include "feature/expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "feature/expression_operations.h"

namespace millrace::feature {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<double, kMaxDecimals + 1> kPowersOfTen = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool Missing(double value) { return std::isnan(value); }
// A missing text has no address; the empty text has one.
bool Missing(std::string_view text) { return text.data() == nullptr; }

// Missing when one operand is, or when the result is not finite.
double Finite(double value) { return std::isfinite(value) ? value : kMissing; }
double Truth(bool value) { return value ? 1.0 : 0.0; }

double And(double a, double b) {
  if (a == 0.0 || b == 0.0) return 0.0;
  return Missing(a) || Missing(b) ? kMissing : 1.0;
}
double Or(double a, double b) {
  if ((!Missing(a) && a != 0.0) || (!Missing(b) && b != 0.0)) return 1.0;
  return Missing(a) || Missing(b) ? kMissing : 0.0;
}
double Round(double value, int decimals) {
  const double power = kPowersOfTen[static_cast<size_t>(decimals)];
  const double scaled = value * power;
  // Beyond 2^53 there are no decimals to round.
  return std::abs(scaled) < 9007199254740992.0 ? std::round(scaled) / power : value;
}

// The same rule for numbers and texts.
template <typename T>
T NullIf(T a, T b, T missing) {
  return !Missing(a) && !Missing(b) && a == b ? missing : a;
}

}  // namespace

struct Expression::Machine {
  std::array<double, kMaxWaitingNumbers> numbers;
  std::array<std::string_view, kMaxWaitingTexts> texts;
  int num_numbers = 0;
  int num_texts = 0;

  void Push(double value) { numbers[static_cast<size_t>(num_numbers++)] = value; }
  void Push(std::string_view text) { texts[static_cast<size_t>(num_texts++)] = text; }
  double Pop() { return numbers[static_cast<size_t>(--num_numbers)]; }
  std::string_view PopText() { return texts[static_cast<size_t>(--num_texts)]; }
};

double Expression::Unary(const Step& step, double a) {
  switch (step.operation) {
    case Operation::kIsMissing:
      return Truth(Missing(a));
    case Operation::kIsPresent:
      return Truth(!Missing(a));
    case Operation::kNegate:
      return -a;
    case Operation::kNot:
      return Missing(a) ? kMissing : Truth(a == 0.0);
    case Operation::kAbs:
      return std::abs(a);
    case Operation::kLn:
      return a > 0.0 ? std::log(a) : kMissing;
    case Operation::kSqrt:
      return a >= 0.0 ? std::sqrt(a) : kMissing;
    default:
      return Missing(a) ? kMissing : Round(a, step.argument);
  }
}

double Expression::Binary(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::kAnd:
      return And(a, b);
    case Operation::kOr:
      return Or(a, b);
    case Operation::kCoalesce:
      return Missing(a) ? b : a;
    case Operation::kLeast:
      return Missing(a) ? b : Missing(b) ? a : std::min(a, b);
    case Operation::kGreatest:
      return Missing(a) ? b : Missing(b) ? a : std::max(a, b);
    case Operation::kNullIf:
      return NullIf(a, b, kMissing);
    default:
      break;
  }
  if (Missing(a) || Missing(b)) return kMissing;
  switch (operation) {
    case Operation::kAdd:
      return Finite(a + b);
    case Operation::kSubtract:
      return Finite(a - b);
    case Operation::kMultiply:
      return Finite(a * b);
    case Operation::kDivide:
      return b == 0.0 ? kMissing : Finite(a / b);
    case Operation::kRemainder:
      return b == 0.0 ? kMissing : Finite(std::fmod(a, b));
    case Operation::kEqual:
      return Truth(a == b);
    case Operation::kNotEqual:
      return Truth(a != b);
    case Operation::kLess:
      return Truth(a < b);
    case Operation::kLessEqual:
      return Truth(a <= b);
    case Operation::kGreater:
      return Truth(a > b);
    default:
      return Truth(a >= b);
  }
}

double Expression::CompareTexts(Operation operation, std::string_view a, std::string_view b) {
  if (Missing(a) || Missing(b)) return kMissing;
  switch (operation) {
    case Operation::kTextEqual:
      return Truth(a == b);
    case Operation::kTextNotEqual:
      return Truth(a != b);
    case Operation::kTextLess:
      return Truth(a < b);
    case Operation::kTextLessEqual:
      return Truth(a <= b);
    case Operation::kTextGreater:
      return Truth(a > b);
    default:
      return Truth(a >= b);
  }
}

void Expression::Run(const Step& step, std::span<const RawValue> values, Machine& machine) const {
  const auto slot = static_cast<size_t>(step.argument);
  if (step.operation >= Operation::kTextIsMissing) {
    return RunText(step, machine);
  }
  switch (step.operation) {
    case Operation::kNumber:
      return machine.Push(step.number);
    case Operation::kNumberColumn:
      return machine.Push(values[slot].missing ? kMissing : Finite(values[slot].number));
    case Operation::kTextConstant:
      return machine.Push(std::string_view(constants_[slot]));
    case Operation::kTextColumn: {
      if (values[slot].missing) return machine.Push(std::string_view());
      const std::string_view text = values[slot].text;
      return machine.Push(text.empty() ? std::string_view("") : text);
    }
    default:
      break;
  }
  const double last = machine.Pop();
  if (step.operation < Operation::kAdd) return machine.Push(Unary(step, last));
  const double first = machine.Pop();
  machine.Push(Binary(step.operation, first, last));
}

void Expression::RunText(const Step& step, Machine& machine) {
  const std::string_view last = machine.PopText();
  if (step.operation == Operation::kTextIsMissing) return machine.Push(Truth(Missing(last)));
  if (step.operation == Operation::kTextIsPresent) return machine.Push(Truth(!Missing(last)));
  const std::string_view first = machine.PopText();
  if (step.operation == Operation::kTextCoalesce) {
    return machine.Push(Missing(first) ? last : first);
  }
  if (step.operation == Operation::kTextNullIf) {
    return machine.Push(NullIf(first, last, std::string_view()));
  }
  machine.Push(CompareTexts(step.operation, first, last));
}

Expression Expression::Over(const std::vector<std::string>& columns) const {
  Expression result = *this;
  result.columns_ = columns;
  for (Step& step : result.steps_) {
    if (step.operation != Operation::kNumberColumn && step.operation != Operation::kTextColumn) {
      continue;
    }
    const auto place = std::ranges::find(columns, columns_[static_cast<size_t>(step.argument)]);
    MILLRACE_CHECK(place != columns.end(), "callers give a row that holds every column");
    step.argument = static_cast<int32_t>(place - columns.begin());
  }
  return result;
}

double Expression::Evaluate(std::span<const RawValue> values) const {
  MILLRACE_CHECK(values.size() == columns_.size(), "callers size values by columns()");
  Machine machine;
  for (const Step& step : steps_) Run(step, values, machine);
  return machine.Pop();
}

}  // namespace millrace::feature
