// Conversion of LightGBM's model text into our own trees.

#pragma once

#include <string_view>

#include "base/result.h"
#include "model/tree_ensemble.h"

namespace millrace::learner {

/// Reads the "tree" text format, version v4. Leaf values already hold the learning rate and the
/// first tree the average score, so the sums equal LightGBM's own. kInternal when the text is not
/// as expected (linear leaves, unknown fields of a tree).
Result<model::TreeParts> ReadLightGbmModel(std::string_view text, int64_t num_features,
                                           model::Link link);

}  // namespace millrace::learner
