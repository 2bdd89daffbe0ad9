#include "serve/tensor_rows.h"

#include <string>

#include "base/format.h"

namespace millrace::serve {

Status ReadTensorShape(std::string_view place, std::span<const int64_t> sizes, int64_t max_rows,
                       TensorLayout& layout) {
  for (const int64_t size : sizes) {
    if (size < 0) return InvalidData(Format("{}: not a size: {}", place, size));
  }
  if (sizes.empty() || sizes.size() > 2) {
    return InvalidData(
        Format("{}: {} dimensions, not [rows] or [rows, columns]", place, sizes.size()));
  }
  layout.num_rows = static_cast<size_t>(sizes[0]);
  layout.width = sizes.size() == 2 ? static_cast<size_t>(sizes[1]) : 1;
  return CheckRowCount(place, layout.num_rows, max_rows);
}

bool FillsShape(const TensorLayout& layout, size_t num_values) {
  // By division: a product of sizes that a client chose could overflow.
  if (layout.width == 0) return num_values == 0;
  return num_values % layout.width == 0 && num_values / layout.width == layout.num_rows;
}

Result<std::vector<std::optional<size_t>>> PlaceTensors(
    const std::vector<const TensorLayout*>& layouts, const RowBuilder& builder) {
  if (layouts.empty()) return InvalidData("inputs: empty");
  std::vector<bool> seen(builder.num_columns(), false);
  std::vector<std::optional<size_t>> columns;
  for (const TensorLayout* tensor : layouts) {
    columns.push_back(builder.Find(tensor->name, columns.size()));
    const bool is_whole = layouts.size() == 1 && !columns.back() &&
                          tensor->width == builder.num_columns() && tensor->width > 0;
    if (!columns.back() && !is_whole && !builder.IsKey(tensor->name)) {
      return InvalidData(Format("inputs.{}: no column of the model", tensor->name));
    }
    if (tensor->width != 1 && !is_whole) {
      return InvalidData(
          Format("inputs.{}.shape: {} values a row for one column", tensor->name, tensor->width));
    }
    if (tensor->num_rows != layouts.front()->num_rows) {
      return InvalidData(Format("inputs.{}.shape: {} rows, others have {}", tensor->name,
                                tensor->num_rows, layouts.front()->num_rows));
    }
    if (columns.back() && seen[*columns.back()]) {
      return InvalidData(Format("inputs.{}: given twice", tensor->name));
    }
    if (columns.back()) seen[*columns.back()] = true;
  }
  return columns;
}

}  // namespace millrace::serve
