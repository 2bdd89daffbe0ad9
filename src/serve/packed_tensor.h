// PackedTensor: values of a tensor as machine words or texts in memory, as gRPC and Triton's binary
// extension carry them.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "serve/tensor_layout.h"
#include "serve/tensor_type.h"

namespace millrace::serve {

class RowBuilder;

struct PackedTensor : TensorLayout {
  const TensorType* type = nullptr;     // what the values are
  const TensorType* storage = nullptr;  // how they lie in `bytes`: wider than `type` at times
  std::string_view bytes;               // little endian; unless texts
  std::vector<std::string_view> texts;  // of BYTES

  size_t num_values() const;
  void SetCell(RowBuilder& builder, size_t column, size_t index) const;
  std::string KeyText(size_t index) const;
};

/// Returns the type that a tensor names. kInvalidData where there is none of that name.
Result<const TensorType*> TypeOfTensor(std::string_view tensor, std::string_view datatype);
/// Returns a tensor without values, which lie as its type says.
PackedTensor PackedAs(TensorLayout layout, const TensorType& type);
/// Starts a tensor of this name, datatype and shape, without values. Errors as TypeOfTensor and
/// ReadTensorShape.
Result<PackedTensor> StartTensor(std::string_view name, std::string_view datatype,
                                 std::span<const int64_t> shape, int64_t max_rows);
/// Gives the tensor its values as they come over the wire (Triton: little endian, row by row; texts
/// each with their length in four bytes before it). kInvalidData when they don't fill the shape.
/// Keeps views of `raw`.
Status TakeRaw(std::string_view raw, PackedTensor& tensor);
/// Names each value that is not of the tensor's type where its storage is wider; at most 20 are
/// kept. kInvalidData when the values don't fill the shape.
Status CheckValues(const PackedTensor& tensor, RowBuilder& builder);
/// Appends a text of BYTES in the same wire form.
void AppendPackedText(std::string& out, std::string_view text);

}  // namespace millrace::serve
