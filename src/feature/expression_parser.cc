// From text to steps: recursive descent, one function per level of precedence.

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "feature/date_values.h"
#include "feature/expression.h"
#include "feature/expression_operations.h"
#include "feature/expression_tokens.h"
#include "table/value_parser.h"

namespace millrace::feature {
namespace {

constexpr std::string_view kKeyWords[] = {"and", "or", "not", "is", "null", "true", "false"};

bool IsKeyWord(std::string_view word) {
  return std::any_of(std::begin(kKeyWords), std::end(kKeyWords),
                     [&](std::string_view known) { return EqualsIgnoreCase(known, word); });
}

bool IsWord(const Token& token, std::string_view word) {
  return token.kind == TokenKind::kWord && EqualsIgnoreCase(token.text, word);
}

}  // namespace

class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const table::Schema& schema, std::string_view where,
                   std::vector<Token> tokens)
      : text_(text), schema_(schema), where_(where), tokens_(std::move(tokens)) {}

  Result<Expression> Parse() {
    MILLRACE_ASSIGN_OR_RETURN(const Operand result, ParseOr());
    if (Now().kind != TokenKind::kEnd) {
      return Fail(Now(), Format("unexpected: {}", Describe(Now())));
    }
    MILLRACE_RETURN_IF_ERROR(WantNumber(result));
    MILLRACE_RETURN_IF_ERROR(CheckStacks());
    OrderColumns();
    expression_.text_ = std::string(text_);
    return std::move(expression_);
  }

 private:
  using Operation = Expression::Operation;
  using Step = Expression::Step;

  // What a part of the expression gives.
  struct Operand {
    bool text = false;  // else a number
    size_t token = 0;   // where it begins
    size_t steps = 0;   // first of its steps
    // Set when the operand is nothing but this.
    const table::ColumnSchema* column = nullptr;
    bool constant_text = false;
  };
  struct Function {
    std::string_view name;
    size_t min_arguments;
    size_t max_arguments;
    Operation numbers;
    std::optional<Operation> texts;  // where it takes texts too
  };
  // A function whose arguments have one kind each: "tnn:t" takes a text and two numbers and gives a
  // text.
  struct TypedFunction {
    std::string_view name;
    std::string_view kinds;
    Operation operation;
    int32_t argument = 0;
  };
  struct Comparison {
    std::string_view sign;
    Operation numbers;
    Operation texts;
  };
  static constexpr size_t kMany = static_cast<size_t>(kMaxExpressionBytes);
  static std::string Wanted(const Function& function) {
    if (function.max_arguments == kMany) return "at least 1 is";
    if (function.min_arguments < function.max_arguments) return "1 or 2 are";
    return function.max_arguments == 1 ? "1 is" : "2 are";
  }
  static const Function kFunctions[8];
  static const TypedFunction kTypedFunctions[25];
  static const Comparison kComparisons[6];

  // Counts brackets, calls and signs around the place that is read.
  class Deeper {
   public:
    explicit Deeper(ExpressionParser& parser) : parser_(parser) { ++parser_.depth_; }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    ExpressionParser& parser_;
  };

  const Token& Now() const { return tokens_[at_]; }
  const Token& Next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  bool NowIs(std::string_view sign) const {
    return Now().kind == TokenKind::kSign && Now().text == sign;
  }
  bool Take(std::string_view sign) {
    if (!NowIs(sign)) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!IsWord(Now(), word)) return false;
    ++at_;
    return true;
  }

  Status Fail(const Token& token, std::string_view what) const {
    return InvalidSpec(AtPlace(where_, text_, token.offset, what));
  }
  static std::string Describe(const Token& token) {
    if (token.kind == TokenKind::kEnd) return "the end";
    if (token.kind == TokenKind::kText) return Format("'{}'", Ellipsize(token.text, 40));
    return Format("\"{}\"", Ellipsize(token.text, 40));
  }

  void Emit(Operation operation, int32_t argument = 0, double number = 0.0) {
    expression_.steps_.push_back({operation, argument, number});
  }
  size_t num_steps() const { return expression_.steps_.size(); }

  Status WantNumber(const Operand& operand) const {
    if (!operand.text) return {};
    return Fail(tokens_[operand.token],
                Format("a text where a number belongs: {}", Describe(tokens_[operand.token])))
        .WithHint("compare texts with =, <>, <, <=, >, >=, is null");
  }
  // Two numbers joined by an operation.
  Status Join(const Operand& left, const Operand& right, Operation operation) {
    MILLRACE_RETURN_IF_ERROR(WantNumber(left));
    MILLRACE_RETURN_IF_ERROR(WantNumber(right));
    Emit(operation);
    return {};
  }
  Operand NumberFrom(const Operand& first) const {
    return {.text = false, .token = first.token, .steps = first.steps};
  }

  Result<Operand> ParseOr();
  Result<Operand> ParseAnd();
  Result<Operand> ParseNot();
  Result<Operand> ParseComparison();
  Result<Operand> ParseIsNull(const Operand& operand);
  Result<Operand> ParseSum();
  Result<Operand> ParseProduct();
  Result<Operand> ParseUnary();
  Result<Operand> ParsePrimary();
  Result<Operand> ParseFunction();
  Result<Operand> ParseTyped(const TypedFunction& function);
  Result<Operand> ParseDateDiff();
  Result<Operand> ParseIf();
  Result<Operand> ParseCase();
  Result<Operand> ParseCaseValue(std::optional<bool>& text);
  Status CheckBranches(const Operand& choice, size_t branches, bool text) const;
  Status Want(const Operand& operand, bool text) const;
  Status TakeSign(std::string_view sign);
  Result<Operand> ParseRound(const Token& name, const Operand& first);
  Result<Operand> ParseColumn();
  Status FitConstant(const Operand& constant, const Operand& other);
  Status SameKinds(Operand& left, Operand& right);
  Result<int64_t> FindColumn(const Token& token) const;
  Result<const Function*> FindFunction(const Token& token) const;
  Status CheckDepth() const {
    if (depth_ <= kMaxExpressionDepth) return {};
    return Fail(Now(), Format("nested deeper than {} brackets", kMaxExpressionDepth));
  }
  Status CheckStacks() const;
  void OrderColumns();

  std::string_view text_;
  const table::Schema& schema_;
  std::string_view where_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  std::vector<int64_t> slots_;  // schema index of each slot, in order of appearance
  Expression expression_;
};

const ExpressionParser::Function ExpressionParser::kFunctions[8] = {
    {"abs", 1, 1, Operation::kAbs, std::nullopt},
    {"ln", 1, 1, Operation::kLn, std::nullopt},
    {"sqrt", 1, 1, Operation::kSqrt, std::nullopt},
    {"round", 1, 2, Operation::kRound, std::nullopt},
    {"least", 1, kMany, Operation::kLeast, std::nullopt},
    {"greatest", 1, kMany, Operation::kGreatest, std::nullopt},
    {"nullif", 2, 2, Operation::kNullIf, Operation::kTextNullIf},
    {"coalesce", 1, kMany, Operation::kCoalesce, Operation::kTextCoalesce},
};

const ExpressionParser::Comparison ExpressionParser::kComparisons[6] = {
    {"=", Operation::kEqual, Operation::kTextEqual},
    {"<>", Operation::kNotEqual, Operation::kTextNotEqual},
    {"<=", Operation::kLessEqual, Operation::kTextLessEqual},
    {">=", Operation::kGreaterEqual, Operation::kTextGreaterEqual},
    {"<", Operation::kLess, Operation::kTextLess},
    {">", Operation::kGreater, Operation::kTextGreater},
};

const ExpressionParser::TypedFunction ExpressionParser::kTypedFunctions[25] = {
    {"sign", "n:n", Operation::kSign},
    {"floor", "n:n", Operation::kFloor},
    {"ceil", "n:n", Operation::kCeil},
    {"log10", "n:n", Operation::kLog10},
    {"exp", "n:n", Operation::kExp},
    {"pow", "nn:n", Operation::kPower},
    {"lower", "t:t", Operation::kLower},
    {"upper", "t:t", Operation::kUpper},
    {"trim", "t:t", Operation::kTrim},
    {"length", "t:n", Operation::kLength},
    {"contains", "tt:n", Operation::kContains},
    {"starts_with", "tt:n", Operation::kStartsWith},
    {"ends_with", "tt:n", Operation::kEndsWith},
    {"substring", "tnn:t", Operation::kSubstring},
    {"replace", "ttt:t", Operation::kReplace},
    {"year", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kYear)},
    {"quarter", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kQuarter)},
    {"month", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kMonth)},
    {"week", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kWeek)},
    {"day", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kDay)},
    {"weekday", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kWeekday)},
    {"day_of_year", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kDayOfYear)},
    {"hour", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kHour)},
    {"minute", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kMinute)},
    {"is_weekend", "n:n", Operation::kDatePart, static_cast<int32_t>(DatePart::kIsWeekend)},
};

Result<ExpressionParser::Operand> ExpressionParser::ParseOr() {
  MILLRACE_ASSIGN_OR_RETURN(Operand left, ParseAnd());
  while (TakeWord("or")) {
    MILLRACE_ASSIGN_OR_RETURN(const Operand right, ParseAnd());
    MILLRACE_RETURN_IF_ERROR(Join(left, right, Operation::kOr));
    left = NumberFrom(left);
  }
  return left;
}

Result<ExpressionParser::Operand> ExpressionParser::ParseAnd() {
  MILLRACE_ASSIGN_OR_RETURN(Operand left, ParseNot());
  while (TakeWord("and")) {
    MILLRACE_ASSIGN_OR_RETURN(const Operand right, ParseNot());
    MILLRACE_RETURN_IF_ERROR(Join(left, right, Operation::kAnd));
    left = NumberFrom(left);
  }
  return left;
}

Result<ExpressionParser::Operand> ExpressionParser::ParseNot() {
  const size_t token = at_;
  if (!TakeWord("not")) return ParseComparison();
  const Deeper deeper(*this);
  MILLRACE_RETURN_IF_ERROR(CheckDepth());
  MILLRACE_ASSIGN_OR_RETURN(const Operand operand, ParseNot());
  MILLRACE_RETURN_IF_ERROR(WantNumber(operand));
  Emit(Operation::kNot);
  return Operand{.text = false, .token = token, .steps = operand.steps};
}

// A constant text that stands against a date or a yes-or-no column is read as such a value, by the
// rules of the column.
Status ExpressionParser::FitConstant(const Operand& constant, const Operand& other) {
  if (!constant.constant_text || other.column == nullptr) return {};
  const table::ColumnSchema& column = *other.column;
  if (column.type != table::ColumnType::kDate && column.type != table::ColumnType::kBoolean) {
    return {};
  }
  Step& step = expression_.steps_[constant.steps];
  const std::string& text = expression_.constants_[static_cast<size_t>(step.argument)];
  const std::optional<double> value = column.type == table::ColumnType::kDate
                                          ? table::ReadDate(text, column.rules)
                                          : table::ReadBoolean(text);
  if (!value) {
    return Fail(tokens_[constant.token],
                Format("not {}: '{}'", WithArticle(table::ColumnTypeName(column.type)),
                       Ellipsize(text, 40)));
  }
  step = {Operation::kNumber, 0, *value};
  return {};
}

Status ExpressionParser::SameKinds(Operand& left, Operand& right) {
  if (left.text == right.text) return {};
  Operand& text = left.text ? left : right;
  const Operand& number = left.text ? right : left;
  MILLRACE_RETURN_IF_ERROR(FitConstant(text, number));
  if (expression_.steps_[text.steps].operation == Operation::kNumber && text.constant_text) {
    text.text = false;
    return {};
  }
  return Fail(tokens_[text.token],
              Format("a text beside a number: {}", Describe(tokens_[text.token])))
      .WithHint("texts stand in single quotes, numbers without");
}

Result<ExpressionParser::Operand> ExpressionParser::ParseComparison() {
  MILLRACE_ASSIGN_OR_RETURN(Operand left, ParseSum());
  for (const Comparison& comparison : kComparisons) {
    if (!Take(comparison.sign)) continue;
    MILLRACE_ASSIGN_OR_RETURN(Operand right, ParseSum());
    MILLRACE_RETURN_IF_ERROR(SameKinds(left, right));
    Emit(left.text ? comparison.texts : comparison.numbers);
    left = NumberFrom(left);
    break;
  }
  while (IsWord(Now(), "is")) {
    MILLRACE_ASSIGN_OR_RETURN(left, ParseIsNull(left));
  }
  for (const Comparison& comparison : kComparisons) {
    if (NowIs(comparison.sign)) {
      return Fail(Now(), Format("a second comparison: \"{}\"", comparison.sign))
          .WithHint("join comparisons by and, or set brackets");
    }
  }
  return left;
}

Result<ExpressionParser::Operand> ExpressionParser::ParseIsNull(const Operand& operand) {
  ++at_;
  const bool present = TakeWord("not");
  if (!TakeWord("null")) {
    return Fail(Now(), Format("null is expected, not {}", Describe(Now())))
        .WithHint("write: is null, is not null");
  }
  if (operand.text) {
    Emit(present ? Operation::kTextIsPresent : Operation::kTextIsMissing);
  } else {
    Emit(present ? Operation::kIsPresent : Operation::kIsMissing);
  }
  return NumberFrom(operand);
}

Result<ExpressionParser::Operand> ExpressionParser::ParseSum() {
  MILLRACE_ASSIGN_OR_RETURN(Operand left, ParseProduct());
  while (NowIs("+") || NowIs("-")) {
    const Operation operation = NowIs("+") ? Operation::kAdd : Operation::kSubtract;
    ++at_;
    MILLRACE_ASSIGN_OR_RETURN(const Operand right, ParseProduct());
    MILLRACE_RETURN_IF_ERROR(Join(left, right, operation));
    left = NumberFrom(left);
  }
  return left;
}

Result<ExpressionParser::Operand> ExpressionParser::ParseProduct() {
  MILLRACE_ASSIGN_OR_RETURN(Operand left, ParseUnary());
  while (NowIs("*") || NowIs("/") || NowIs("%")) {
    const Operation operation = NowIs("*")   ? Operation::kMultiply
                                : NowIs("/") ? Operation::kDivide
                                             : Operation::kRemainder;
    ++at_;
    MILLRACE_ASSIGN_OR_RETURN(const Operand right, ParseUnary());
    MILLRACE_RETURN_IF_ERROR(Join(left, right, operation));
    left = NumberFrom(left);
  }
  return left;
}

Result<ExpressionParser::Operand> ExpressionParser::ParseUnary() {
  const size_t token = at_;
  const bool minus = NowIs("-");
  if (!minus && !NowIs("+")) return ParsePrimary();
  ++at_;
  const Deeper deeper(*this);
  MILLRACE_RETURN_IF_ERROR(CheckDepth());
  MILLRACE_ASSIGN_OR_RETURN(const Operand operand, ParseUnary());
  MILLRACE_RETURN_IF_ERROR(WantNumber(operand));
  if (minus) Emit(Operation::kNegate);
  return Operand{.text = false, .token = token, .steps = operand.steps};
}

Result<ExpressionParser::Operand> ExpressionParser::ParsePrimary() {
  const Token& token = Now();
  const Operand here{.text = false, .token = at_, .steps = num_steps()};
  if (token.kind == TokenKind::kNumber) {
    Emit(Operation::kNumber, 0, token.number);
    ++at_;
    return here;
  }
  if (token.kind == TokenKind::kText) {
    Emit(Operation::kTextConstant, static_cast<int32_t>(expression_.constants_.size()));
    expression_.constants_.push_back(token.text);
    ++at_;
    return Operand{.text = true, .token = here.token, .steps = here.steps, .constant_text = true};
  }
  if (IsWord(token, "true") || IsWord(token, "false")) {
    Emit(Operation::kNumber, 0, IsWord(token, "true") ? 1.0 : 0.0);
    ++at_;
    return here;
  }
  if (NowIs("(")) {
    ++at_;
    const Deeper deeper(*this);
    MILLRACE_RETURN_IF_ERROR(CheckDepth());
    MILLRACE_ASSIGN_OR_RETURN(const Operand inner, ParseOr());
    MILLRACE_RETURN_IF_ERROR(TakeSign(")"));
    return inner;
  }
  // "case" alone is a column.
  if (IsWord(token, "case") && IsWord(Next(), "when")) return ParseCase();
  const bool bare = token.kind == TokenKind::kWord && !IsKeyWord(token.text);
  if (bare && Next().kind == TokenKind::kSign && Next().text == "(") return ParseFunction();
  if (bare || token.kind == TokenKind::kQuoted) return ParseColumn();
  return Fail(token, Format("a value is expected, not {}", Describe(token)));
}

Result<const ExpressionParser::Function*> ExpressionParser::FindFunction(const Token& token) const {
  std::vector<std::string> names;
  for (const Function& function : kFunctions) {
    if (EqualsIgnoreCase(function.name, token.text)) return &function;
    names.emplace_back(function.name);
  }
  for (const TypedFunction& function : kTypedFunctions) names.emplace_back(function.name);
  for (const std::string_view name : {"if", "date_diff"}) names.emplace_back(name);
  const std::string near = DidYouMean(token.text, names);
  return Fail(token, Format("unknown function: {}", Describe(token)))
      .WithHint(near.empty() ? Format("known: {}", millrace::Join(names, ", ")) : near);
}

Result<ExpressionParser::Operand> ExpressionParser::ParseFunction() {
  const Token& name = Now();
  const Operand here{.text = false, .token = at_, .steps = num_steps()};
  for (const TypedFunction& typed : kTypedFunctions) {
    if (EqualsIgnoreCase(typed.name, name.text)) return ParseTyped(typed);
  }
  if (EqualsIgnoreCase(name.text, "if")) return ParseIf();
  if (EqualsIgnoreCase(name.text, "date_diff")) return ParseDateDiff();
  MILLRACE_ASSIGN_OR_RETURN(const Function* function, FindFunction(name));
  at_ += 2;
  const Deeper deeper(*this);
  MILLRACE_RETURN_IF_ERROR(CheckDepth());
  size_t num_arguments = 0;
  Operand all{.token = here.token, .steps = here.steps};
  while (num_arguments == 0 ? !NowIs(")") : Take(",")) {
    if (num_arguments == 1 && function->numbers == Operation::kRound) {
      MILLRACE_ASSIGN_OR_RETURN(all, ParseRound(name, all));
      num_arguments = 2;
      break;
    }
    MILLRACE_ASSIGN_OR_RETURN(Operand argument, ParseOr());
    if (++num_arguments > function->max_arguments) continue;
    if (!function->texts) MILLRACE_RETURN_IF_ERROR(WantNumber(argument));
    if (num_arguments == 1) {
      all = argument;
      continue;
    }
    // Arguments are joined from the left, so that two at most wait at a time.
    MILLRACE_RETURN_IF_ERROR(SameKinds(all, argument));
    Emit(all.text ? *function->texts : function->numbers);
    all = {.text = all.text, .token = here.token, .steps = here.steps};
  }
  if (num_arguments < function->min_arguments || num_arguments > function->max_arguments) {
    return Fail(name, Format("{}: {} argument{}, where {} expected", function->name, num_arguments,
                             num_arguments == 1 ? "" : "s", Wanted(*function)));
  }
  MILLRACE_RETURN_IF_ERROR(TakeSign(")"));
  if (function->max_arguments == 1 ||
      (function->numbers == Operation::kRound && num_arguments == 1)) {
    Emit(function->numbers);
  }
  return Operand{.text = all.text, .token = here.token, .steps = here.steps};
}

Status ExpressionParser::Want(const Operand& operand, bool text) const {
  if (!text) return WantNumber(operand);
  if (operand.text) return {};
  return Fail(tokens_[operand.token],
              Format("a number where a text belongs: {}", Describe(tokens_[operand.token])))
      .WithHint("texts stand in single quotes");
}

Status ExpressionParser::TakeSign(std::string_view sign) {
  if (Take(sign)) return {};
  return Fail(Now(), Format("\"{}\" is expected, not {}", sign, Describe(Now())));
}

Result<ExpressionParser::Operand> ExpressionParser::ParseTyped(const TypedFunction& function) {
  const Operand here{.token = at_, .steps = num_steps()};
  const Token& name = Now();
  at_ += 2;
  const Deeper deeper(*this);
  MILLRACE_RETURN_IF_ERROR(CheckDepth());
  const size_t wanted = function.kinds.find(':');
  size_t given = 0;
  while (given == 0 ? !NowIs(")") : Take(",")) {
    MILLRACE_ASSIGN_OR_RETURN(const Operand argument, ParseOr());
    if (given < wanted) {
      MILLRACE_RETURN_IF_ERROR(Want(argument, function.kinds[given] == 't'));
    }
    ++given;
  }
  if (given != wanted) {
    return Fail(name, Format("{}: {} argument{}, where {} {} expected", function.name, given,
                             given == 1 ? "" : "s", wanted, wanted == 1 ? "is" : "are"));
  }
  MILLRACE_RETURN_IF_ERROR(TakeSign(")"));
  Emit(function.operation, function.argument);
  return Operand{.text = function.kinds.back() == 't', .token = here.token, .steps = here.steps};
}

// date_diff('unit', from, to): the unit is part of the program, not a value.
Result<ExpressionParser::Operand> ExpressionParser::ParseDateDiff() {
  static constexpr std::string_view kUnits[] = {"second", "minute", "hour",    "day",
                                                "week",   "month",  "quarter", "year"};
  const Operand here{.token = at_, .steps = num_steps()};
  at_ += 2;
  const Deeper deeper(*this);
  MILLRACE_RETURN_IF_ERROR(CheckDepth());
  const Token& token = Now();
  const auto unit = std::find(std::begin(kUnits), std::end(kUnits),
                              token.kind == TokenKind::kText ? ToLower(token.text) : "");
  if (unit == std::end(kUnits)) {
    std::vector<std::string> names(std::begin(kUnits), std::end(kUnits));
    return Fail(token, Format("date_diff: no unit: {}", Describe(token)))
        .WithHint("write first one of: '" + millrace::Join(names, "', '") + "'");
  }
  ++at_;
  MILLRACE_RETURN_IF_ERROR(TakeSign(","));
  MILLRACE_ASSIGN_OR_RETURN(Operand from, ParseOr());
  MILLRACE_RETURN_IF_ERROR(TakeSign(","));
  MILLRACE_ASSIGN_OR_RETURN(Operand to, ParseOr());
  // A constant date stands as text beside a column.
  MILLRACE_RETURN_IF_ERROR(SameKinds(from, to));
  MILLRACE_RETURN_IF_ERROR(WantNumber(from));
  MILLRACE_RETURN_IF_ERROR(TakeSign(")"));
  Emit(Operation::kDateDiff, static_cast<int32_t>(unit - std::begin(kUnits)));
  return NumberFrom(here);
}

// One of the values of a choice; all have the kind of the first.
Result<ExpressionParser::Operand> ExpressionParser::ParseCaseValue(std::optional<bool>& text) {
  MILLRACE_ASSIGN_OR_RETURN(const Operand value, ParseOr());
  if (!text) text = value.text;
  MILLRACE_RETURN_IF_ERROR(Want(value, *text));
  return value;
}

Result<ExpressionParser::Operand> ExpressionParser::ParseIf() {
  const Operand here{.token = at_, .steps = num_steps()};
  at_ += 2;
  const Deeper deeper(*this);
  MILLRACE_RETURN_IF_ERROR(CheckDepth());
  std::optional<bool> text;
  MILLRACE_ASSIGN_OR_RETURN(const Operand condition, ParseOr());
  MILLRACE_RETURN_IF_ERROR(WantNumber(condition));
  MILLRACE_RETURN_IF_ERROR(TakeSign(","));
  MILLRACE_RETURN_IF_ERROR(ParseCaseValue(text).status());
  MILLRACE_RETURN_IF_ERROR(TakeSign(","));
  MILLRACE_RETURN_IF_ERROR(ParseCaseValue(text).status());
  MILLRACE_RETURN_IF_ERROR(TakeSign(")"));
  Emit(*text ? Operation::kTextSelect : Operation::kSelect);
  return Operand{.text = *text, .token = here.token, .steps = here.steps};
}

// A text waits for each branch and one for the rest; of numbers two (a condition, too) and one.
Status ExpressionParser::CheckBranches(const Operand& choice, size_t branches, bool text) const {
  constexpr size_t kMostTexts = kMaxWaitingTexts - 1;
  constexpr size_t kMostNumbers = (kMaxWaitingNumbers - 1) / 2;
  const size_t most = text ? kMostTexts : kMostNumbers;
  if (branches <= most) return {};
  return Fail(tokens_[choice.token], Format("too many branches: {}; at most {} of {}", branches,
                                            most, text ? "texts" : "numbers"))
      .WithHint("share the choice out among several features");
}

// Every branch is computed; the choices are made at the end, from the last one.
Result<ExpressionParser::Operand> ExpressionParser::ParseCase() {
  const Operand here{.token = at_, .steps = num_steps()};
  ++at_;
  const Deeper deeper(*this);
  MILLRACE_RETURN_IF_ERROR(CheckDepth());
  std::optional<bool> text;
  size_t branches = 0;
  while (TakeWord("when")) {
    MILLRACE_ASSIGN_OR_RETURN(const Operand condition, ParseOr());
    MILLRACE_RETURN_IF_ERROR(WantNumber(condition));
    if (!TakeWord("then")) return Fail(Now(), "then is expected, not " + Describe(Now()));
    MILLRACE_RETURN_IF_ERROR(ParseCaseValue(text).status());
    ++branches;
  }
  MILLRACE_RETURN_IF_ERROR(CheckBranches(here, branches, *text));
  if (TakeWord("else")) {
    MILLRACE_RETURN_IF_ERROR(ParseCaseValue(text).status());
  } else if (*text) {
    Emit(Operation::kTextMissing);
  } else {
    Emit(Operation::kNumber, 0, std::numeric_limits<double>::quiet_NaN());
  }
  if (!TakeWord("end")) return Fail(Now(), "end is expected, not " + Describe(Now()));
  for (size_t i = 0; i < branches; ++i) {
    Emit(*text ? Operation::kTextSelect : Operation::kSelect);
  }
  return Operand{.text = *text, .token = here.token, .steps = here.steps};
}

// Decimals are part of the program, not a value: a whole number that is written out.
Result<ExpressionParser::Operand> ExpressionParser::ParseRound(const Token& name,
                                                               const Operand& first) {
  const Token& token = Now();
  if (token.kind != TokenKind::kNumber || token.number < 0.0 || token.number > kMaxDecimals ||
      std::floor(token.number) != token.number) {
    return Fail(token, Format("{}: decimals are a whole number from 0 to {}, not {}", name.text,
                              kMaxDecimals, Describe(token)));
  }
  ++at_;
  Emit(Operation::kRound, static_cast<int32_t>(token.number));
  return NumberFrom(first);
}

Result<int64_t> ExpressionParser::FindColumn(const Token& token) const {
  const auto exact = schema_.Find(token.text);
  if (exact) return *exact;
  std::vector<int64_t> found;
  for (int64_t i = 0; i < schema_.num_columns(); ++i) {
    if (EqualsIgnoreCase(schema_.column(i).name, token.text)) found.push_back(i);
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1) {
    return Fail(token, Format("several columns differ only in case: {}", Describe(token)))
        .WithHint("write the column exactly");
  }
  return Fail(token, Format("no such column: {}", Describe(token)))
      .WithHint(DidYouMean(token.text, schema_.names()));
}

Result<ExpressionParser::Operand> ExpressionParser::ParseColumn() {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t index, FindColumn(Now()));
  const table::ColumnSchema& column = schema_.column(index);
  auto slot = std::find(slots_.begin(), slots_.end(), index);
  if (slot == slots_.end()) slot = slots_.insert(slots_.end(), index);
  const bool text = !table::IsNumeric(column.type);
  const Operand operand{.text = text, .token = at_, .steps = num_steps(), .column = &column};
  Emit(text ? Operation::kTextColumn : Operation::kNumberColumn,
       static_cast<int32_t>(slot - slots_.begin()));
  ++at_;
  return operand;
}

Status ExpressionParser::CheckStacks() const {
  int numbers = 0, texts = 0, most_numbers = 0, most_texts = 0;
  for (const Step& step : expression_.steps_) {
    const OperationShape shape = Expression::ShapeOf(step.operation);
    numbers += (shape.gives_text ? 0 : 1) - shape.numbers;
    texts += (shape.gives_text ? 1 : 0) - shape.texts;
    most_numbers = std::max(most_numbers, numbers);
    most_texts = std::max(most_texts, texts);
  }
  if (most_numbers <= kMaxWaitingNumbers && most_texts <= kMaxWaitingTexts) return {};
  return Fail(tokens_.front(), "nested too deep");
}

void ExpressionParser::OrderColumns() {
  std::vector<int64_t> sorted = slots_;
  std::sort(sorted.begin(), sorted.end());
  for (Step& step : expression_.steps_) {
    if (step.operation != Operation::kNumberColumn && step.operation != Operation::kTextColumn) {
      continue;
    }
    const int64_t index = slots_[static_cast<size_t>(step.argument)];
    step.argument = static_cast<int32_t>(std::lower_bound(sorted.begin(), sorted.end(), index) -
                                         sorted.begin());
  }
  for (const int64_t index : sorted) expression_.columns_.push_back(schema_.column(index).name);
}

Result<Expression> Expression::Parse(std::string_view text, const table::Schema& schema,
                                     std::string_view where) {
  const auto size = static_cast<int64_t>(text.size());
  if (size > kMaxExpressionBytes) {
    return InvalidSpec(Format("{}: an expression of {} bytes; at most {}", where, FormatCount(size),
                              FormatCount(kMaxExpressionBytes)));
  }
  if (!IsValidUtf8(text)) return InvalidSpec(Format("{}: not UTF-8", where));
  MILLRACE_ASSIGN_OR_RETURN(std::vector<Token> tokens, ReadTokens(text, where));
  return ExpressionParser(text, schema, where, std::move(tokens)).Parse();
}

}  // namespace millrace::feature
