// LabelReader: from the text of a label, as feedback or a file brings it, to what metrics take.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::bundle {

/// Immutable, const use from many threads.
class LabelReader {
 public:
  /// `class_labels` in label order; empty for numbers.
  explicit LabelReader(std::vector<std::string> class_labels);

  /// Returns the index of the class, or the number; nothing when it is neither. Classes compare
  /// exactly after trimming, or as numbers ("1" is "1.0").
  std::optional<double> FromText(std::string_view text) const;
  /// The same for a label that arrived as a number.
  std::optional<double> FromNumber(double value) const;

 private:
  std::vector<std::string> labels_;
  std::vector<std::optional<double>> numbers_;  // labels that read as numbers
};

}  // namespace millrace::bundle
