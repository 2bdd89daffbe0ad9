#include "spec/keys.h"

#include <utility>

#include "base/text.h"
#include "spec/sections.h"

namespace millrace::spec {
namespace {

Key MakeRoot() {
  Key root;
  root.option.text = "The specification.";
  root.shape = Shape::kGroup;
  root.children = DescribeSections();
  return root;
}

void Visit(const std::string& path, const Key& parent,
           const std::function<void(const std::string&, const Key&)>& visit) {
  for (const Key& child : parent.children) {
    const std::string child_path = ChildPath(path, parent, child);
    visit(child_path, child);
    Visit(child_path, child, visit);
  }
}

}  // namespace

const Key* Key::Find(std::string_view name) const {
  for (const Key& child : children) {
    if (child.option.key == name) return &child;
  }
  return nullptr;
}

const Key& RootKey() {
  static const Key root = MakeRoot();
  return root;
}

std::string ChildPath(std::string_view parent_path, const Key& parent, const Key& child) {
  std::string path(parent_path);
  if (parent.shape == Shape::kGroupList) path += "[]";
  if (parent.shape == Shape::kNamedGroups) path += ".*";
  if (!path.empty()) path += '.';
  return path.append(child.option.key);
}

void ForEachKey(const std::function<void(const std::string&, const Key&)>& visit) {
  Visit("", RootKey(), visit);
}

json::Json ScalarToJson(const Key& key, std::string_view text) {
  if (text.empty() && key.option.type != OptionType::kText) return json::Json();
  switch (key.option.type) {
    case OptionType::kBoolean:
      return json::Json(text == "true");
    case OptionType::kInteger:
      return json::Json(ParseInt(text).value_or(0));
    case OptionType::kNumber:
      return json::Json(ParseDouble(text).value_or(0.0));
    case OptionType::kDuration:
      return json::Json(ParseDuration(text).value_or(0.0));
    case OptionType::kBytes:
      return json::Json(ParseBytes(text).value_or(0));
    case OptionType::kText:
    case OptionType::kChoice:
    case OptionType::kList:
      return json::Json(text);
  }
  return json::Json();
}

json::Json DefaultJson(const Key& key) {
  const std::string_view text = key.option.default_text;
  switch (key.shape) {
    case Shape::kValue:
      if (text.empty() || (text == "auto" && key.automatic == Automatic::kAuto)) {
        return json::Json();
      }
      return ScalarToJson(key, text == "\"\"" ? "" : text);
    case Shape::kTextList:
    case Shape::kSources: {
      json::Json list = json::Json::MakeArray();
      if (key.automatic == Automatic::kAuto) return json::Json();
      if (text.empty()) return list;
      for (const std::string_view item : Split(text, ',')) list.Append(Trim(item));
      return list;
    }
    case Shape::kGroup: {
      if (key.option.default_text == "none") return json::Json();
      json::Json group = json::Json::MakeObject();
      for (const Key& child : key.children) {
        if (child.presence == Presence::kReserved) continue;
        group.AppendMember(std::string(child.option.key), DefaultJson(child));
      }
      return group;
    }
    case Shape::kGroupList:
      return json::Json::MakeArray();
    case Shape::kNamedGroups:
    case Shape::kLearnerOptions:
      return json::Json::MakeObject();
    case Shape::kGates: {
      json::Json gates = json::Json::MakeObject();
      for (const Key& child : key.children) {
        gates.AppendMember(std::string(child.option.key), DefaultJson(child));
      }
      return gates;
    }
  }
  return json::Json();
}

}  // namespace millrace::spec
