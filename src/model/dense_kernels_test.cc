#include "model/dense_kernels.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.h"

namespace millrace::model {
namespace {

std::vector<float> Draw(size_t count, Rng& rng) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.Normal());
  return values;
}

// The order of sums that the header promises, so equal to the last bit on any processor.
TEST(DenseKernelsTest, EachElementIsSummedInOrder) {
  Rng rng(1);
  for (const size_t rows : {1, 2, 3, 4, 5, 8, 9, 17}) {
    for (const size_t inner : {1, 7, 16}) {
      for (const size_t columns : {16, 48}) {
        const std::vector<float> left = Draw(rows * inner, rng);
        const std::vector<float> right = Draw(inner * columns, rng);
        const std::vector<float> start = Draw(rows * columns, rng);
        for (const bool turned : {false, true}) {
          const Factor factor =
              turned ? Factor{left.data(), 1, rows} : Factor{left.data(), inner, 1};
          std::vector<float> result = start;
          AddProduct(factor, right.data(), rows, inner, columns, result.data());
          for (size_t i = 0; i < rows; ++i) {
            for (size_t j = 0; j < columns; ++j) {
              float sum = start[i * columns + j];
              for (size_t k = 0; k < inner; ++k) {
                const float product =
                    right[k * columns + j] * factor.values[i * factor.row + k * factor.step];
                sum += product;
              }
              ASSERT_EQ(result[i * columns + j], sum) << rows << " " << inner << " " << columns;
            }
          }
        }
      }
    }
  }
}

TEST(DenseKernelsTest, AddsARowTimesANumber) {
  Rng rng(2);
  const std::vector<float> source = Draw(64, rng);
  std::vector<float> target = Draw(64, rng);
  const std::vector<float> before = target;
  AddScaled(0.3f, source.data(), 48, target.data());
  for (size_t j = 0; j < 64; ++j) {
    const float product = source[j] * 0.3f;
    EXPECT_EQ(target[j], j < 48 ? before[j] + product : before[j]);
  }
}

}  // namespace
}  // namespace millrace::model
