// YAML text to a tree of nodes with their places. The only file that sees the YAML library.
//
// Accepted is what a specification needs: one document, scalars, lists, maps with scalar keys.
// Refused with a place: tabs that indent, duplicate keys, anchors and aliases, tags, text that is
// not UTF-8, and anything beyond the limits, so that no input costs more than its size.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/place.h"

namespace millrace::spec {

enum class NodeKind { kNull, kScalar, kList, kMap };

struct MapEntry;

/// One value of the document.
struct Node {
  NodeKind kind = NodeKind::kNull;
  std::string text;               // kScalar, as written, without quotes
  bool quoted = false;            // kScalar: "auto" in quotes is a text, not the word
  std::vector<Node> items;        // kList
  std::vector<MapEntry> entries;  // kMap, in the order written, keys distinct
  Place place;

  /// Returns the value of a key, or null.
  const Node* Find(std::string_view key) const;
};

/// One key with its value.
struct MapEntry {
  std::string key;
  Place place;  // of the key
  Node value;
};

struct YamlLimits {
  int64_t max_bytes = 1 << 20;
  int max_depth = 32;
  int64_t max_nodes = 100'000;
};

/// Reads one document; an empty one is kNull. kInvalidSpec "file:line:column: what".
Result<Node> ReadYaml(std::string_view text, std::string_view file, const YamlLimits& limits = {});

}  // namespace millrace::spec
