#include "base/options.h"

#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace millrace {
namespace {

std::string_view TypeName(OptionType type) {
  switch (type) {
    case OptionType::kBoolean:
      return "true or false";
    case OptionType::kInteger:
      return "whole number";
    case OptionType::kNumber:
      return "number";
    case OptionType::kText:
      return "text";
    case OptionType::kChoice:
      return "choice";
    case OptionType::kDuration:
      return "duration";
    case OptionType::kBytes:
      return "size";
    case OptionType::kList:
      return "list";
  }
  return "text";
}

std::string ShowLimit(OptionType type, double limit) {
  if (type == OptionType::kDuration) return FormatDuration(limit);
  if (type == OptionType::kBytes) return FormatBytes(static_cast<int64_t>(limit));
  return FormatSignificant(limit, 12);
}

std::string RangeText(const OptionDescriptor& option) {
  const auto show = [&](double limit) { return ShowLimit(option.type, limit); };
  if (!option.choices.empty()) return Join(option.choices, " | ");
  if (option.minimum && option.maximum) {
    return Format("{} to {}", show(*option.minimum), show(*option.maximum));
  }
  if (option.minimum) return Format(">= {}", show(*option.minimum));
  if (option.maximum) return Format("<= {}", show(*option.maximum));
  return "";
}

// Returns the numeric value of a text of a numeric type; nothing when it is not one.
std::optional<double> NumberOf(OptionType type, std::string_view value) {
  switch (type) {
    case OptionType::kInteger:
      if (const auto number = ParseInt(value)) return static_cast<double>(*number);
      return std::nullopt;
    case OptionType::kNumber:
      return ParseDouble(value);
    case OptionType::kDuration:
      return ParseDuration(value);
    case OptionType::kBytes:
      if (const auto number = ParseBytes(value)) return static_cast<double>(*number);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Status ValidateNumber(const OptionDescriptor& option, std::string_view where,
                      std::string_view value) {
  const std::optional<double> number = NumberOf(option.type, value);
  if (!number) {
    const std::string_view article = option.type == OptionType::kDuration
                                         ? "a duration such as 60s, 5m or 1d"
                                     : option.type == OptionType::kBytes   ? "a size such as 50MB"
                                     : option.type == OptionType::kInteger ? "a whole number"
                                                                           : "a number";
    return InvalidSpec(Format("{}: {} is not {}: \"{}\"", where, option.key, article, value));
  }
  const bool low = option.minimum && *number < *option.minimum;
  const bool high = option.maximum && *number > *option.maximum;
  if (!low && !high) return Status();
  return InvalidSpec(Format("{}: {} is out of range: {}", where, option.key, value))
      .WithHint(Format("allowed: {}", RangeText(option)));
}

Status ValidateChoice(const OptionDescriptor& option, std::string_view where,
                      std::string_view value) {
  for (const std::string& choice : option.choices) {
    if (choice == value) return Status();
  }
  const std::string near = DidYouMean(value, option.choices);
  return InvalidSpec(Format("{}: {} has no such choice: \"{}\"", where, option.key, value))
      .WithHint(
          Format("allowed: {}{}{}", Join(option.choices, ", "), near.empty() ? "" : "; ", near));
}

std::string EscapeCell(std::string_view text) {
  return ReplaceAll(ReplaceAll(text, "|", "\\|"), "\n", " ");
}

}  // namespace

Status ValidateOption(const OptionDescriptor& option, std::string_view where,
                      std::string_view value) {
  switch (option.type) {
    case OptionType::kBoolean:
      if (value == "true" || value == "false") return Status();
      return InvalidSpec(Format("{}: {} is not true or false: \"{}\"", where, option.key, value));
    case OptionType::kInteger:
    case OptionType::kNumber:
    case OptionType::kDuration:
    case OptionType::kBytes:
      return ValidateNumber(option, where, value);
    case OptionType::kChoice:
      return ValidateChoice(option, where, value);
    case OptionType::kText:
    case OptionType::kList:
      return Status();
  }
  return Status();
}

Result<const OptionDescriptor*> FindOption(std::span<const OptionDescriptor> table,
                                           std::string_view where, std::string_view key) {
  std::vector<std::string> known;
  for (const OptionDescriptor& option : table) {
    if (option.key == key) return &option;
    known.emplace_back(option.key);
  }
  Status status = InvalidSpec(Format("{}: unknown key: \"{}\"", where, key));
  const std::string near = DidYouMean(key, known);
  return std::move(status).WithHint(near.empty() ? "known: " + Join(known, ", ") : near);
}

std::string OptionsToMarkdown(std::span<const OptionDescriptor> table) {
  std::string text =
      "| key | type | default | allowed | unit | what it does |\n"
      "|---|---|---|---|---|---|\n";
  for (const OptionDescriptor& option : table) {
    const std::string fallback =
        option.default_text.empty() ? "" : Format("`{}`", option.default_text);
    text += Format("| `{}` | {} | {} | {} | {} | {} |\n", option.key, TypeName(option.type),
                   EscapeCell(fallback), EscapeCell(RangeText(option)), EscapeCell(option.unit),
                   EscapeCell(option.text));
  }
  return text;
}

}  // namespace millrace
