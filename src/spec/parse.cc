#include "spec/parse.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "spec/checks_file.h"
#include "spec/keys.h"
#include "spec/locator.h"
#include "spec/names.h"
#include "spec/spec_json.h"
#include "spec/validate.h"
#include "spec/yaml_reader.h"

namespace millrace::spec {
namespace {

using json::Json;

constexpr int64_t kFormatVersion = 1;

std::string Shown(std::string_view text) { return Format("\"{}\"", Ellipsize(text, 80)); }

std::string JoinKey(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : Format("{}.{}", path, key);
}

std::string_view KindText(NodeKind kind) {
  switch (kind) {
    case NodeKind::kNull:
      return "nothing";
    case NodeKind::kScalar:
      return "a single value";
    case NodeKind::kList:
      return "a list";
    case NodeKind::kMap:
      return "a group of keys";
  }
  return "nothing";
}

/// Walks the document along the key table: to canonical JSON, with every default filled in, and
/// the places of all keys.
class Walker {
 public:
  explicit Walker(const ParseOptions& options) : options_(options) {}

  Result<Json> ReadGroup(const Key& group, const Node& node, const std::string& path);
  Places TakePlaces() { return std::move(places_); }
  void NotePlace(const std::string& path, const Place& place) {
    places_.insert_or_assign(path, place);
  }

 private:
  Result<Json> Read(const Key& key, const Node& node, const std::string& path);
  Result<Json> ReadScalar(const Key& key, const Node& node, const std::string& path);
  Result<Json> ReadTexts(const Key& key, const Node& node, const std::string& path);
  Result<Json> ReadSources(const Key& key, const Node& node, const std::string& path);
  static Result<std::string> ReadSource(const Node& node, const std::string& path);
  Result<Json> ReadGroupList(const Key& key, const Node& node, const std::string& path);
  Result<Json> ReadNamedGroups(const Key& key, const Node& node, const std::string& path);
  Result<Json> ReadGates(const Key& key, const Node& node, const std::string& path);
  Result<Json> ReadBounds(const GateMetric& metric, const Node& node, const std::string& path);
  Result<Json> ReadLearners(const Key& key, const Node& node, const std::string& path);
  Result<Json> ReadLearnerOptions(const LearnerDescriptor* learner, const Node& node,
                                  const std::string& path);
  Status CheckKeys(const Key& group, const Node& node, const std::string& path) const;
  Status CheckLearners(const Json& names, const Node& node) const;
  Result<const LearnerDescriptor*> FindLearner(const Place& place, std::string_view name) const;
  static Status WrongKind(const Node& node, const std::string& path, std::string_view needed,
                          std::string hint);

  const ParseOptions& options_;
  Places places_;
};

Status Walker::WrongKind(const Node& node, const std::string& path, std::string_view needed,
                         std::string hint) {
  const std::string where = Format("{}: {}", node.place.ToString(), path);
  if (node.kind == NodeKind::kNull) {
    return InvalidSpec(Format("{} has no value", where))
        .WithHint("write one or remove the key; the words null and ~ need quotes");
  }
  return InvalidSpec(Format("{} needs {}, not {}", where, needed, KindText(node.kind)))
      .WithHint(std::move(hint));
}

Result<Json> Walker::Read(const Key& key, const Node& node, const std::string& path) {
  switch (key.shape) {
    case Shape::kValue:
      return ReadScalar(key, node, path);
    case Shape::kTextList:
      return ReadTexts(key, node, path);
    case Shape::kSources:
      return ReadSources(key, node, path);
    case Shape::kGroup:
      return ReadGroup(key, node, path);
    case Shape::kGroupList:
      return ReadGroupList(key, node, path);
    case Shape::kNamedGroups:
      return ReadNamedGroups(key, node, path);
    case Shape::kGates:
      return ReadGates(key, node, path);
    case Shape::kLearnerOptions:
      return ReadLearners(key, node, path);
  }
  return Json();
}

bool IsAuto(const Key& key, const Node& node) {
  return key.automatic == Automatic::kAuto && node.kind == NodeKind::kScalar && !node.quoted &&
         node.text == "auto";
}

Result<Json> Walker::ReadScalar(const Key& key, const Node& node, const std::string& path) {
  if (node.kind != NodeKind::kScalar) return WrongKind(node, path, "a single value", "");
  if (IsAuto(key, node)) return Json();
  OptionDescriptor option = key.option;
  option.key = path;
  MILLRACE_RETURN_IF_ERROR(ValidateOption(option, node.place.ToString(), node.text));
  return ScalarToJson(key, node.text);
}

Result<Json> Walker::ReadTexts(const Key& key, const Node& node, const std::string& path) {
  Json list = Json::MakeArray();
  if (IsAuto(key, node)) return Json();
  if (node.kind == NodeKind::kScalar) {
    list.Append(node.text);
  } else if (node.kind == NodeKind::kList) {
    std::unordered_set<std::string_view> seen;
    for (const Node& item : node.items) {
      if (item.kind != NodeKind::kScalar) {
        return WrongKind(item, path + "[]", "a single value", "");
      }
      if (!seen.insert(item.text).second) {
        return InvalidSpec(Format("{}: {} names it twice: {}", item.place.ToString(), path,
                                  Shown(item.text)))
            .WithHint("keep one");
      }
      list.Append(item.text);
    }
  } else if (node.kind == NodeKind::kMap || key.presence == Presence::kRequired) {
    return WrongKind(node, path, "a list", Format("for example {}", key.example));
  }
  if (!key.option.choices.empty()) {
    OptionDescriptor option = key.option;
    option.key = path;
    option.type = OptionType::kChoice;
    for (const Json& item : list.AsArray()) {
      MILLRACE_RETURN_IF_ERROR(ValidateOption(option, node.place.ToString(), item.AsString()));
    }
  }
  if (path == "develop.learners") MILLRACE_RETURN_IF_ERROR(CheckLearners(list, node));
  return list;
}

Status NoLocator(const Status& why, const Node& node, const std::string& path) {
  return InvalidSpec(Format("{}: {}: {}", node.place.ToString(), path, why.message()))
      .WithHint(why.hint());
}

// The parts of a database become the text that names it: one form for the rest of the program.
Result<std::string> Walker::ReadSource(const Node& node, const std::string& path) {
  if (node.kind == NodeKind::kScalar) return node.text;
  if (node.kind != NodeKind::kMap) {
    return WrongKind(node, path, "a text or a group of keys", "{sqlite: shop.db, table: orders}");
  }
  DatabaseParts parts;
  for (const MapEntry& entry : node.entries) {
    const auto key = std::ranges::find(kDatabaseKeys, entry.key, &DatabaseKey::name);
    if (key == std::end(kDatabaseKeys)) {
      std::vector<std::string> known;
      for (const DatabaseKey& each : kDatabaseKeys) known.emplace_back(each.name);
      return InvalidSpec(Format("{}: unknown key in {}: {}", entry.place.ToString(), path,
                                Shown(entry.key)))
          .WithHint(NearestOf(entry.key, known));
    }
    if (entry.value.kind != NodeKind::kScalar) {
      return WrongKind(entry.value, JoinKey(path, entry.key), "a single value", "");
    }
    parts.*key->part = entry.value.text;
  }
  Result<std::string> text = LocatorOf(parts);
  if (text.ok()) return text;
  return NoLocator(text.status(), node, path);
}

Result<Json> Walker::ReadSources(const Key& key, const Node& node, const std::string& path) {
  if (node.kind == NodeKind::kNull) {
    return WrongKind(node, path, "a list", Format("for example {}", key.example));
  }
  Json list = Json::MakeArray();
  const std::span<const Node> items =
      node.kind == NodeKind::kList ? std::span<const Node>(node.items) : std::span(&node, 1);
  std::unordered_set<std::string> seen;
  for (const Node& item : items) {
    MILLRACE_ASSIGN_OR_RETURN(std::string text, ReadSource(item, path));
    if (!seen.insert(text).second) {
      // Text that is no locator may hold a password: it is not repeated.
      const Status read = ParseLocator(text).status();
      if (!read.ok()) return NoLocator(read, item, path);
      return InvalidSpec(
                 Format("{}: {} names it twice: {}", item.place.ToString(), path, Shown(text)))
          .WithHint("keep one");
    }
    list.Append(std::move(text));
  }
  return list;
}

Status Walker::CheckKeys(const Key& group, const Node& node, const std::string& path) const {
  for (const MapEntry& entry : node.entries) {
    const Key* child = group.Find(entry.key);
    const std::string where = Format("{}: ", entry.place.ToString());
    if (child == nullptr) {
      std::vector<std::string> known;
      for (const Key& other : group.children) {
        if (other.presence != Presence::kReserved) known.emplace_back(other.option.key);
      }
      return InvalidSpec(Format("{}unknown key{}{}: {}", where, path.empty() ? "" : " in ", path,
                                Shown(entry.key)))
          .WithHint(NearestOf(entry.key, known));
    }
    if (child->presence == Presence::kReserved) {
      return Unsupported(Format("{}{}: this version has no such function yet", where,
                                JoinKey(path, entry.key)))
          .WithHint("remove the key");
    }
  }
  return Status();
}

Result<Json> Walker::ReadGroup(const Key& group, const Node& node, const std::string& path) {
  if (node.kind != NodeKind::kMap && node.kind != NodeKind::kNull) {
    return WrongKind(node, path, "a group of keys", "write one \"key: value\" a line, indented");
  }
  MILLRACE_RETURN_IF_ERROR(CheckKeys(group, node, path));
  Json result = Json::MakeObject();
  for (const Key& child : group.children) {
    if (child.presence == Presence::kReserved) continue;
    const std::string child_path = JoinKey(path, child.option.key);
    const Node* value = node.Find(child.option.key);
    if (value == nullptr && child.presence == Presence::kRequired) {
      return InvalidSpec(Format("{}: {} is missing", node.place.ToString(), child_path))
          .WithHint(Format("for example: {}: {}", child.option.key, child.example));
    }
    // A required group that is absent is read as an empty one, which names what it lacks.
    const Node absent{NodeKind::kNull, {}, false, {}, {}, node.place};
    const bool lacks =
        value == nullptr && child.shape == Shape::kGroup && child.option.default_text != "none";
    if (value == nullptr && !lacks) {
      result.AppendMember(std::string(child.option.key), DefaultJson(child));
      continue;
    }
    if (value != nullptr) NotePlace(child_path, value->place);
    MILLRACE_ASSIGN_OR_RETURN(Json read,
                              Read(child, value != nullptr ? *value : absent, child_path));
    result.AppendMember(std::string(child.option.key), std::move(read));
  }
  return result;
}

Result<Json> Walker::ReadGroupList(const Key& key, const Node& node, const std::string& path) {
  Json list = Json::MakeArray();
  if (node.kind == NodeKind::kNull) return list;
  if (node.kind != NodeKind::kList) {
    return WrongKind(node, path, "a list", "start each item with \"- \"");
  }
  for (size_t i = 0; i < node.items.size(); ++i) {
    const std::string item_path = Format("{}[{}]", path, i);
    if (node.items[i].kind != NodeKind::kMap) {
      return WrongKind(node.items[i], item_path, "a group of keys", "");
    }
    NotePlace(item_path, node.items[i].place);
    MILLRACE_ASSIGN_OR_RETURN(Json item, ReadGroup(key, node.items[i], item_path));
    list.Append(std::move(item));
  }
  return list;
}

Result<Json> Walker::ReadNamedGroups(const Key& key, const Node& node, const std::string& path) {
  Json named = Json::MakeObject();
  if (node.kind == NodeKind::kNull) return named;
  if (node.kind != NodeKind::kMap) return WrongKind(node, path, "a group of names", "");
  for (const MapEntry& entry : node.entries) {
    const std::string item_path = JoinKey(path, entry.key);
    NotePlace(item_path, entry.place);
    if (entry.key.empty()) {
      return InvalidSpec(Format("{}: {}: a name is empty", entry.place.ToString(), path));
    }
    MILLRACE_ASSIGN_OR_RETURN(Json item, ReadGroup(key, entry.value, item_path));
    named.AppendMember(entry.key, std::move(item));
  }
  return named;
}

Status UnknownMetric(const MapEntry& entry, const std::string& path,
                     std::span<const GateMetric> metrics, const Key& key) {
  std::vector<std::string> known;
  for (const GateMetric& metric : metrics) known.emplace_back(metric.name);
  for (const Key& child : key.children) known.emplace_back(child.option.key);
  const bool is_fairness = FindGateMetric(FairnessMetrics(), entry.key) != nullptr;
  return InvalidSpec(
             Format("{}: unknown metric in {}: {}", entry.place.ToString(), path, Shown(entry.key)))
      .WithHint(is_fairness ? "write it under require.fairness" : NearestOf(entry.key, known));
}

Result<Json> Walker::ReadGates(const Key& key, const Node& node, const std::string& path) {
  if (node.kind == NodeKind::kNull) return DefaultJson(key);
  if (node.kind != NodeKind::kMap) {
    return WrongKind(node, path, "a group of metrics", "for example: auc: \">= 0.8\"");
  }
  const bool fairness = key.option.key == "fairness";
  const std::span<const GateMetric> metrics = fairness ? FairnessMetrics() : RequirementMetrics();
  Json gates = Json::MakeObject();
  for (const MapEntry& entry : node.entries) {
    const std::string entry_path = JoinKey(path, entry.key);
    NotePlace(entry_path, entry.value.place);
    if (const Key* child = key.Find(entry.key)) {
      MILLRACE_ASSIGN_OR_RETURN(Json nested, Read(*child, entry.value, entry_path));
      gates.AppendMember(entry.key, std::move(nested));
      continue;
    }
    const GateMetric* metric = FindGateMetric(metrics, entry.key);
    if (metric == nullptr) return UnknownMetric(entry, path, metrics, key);
    MILLRACE_ASSIGN_OR_RETURN(Json bounds, ReadBounds(*metric, entry.value, entry_path));
    gates.AppendMember(entry.key, std::move(bounds));
  }
  for (const Key& child : key.children) {
    if (!gates.Has(child.option.key)) gates.Set(std::string(child.option.key), DefaultJson(child));
  }
  return gates;
}

Result<Json> Walker::ReadBounds(const GateMetric& metric, const Node& node,
                                const std::string& path) {
  std::span<const Node> items(&node, 1);
  if (node.kind == NodeKind::kList) items = node.items;
  Json bounds = Json::MakeArray();
  for (const Node& item : items) {
    if (item.kind != NodeKind::kScalar) {
      return WrongKind(item, path, "a requirement", "for example \">= 0.8\"");
    }
    MILLRACE_ASSIGN_OR_RETURN(const Gate gate, ParseGate(metric, item.text, item.place));
    NotePlace(Format("{}[{}]", path, bounds.size()), item.place);
    bounds.Append(gate.BoundText());
  }
  return bounds;
}

Result<const LearnerDescriptor*> Walker::FindLearner(const Place& place,
                                                     std::string_view name) const {
  std::vector<std::string> known;
  for (const LearnerDescriptor& learner : options_.learners) {
    if (learner.name == name) return &learner;
    known.emplace_back(learner.name);
  }
  return InvalidSpec(Format("{}: unknown learner: {}", place.ToString(), Shown(name)))
      .WithHint(NearestOf(name, known));
}

Status Walker::CheckLearners(const Json& names, const Node& node) const {
  if (options_.learners.empty()) return Status();
  for (const Json& name : names.AsArray()) {
    MILLRACE_RETURN_IF_ERROR(FindLearner(node.place, name.AsString()).status());
  }
  return Status();
}

Result<Json> Walker::ReadLearners(const Key&, const Node& node, const std::string& path) {
  Json learners = Json::MakeObject();
  if (node.kind == NodeKind::kNull) return learners;
  if (node.kind != NodeKind::kMap) return WrongKind(node, path, "a group of learners", "");
  for (const MapEntry& entry : node.entries) {
    const LearnerDescriptor* learner = nullptr;
    if (!options_.learners.empty()) {
      MILLRACE_ASSIGN_OR_RETURN(learner, FindLearner(entry.place, entry.key));
    }
    MILLRACE_ASSIGN_OR_RETURN(Json values,
                              ReadLearnerOptions(learner, entry.value, JoinKey(path, entry.key)));
    learners.AppendMember(entry.key, std::move(values));
  }
  return learners;
}

Result<Json> Walker::ReadLearnerOptions(const LearnerDescriptor* learner, const Node& node,
                                        const std::string& path) {
  Json values = Json::MakeObject();
  if (node.kind == NodeKind::kNull) return values;
  if (node.kind != NodeKind::kMap) return WrongKind(node, path, "a group of options", "");
  for (const MapEntry& entry : node.entries) {
    if (entry.value.kind != NodeKind::kScalar) {
      return WrongKind(entry.value, JoinKey(path, entry.key), "a single value", "");
    }
    if (learner != nullptr) {
      MILLRACE_ASSIGN_OR_RETURN(const OptionDescriptor* option,
                                FindOption(learner->options, entry.place.ToString(), entry.key));
      MILLRACE_RETURN_IF_ERROR(
          ValidateOption(*option, entry.value.place.ToString(), entry.value.text));
    }
    values.AppendMember(entry.key, entry.value.text);
  }
  return values;
}

void PlaceGates(std::vector<Gate>& gates, std::string_view path, const Places& places) {
  std::map<std::string, int> count;
  for (Gate& gate : gates) {
    gate.place = FindPlace(places, Format("{}.{}[{}]", path, gate.metric, count[gate.metric]++));
  }
}

void SetPlaces(Spec& spec, const Places& places) {
  spec.problem.target_place = FindPlace(places, "problem.target");
  spec.data.source_place = FindPlace(places, "data.source");
  for (ColumnRules& column : spec.data.columns) {
    column.place = FindPlace(places, "data.columns." + column.name);
  }
  for (size_t i = 0; i < spec.data.checks.size(); ++i) {
    spec.data.checks[i].place = FindPlace(places, Format("data.checks[{}]", i));
  }
  for (size_t i = 0; i < spec.features.add.size(); ++i) {
    spec.features.add[i].place = FindPlace(places, Format("features.add[{}]", i));
  }
  for (size_t i = 0; i < spec.features.aggregates.size(); ++i) {
    spec.features.aggregates[i].place = FindPlace(places, Format("features.aggregates[{}]", i));
  }
  for (size_t i = 0; i < spec.features.windows.size(); ++i) {
    spec.features.windows[i].place = FindPlace(places, Format("features.windows[{}]", i));
  }
  for (ColumnFeatures& column : spec.features.columns) {
    column.place = FindPlace(places, "features.columns." + column.name);
  }
  PlaceGates(spec.require.gates, "require", places);
  PlaceGates(spec.require.fairness, "require.fairness", places);
}

// A file of a later format may have keys that we do not know: its version is the thing to say.
Status CheckVersion(const Node& root) {
  const Node* version = root.Find("millrace");
  if (version == nullptr || version->kind != NodeKind::kScalar) return Status();
  const std::optional<int64_t> number = ParseInt(version->text);
  if (!number || *number < 1 || *number == kFormatVersion) return Status();
  return InvalidSpec(Format("{}: millrace: format {} is newer than this program, which reads {}",
                            version->place.ToString(), *number, kFormatVersion))
      .WithHint("use a newer millrace");
}

}  // namespace

Result<Spec> Parse(std::string_view yaml, std::string_view file, const ParseOptions& options) {
  MILLRACE_ASSIGN_OR_RETURN(const Node root, ReadYaml(yaml, file));
  if (root.kind == NodeKind::kNull) {
    return InvalidSpec(Format("{}: is empty", file)).WithHint("`millrace new` writes one");
  }
  if (root.kind != NodeKind::kMap) {
    return InvalidSpec(Format("{}: is not a specification, but {}", root.place.ToString(),
                              KindText(root.kind)))
        .WithHint("start with the keys problem: and data:");
  }
  MILLRACE_RETURN_IF_ERROR(CheckVersion(root));
  Walker walker(options);
  walker.NotePlace("", root.place);
  MILLRACE_ASSIGN_OR_RETURN(const Json document, walker.ReadGroup(RootKey(), root, ""));
  auto spec = FromJson(document, file);
  if (!spec.ok()) return Internal(spec.status().message());
  const Places places = walker.TakePlaces();
  SetPlaces(*spec, places);
  MILLRACE_RETURN_IF_ERROR(Validate(*spec, places));
  return spec;
}

namespace {

// The group of the keys of `data:` that say something of a file alone.
Key ChecksGroup() {
  static constexpr std::string_view kNames[] = {"format",  "delimiter", "encoding", "quote",
                                                "comment", "header",    "skip",     "missing",
                                                "columns", "checks"};
  Key group;
  group.shape = Shape::kGroup;
  const Key* data = RootKey().Find("data");
  for (const std::string_view name : kNames) {
    if (const Key* key = data->Find(name)) group.children.push_back(*key);
  }
  return group;
}

}  // namespace

Result<Spec> ParseChecks(std::string_view yaml, std::string_view file) {
  MILLRACE_ASSIGN_OR_RETURN(const Node root, ReadYaml(yaml, file));
  const char* const kHint = "write checks: and one check a line, as `millrace data suggest` does";
  if (root.kind != NodeKind::kMap) {
    return InvalidSpec(Format("{}: holds no checks, but {}", file, KindText(root.kind)))
        .WithHint(kHint);
  }
  if (root.Find("data") != nullptr && root.Find("checks") == nullptr) {
    return InvalidSpec(Format("{}: data: is a key of millrace.yaml", root.place.ToString()))
        .WithHint("put what stands below it into the file: checks, columns, missing");
  }
  const ParseOptions options;
  Walker walker(options);
  walker.NotePlace("", root.place);
  MILLRACE_ASSIGN_OR_RETURN(const Json read, walker.ReadGroup(ChecksGroup(), root, "data"));
  Spec bare;
  bare.problem.target = "no column";  // what is validated needs one
  bare.data.paths = {"no source"};
  Json document = ToJson(bare);
  Json data = document["data"];
  for (const auto& [key, value] : read.AsObject()) data.Set(key, value);
  document.Set("data", std::move(data));
  auto spec = FromJson(document, file);
  if (!spec.ok()) return Internal(spec.status().message());
  const Places places = walker.TakePlaces();
  SetPlaces(*spec, places);
  MILLRACE_RETURN_IF_ERROR(Validate(*spec, places));
  if (spec->data.checks.empty()) {
    return InvalidSpec(Format("{}: holds no check", file)).WithHint(kHint);
  }
  spec->problem.target.clear();
  spec->data.paths.clear();
  return spec;
}

Result<Spec> ReadChecks(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseChecks(text, BaseName(path));
}

Result<Spec> ReadSpec(const std::string& path, const ParseOptions& options) {
  auto text = ReadFile(path);
  if (!text.ok() && text.status().code() == Code::kNotFound) {
    return NotFound(Format("{}: does not exist", path)).WithHint("`millrace new` writes one");
  }
  MILLRACE_RETURN_IF_ERROR(text.status());
  return Parse(*text, BaseName(path), options);
}

}  // namespace millrace::spec
