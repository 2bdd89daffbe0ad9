#include "feature/expression_tokens.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::feature {
namespace {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// Bytes of other scripts are letters.
constexpr bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class TokenReader {
 public:
  TokenReader(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  Result<std::vector<Token>> ReadAll() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      MILLRACE_ASSIGN_OR_RETURN(Token token, ReadOne());
      tokens.push_back(std::move(token));
    }
    tokens.push_back({.kind = TokenKind::kEnd, .offset = at_});
    return tokens;
  }

 private:
  char At(size_t place) const { return place < text_.size() ? text_[place] : '\0'; }

  Status Fail(size_t offset, std::string_view what) const {
    return InvalidSpec(AtPlace(where_, text_, offset, what));
  }

  Result<Token> ReadOne() {
    const char c = text_[at_];
    if (IsDigit(c) || (c == '.' && IsDigit(At(at_ + 1)))) return ReadNumber();
    if (c == '\'') return ReadQuoted(TokenKind::kText);
    if (c == '"') return ReadQuoted(TokenKind::kQuoted);
    if (IsLetter(c)) return ReadWord();
    return ReadSign();
  }

  Result<Token> ReadNumber() {
    const size_t start = at_;
    while (IsDigit(At(at_))) ++at_;
    if (At(at_) == '.') {
      ++at_;
      while (IsDigit(At(at_))) ++at_;
    }
    if (At(at_) == 'e' || At(at_) == 'E') {
      ++at_;
      if (At(at_) == '+' || At(at_) == '-') ++at_;
      while (IsDigit(At(at_))) ++at_;
    }
    // A letter that follows belongs to it: "12abc" is one mistake, not two tokens.
    while (IsLetter(At(at_)) || IsDigit(At(at_))) ++at_;
    const std::string_view written = text_.substr(start, at_ - start);
    const std::optional<double> value = ParseDouble(written);
    if (!value) return Fail(start, Format("not a number: \"{}\"", Ellipsize(written, 40)));
    return Token{.kind = TokenKind::kNumber,
                 .offset = start,
                 .text = std::string(written),
                 .number = *value};
  }

  Result<Token> ReadQuoted(TokenKind kind) {
    const size_t start = at_;
    const char quote = text_[at_++];
    Token token{.kind = kind, .offset = start};
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) {
        if (At(at_) != quote) return token;
        ++at_;
      }
      token.text.push_back(c);
    }
    return Fail(start, Format("the quotation mark is not closed: {}", quote));
  }

  Token ReadWord() {
    const size_t start = at_;
    while (at_ < text_.size() && (IsLetter(text_[at_]) || IsDigit(text_[at_]))) ++at_;
    return {.kind = TokenKind::kWord,
            .offset = start,
            .text = std::string(text_.substr(start, at_ - start))};
  }

  Result<Token> ReadSign() {
    const size_t start = at_;
    const std::string_view two = text_.substr(at_, 2);
    for (const std::string_view known : {"<=", ">=", "<>", "!="}) {
      if (two != known) continue;
      at_ += 2;
      return Token{
          .kind = TokenKind::kSign, .offset = start, .text = two == "!=" ? "<>" : std::string(two)};
    }
    if (two == "==") return Fail(start, "unknown sign: \"==\"").WithHint("equality is one \"=\"");
    if (two == "&&" || two == "||" || text_[at_] == '!') {
      return Fail(start, Format("unknown sign: \"{}\"", text_[at_] == '!' ? "!" : two))
          .WithHint("write and, or, not");
    }
    if (std::string_view("()+-*/%=<>,").find(text_[at_]) == std::string_view::npos) {
      return Fail(start, Format("unexpected sign: {}", QuoteByte(text_[at_])));
    }
    ++at_;
    return Token{
        .kind = TokenKind::kSign, .offset = start, .text = std::string(text_.substr(start, 1))};
  }

  static std::string QuoteByte(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f ? Format("\"{}\"", c) : Format("byte 0x{:02x}", byte);
  }

  std::string_view text_;
  std::string_view where_;
  size_t at_ = 0;
};

}  // namespace

std::string AtPlace(std::string_view where, std::string_view text, size_t offset,
                    std::string_view what) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t line_start =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const int64_t column = 1 + CountCodePoints(before.substr(line_start));
  return Format("{}:{}:{}: {}", where, line, column, what);
}

Result<std::vector<Token>> ReadTokens(std::string_view text, std::string_view where) {
  return TokenReader(text, where).ReadAll();
}

}  // namespace millrace::feature
