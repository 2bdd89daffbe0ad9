// TensorRows: from tensors, one a column, to rows; whatever the values came as. Internal to the
// codecs.

#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "serve/row_builder.h"
#include "serve/tensor_layout.h"

namespace millrace::serve {

/// The column of each tensor; nothing for the key, and for the only tensor where it holds all
/// columns in their order. kInvalidData: a tensor that is no column, one given twice, another
/// number of rows.
Result<std::vector<std::optional<size_t>>> PlaceTensors(
    const std::vector<const TensorLayout*>& layouts, const RowBuilder& builder);

/// Adds the rows of tensors that PlaceTensors placed. `Tensor` has the members of TensorLayout,
/// SetCell(builder, column, index) and KeyText(index).
template <typename Tensor>
Status AddTensorRows(const std::vector<Tensor>& tensors, RowBuilder& builder) {
  std::vector<const TensorLayout*> layouts;
  for (const Tensor& tensor : tensors) layouts.push_back(&tensor);
  MILLRACE_ASSIGN_OR_RETURN(const auto columns, PlaceTensors(layouts, builder));
  for (size_t row = 0; row < tensors.front().num_rows; ++row) {
    builder.BeginRow();
    for (size_t t = 0; t < tensors.size(); ++t) {
      const Tensor& tensor = tensors[t];
      const bool is_key = builder.IsKey(tensor.name);
      if (columns[t]) {
        tensor.SetCell(builder, *columns[t], row);
      } else if (!is_key) {
        for (size_t c = 0; c < tensor.width; ++c) {
          tensor.SetCell(builder, c, row * tensor.width + c);
        }
      }
      if (is_key) builder.SetKey(tensor.KeyText(row));
    }
    builder.EndRow();
  }
  return {};
}

}  // namespace millrace::serve
