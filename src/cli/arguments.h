// Arguments of one command: described by data, parsed by a library (arguments.cc is its adapter).

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::cli {

/// One option or positional of a command.
struct ArgumentSpec {
  enum class Kind {
    kPositional,  // one word
    kFlag,        // no value
    kValue,       // one value; the last one counts
    kList,        // one or more values, up to the next option
  };
  enum class Presence { kOptional, kRequired };
  Kind kind = Kind::kFlag;
  std::string_view name;        // "DESCRIPTION", "--data"
  std::string_view value_name;  // "FILE"; empty for flags and positionals
  std::string_view text;
  Presence presence = Presence::kOptional;
  std::vector<std::string_view> choices;  // the only allowed values; empty: any
};

/// Parsed values by name.
class Arguments {
 public:
  bool Has(std::string_view name) const { return values_.contains(name); }
  /// Returns the (last) value, or "" when not given.
  std::string Text(std::string_view name) const;
  /// Returns the value, or `otherwise` when not given.
  std::string TextOr(std::string_view name, std::string_view otherwise) const;
  /// Returns all values of a list; empty when not given.
  std::vector<std::string> List(std::string_view name) const;
  /// kInvalidSpec when it is no whole number in the range; nothing when not given.
  Result<std::optional<int64_t>> Integer(std::string_view name, int64_t minimum,
                                         int64_t maximum) const;
  /// "60s", "5m"; seconds, above 0. kInvalidSpec; nothing when not given.
  Result<std::optional<double>> Duration(std::string_view name) const;
  /// "500MB"; bytes, above 0. kInvalidSpec; nothing when not given.
  Result<std::optional<int64_t>> Bytes(std::string_view name) const;

  void Set(std::string name, std::vector<std::string> values) {
    values_[std::move(name)] = std::move(values);
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Parses the words after the command's name. kInvalidSpec for unknown options and choices (naming
/// the nearest), missing values, missing required arguments and words too many. When a required
/// positional is missing and a list took several words, the last of them is the positional:
/// `--data a.csv b.csv "a sentence"`.
Result<Arguments> ParseArguments(std::string_view command, std::span<const ArgumentSpec> specs,
                                 std::span<const std::string> words);

}  // namespace millrace::cli
