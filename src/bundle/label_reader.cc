#include "bundle/label_reader.h"

#include <cmath>
#include <utility>

#include "base/text.h"

namespace millrace::bundle {

LabelReader::LabelReader(std::vector<std::string> class_labels) : labels_(std::move(class_labels)) {
  for (const std::string& label : labels_) numbers_.push_back(ParseDouble(label));
}

std::optional<double> LabelReader::FromText(std::string_view text) const {
  const std::string_view trimmed = Trim(text);
  for (size_t i = 0; i < labels_.size(); ++i) {
    if (labels_[i] == trimmed) return static_cast<double>(i);
  }
  const std::optional<double> number = ParseDouble(trimmed);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return FromNumber(*number);
}

std::optional<double> LabelReader::FromNumber(double value) const {
  if (!std::isfinite(value)) return std::nullopt;
  if (labels_.empty()) return value;
  for (size_t i = 0; i < numbers_.size(); ++i) {
    if (numbers_[i] && *numbers_[i] == value) return static_cast<double>(i);
  }
  return std::nullopt;
}

}  // namespace millrace::bundle
