// Steps of a compiled expression. Internal to feature/.
//
// A postfix program over two stacks: numbers (doubles, NaN = missing) and texts.

#pragma once

#include <cstddef>
#include <cstdint>

#include "feature/expression.h"

namespace millrace::feature {

enum class Expression::Operation : uint8_t {
  // Push.
  kNumber,        // number
  kNumberColumn,  // argument: slot
  kTextColumn,    // argument: slot
  kTextConstant,  // argument: constant
  // One number.
  kNegate,
  kNot,
  kIsMissing,
  kIsPresent,
  kAbs,
  kLn,
  kSqrt,
  kRound,  // argument: decimals, 0 .. kMaxDecimals
  kExp,
  kLog10,
  kFloor,
  kCeil,
  kSign,
  kDatePart,  // argument: DatePart
  // Two numbers.
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kPower,
  kDateDiff,  // argument: DateUnit
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kLeast,
  kGreatest,
  kNullIf,
  kCoalesce,
  // One text to a number.
  kTextIsMissing,
  kTextIsPresent,
  // Two texts to a number.
  kTextEqual,
  kTextNotEqual,
  kTextLess,
  kTextLessEqual,
  kTextGreater,
  kTextGreaterEqual,
  kContains,
  kStartsWith,
  kEndsWith,
  // One text to a number.
  kLength,
  // Two texts to a text.
  kTextNullIf,
  kTextCoalesce,
  // One text to a text.
  kLower,
  kUpper,
  kTrim,
  // Others.
  kTextMissing,  // push
  kReplace,      // three texts to a text
  kSubstring,    // a text and two numbers to a text
  kSelect,       // three numbers: the second where the first is true, else the third
  kTextSelect,   // a number and two texts
};

/// What an operation takes from the stacks, and which one it adds its result to.
struct OperationShape {
  int numbers = 0;
  int texts = 0;
  bool gives_text = false;
};
enum class DateUnit { kSecond, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

inline constexpr int kMaxDecimals = 15;
/// Most values that wait on a stack. Five levels of precedence may each wait within each of
/// kMaxExpressionDepth brackets; and all branches of a choice wait until its end.
inline constexpr int kMaxWaitingNumbers = 6 * (kMaxExpressionDepth + 1);
inline constexpr int kMaxWaitingTexts = 32;
/// A text that an operation would make longer is missing.
inline constexpr size_t kMaxTextBytes = 1'000'000;

}  // namespace millrace::feature
