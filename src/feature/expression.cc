#include "feature/expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "feature/date_values.h"
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

bool IsTrue(double value) { return !Missing(value) && value != 0.0; }

// Borders of units that lie between two dates, as SQL counts them.
double DateDiff(DateUnit unit, double from, double to) {
  const auto borders = [&](double seconds) {
    return std::floor(to / seconds) - std::floor(from / seconds);
  };
  const auto parts = [&](DatePart part, double per_year) {
    return (DatePartOf(DatePart::kYear, to) - DatePartOf(DatePart::kYear, from)) * per_year +
           (part == DatePart::kYear ? 0.0 : DatePartOf(part, to) - DatePartOf(part, from));
  };
  switch (unit) {
    case DateUnit::kSecond:
      return borders(1.0);
    case DateUnit::kMinute:
      return borders(60.0);
    case DateUnit::kHour:
      return borders(3600.0);
    case DateUnit::kDay:
      return borders(86400.0);
    case DateUnit::kWeek: {
      // Weeks begin on Monday; 1970-01-01 was a Thursday.
      const auto week = [](double date) { return std::floor((date / 86400.0 + 3.0) / 7.0); };
      return week(to) - week(from);
    }
    case DateUnit::kMonth:
      return parts(DatePart::kMonth, 12.0);
    case DateUnit::kQuarter:
      return parts(DatePart::kQuarter, 4.0);
    case DateUnit::kYear:
      return parts(DatePart::kYear, 1.0);
  }
  return kMissing;
}

// An empty text has an address.
std::string_view Present(std::string_view text) { return text.empty() ? "" : text; }

// ASCII letters; `room` holds text.size() bytes.
std::string_view InCase(std::string_view text, bool upper, char* room) {
  const char first = upper ? 'a' : 'A';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool other = c >= first && c <= first + 25;
    room[i] = other ? static_cast<char>(upper ? c - 32 : c + 32) : c;
  }
  return Present({room, text.size()});
}

size_t SizeAfterReplace(std::string_view text, std::string_view from, std::string_view with) {
  size_t size = text.size();
  if (from.empty()) return size;
  for (size_t at = text.find(from); at != std::string_view::npos;
       at = text.find(from, at + from.size())) {
    size = size + with.size() - from.size();
  }
  return size;
}

std::string_view Replace(std::string_view text, std::string_view from, std::string_view with,
                         char* room) {
  char* end = room;
  const auto append = [&end](std::string_view part) {
    end = std::copy(part.begin(), part.end(), end);
  };
  size_t start = 0;
  while (!from.empty()) {
    const size_t at = text.find(from, start);
    if (at == std::string_view::npos) break;
    append(text.substr(start, at - start));
    append(with);
    start = at + from.size();
  }
  append(text.substr(start));
  return Present({room, static_cast<size_t>(end - room)});
}

// Code points `start` (from 1) to `start` + `count` - 1, those that exist.
std::string_view Substring(std::string_view text, double start, double count) {
  const double first = std::trunc(start);
  const double end = first + std::trunc(count);
  double place = 0.0;  // of the code point that begins last
  size_t from = text.size();
  size_t to = text.size();
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    place += 1.0;
    if (place >= first && from == text.size()) from = i;
    if (place >= end) {
      to = i;
      break;
    }
  }
  return from < to ? text.substr(from, to - from) : std::string_view("");
}

}  // namespace

struct Expression::Machine {
  std::array<double, kMaxWaitingNumbers> numbers;
  std::array<std::string_view, kMaxWaitingTexts> texts;
  std::array<char, 1024> bytes;  // of texts that are made
  size_t num_bytes = 0;
  std::vector<std::unique_ptr<char[]>> long_texts;  // those that do not fit
  int num_numbers = 0;
  int num_texts = 0;

  void Push(double value) { numbers[static_cast<size_t>(num_numbers++)] = value; }
  void Push(std::string_view text) { texts[static_cast<size_t>(num_texts++)] = text; }
  double Pop() { return numbers[static_cast<size_t>(--num_numbers)]; }
  std::string_view PopText() { return texts[static_cast<size_t>(--num_texts)]; }
  // Returns memory for a text that lives as long as the machine.
  char* Room(size_t size) {
    if (size > bytes.size() - num_bytes) {
      long_texts.push_back(std::make_unique<char[]>(size));
      return long_texts.back().get();
    }
    num_bytes += size;
    return bytes.data() + num_bytes - size;
  }
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
    case Operation::kExp:
      return Finite(std::exp(a));
    case Operation::kLog10:
      return a > 0.0 ? std::log10(a) : kMissing;
    case Operation::kFloor:
      return std::floor(a);
    case Operation::kCeil:
      return std::ceil(a);
    case Operation::kSign:
      return a > 0.0 ? 1.0 : a < 0.0 ? -1.0 : a;
    case Operation::kDatePart:
      return DatePartOf(static_cast<DatePart>(step.argument), a);
    default:
      return Missing(a) ? kMissing : Round(a, step.argument);
  }
}

double Expression::Binary(const Step& step, double a, double b) {
  const Operation operation = step.operation;
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
    case Operation::kPower:
      return Finite(std::pow(a, b));
    case Operation::kDateDiff:
      return Finite(DateDiff(static_cast<DateUnit>(step.argument), a, b));
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
    case Operation::kContains:
      return Truth(a.find(b) != std::string_view::npos);
    case Operation::kStartsWith:
      return Truth(a.starts_with(b));
    case Operation::kEndsWith:
      return Truth(a.ends_with(b));
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
  machine.Push(Binary(step, first, last));
}

void Expression::RunText(const Step& step, Machine& machine) {
  if (step.operation >= Operation::kTextMissing) return RunTexts(step, machine);
  const std::string_view last = machine.PopText();
  switch (step.operation) {
    case Operation::kLength:
      return machine.Push(Missing(last) ? kMissing : static_cast<double>(CountCodePoints(last)));
    case Operation::kLower:
    case Operation::kUpper:
      if (Missing(last)) return machine.Push(last);
      return machine.Push(
          InCase(last, step.operation == Operation::kUpper, machine.Room(last.size())));
    case Operation::kTrim:
      return machine.Push(Missing(last) ? last : Present(Trim(last)));
    default:
      break;
  }
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

void Expression::RunTexts(const Step& step, Machine& machine) {
  switch (step.operation) {
    case Operation::kTextMissing:
      return machine.Push(std::string_view());
    case Operation::kReplace: {
      const std::string_view with = machine.PopText();
      const std::string_view from = machine.PopText();
      const std::string_view text = machine.PopText();
      if (Missing(with) || Missing(from) || Missing(text)) return machine.Push(std::string_view());
      const size_t size = SizeAfterReplace(text, from, with);
      if (size > kMaxTextBytes) return machine.Push(std::string_view());
      return machine.Push(Replace(text, from, with, machine.Room(size)));
    }
    case Operation::kSubstring: {
      const double count = machine.Pop();
      const double start = machine.Pop();
      const std::string_view text = machine.PopText();
      if (Missing(text) || Missing(start) || Missing(count)) {
        return machine.Push(std::string_view());
      }
      return machine.Push(Substring(text, start, count));
    }
    case Operation::kSelect: {
      const double otherwise = machine.Pop();
      const double chosen = machine.Pop();
      const double condition = machine.Pop();
      return machine.Push(IsTrue(condition) ? chosen : otherwise);
    }
    default: {
      const std::string_view otherwise = machine.PopText();
      const std::string_view chosen = machine.PopText();
      return machine.Push(IsTrue(machine.Pop()) ? chosen : otherwise);
    }
  }
}

OperationShape Expression::ShapeOf(Operation operation) {
  switch (operation) {
    case Operation::kNumber:
    case Operation::kNumberColumn:
      return {};
    case Operation::kTextColumn:
    case Operation::kTextConstant:
    case Operation::kTextMissing:
      return {.gives_text = true};
    case Operation::kReplace:
      return {.texts = 3, .gives_text = true};
    case Operation::kSubstring:
      return {.numbers = 2, .texts = 1, .gives_text = true};
    case Operation::kSelect:
      return {.numbers = 3};
    case Operation::kTextSelect:
      return {.numbers = 1, .texts = 2, .gives_text = true};
    case Operation::kTextIsMissing:
    case Operation::kTextIsPresent:
    case Operation::kLength:
      return {.texts = 1};
    case Operation::kTextNullIf:
    case Operation::kTextCoalesce:
      return {.texts = 2, .gives_text = true};
    case Operation::kLower:
    case Operation::kUpper:
    case Operation::kTrim:
      return {.texts = 1, .gives_text = true};
    default:
      break;
  }
  if (operation < Operation::kAdd) return {.numbers = 1};
  if (operation < Operation::kTextIsMissing) return {.numbers = 2};
  return {.texts = 2};
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
