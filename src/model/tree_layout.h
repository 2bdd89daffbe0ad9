// The stored form of trees: splits in the order of a walk that goes left first, so that children
// need no numbers, and values as float32 where that loses nothing. About a third of the plain
// arrays' size.

#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/tree_parts.h"

namespace millrace::model {

/// Writes the trees of checked parts (all but sizes, link and base scores).
void WriteTrees(const TreeParts& parts, ByteWriter& writer);
/// Reads them back: equal leaves for every row, in the same order of trees; `parts` brings
/// num_features. kCorrupt.
Status ReadTrees(ByteReader& reader, TreeParts& parts);

}  // namespace millrace::model
