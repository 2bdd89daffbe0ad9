#include "json/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <new>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/format.h"
#include "base/text.h"

namespace millrace::json {
namespace {

// Objects up to this size are searched for duplicate keys one by one; larger ones by a set.
constexpr size_t kSmallObject = 16;

/// A walk over the text that knows how far it got: nlohmann's SAX events carry no
/// place, so the place of the last character read is taken from here.
class Cursor {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = char;
  using pointer = const char*;
  using reference = const char&;
  using iterator_category = std::input_iterator_tag;

  Cursor(const char* at, size_t* num_read) : at_(at), num_read_(num_read) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    ++at_;
    ++*num_read_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor old = *this;
    ++*this;
    return old;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  size_t* num_read_;
};

/// Builds a Json from SAX events; stops at the first thing that is not allowed.
class Builder {
 public:
  explicit Builder(ParseLimits limits) : limits_(limits) {}

  bool null() { return Add(Json()); }
  bool boolean(bool value) { return Add(Json(value)); }
  bool number_integer(int64_t value) { return Add(Json(value)); }
  bool number_unsigned(uint64_t value) {
    if (value <= static_cast<uint64_t>(INT64_MAX)) return Add(Json(static_cast<int64_t>(value)));
    return Add(Json(static_cast<double>(value)));
  }
  bool number_float(double value, const std::string& text) {
    if (!std::isfinite(value)) return Refuse(Format("number is out of range: {}", text));
    return Add(Json(value));
  }
  bool string(std::string& value) { return Add(Json(std::move(value))); }
  bool binary(nlohmann::json::binary_t&) { return Refuse("binary values are not JSON"); }
  bool start_object(size_t) { return Open(Json::MakeObject()); }
  bool start_array(size_t) { return Open(Json::MakeArray()); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }
  bool key(std::string& key);
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) {
    error_position_ = position;
    if (problem_.empty()) problem_ = Reason(error.what());
    return false;
  }

  const std::string& problem() const { return problem_; }
  size_t error_position() const { return error_position_; }
  Json TakeValue() { return std::move(root_); }

 private:
  struct Level {
    Json value;
    std::string key;                       // of the next member
    std::unordered_set<std::string> keys;  // of large objects
  };

  bool Refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }
  bool Open(Json empty) {
    if (static_cast<int>(levels_.size()) >= limits_.max_depth) {
      return Refuse(Format("nested deeper than {} levels", limits_.max_depth));
    }
    levels_.push_back(Level{std::move(empty), {}, {}});
    return true;
  }
  bool Close() {
    Json value = std::move(levels_.back().value);
    levels_.pop_back();
    return Add(std::move(value));
  }
  bool Add(Json value);
  // Turns the library's message into ours: without its name and place.
  static std::string Reason(std::string_view message);

  ParseLimits limits_;
  Json root_;
  std::vector<Level> levels_;
  std::string problem_;
  size_t error_position_ = 0;
};

bool Builder::key(std::string& key) {
  Level& level = levels_.back();
  const Object& members = level.value.AsObject();
  bool known = false;
  if (members.size() < kSmallObject) {
    known = level.value.Has(key);
  } else {
    if (level.keys.empty()) {
      for (const Member& member : members) level.keys.insert(member.first);
    }
    known = !level.keys.insert(key).second;
  }
  if (known) return Refuse(Format("key is given twice: {}", Quote(Ellipsize(key, 80))));
  level.key = std::move(key);
  return true;
}

bool Builder::Add(Json value) {
  if (levels_.empty()) {
    root_ = std::move(value);
    return true;
  }
  Level& level = levels_.back();
  if (level.value.is_array()) {
    level.value.Append(std::move(value));
  } else {
    level.value.AppendMember(std::move(level.key), std::move(value));
  }
  return true;
}

std::string Builder::Reason(std::string_view message) {
  // "[json.exception.parse_error.101] parse error at line 1, column 3: syntax error while ... - x"
  const size_t name_end = message.find("] ");
  if (name_end != std::string_view::npos) message.remove_prefix(name_end + 2);
  const size_t place_end = message.find(": ");
  if (message.starts_with("parse error at") && place_end != std::string_view::npos) {
    message.remove_prefix(place_end + 2);
  }
  // The quoted input may be cut in the middle of a character.
  if (!IsValidUtf8(message)) message = message.substr(0, message.find("; last read"));
  if (!IsValidUtf8(message)) return "syntax error";
  return Ellipsize(Trim(message), 200);
}

struct Place {
  int64_t line = 1;
  int64_t column = 1;
};

Place PlaceOf(std::string_view text, size_t position) {
  const std::string_view before = text.substr(0, std::min(position, text.size()));
  const size_t line_start = before.rfind('\n');
  Place place;
  place.line = 1 + std::ranges::count(before, '\n');
  place.column =
      1 + CountCodePoints(line_start == std::string_view::npos ? before
                                                               : before.substr(line_start + 1));
  return place;
}

// Returns `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string Repaired(std::string_view text) {
  std::string repaired;
  while (!text.empty()) {
    size_t length = 1;
    while (length <= 4 && !IsValidUtf8(text.substr(0, length))) ++length;
    repaired += length <= 4 ? text.substr(0, length) : std::string_view("\xEF\xBF\xBD");
    text.remove_prefix(length <= 4 ? std::min(length, text.size()) : 1);
  }
  return repaired;
}

void AppendQuoted(std::string& out, std::string_view text) {
  if (!IsValidUtf8(text)) return AppendQuoted(out, Repaired(text));
  constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (byte < 0x20) {
          out += "\\u00";
          out += kDigits[byte >> 4];
          out += kDigits[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void AppendScalar(std::string& out, const Json& value) {
  if (value.is_bool()) {
    out += value.AsBool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += Format("{}", value.AsInteger());
  } else if (value.is_number()) {
    AppendNumber(out, value.AsNumber());
  } else if (value.is_string()) {
    AppendQuoted(out, value.AsString());
  } else {
    out += "null";
  }
}

void AppendCompact(std::string& out, const Json& value) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const Member& member : value.AsObject()) {
      if (!first) out += ',';
      first = false;
      AppendQuoted(out, member.first);
      out += ':';
      AppendCompact(out, member.second);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    bool first = true;
    for (const Json& item : value.AsArray()) {
      if (!first) out += ',';
      first = false;
      AppendCompact(out, item);
    }
    out += ']';
  } else {
    AppendScalar(out, value);
  }
}

// Returns the array on one line when all its items are scalars and it stays short, else "".
std::string OneLineArray(const Json& value) {
  constexpr size_t kLongestLine = 88;
  std::string line = "[";
  for (const Json& item : value.AsArray()) {
    if (item.is_array() || item.is_object()) return "";
    if (line.size() > 1) line += ", ";
    AppendScalar(line, item);
    if (line.size() > kLongestLine) return "";
  }
  return line + "]";
}

void AppendPretty(std::string& out, const Json& value, size_t indent) {
  const bool is_object = value.is_object();
  if (!is_object && !value.is_array()) return AppendScalar(out, value);
  if (value.size() == 0) {
    out += is_object ? "{}" : "[]";
    return;
  }
  const std::string line = is_object ? "" : OneLineArray(value);
  if (!line.empty()) {
    out += line;
    return;
  }
  out += is_object ? "{\n" : "[\n";
  for (size_t i = 0; i < value.size(); ++i) {
    out.append(indent + 2, ' ');
    if (is_object) {
      AppendQuoted(out, value.AsObject()[i].first);
      out += ": ";
      AppendPretty(out, value.AsObject()[i].second, indent + 2);
    } else {
      AppendPretty(out, value.AsArray()[i], indent + 2);
    }
    out += i + 1 < value.size() ? ",\n" : "\n";
  }
  out.append(indent, ' ');
  out += is_object ? '}' : ']';
}

}  // namespace

Result<Json> Parse(std::string_view text, std::string_view where, ParseLimits limits) {
  Builder builder(limits);
  size_t num_read = 0;
  bool parsed = false;
  try {
    const Cursor begin(text.data(), &num_read);
    const Cursor end(text.data() + text.size(), &num_read);
    parsed = nlohmann::json::sax_parse(begin, end, &builder);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(Format("{}: not enough memory to read this document", where));
  } catch (const std::exception& error) {
    return InvalidData(Format("{}: {}", where, error.what()));
  }
  if (parsed) return builder.TakeValue();
  // Both count the offending character as read.
  const size_t position = builder.error_position() > 0 ? builder.error_position() : num_read;
  const Place place = PlaceOf(text, position > 0 ? position - 1 : 0);
  return InvalidData(Format("{}:{}:{}: {}", where, place.line, place.column, builder.problem()));
}

void AppendNumber(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  const std::string_view digits(buffer.data(), static_cast<size_t>(end - buffer.data()));
  out += digits;
  // A double stays a double when read again.
  if (digits.find_first_of(".e") == digits.npos) out += ".0";
}

std::string Write(const Json& value) {
  std::string out;
  AppendCompact(out, value);
  return out;
}

std::string WritePretty(const Json& value) {
  std::string out;
  AppendPretty(out, value, 0);
  return out + '\n';
}

std::string Quote(std::string_view text) {
  std::string out;
  AppendQuoted(out, text);
  return out;
}

}  // namespace millrace::json
