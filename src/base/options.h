// Option tables: one descriptor per option of a struct: key, type, default, range or names, unit,
// text. Parser, validation, help, reference pages, JSON schema and the tuner read the same table.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace {

enum class OptionType { kBoolean, kInteger, kNumber, kText, kChoice, kDuration, kBytes, kList };
enum class OptionScale { kLinear, kLog };

/// Describes one option. Plain data; tables are constants.
struct OptionDescriptor {
  std::string_view key;  // "learning_rate"
  OptionType type = OptionType::kText;
  std::string_view default_text;     // as it would be written in millrace.yaml; empty = none
  std::optional<double> minimum;     // inclusive, kInteger, kNumber, kDuration, kBytes
  std::optional<double> maximum;     // inclusive
  std::vector<std::string> choices;  // kChoice
  std::string_view unit;             // "seconds", "rows", ...
  std::string_view text;             // one sentence that says what it does
  OptionScale scale = OptionScale::kLinear;  // for search
};

/// Checks one value given as text against its descriptor. kInvalidSpec: "where: what: value" with
/// `where` as given, and a hint with the range or the nearest choice.
Status ValidateOption(const OptionDescriptor& option, std::string_view where,
                      std::string_view value);
/// Returns the descriptor of `key`, or kInvalidSpec naming the nearest known keys.
Result<const OptionDescriptor*> FindOption(std::span<const OptionDescriptor> table,
                                           std::string_view where, std::string_view key);
/// Returns a Markdown table of the options (key, type, default, range, text).
std::string OptionsToMarkdown(std::span<const OptionDescriptor> table);

}  // namespace millrace
