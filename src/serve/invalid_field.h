// Invalid fields: values of a request that break a check of the bundle (expect/row_checks.h), as
// answers and metrics tell them.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "expect/row_checks.h"

namespace millrace::serve {

/// What a server does with rows that break a check whose action is left to it.
enum class InvalidRows {
  kFlag,    // answered, with a warning
  kReject,  // refused
  kAccept   // no check is applied at all: for rows that no client sent, as the golden ones
};

/// Returns whether a request with a value that breaks a rule of this action is refused.
bool Refuses(expect::Action action, InvalidRows policy);

/// One value that breaks a check.
struct InvalidField {
  int64_t row = 0;      // of the request, from 0
  std::string column;   // as the bundle names it
  std::string check;    // "max", "values", ...: key of the check
  std::string value;    // as JSON: "230", "\"x\"", "null"
  std::string message;  // rows[3].age: 230 is above 120 (check age max)
  bool refuses = false;

  friend bool operator==(const InvalidField&, const InvalidField&) = default;
};

/// How often a request broke one rule of its bundle.
struct BrokenRule {
  int32_t rule = 0;  // of the bundle's row_checks()
  int64_t count = 0;
  bool refuses = false;
};

/// Returns [{"row", "column", "check", "value", "message"}].
std::string InvalidFieldsJson(std::span<const InvalidField> fields);

}  // namespace millrace::serve
