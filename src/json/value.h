// Json: a document as a value. Objects keep their insertion order, numbers keep whether they were
// written as integers, so that a document writes back deterministically.
//
// Thread safety: a value; const access from many threads is safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace millrace::json {

class Json;
using Array = std::vector<Json>;
using Member = std::pair<std::string, Json>;
using Object = std::vector<Member>;

class Json {
 public:
  Json() = default;                                        // null
  Json(std::nullptr_t) {}                                  // NOLINT(google-explicit-constructor)
  Json(bool value) : value_(value) {}                      // NOLINT(google-explicit-constructor)
  Json(int value) : value_(int64_t{value}) {}              // NOLINT(google-explicit-constructor)
  Json(int64_t value) : value_(value) {}                   // NOLINT(google-explicit-constructor)
  Json(double value) : value_(value) {}                    // NOLINT(google-explicit-constructor)
  Json(const char* value) : value_(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Json(std::string value) : value_(std::move(value)) {}    // NOLINT(google-explicit-constructor)
  Json(std::string_view value)
      : value_(std::string(value)) {}               // NOLINT(google-explicit-constructor)
  Json(Array value) : value_(std::move(value)) {}   // NOLINT(google-explicit-constructor)
  Json(Object value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)

  static Json MakeArray() { return Json(Array{}); }
  static Json MakeObject() { return Json(Object{}); }
  /// Makes an object from pairs: `Json::Of({{"rows", 3}, {"ok", true}})`.
  static Json Of(std::initializer_list<Member> members) { return Json(Object(members)); }
  /// Makes an array of numbers or texts.
  template <typename Range>
  static Json ArrayOf(const Range& items) {
    Array array;
    for (const auto& item : items) array.emplace_back(item);
    return Json(std::move(array));
  }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<int64_t>(value_); }
  /// True for integers too.
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// Returns the value, or `otherwise` when this is of another type.
  bool AsBool(bool otherwise = false) const;
  int64_t AsInteger(int64_t otherwise = 0) const;  // a double is truncated
  double AsNumber(double otherwise = 0.0) const;
  const std::string& AsString() const;  // "" otherwise
  const Array& AsArray() const;         // empty otherwise
  const Object& AsObject() const;       // empty otherwise

  /// Returns the member, or a null value when absent or not an object. Linear in members.
  const Json& operator[](std::string_view key) const;
  /// Returns the element, or a null value when out of range or not an array.
  const Json& operator[](size_t index) const;
  bool Has(std::string_view key) const;
  size_t size() const;  // elements or members; 0 otherwise

  /// Sets (or replaces) a member; makes this an object when null.
  Json& Set(std::string key, Json value);
  /// Adds a member whose key is known to be new, in constant time; makes this an object when null.
  Json& AppendMember(std::string key, Json value);
  /// Appends an element; makes this an array when null.
  Json& Append(Json value);

  /// Typed access to required members, for loading our own documents.
  /// kCorrupt naming `where` and the key when absent or of another type.
  Result<std::string> RequireString(std::string_view where, std::string_view key) const;
  Result<int64_t> RequireInteger(std::string_view where, std::string_view key) const;
  Result<double> RequireNumber(std::string_view where, std::string_view key) const;
  Result<bool> RequireBool(std::string_view where, std::string_view key) const;
  Result<const Array*> RequireArray(std::string_view where, std::string_view key) const;
  Result<const Object*> RequireObject(std::string_view where, std::string_view key) const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> value_;
};

}  // namespace millrace::json
