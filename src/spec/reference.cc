#include "spec/reference.h"

#include "base/format.h"
#include "base/text.h"
#include "spec/gate.h"
#include "spec/keys.h"
#include "spec/quantity.h"

namespace millrace::spec {
namespace {

std::string Cell(std::string_view text) { return ReplaceAll(text, "|", "\\|"); }

std::string CodeCell(std::string_view text) {
  return text.empty() ? "" : Format("`{}`", Cell(text));
}

std::string LimitText(OptionType type, double limit) {
  if (type == OptionType::kDuration) return DurationText(limit);
  if (type == OptionType::kBytes) return BytesText(static_cast<int64_t>(limit));
  return FormatSignificant(limit, 10);
}

std::string AllowedText(const Key& key) {
  const OptionDescriptor& option = key.option;
  if (!option.choices.empty()) {
    std::string text;
    for (const std::string& choice : option.choices) {
      if (!text.empty()) text += ", ";
      text += Format("`{}`", Cell(choice));
    }
    return text;
  }
  if (option.minimum && option.maximum) {
    return Format("{} to {}", LimitText(option.type, *option.minimum),
                  LimitText(option.type, *option.maximum));
  }
  if (option.minimum) return Format("at least {}", LimitText(option.type, *option.minimum));
  return "";
}

std::string TypeText(const Key& key) {
  switch (key.shape) {
    case Shape::kTextList:
      return "list";
    case Shape::kSources:
      return "list of texts or groups";
    case Shape::kGroup:
      return "group";
    case Shape::kGroupList:
      return "list of groups";
    case Shape::kNamedGroups:
      return "group by name";
    case Shape::kGates:
      return "gates";
    case Shape::kLearnerOptions:
      return "group by learner";
    case Shape::kValue:
      break;
  }
  switch (key.option.type) {
    case OptionType::kBoolean:
      return "true or false";
    case OptionType::kInteger:
      return "whole number";
    case OptionType::kNumber:
      return "number";
    case OptionType::kChoice:
      return "choice";
    case OptionType::kDuration:
      return "duration";
    case OptionType::kBytes:
      return "size";
    case OptionType::kText:
    case OptionType::kList:
      return "text";
  }
  return "text";
}

std::string DefaultText(const Key& key) {
  if (key.presence == Presence::kRequired) return "required";
  const std::string_view text = key.option.default_text;
  if (text.empty() || text == "\"\"" || text == "none") {
    return key.shape == Shape::kValue || key.shape == Shape::kTextList ? "none" : "";
  }
  if (key.shape == Shape::kTextList && text != "auto") return Format("`[{}]`", text);
  return CodeCell(text);
}

std::string Row(std::string_view path, const Key& key) {
  std::string text(key.option.text);
  // Units that the type says already stand nowhere twice.
  const bool told = key.option.type == OptionType::kDuration ||
                    key.option.type == OptionType::kBytes || key.option.unit.empty();
  if (!told) text += Format(" ({})", key.option.unit);
  if (!key.example.empty()) text += Format(" Example: `{}`", key.example);
  return Format("| `{}` | {} | {} | {} | {} |\n", path, TypeText(key), DefaultText(key),
                AllowedText(key), Cell(text));
}

std::string_view UnitText(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::kShare:
      return "number or %";
    case MetricUnit::kTarget:
      return "unit of the target";
    case MetricUnit::kSeconds:
      return "duration";
    case MetricUnit::kBytes:
      return "size";
    case MetricUnit::kRate:
      return "per second";
  }
  return "";
}

std::string MetricTable(std::span<const GateMetric> metrics) {
  std::string text = "| metric | bound | tasks | what it is |\n|---|---|---|---|\n";
  for (const GateMetric& metric : metrics) {
    const std::string tasks = metric.tasks.empty() ? "all" : ReplaceAll(metric.tasks, " ", ", ");
    text += Format("| `{}` | {} | {} | {} |\n", metric.name, UnitText(metric.unit), tasks,
                   Cell(metric.text));
  }
  return text;
}

}  // namespace

std::string ReferenceMarkdown() {
  std::string page =
      "# millrace.yaml\n\n"
      "Only `problem.target` and `data.source` are needed. `auto` means that the program decides "
      "and writes down why.\n"
      "Durations: `250ms`, `60s`, `5m`, `2h`, `30d`. Sizes: `50MB`, `64MiB`. Unknown keys are "
      "errors. Made from the key table in `src/spec`.\n";
  std::string reserved;
  ForEachKey([&](const std::string& path, const Key& key) {
    if (key.presence == Presence::kReserved) {
      reserved += Format("- `{}`: {}\n", path, key.option.text);
      return;
    }
    const bool section = path.find('.') == std::string::npos && key.shape != Shape::kValue;
    if (section || path == "millrace") {
      page += Format("\n## {}\n{}\n\n", path, key.option.text);
      if (!key.children.empty() || path == "millrace") {
        page += "| key | type | default | allowed | what it does |\n|---|---|---|---|---|\n";
      }
      if (path == "millrace") page += Row(path, key);
      return;
    }
    page += Row(path, key);
  });
  page +=
      "\n## Gates\nA gate is a comparison in quotes (`>=`, `<=`, `>`, `<`), or a list of them. "
      "Under `require`:\n\n";
  page += MetricTable(RequirementMetrics());
  page += "\nUnder `require.fairness`, over the groups of `data.sensitive`:\n\n";
  page += MetricTable(FairnessMetrics());
  page += "\n## Planned\nRefused for now, so that nobody relies on them:\n\n" + reserved;
  return page;
}

}  // namespace millrace::spec
