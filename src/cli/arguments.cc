#include "cli/arguments.h"

#include <CLI/CLI.hpp>

#include "base/format.h"
#include "base/text.h"

namespace millrace::cli {

std::string Arguments::Text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::string() : found->second.back();
}

std::string Arguments::TextOr(std::string_view name, std::string_view otherwise) const {
  return Has(name) ? Text(name) : std::string(otherwise);
}

std::vector<std::string> Arguments::List(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

Result<std::optional<int64_t>> Arguments::Integer(std::string_view name) const {
  if (!Has(name)) return std::optional<int64_t>();
  const auto value = ParseInt(Text(name));
  if (!value) return InvalidSpec(Format("{}: not a whole number: \"{}\"", name, Text(name)));
  return std::optional<int64_t>(*value);
}

Result<std::optional<double>> Arguments::Duration(std::string_view name) const {
  if (!Has(name)) return std::optional<double>();
  const auto value = ParseDuration(Text(name));
  if (!value) {
    return InvalidSpec(Format("{}: not a duration: \"{}\"", name, Text(name)))
        .WithHint("write it as 60s, 5m or 2h");
  }
  return std::optional<double>(*value);
}

namespace {

// What the library holds while it parses.
struct Slot {
  std::vector<std::string> values;
  bool flag = false;
  CLI::Option* option = nullptr;
};

// An option that is not known, with the nearest known one.
Status CheckNames(std::string_view command, std::span<const ArgumentSpec> specs,
                  std::span<const std::string> words) {
  std::vector<std::string> known{"--help"};
  for (const ArgumentSpec& spec : specs) {
    if (spec.kind != ArgumentSpec::Kind::kPositional) known.emplace_back(spec.name);
  }
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word.size() < 2 || word[0] != '-' || ParseDouble(word)) continue;
    const std::string name = word.substr(0, word.find('='));
    bool found = false;
    for (const std::string& option : known) found = found || option == name;
    if (!found) {
      std::string hint = DidYouMean(name, known);
      if (hint.empty()) hint = Format("millrace {} --help lists the options", command);
      return InvalidSpec(Format("{}: no such option: {}", command, name)).WithHint(std::move(hint));
    }
  }
  return {};
}

}  // namespace

Result<Arguments> ParseArguments(std::string_view command, std::span<const ArgumentSpec> specs,
                                 std::span<const std::string> words) {
  MILLRACE_RETURN_IF_ERROR(CheckNames(command, specs, words));
  CLI::App app;
  app.set_help_flag();
  std::vector<Slot> slots(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    const ArgumentSpec& spec = specs[i];
    Slot& slot = slots[i];
    if (spec.kind == ArgumentSpec::Kind::kFlag) {
      slot.option = app.add_flag(std::string(spec.name), slot.flag);
      continue;
    }
    slot.option = app.add_option(std::string(spec.name), slot.values);
    if (spec.kind != ArgumentSpec::Kind::kList) {
      slot.option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
  // The library takes the words from the back.
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return InvalidSpec(Format("{}: {}", command, error.what()))
        .WithHint(Format("millrace {} --help shows an example", command));
  }
  Arguments arguments;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (slots[i].option->count() > 0) {
      arguments.Set(std::string(specs[i].name), slots[i].values);
    } else if (specs[i].required) {
      return InvalidSpec(Format("{}: {} is missing", command, specs[i].name))
          .WithHint(Format("millrace {} --help shows an example", command));
    }
  }
  return arguments;
}

}  // namespace millrace::cli
