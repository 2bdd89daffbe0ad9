#include "serve/tensor_type.h"

#include <array>
#include <limits>

namespace millrace::serve {
namespace {

template <typename Integer>
constexpr TensorType IntegerType(std::string_view name) {
  return {name, TensorKind::kInteger, sizeof(Integer),
          static_cast<int64_t>(std::numeric_limits<Integer>::min()),
          static_cast<uint64_t>(std::numeric_limits<Integer>::max())};
}

constexpr std::array<TensorType, 12> kTypes = {{
    {"BOOL", TensorKind::kBool, 1},
    IntegerType<uint8_t>("UINT8"),
    IntegerType<uint16_t>("UINT16"),
    IntegerType<uint32_t>("UINT32"),
    IntegerType<uint64_t>("UINT64"),
    IntegerType<int8_t>("INT8"),
    IntegerType<int16_t>("INT16"),
    IntegerType<int32_t>("INT32"),
    IntegerType<int64_t>("INT64"),
    {"FP32", TensorKind::kFloat, 4},
    {"FP64", TensorKind::kFloat, 8},
    {"BYTES", TensorKind::kBytes, 0},
}};

}  // namespace

const TensorType* FindTensorType(std::string_view name) {
  for (const TensorType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace millrace::serve
