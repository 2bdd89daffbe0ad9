// The stored form of nodes. Internal to feature/.

#pragma once

#include "base/result.h"
#include "feature/node.h"
#include "json/value.h"

namespace millrace::feature {

/// Returns the stored form. `previous` is the node before, or null: its values are named instead of
/// written again.
json::Json NodeToJson(const Node& node, const Node* previous);
/// Reads it. kCorrupt for an unknown kind or name, and for members that are absent or of another
/// type; what members say is checked by Graph::Make.
Result<Node> NodeFromJson(const json::Json& document, const Node* previous);

}  // namespace millrace::feature
