#include "model/dense_kernels.h"

#include <cstring>

namespace millrace::model {
namespace {

// Registers of three widths, worked on element by element. Each is spelt out: gcc 12 takes a width
// that depends on a template's parameter for that of one number.
template <size_t kWidth>
struct Register;
template <>
struct Register<4> {
  using Type = float __attribute__((vector_size(16)));
};
template <>
struct Register<8> {
  using Type = float __attribute__((vector_size(32)));
};
template <>
struct Register<16> {
  using Type = float __attribute__((vector_size(64)));
};

// By reference: a function that returns a wide register has no one calling convention. Copies,
// because numbers in memory are no registers to the language, nor aligned like them.
template <typename Lanes>
[[gnu::always_inline]] inline void Load(const float* from, Lanes& to) {
  std::memcpy(&to, from, sizeof(Lanes));
}
template <typename Lanes>
[[gnu::always_inline]] inline void Store(const Lanes& from, float* to) {
  std::memcpy(to, &from, sizeof(Lanes));
}

// kRows rows by kVectors registers of columns stay in registers while k runs.
template <size_t kWidth, size_t kRows, size_t kVectors>
[[gnu::always_inline]] inline void AddTile(const Factor& left, const float* right, size_t inner,
                                           size_t columns, float* result) {
  using Lanes = typename Register<kWidth>::Type;
  static_assert(sizeof(Lanes) == kWidth * sizeof(float));
  Lanes sums[kRows][kVectors];
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t v = 0; v < kVectors; ++v) Load(result + i * columns + v * kWidth, sums[i][v]);
  }
  const float* factors = left.values;
  for (size_t k = 0; k < inner; ++k) {
    Lanes values[kVectors];
    for (size_t v = 0; v < kVectors; ++v) Load(right + k * columns + v * kWidth, values[v]);
    for (size_t i = 0; i < kRows; ++i) {
      const float factor = factors[i * left.row];
      for (size_t v = 0; v < kVectors; ++v) sums[i][v] += values[v] * factor;
    }
    factors += left.step;
  }
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t v = 0; v < kVectors; ++v) Store(sums[i][v], result + i * columns + v * kWidth);
  }
}

template <size_t kWidth, size_t kRows>
[[gnu::always_inline]] inline void AddProductBody(const Factor& left, const float* right,
                                                  size_t rows, size_t inner, size_t columns,
                                                  float* result) {
  constexpr size_t kVectors = kLanes / kWidth;
  size_t i = 0;
  for (; i + kRows <= rows; i += kRows) {
    const Factor some{left.values + i * left.row, left.row, left.step};
    for (size_t j = 0; j < columns; j += kLanes) {
      AddTile<kWidth, kRows, kVectors>(some, right + j, inner, columns, result + i * columns + j);
    }
  }
  for (; i < rows; ++i) {
    const Factor one{left.values + i * left.row, left.row, left.step};
    for (size_t j = 0; j < columns; j += kLanes) {
      AddTile<kWidth, 1, kVectors>(one, right + j, inner, columns, result + i * columns + j);
    }
  }
}

template <size_t kWidth>
[[gnu::always_inline]] inline void AddScaledBody(float factor, const float* source, size_t columns,
                                                 float* target) {
  typename Register<kWidth>::Type some;
  typename Register<kWidth>::Type sum;
  for (size_t j = 0; j < columns; j += kWidth) {
    Load(source + j, some);
    Load(target + j, sum);
    sum += some * factor;
    Store(sum, target + j);
  }
}

using ProductFunction = void (*)(const Factor&, const float*, size_t, size_t, size_t, float*);
using ScaledFunction = void (*)(float, const float*, size_t, float*);

void AddProductPlain(const Factor& left, const float* right, size_t rows, size_t inner,
                     size_t columns, float* result) {
  AddProductBody<4, 2>(left, right, rows, inner, columns, result);
}
void AddScaledPlain(float factor, const float* source, size_t columns, float* target) {
  AddScaledBody<4>(factor, source, columns, target);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void AddProductAvx2(const Factor& left, const float* right, size_t rows,
                                            size_t inner, size_t columns, float* result) {
  AddProductBody<8, 4>(left, right, rows, inner, columns, result);
}
[[gnu::target("avx2")]] void AddScaledAvx2(float factor, const float* source, size_t columns,
                                           float* target) {
  AddScaledBody<8>(factor, source, columns, target);
}
[[gnu::target("avx512f")]] void AddProductAvx512(const Factor& left, const float* right,
                                                 size_t rows, size_t inner, size_t columns,
                                                 float* result) {
  AddProductBody<16, 8>(left, right, rows, inner, columns, result);
}
[[gnu::target("avx512f")]] void AddScaledAvx512(float factor, const float* source, size_t columns,
                                                float* target) {
  AddScaledBody<16>(factor, source, columns, target);
}
#endif

ProductFunction ChooseProduct() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return AddProductAvx512;
  if (__builtin_cpu_supports("avx2")) return AddProductAvx2;
#endif
  return AddProductPlain;
}

ScaledFunction ChooseScaled() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return AddScaledAvx512;
  if (__builtin_cpu_supports("avx2")) return AddScaledAvx2;
#endif
  return AddScaledPlain;
}

const ProductFunction kProduct = ChooseProduct();
const ScaledFunction kScaled = ChooseScaled();

}  // namespace

void AddProduct(const Factor& left, const float* right, size_t rows, size_t inner, size_t columns,
                float* result) {
  kProduct(left, right, rows, inner, columns, result);
}

void AddScaled(float factor, const float* source, size_t columns, float* target) {
  kScaled(factor, source, columns, target);
}

}  // namespace millrace::model
