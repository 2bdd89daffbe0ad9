#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

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

Result<std::optional<int64_t>> Arguments::Integer(std::string_view name, int64_t minimum,
                                                  int64_t maximum) const {
  if (!Has(name)) return std::optional<int64_t>();
  const auto value = ParseInt(Text(name));
  if (!value) return InvalidSpec(Format("{}: not a whole number: \"{}\"", name, Text(name)));
  if (*value < minimum || *value > maximum) {
    return InvalidSpec(Format("{}: not in {} to {}: {}", name, minimum, maximum, *value));
  }
  return std::optional<int64_t>(*value);
}

Result<std::optional<double>> Arguments::Duration(std::string_view name) const {
  if (!Has(name)) return std::optional<double>();
  const auto value = ParseDuration(Text(name));
  if (!value || *value <= 0.0) {
    return InvalidSpec(Format("{}: not a duration: \"{}\"", name, Text(name)))
        .WithHint("write it as 60s, 5m or 2h");
  }
  return std::optional<double>(*value);
}

Result<std::optional<int64_t>> Arguments::Bytes(std::string_view name) const {
  if (!Has(name)) return std::optional<int64_t>();
  const auto value = ParseBytes(Text(name));
  if (!value || *value <= 0) {
    return InvalidSpec(Format("{}: not a size: \"{}\"", name, Text(name)))
        .WithHint("write it as 500MB or 4GB");
  }
  return std::optional<int64_t>(*value);
}

namespace {

using Kind = ArgumentSpec::Kind;

// What the library holds while it parses.
struct Slot {
  std::vector<std::string> values;
  std::string value;
  bool flag = false;
  CLI::Option* option = nullptr;
};

std::string ExampleHint(std::string_view command) {
  return Format("millrace {} --help shows an example", command);
}

const ArgumentSpec* FindOption(std::span<const ArgumentSpec> specs, std::string_view name) {
  for (const ArgumentSpec& spec : specs) {
    if (spec.kind != Kind::kPositional && spec.name == name) return &spec;
  }
  return nullptr;
}

bool LooksLikeOption(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !ParseDouble(word);
}

// Finds what the library would report in its own words: an option that is not known, one without
// its value, a word too many.
Status CheckWords(std::string_view command, std::span<const ArgumentSpec> specs,
                  std::span<const std::string> words) {
  std::vector<std::string> known{"--help", "--json", "--yes"};
  size_t places = 0;
  for (const ArgumentSpec& spec : specs) {
    if (spec.kind == Kind::kPositional) {
      ++places;
    } else {
      known.emplace_back(spec.name);
    }
  }
  size_t positionals = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") break;
    if (!LooksLikeOption(word)) {
      if (++positionals > places) {
        return InvalidSpec(Format("{}: one word too many: \"{}\"", command, word))
            .WithHint(places == 1 && word.size() > 2 ? "put several words in quotes"
                                                     : ExampleHint(command));
      }
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const ArgumentSpec* spec = FindOption(specs, name);
    if (spec == nullptr) {
      std::string hint = DidYouMean(name, known);
      if (hint.empty()) hint = Format("millrace {} --help lists the options", command);
      return InvalidSpec(Format("{}: no such option: {}", command, name)).WithHint(std::move(hint));
    }
    if (spec->kind == Kind::kFlag || equals != std::string::npos) continue;
    if (i + 1 == words.size() || LooksLikeOption(words[i + 1])) {
      return InvalidSpec(Format("{}: {} needs a value: {}", command, name, spec->value_name))
          .WithHint(ExampleHint(command));
    }
    ++i;
    if (spec->kind == Kind::kList) {
      while (i + 1 < words.size() && !LooksLikeOption(words[i + 1])) ++i;
    }
  }
  return {};
}

Status CheckChoices(std::string_view command, const ArgumentSpec& spec,
                    std::span<const std::string> values) {
  if (spec.choices.empty()) return {};
  for (const std::string& value : values) {
    if (std::find(spec.choices.begin(), spec.choices.end(), value) != spec.choices.end()) continue;
    const std::vector<std::string> known(spec.choices.begin(), spec.choices.end());
    std::string hint = DidYouMean(value, known);
    if (hint.empty()) hint = "one of: " + Join(known, ", ");
    return InvalidSpec(Format("{}: {}: no such value: \"{}\"", command, spec.name, value))
        .WithHint(std::move(hint));
  }
  return {};
}

// Moves the last word of a list to a positional that is missing.
void GiveBackLastWord(std::span<const ArgumentSpec> specs, std::vector<Slot>& slots) {
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].kind != Kind::kPositional || !slots[i].values.empty()) continue;
    if (specs[i].presence != ArgumentSpec::Presence::kRequired) continue;
    for (size_t k = 0; k < specs.size(); ++k) {
      if (specs[k].kind != Kind::kList || slots[k].values.size() < 2) continue;
      slots[i].values = {slots[k].values.back()};
      slots[k].values.pop_back();
      break;
    }
  }
}

}  // namespace

Result<Arguments> ParseArguments(std::string_view command, std::span<const ArgumentSpec> specs,
                                 std::span<const std::string> words) {
  MILLRACE_RETURN_IF_ERROR(CheckWords(command, specs, words));
  CLI::App app;
  app.set_help_flag();
  std::vector<Slot> slots(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    Slot& slot = slots[i];
    if (specs[i].kind == Kind::kFlag) {
      slot.option = app.add_flag(std::string(specs[i].name), slot.flag);
      continue;
    }
    const std::string name(specs[i].name);
    if (specs[i].kind == Kind::kList) {
      slot.option = app.add_option(name, slot.values);
    } else {
      slot.option = app.add_option(name, slot.value);
      if (specs[i].kind == Kind::kValue) {
        slot.option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      }
    }
  }
  // The library takes the words from the back.
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return InvalidSpec(Format("{}: {}", command, error.what())).WithHint(ExampleHint(command));
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    const bool single = specs[i].kind == Kind::kPositional || specs[i].kind == Kind::kValue;
    if (single && slots[i].option->count() > 0) slots[i].values = {slots[i].value};
  }
  GiveBackLastWord(specs, slots);
  Arguments arguments;
  for (size_t i = 0; i < specs.size(); ++i) {
    MILLRACE_RETURN_IF_ERROR(CheckChoices(command, specs[i], slots[i].values));
    if (!slots[i].values.empty() || slots[i].option->count() > 0) {
      arguments.Set(std::string(specs[i].name), slots[i].values);
    } else if (specs[i].presence == ArgumentSpec::Presence::kRequired) {
      return InvalidSpec(Format("{}: {} is missing", command, specs[i].name))
          .WithHint(ExampleHint(command));
    }
  }
  return arguments;
}

}  // namespace millrace::cli
