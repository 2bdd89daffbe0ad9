// TensorLayout: name and shape of a tensor of the Open Inference Protocol.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::serve {

/// Where the values of a tensor go.
struct TensorLayout {
  std::string name;
  size_t num_rows = 0;
  size_t width = 1;  // values a row
};

/// Reads [rows] or [rows, columns]. kInvalidData at `place`, kResourceExhausted beyond `max_rows`.
Status ReadTensorShape(std::string_view place, std::span<const int64_t> sizes, int64_t max_rows,
                       TensorLayout& layout);
/// Returns true when `num_values` are what the shape holds.
bool FillsShape(const TensorLayout& layout, size_t num_values);

}  // namespace millrace::serve
