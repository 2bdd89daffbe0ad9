#include "engine/query_text.h"

#include <cctype>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::engine {
namespace {

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & '\x80') != 0;
}

// Walks over the statement outside strings and comments.
class QueryScan {
 public:
  explicit QueryScan(std::string_view sql) : sql_(sql) {}

  Result<QueryText> Run() {
    while (at_ < sql_.size()) MILLRACE_RETURN_IF_ERROR(Step());
    if (depth_ != 0) return InvalidSpec("query: a bracket is never closed");
    if (first_word_.empty()) return InvalidSpec("query: is empty");
    const std::string word = ToLower(first_word_);
    if (word != "select" && word != "with" && word != "values" && word != "table") {
      return InvalidSpec(Format("query: begins with \"{}\": only a SELECT can be a source",
                                Ellipsize(first_word_, 30)))
          .WithHint("write SELECT ... FROM ...");
    }
    const std::string_view text = end_ ? sql_.substr(0, *end_) : sql_;
    return QueryText{std::string(Trim(text)), ordered_};
  }

 private:
  // Skips what stands between two equal signs; a doubled one is part of it.
  Status SkipQuoted(char sign, std::string_view what) {
    const size_t begin = at_;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sql_[at_] != sign) continue;
      if (at_ + 1 < sql_.size() && sql_[at_ + 1] == sign) {
        ++at_;
        continue;
      }
      ++at_;
      return {};
    }
    return InvalidSpec(Format("query: {} is never closed: {}", what,
                              Ellipsize(std::string(sql_.substr(begin)), 40)));
  }

  // "$tag$ ... $tag$"; a "$1" is no quote.
  Status SkipDollar() {
    size_t end = at_ + 1;
    while (end < sql_.size() && IsWordByte(sql_[end])) ++end;
    if (end >= sql_.size() || sql_[end] != '$') {
      ++at_;
      return {};
    }
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const size_t close = sql_.find(tag, end + 1);
    if (close == std::string_view::npos) return InvalidSpec("query: a $ quote is never closed");
    at_ = close + tag.size();
    return {};
  }

  Status SkipBlockComment() {
    int depth = 0;
    for (; at_ + 1 < sql_.size(); ++at_) {
      const std::string_view two = sql_.substr(at_, 2);
      if (two == "/*") {
        ++depth;
        ++at_;
      } else if (two == "*/") {
        ++at_;
        if (--depth == 0) {
          ++at_;
          return {};
        }
      }
    }
    return InvalidSpec("query: a comment is never closed");
  }

  void TakeWord() {
    const size_t begin = at_;
    while (at_ < sql_.size() && IsWordByte(sql_[at_])) ++at_;
    const std::string_view word = sql_.substr(begin, at_ - begin);
    if (first_word_.empty()) first_word_ = std::string(word);
    if (depth_ == 0) {
      if (EqualsIgnoreCase(word, "by") && EqualsIgnoreCase(previous_, "order")) ordered_ = true;
      // A set operation sorts anew.
      if (EqualsIgnoreCase(word, "union") || EqualsIgnoreCase(word, "intersect") ||
          EqualsIgnoreCase(word, "except")) {
        ordered_ = false;
      }
    }
    previous_ = std::string(word);
  }

  Status Step() {
    const char c = sql_[at_];
    const std::string_view two = sql_.substr(at_, 2);
    if (two == "--") {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
      return {};
    }
    if (two == "/*") return SkipBlockComment();
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at_;
      return {};
    }
    if (end_) {
      return InvalidSpec("query: several statements").WithHint("keep one SELECT");
    }
    if (c == '\'') return SkipQuoted('\'', "a text");
    if (c == '"') return SkipQuoted('"', "a name");
    if (c == '`') return SkipQuoted('`', "a name");
    if (c == '$') return SkipDollar();
    if (IsWordByte(c)) {
      TakeWord();
      return {};
    }
    if (c == '\0') return InvalidSpec("query: holds a zero byte");
    if (c == '(') ++depth_;
    if (c == ')' && --depth_ < 0) return InvalidSpec("query: a bracket is closed, never opened");
    if (c == ';') end_ = at_;
    ++at_;
    return {};
  }

  std::string_view sql_;
  size_t at_ = 0;
  int depth_ = 0;
  bool ordered_ = false;
  std::string first_word_;
  std::string previous_;
  std::optional<size_t> end_;
};

}  // namespace

Result<QueryText> ReadQuery(std::string_view sql) { return QueryScan(sql).Run(); }

std::vector<std::string> SplitTableName(std::string_view name) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '"' && quoted && i + 1 < name.size() && name[i + 1] == '"') {
      parts.back() += name[++i];
    } else if (name[i] == '"') {
      quoted = !quoted;
    } else if (name[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += name[i];
    }
  }
  return parts;
}

}  // namespace millrace::engine
