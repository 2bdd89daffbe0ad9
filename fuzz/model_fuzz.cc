// Any bytes as a model: an error or a model that scores any row and writes its bytes again.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "model/model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto model = millrace::model::LoadModel(input);
  if (!model.ok()) return 0;
  const auto& loaded = **model;
  if (loaded.num_features() > 100'000 || loaded.num_scores() > 10'000) return 0;
  const auto num_features = static_cast<size_t>(loaded.num_features());
  std::vector<double> scores(static_cast<size_t>(loaded.num_scores()));
  for (const float value : {0.0F, -1.0F, 1e30F, std::numeric_limits<float>::quiet_NaN()}) {
    const std::vector<float> row(num_features, value);
    millrace::model::Predict(loaded, row, 1, scores);
  }
  MILLRACE_CHECK(millrace::model::LoadModel(loaded.Serialize()).ok(),
                 "a written model can be read");
  return 0;
}
