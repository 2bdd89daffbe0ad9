#include "spec/stated_part.h"

#include <utility>

#include "base/text.h"

namespace millrace::spec {

std::optional<StatedPart> ReadStatedPart(std::string_view text) {
  constexpr std::pair<std::string_view, StatedPart> kWords[] = {
      {"train", StatedPart::kTrain},
      {"training", StatedPart::kTrain},
      {"validation", StatedPart::kValidation},
      {"valid", StatedPart::kValidation},
      {"val", StatedPart::kValidation},
      {"dev", StatedPart::kValidation},
      {"test", StatedPart::kTest},
      {"testing", StatedPart::kTest},
      {"holdout", StatedPart::kTest}};
  for (const auto& [word, part] : kWords) {
    if (EqualsIgnoreCase(Trim(text), word)) return part;
  }
  return std::nullopt;
}

}  // namespace millrace::spec
