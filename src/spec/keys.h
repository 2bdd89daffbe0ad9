// Keys: the one table of all keys of millrace.yaml. Parser, writer, JSON schema and reference page
// read it; a test proves that it and the canonical JSON name the same keys.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "json/value.h"

namespace millrace::spec {

/// What stands under a key.
enum class Shape {
  kValue,           // one scalar of option.type
  kTextList,        // a list of texts; a single text counts as a list of one
  kSources,         // a text list whose items may be maps with a database's parts
  kGroup,           // a map with the keys of `children`
  kGroupList,       // a list of such maps
  kNamedGroups,     // a map from a name of the user's to such a map
  kGates,           // a map from metric to requirement, besides `children`
  kLearnerOptions,  // a map from learner to its options
};

enum class Presence {
  kOptional,
  kRequired,
  kReserved,  // planned: refused, so that nobody believes it has an effect
};

/// The word that stands for "not given".
enum class Automatic {
  kNone,  // no such word
  kAuto,  // "auto": the program decides and records why
};

/// One key. `option.default_text` is empty where nothing stands for an absent key but null.
struct Key {
  OptionDescriptor option;
  Shape shape = Shape::kValue;
  Presence presence = Presence::kOptional;
  Automatic automatic = Automatic::kNone;
  std::string_view example;  // as written, for the reference
  std::vector<Key> children;

  /// Returns the child of this name, or null.
  const Key* Find(std::string_view name) const;
};

/// Returns the root: a group with the sections as children. Lives as long as the program.
const Key& RootKey();

/// Returns the path of a child: "problem.task", "data.checks[].column", "data.columns.*.type".
std::string ChildPath(std::string_view parent_path, const Key& parent, const Key& child);
/// Calls `visit(path, key)` for each key below the root, in order, parents first.
void ForEachKey(const std::function<void(const std::string&, const Key&)>& visit);

/// Returns the canonical JSON of one scalar of this key: null for "auto", seconds, bytes, numbers,
/// texts. `text` must have passed ValidateOption.
json::Json ScalarToJson(const Key& key, std::string_view text);
/// Returns the canonical JSON that stands for an absent key.
json::Json DefaultJson(const Key& key);

}  // namespace millrace::spec
