#include "spec/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <new>
#include <optional>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::spec {
namespace {

/// Builds the tree from the library's events. After the first problem all further events are
/// ignored: the library offers no way to stop it, and the input's size is bounded.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view file, const YamlLimits& limits) : file_(file), limits_(limits) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    AddLeaf(Node{NodeKind::kNull, {}, false, {}, {}, PlaceOf(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse(mark, "aliases (*name) are not supported", "write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    if (!AcceptTag(mark, tag)) return;
    AddLeaf(Node{NodeKind::kScalar, value, tag == "!", {}, {}, PlaceOf(mark)});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    if (AcceptTag(mark, tag)) Open(mark, NodeKind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    if (AcceptTag(mark, tag)) Open(mark, NodeKind::kMap);
  }
  void OnMapEnd() override { Close(); }

  const std::optional<Status>& problem() const { return problem_; }
  Node TakeRoot() { return std::move(root_); }

 private:
  struct Level {
    Node node;
    std::optional<std::pair<std::string, Place>> key;  // of the value to come
    std::unordered_set<std::string> keys;
  };

  Place PlaceOf(const YAML::Mark& mark) const {
    return Place{std::string(file_), mark.line + 1, mark.column + 1};
  }
  void Refuse(const YAML::Mark& mark, std::string_view what, std::string hint) {
    RefuseAt(PlaceOf(mark), what, std::move(hint));
  }
  void RefuseAt(const Place& place, std::string_view what, std::string hint) {
    if (problem_) return;
    problem_ = InvalidSpec(Format("{}: {}", place.ToString(), what)).WithHint(std::move(hint));
  }
  bool AcceptTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return true;
    Refuse(mark, "tags (!name) are not supported", "write the plain value");
    return false;
  }
  bool CountNode(const Place& place) {
    if (problem_) return false;
    if (++num_nodes_ <= limits_.max_nodes) return true;
    RefuseAt(place, Format("more than {} values", limits_.max_nodes), "");
    return false;
  }
  void AddLeaf(Node node);
  void Open(const YAML::Mark& mark, NodeKind kind);
  void Close();
  void AddValue(Node node);
  void TakeKey(const Node& node);

  std::string_view file_;
  const YamlLimits& limits_;
  std::vector<Level> levels_;
  Node root_;
  std::optional<Status> problem_;
  int64_t num_nodes_ = 0;
};

bool AwaitsKey(NodeKind kind, bool has_key) { return kind == NodeKind::kMap && !has_key; }

void TreeBuilder::AddLeaf(Node node) {
  if (!CountNode(node.place)) return;
  if (!levels_.empty() && AwaitsKey(levels_.back().node.kind, levels_.back().key.has_value())) {
    TakeKey(node);
  } else {
    AddValue(std::move(node));
  }
}

void TreeBuilder::TakeKey(const Node& node) {
  if (node.kind != NodeKind::kScalar) return RefuseAt(node.place, "a key has no name", "");
  Level& level = levels_.back();
  if (!level.keys.insert(node.text).second) {
    return RefuseAt(node.place, Format("key is given twice: \"{}\"", Ellipsize(node.text, 80)),
                    "keep one of them");
  }
  level.key.emplace(node.text, node.place);
}

void TreeBuilder::Open(const YAML::Mark& mark, NodeKind kind) {
  const Place place = PlaceOf(mark);
  if (!CountNode(place)) return;
  if (!levels_.empty() && AwaitsKey(levels_.back().node.kind, levels_.back().key.has_value())) {
    return RefuseAt(place, "a key must be a plain name", "did you mean to quote it?");
  }
  if (static_cast<int>(levels_.size()) >= limits_.max_depth) {
    return RefuseAt(place, Format("nested deeper than {} levels", limits_.max_depth), "");
  }
  levels_.push_back(Level{Node{kind, {}, false, {}, {}, place}, std::nullopt, {}});
}

void TreeBuilder::Close() {
  if (problem_ || levels_.empty()) return;
  Node node = std::move(levels_.back().node);
  levels_.pop_back();
  AddValue(std::move(node));
}

void TreeBuilder::AddValue(Node node) {
  if (levels_.empty()) {
    root_ = std::move(node);
    return;
  }
  Level& level = levels_.back();
  if (level.node.kind == NodeKind::kList) {
    level.node.items.push_back(std::move(node));
    return;
  }
  if (!level.key) return;
  // The library places an absent value at the next thing in the file.
  if (node.kind == NodeKind::kNull) node.place = level.key->second;
  level.node.entries.push_back(
      MapEntry{std::move(level.key->first), std::move(level.key->second), std::move(node)});
  level.key.reset();
}

Status RefuseText(std::string_view file, int64_t line, int64_t column, std::string_view what,
                  std::string hint) {
  return InvalidSpec(Format("{}:{}:{}: {}", file, line, column, what)).WithHint(std::move(hint));
}

// Checks what the library would report unclearly or not at all.
Status CheckText(std::string_view text, std::string_view file, const YamlLimits& limits) {
  if (static_cast<int64_t>(text.size()) > limits.max_bytes) {
    return InvalidSpec(Format("{}: is too large for a specification: {}", file,
                              FormatBytes(static_cast<int64_t>(text.size()))))
        .WithHint(Format("the limit is {}", FormatBytes(limits.max_bytes)));
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return InvalidSpec(Format("{}: is UTF-16", file)).WithHint("save it as UTF-8");
  }
  int64_t number = 0;
  for (const std::string_view line : Split(text, '\n')) {
    ++number;
    if (!IsValidUtf8(line)) return RefuseText(file, number, 1, "is not UTF-8", "save it as UTF-8");
    for (size_t i = 0; i < line.size(); ++i) {
      const auto byte = static_cast<unsigned char>(line[i]);
      const bool allowed = byte >= 0x20 || byte == '\t' || (byte == '\r' && i + 1 == line.size());
      if (!allowed || byte == 0x7F) {
        return RefuseText(file, number, static_cast<int64_t>(i) + 1,
                          Format("control character {:#04x}", static_cast<int>(byte)),
                          "is this a text file?");
      }
    }
    const size_t indent = std::min(line.find_first_not_of(" \t\r"), line.size());
    const size_t tab = line.substr(0, indent).find('\t');
    if (indent < line.size() && line[indent] != '#' && tab != std::string_view::npos) {
      return RefuseText(file, number, static_cast<int64_t>(tab) + 1, "a tab indents this line",
                        "indent with spaces");
    }
  }
  return Status();
}

// Feeds one document to the builder; false when there is none. Problems that the builder found
// count before those of the library: they say more.
Result<bool> ReadDocument(YAML::Parser& parser, TreeBuilder& builder, std::string_view file) {
  try {
    const bool found = parser.HandleNextDocument(builder);
    if (builder.problem()) return *builder.problem();
    return found;
  } catch (const YAML::Exception& error) {
    if (builder.problem()) return *builder.problem();
    return RefuseText(file, error.mark.line + 1, error.mark.column + 1,
                      Format("not valid YAML: {}", error.msg),
                      "check indentation, colons and quotes");
  }
}

Result<Node> ReadEvents(std::string_view text, std::string_view file, const YamlLimits& limits) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  TreeBuilder builder(file, limits);
  MILLRACE_ASSIGN_OR_RETURN(const bool found, ReadDocument(parser, builder, file));
  if (!found) return Node{NodeKind::kNull, {}, false, {}, {}, Place{std::string(file), 1, 1}};
  TreeBuilder rest(file, limits);
  MILLRACE_ASSIGN_OR_RETURN(const bool more, ReadDocument(parser, rest, file));
  if (more) {
    return InvalidSpec(Format("{}: holds more than one document", file))
        .WithHint("remove the \"---\" line and what follows");
  }
  return builder.TakeRoot();
}

}  // namespace

const Node* Node::Find(std::string_view key) const {
  for (const MapEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Result<Node> ReadYaml(std::string_view text, std::string_view file, const YamlLimits& limits) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  MILLRACE_RETURN_IF_ERROR(CheckText(text, file, limits));
  try {
    return ReadEvents(text, file, limits);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(Format("{}: not enough memory to read it", file));
  } catch (const std::exception& error) {
    return InvalidSpec(Format("{}: not valid YAML: {}", file, error.what()));
  }
}

}  // namespace millrace::spec
