// Products of small dense matrices of float32, for networks.
//
// Every element of a result is summed in one order, product by product, whatever the width of the
// processor's registers: wider ones take more elements at a time, not more products of one. So the
// bytes are equal on every machine, and multiply-add is never fused.

#pragma once

#include <cstddef>

namespace millrace::model {

/// Columns of results come in multiples of this; narrower matrices are padded.
inline constexpr size_t kLanes = 16;
constexpr size_t PaddedWidth(size_t columns) { return (columns + kLanes - 1) / kLanes * kLanes; }

/// A matrix of float32 that is read element by element: element (i, k) is values[i * row + k *
/// step].
struct Factor {
  const float* values;
  size_t row;
  size_t step;
};

/// Adds a product: result[i, j] += sum over k of left(i, k) * right[k, j], k rising, for i < rows,
/// k < inner, j < columns. `columns` is a multiple of kLanes; `result` and `right` are row-major
/// with that many elements a row.
void AddProduct(const Factor& left, const float* right, size_t rows, size_t inner, size_t columns,
                float* result);

/// target[j] += factor * source[j] for j < columns, a multiple of kLanes.
void AddScaled(float factor, const float* source, size_t columns, float* target);

}  // namespace millrace::model
