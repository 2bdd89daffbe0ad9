#include "spec/write.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "spec/keys.h"
#include "spec/quantity.h"
#include "spec/spec_json.h"
#include "spec/yaml_text.h"

namespace millrace::spec {
namespace {

using json::Json;

constexpr size_t kLineWidth = 100;     // with the comment
constexpr size_t kFlowWidth = 76;      // a group longer than this takes several lines
constexpr size_t kCommentColumn = 44;  // comments stand at most here where the text allows

/// The phase that a section belongs to: a comment above the first one of each.
struct PhaseTitle {
  std::string_view section;
  std::string_view title;
};
constexpr PhaseTitle kPhaseTitles[] = {{"problem", "1 requirements and design"},
                                       {"data", "2 data"},
                                       {"split", "2 data"},
                                       {"features", "2 data"},
                                       {"develop", "3 model development"},
                                       {"require", "4 evaluation: gates"},
                                       {"deploy", "5 deployment"},
                                       {"monitor", "6 monitoring"},
                                       {"retrain", "6 monitoring"}};
// Sections that always take several lines: they are read most.
constexpr std::string_view kAlwaysBlock[] = {"problem", "data", "features", "require"};

struct Line {
  std::string text;    // with its indentation
  std::string reason;  // empty: none
};

/// Collects the lines of one section.
class SectionWriter {
 public:
  explicit SectionWriter(const Reasons& reasons) : reasons_(reasons) {}

  /// Writes `key: value` with all below it.
  void Write(const Key& key, const Json& value, const std::string& path, size_t indent);
  std::vector<Line> TakeLines() { return std::move(lines_); }

  /// Returns true when the key belongs into the file.
  bool IsShown(const Key& key, const Json& value, const std::string& path) const;

 private:
  std::string ReasonOf(const std::string& path) const;
  bool HasReasonWithin(const std::string& path) const;
  void Add(size_t indent, std::string text, const std::string& path);
  void WriteBlock(const Key& key, const Json& value, const std::string& path, size_t indent);
  void WriteMembers(const Key& group, const Json& value, const std::string& path, size_t indent);
  void WriteItem(const Key& list, const Json& item, const std::string& path, size_t indent);
  void WriteNull(const Key& key, const std::string& path, size_t indent);

  const Reasons& reasons_;
  std::vector<Line> lines_;
};

std::string ScalarText(const Key& key, const Json& value) {
  if (value.is_null()) return "auto";
  switch (key.option.type) {
    case OptionType::kDuration:
      return DurationText(value.AsNumber());
    case OptionType::kBytes:
      return BytesText(value.AsInteger());
    case OptionType::kInteger:
      return Format("{}", value.AsInteger());
    case OptionType::kNumber:
      return FormatDouble(value.AsNumber());
    case OptionType::kBoolean:
      return value.AsBool() ? "true" : "false";
    case OptionType::kChoice:
      return YamlWord(value.AsString());
    case OptionType::kText:
    case OptionType::kList:
      return YamlText(value.AsString());
  }
  return "";
}

std::string FlowList(const Json& list, std::string (*item_text)(std::string_view)) {
  std::string text = "[";
  for (const Json& item : list.AsArray()) {
    if (text.size() > 1) text += ", ";
    text += item_text(item.AsString());
  }
  return text + "]";
}

// Returns the members of a group that must be written: required ones and those with a value of
// their own.
std::vector<const Key*> GivenMembers(const Key& group, const Json& value) {
  std::vector<const Key*> given;
  for (const Key& child : group.children) {
    if (child.presence == Presence::kReserved) continue;
    const bool required = child.presence == Presence::kRequired;
    if (required || value[child.option.key] != DefaultJson(child)) given.push_back(&child);
  }
  return given;
}

std::string FlowText(const Key& key, const Json& value);

std::string FlowGroup(const Key& group, const Json& value) {
  std::string text = "{";
  for (const Key* child : GivenMembers(group, value)) {
    if (text.size() > 1) text += ", ";
    text += Format("{}: {}", child->option.key, FlowText(*child, value[child->option.key]));
  }
  return text + "}";
}

std::string BoundsText(const Json& bounds) {
  if (bounds.size() == 1) return YamlText(bounds[size_t{0}].AsString());
  return FlowList(bounds, YamlText);
}

std::string FlowNamed(const Key& key, const Json& value) {
  std::string text = "{";
  for (const auto& [name, member] : value.AsObject()) {
    const Key* child = key.shape == Shape::kGates ? key.Find(name) : nullptr;
    if (child != nullptr && member.size() == 0) continue;
    if (text.size() > 1) text += ", ";
    text += YamlText(name) + ": ";
    if (child != nullptr) {
      text += FlowText(*child, member);
    } else if (key.shape == Shape::kGates) {
      text += BoundsText(member);
    } else if (key.shape == Shape::kNamedGroups) {
      text += FlowGroup(key, member);
    } else {
      std::string options = "{";
      for (const auto& [option, option_value] : member.AsObject()) {
        if (options.size() > 1) options += ", ";
        options += Format("{}: {}", YamlText(option), YamlWord(option_value.AsString()));
      }
      text += options + "}";
    }
  }
  return text + "}";
}

// Returns the value on one line.
std::string FlowText(const Key& key, const Json& value) {
  switch (key.shape) {
    case Shape::kValue:
      return ScalarText(key, value);
    case Shape::kTextList:
    case Shape::kSources: {
      if (value.is_null()) return "auto";
      // A list of one reads better as its item; "auto" stays in quotes then.
      const bool single = value.size() == 1 && key.option.choices.empty();
      return single ? YamlText(value[size_t{0}].AsString()) : FlowList(value, YamlText);
    }
    case Shape::kGroup:
      return FlowGroup(key, value);
    case Shape::kGroupList: {
      std::string text = "[";
      for (const Json& item : value.AsArray()) {
        if (text.size() > 1) text += ", ";
        text += FlowGroup(key, item);
      }
      return text + "]";
    }
    case Shape::kNamedGroups:
    case Shape::kGates:
    case Shape::kLearnerOptions:
      return FlowNamed(key, value);
  }
  return "";
}

std::string SectionWriter::ReasonOf(const std::string& path) const {
  const auto found = reasons_.find(path);
  if (found == reasons_.end()) return "";
  std::string reason;
  for (const char c : found->second) {
    const auto byte = static_cast<unsigned char>(c);
    reason += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  return IsValidUtf8(reason) ? std::string(Trim(reason)) : "";
}

bool SectionWriter::HasReasonWithin(const std::string& path) const {
  for (auto it = reasons_.upper_bound(path); it != reasons_.end(); ++it) {
    if (!it->first.starts_with(path)) return false;
    const char next = it->first[path.size()];
    if (next == '.' || next == '[') return true;
  }
  return false;
}

bool SectionWriter::IsShown(const Key& key, const Json& value, const std::string& path) const {
  if (key.presence == Presence::kReserved) return false;
  return key.presence == Presence::kRequired || value != DefaultJson(key) ||
         reasons_.contains(path) || HasReasonWithin(path);
}

void SectionWriter::Add(size_t indent, std::string text, const std::string& path) {
  lines_.push_back(Line{std::string(indent, ' ') + std::move(text), ReasonOf(path)});
}

void SectionWriter::WriteNull(const Key& key, const std::string& path, size_t indent) {
  if (key.automatic == Automatic::kAuto)
    return Add(indent, Format("{}: auto", key.option.key), path);
  // Why there is nothing is worth a line, too.
  const std::string reason = ReasonOf(path);
  if (!reason.empty()) {
    lines_.push_back(
        Line{Format("{}# {}: {}", std::string(indent, ' '), key.option.key, reason), ""});
  }
}

void SectionWriter::Write(const Key& key, const Json& value, const std::string& path,
                          size_t indent) {
  if (value.is_null()) return WriteNull(key, path, indent);
  const std::string flow = FlowText(key, value);
  const bool empty_list = value.is_array() && value.size() == 0;
  if (empty_list && key.shape != Shape::kTextList && key.shape != Shape::kSources) {
    return Add(indent, Format("{}: []", key.option.key), path);
  }
  const bool always_block =
      indent == 0 && std::ranges::find(kAlwaysBlock, key.option.key) != std::end(kAlwaysBlock);
  const bool fits = indent + key.option.key.size() + 2 + flow.size() <= kFlowWidth;
  const bool one_line =
      key.shape == Shape::kValue || empty_list || (fits && !always_block && !HasReasonWithin(path));
  if (one_line) return Add(indent, Format("{}: {}", key.option.key, flow), path);
  Add(indent, Format("{}:", key.option.key), path);
  WriteBlock(key, value, path, indent + 2);
}

void SectionWriter::WriteBlock(const Key& key, const Json& value, const std::string& path,
                               size_t indent) {
  switch (key.shape) {
    case Shape::kValue:
      return;
    case Shape::kTextList:
    case Shape::kSources:
      for (const Json& item : value.AsArray()) {
        Add(indent, "- " + YamlText(item.AsString()), "");
      }
      return;
    case Shape::kGroup:
      return WriteMembers(key, value, path, indent);
    case Shape::kGroupList:
      for (size_t i = 0; i < value.size(); ++i) {
        WriteItem(key, value[i], Format("{}[{}]", path, i), indent);
      }
      return;
    case Shape::kNamedGroups:
    case Shape::kGates:
    case Shape::kLearnerOptions:
      break;
  }
  for (const auto& [name, member] : value.AsObject()) {
    const std::string member_path = Format("{}.{}", path, name);
    const Key* child = key.Find(name);
    if (key.shape == Shape::kGates && child != nullptr) {
      if (IsShown(*child, member, member_path)) Write(*child, member, member_path, indent);
      continue;
    }
    const Json single = Json::Of({{name, member}});
    const std::string flow = FlowNamed(key, single);
    Add(indent, flow.substr(1, flow.size() - 2), member_path);
  }
}

void SectionWriter::WriteMembers(const Key& group, const Json& value, const std::string& path,
                                 size_t indent) {
  for (const Key& child : group.children) {
    const std::string child_path = Format("{}.{}", path, child.option.key);
    const Json& member = value[child.option.key];
    if (IsShown(child, member, child_path)) Write(child, member, child_path, indent);
  }
}

void SectionWriter::WriteItem(const Key& list, const Json& item, const std::string& path,
                              size_t indent) {
  const std::string flow = FlowGroup(list, item);
  if (indent + 2 + flow.size() <= kFlowWidth || flow == "{}") return Add(indent, "- " + flow, path);
  const size_t first = lines_.size();
  for (const Key* child : GivenMembers(list, item)) {
    Write(*child, item[child->option.key], Format("{}.{}", path, child->option.key), indent + 2);
  }
  if (lines_.size() == first) return;
  lines_[first].text[indent] = '-';
  if (lines_[first].reason.empty()) lines_[first].reason = ReasonOf(path);
}

// Splits a comment into lines of at most `width` code points, at spaces.
std::vector<std::string> Wrap(std::string_view text, size_t width) {
  std::vector<std::string> lines(1);
  for (const std::string_view word : Split(text, ' ')) {
    if (word.empty()) continue;
    std::string& line = lines.back();
    const auto length = static_cast<size_t>(CountCodePoints(line) + CountCodePoints(word)) + 1;
    if (!line.empty() && length > width) {
      lines.emplace_back(word);
    } else {
      line += line.empty() ? std::string(word) : Format(" {}", word);
    }
  }
  return lines;
}

size_t WidthOf(const std::string& text) { return static_cast<size_t>(CountCodePoints(text)); }

// Appends lines with their comments: at the right where there is room, else above.
void AppendLines(std::string& out, const std::vector<Line>& lines) {
  size_t column = 0;
  for (const Line& line : lines) {
    if (!line.reason.empty()) column = std::max(column, WidthOf(line.text) + 3);
  }
  column = std::min(column, kCommentColumn);
  for (const Line& line : lines) {
    if (line.reason.empty()) {
      out += line.text + '\n';
      continue;
    }
    const size_t start = std::max(column, WidthOf(line.text) + 3);
    if (start + 2 + WidthOf(line.reason) <= kLineWidth) {
      out += line.text + std::string(start - WidthOf(line.text), ' ') + "# " + line.reason + '\n';
      continue;
    }
    const size_t indent = line.text.find_first_not_of(' ');
    for (const std::string& part : Wrap(line.reason, kLineWidth - indent - 2)) {
      out += std::string(indent, ' ') + "# " + part + '\n';
    }
    out += line.text + '\n';
  }
}

}  // namespace

std::string WriteSpec(const Spec& spec, const Reasons& reasons) {
  std::string out =
      "# What is asked, and every choice with its reason. All keys: "
      "millrace spec schema\n";
  out += Format("millrace: {}\n", spec.version);
  const Json document = ToJson(spec);
  std::string_view title;
  for (const PhaseTitle& phase : kPhaseTitles) {
    const std::string name(phase.section);
    const Key* section = RootKey().Find(name);
    SectionWriter writer(reasons);
    if (section == nullptr || !writer.IsShown(*section, document[name], name)) continue;
    if (phase.title != title) out += Format("\n# {}\n", phase.title);
    title = phase.title;
    writer.Write(*section, document[name], name, 0);
    AppendLines(out, writer.TakeLines());
  }
  return out;
}

}  // namespace millrace::spec
