// TensorType: the datatypes of the Open Inference Protocol.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millrace::serve {

enum class TensorKind { kBool, kInteger, kFloat, kBytes };

struct TensorType {
  std::string_view name;  // "INT32"
  TensorKind kind = TensorKind::kFloat;
  size_t width = 0;   // bytes of a packed value; 0: texts, with their length before them
  int64_t low = 0;    // kInteger
  uint64_t high = 0;  // kInteger
};

/// Returns the type of a name ("FP64"), or null. FP16 and BF16 are not taken.
const TensorType* FindTensorType(std::string_view name);

}  // namespace millrace::serve
