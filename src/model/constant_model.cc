#include "model/constant_model.h"

#include <algorithm>
#include <cmath>

#include "model/model_header.h"

namespace millrace::model {

Result<std::unique_ptr<ConstantModel>> ConstantModel::Make(int64_t num_features, Link link,
                                                           std::vector<double> scores) {
  const bool finite =
      std::all_of(scores.begin(), scores.end(), [](double score) { return std::isfinite(score); });
  if (num_features < 0 || scores.empty() || !finite) {
    return Corrupt("model: a constant model needs finite scores");
  }
  return std::make_unique<ConstantModel>(ConstantModel(num_features, link, std::move(scores)));
}

void ConstantModel::PredictRaw(std::span<const float>, int64_t num_rows,
                               std::span<double> scores) const {
  for (int64_t row = 0; row < num_rows; ++row) {
    std::copy(scores_.begin(), scores_.end(), scores.begin() + row * num_scores());
  }
}

std::string ConstantModel::Serialize() const {
  ByteWriter writer;
  WriteHeader(writer, kind());
  writer.Put(num_features_);
  writer.Put(static_cast<uint8_t>(link_));
  writer.PutArray(scores_);
  return writer.Take();
}

Result<std::unique_ptr<Model>> ReadConstantModel(ByteReader& reader) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t num_features, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(const Link link, ReadLink(reader));
  MILLRACE_ASSIGN_OR_RETURN(std::vector<double> scores, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<ConstantModel> model,
                            ConstantModel::Make(num_features, link, std::move(scores)));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace millrace::model
