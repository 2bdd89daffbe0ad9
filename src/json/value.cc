#include "json/value.h"

#include "base/format.h"

namespace millrace::json {
namespace {

const Json kNull;
const std::string kEmptyText;
const Array kEmptyArray;
const Object kEmptyObject;

Status WrongType(std::string_view where, std::string_view key, const Json& object,
                 std::string_view needed) {
  if (!object.Has(key)) return Corrupt(Format("{}: key is missing: \"{}\"", where, key));
  return Corrupt(Format("{}: \"{}\" is not {}", where, key, needed));
}

}  // namespace

bool Json::AsBool(bool otherwise) const {
  const bool* value = std::get_if<bool>(&value_);
  return value != nullptr ? *value : otherwise;
}

int64_t Json::AsInteger(int64_t otherwise) const {
  if (const auto* value = std::get_if<int64_t>(&value_)) return *value;
  const auto* number = std::get_if<double>(&value_);
  // Outside this range the conversion is undefined; the comparison also refuses NaN.
  if (number == nullptr || !(*number >= -0x1.0p63 && *number < 0x1.0p63)) return otherwise;
  return static_cast<int64_t>(*number);
}

double Json::AsNumber(double otherwise) const {
  if (const auto* value = std::get_if<int64_t>(&value_)) return static_cast<double>(*value);
  const auto* value = std::get_if<double>(&value_);
  return value != nullptr ? *value : otherwise;
}

const std::string& Json::AsString() const {
  const auto* value = std::get_if<std::string>(&value_);
  return value != nullptr ? *value : kEmptyText;
}

const Array& Json::AsArray() const {
  const auto* value = std::get_if<Array>(&value_);
  return value != nullptr ? *value : kEmptyArray;
}

const Object& Json::AsObject() const {
  const auto* value = std::get_if<Object>(&value_);
  return value != nullptr ? *value : kEmptyObject;
}

const Json& Json::operator[](std::string_view key) const {
  for (const Member& member : AsObject()) {
    if (member.first == key) return member.second;
  }
  return kNull;
}

const Json& Json::operator[](size_t index) const {
  const Array& array = AsArray();
  return index < array.size() ? array[index] : kNull;
}

bool Json::Has(std::string_view key) const {
  for (const Member& member : AsObject()) {
    if (member.first == key) return true;
  }
  return false;
}

size_t Json::size() const { return is_object() ? AsObject().size() : AsArray().size(); }

Json& Json::Set(std::string key, Json value) {
  if (!is_object()) value_ = Object{};
  auto& object = std::get<Object>(value_);
  for (Member& member : object) {
    if (member.first == key) {
      member.second = std::move(value);
      return *this;
    }
  }
  object.emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::AppendMember(std::string key, Json value) {
  if (!is_object()) value_ = Object{};
  std::get<Object>(value_).emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::Append(Json value) {
  if (!is_array()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

Result<std::string> Json::RequireString(std::string_view where, std::string_view key) const {
  const Json& member = (*this)[key];
  if (!member.is_string()) return WrongType(where, key, *this, "a text");
  return member.AsString();
}

Result<int64_t> Json::RequireInteger(std::string_view where, std::string_view key) const {
  const Json& member = (*this)[key];
  if (!member.is_integer()) return WrongType(where, key, *this, "a whole number");
  return member.AsInteger();
}

Result<double> Json::RequireNumber(std::string_view where, std::string_view key) const {
  const Json& member = (*this)[key];
  if (!member.is_number()) return WrongType(where, key, *this, "a number");
  return member.AsNumber();
}

Result<bool> Json::RequireBool(std::string_view where, std::string_view key) const {
  const Json& member = (*this)[key];
  if (!member.is_bool()) return WrongType(where, key, *this, "true or false");
  return member.AsBool();
}

Result<const Array*> Json::RequireArray(std::string_view where, std::string_view key) const {
  const Json& member = (*this)[key];
  if (!member.is_array()) return WrongType(where, key, *this, "a list");
  return &member.AsArray();
}

Result<const Object*> Json::RequireObject(std::string_view where, std::string_view key) const {
  const Json& member = (*this)[key];
  if (!member.is_object()) return WrongType(where, key, *this, "an object");
  return &member.AsObject();
}

}  // namespace millrace::json
