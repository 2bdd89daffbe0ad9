// Steps of a compiled expression. Internal to feature/.
//
// A postfix program over two stacks: numbers (doubles, NaN = missing) and texts.

#pragma once

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
  // Two numbers.
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
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
  // Two texts to a text.
  kTextNullIf,
  kTextCoalesce,
};

inline constexpr int kMaxDecimals = 15;
/// Most values that wait on a stack. Five levels of precedence may each wait within each of
/// kMaxExpressionDepth brackets.
inline constexpr int kMaxWaitingNumbers = 6 * (kMaxExpressionDepth + 1);
inline constexpr int kMaxWaitingTexts = 16;

}  // namespace millrace::feature
