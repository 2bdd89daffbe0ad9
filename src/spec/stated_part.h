// StatedPart: what a cell of split.column says of its row.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::spec {

enum class StatedPart : uint8_t { kTrain, kValidation, kTest };

/// Reads "train" ("training"), "validation" ("valid", "val", "dev") or "test" ("testing",
/// "holdout"), whatever the case; nothing for other texts.
std::optional<StatedPart> ReadStatedPart(std::string_view text);

}  // namespace millrace::spec
