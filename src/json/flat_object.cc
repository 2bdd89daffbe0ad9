#include "json/flat_object.h"

#include <simdjson.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace millrace::json {
namespace {

constexpr int kMaxDepth = 64;

Status Malformed(simdjson::error_code error) {
  return InvalidData(Format("not a JSON object: {}", simdjson::error_message(error)));
}

// The grammar of RFC 8259, section 6.
bool IsNumber(std::string_view text) {
  const auto digits = [&text] {
    size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero = text.starts_with('0');
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

// Walks one object; the parser's values are used once, in order.
class ObjectWalk {
 public:
  explicit ObjectWalk(const MemberSink& sink) : sink_(sink) {}

  Status Object(simdjson::ondemand::object object, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) return InvalidData("objects nested more than 64 deep");
    for (auto field : object) {
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return Malformed(error);
      std::string name = prefix;
      name += key;
      simdjson::ondemand::value value;
      if (const auto error = field.value().get(value)) return Malformed(error);
      MILLRACE_RETURN_IF_ERROR(Value(value, name, depth));
    }
    return {};
  }

 private:
  Status Value(simdjson::ondemand::value& value, std::string& name, int depth) {
    simdjson::ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return Malformed(error);
    switch (type) {
      case simdjson::ondemand::json_type::object: {
        simdjson::ondemand::object object;
        if (const auto error = value.get_object().get(object)) return Malformed(error);
        return Object(object, name + ".", depth + 1);
      }
      case simdjson::ondemand::json_type::array: {
        simdjson::ondemand::array array;
        if (const auto error = value.get_array().get(array)) return Malformed(error);
        std::string_view text;
        if (const auto error = array.raw_json().get(text)) return Malformed(error);
        return sink_(name, Trim(text));
      }
      case simdjson::ondemand::json_type::string: {
        std::string_view text;
        if (const auto error = value.get_string().get(text)) return Malformed(error);
        return sink_(name, text);
      }
      case simdjson::ondemand::json_type::boolean: {
        bool truth = false;
        if (const auto error = value.get_bool().get(truth)) return Malformed(error);
        return sink_(name, truth ? "true" : "false");
      }
      case simdjson::ondemand::json_type::null:
        if (Trim(value.raw_json_token()) != "null") {
          return InvalidData("not a JSON value: a word other than null");
        }
        return sink_(name, std::nullopt);
      case simdjson::ondemand::json_type::number: {
        const std::string_view text = Trim(value.raw_json_token());
        // Its digits are kept: a whole number may be longer than any type, 1e400 beyond a double.
        if (!IsNumber(text)) {
          return InvalidData(Format("not a JSON value: {}", Ellipsize(text, 40)));
        }
        return sink_(name, text);
      }
    }
    return InvalidData("not a JSON value");
  }

  const MemberSink& sink_;
};

}  // namespace

struct FlatObjectReader::Parser {
  simdjson::ondemand::parser parser;
  std::string padded;
};

FlatObjectReader::FlatObjectReader() : parser_(std::make_unique<Parser>()) {}
FlatObjectReader::~FlatObjectReader() = default;
FlatObjectReader::FlatObjectReader(FlatObjectReader&&) noexcept = default;

Status FlatObjectReader::Read(std::string_view text, const MemberSink& sink) {
  std::string& padded = parser_->padded;
  padded.assign(text);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  try {
    return ReadPadded(text.size(), sink);
  } catch (const simdjson::simdjson_error& error) {
    return Malformed(error.error());
  }
}

Status FlatObjectReader::ReadPadded(size_t size, const MemberSink& sink) {
  std::string& padded = parser_->padded;
  simdjson::ondemand::document document;
  if (const auto error =
          parser_->parser.iterate(padded.data(), size, padded.size()).get(document)) {
    return Malformed(error);
  }
  simdjson::ondemand::object object;
  if (const auto error = document.get_object().get(object)) return Malformed(error);
  MILLRACE_RETURN_IF_ERROR(ObjectWalk(sink).Object(object, "", 1));
  const char* rest = nullptr;
  if (!document.current_location().get(rest)) {
    return InvalidData("not a JSON object: more text follows it");
  }
  return {};
}

}  // namespace millrace::json
