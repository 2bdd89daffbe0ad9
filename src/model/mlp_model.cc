#include "model/mlp_model.h"

#include <algorithm>

#include "model/model_header.h"

namespace millrace::model {
namespace {

// Rows that go through the layers together.
constexpr size_t kChunkRows = 32;

}  // namespace

Result<std::unique_ptr<MlpModel>> MlpModel::Make(NetworkParts parts) {
  MILLRACE_RETURN_IF_ERROR(CheckNetwork(parts));
  return std::make_unique<MlpModel>(MlpModel(std::move(parts)));
}

void MlpModel::PredictRaw(std::span<const float> rows, int64_t num_rows,
                          std::span<double> scores) const {
  thread_local NetworkScratch scratch;
  const size_t num_features = parts_.features.size();
  const auto num_scores = static_cast<size_t>(parts_.size.num_scores);
  for (size_t first = 0; first < static_cast<size_t>(num_rows); first += kChunkRows) {
    const size_t count = std::min(kChunkRows, static_cast<size_t>(num_rows) - first);
    Forward(parts_, parts_.weights, rows.subspan(first * num_features, count * num_features), count,
            nullptr, scratch);
    MeanOutputs(parts_.size, count, scratch, scores.subspan(first * num_scores));
  }
  if (parts_.link != Link::kIdentity) return;
  for (double& score : scores) {
    score = std::clamp(parts_.shift + parts_.scale * score, parts_.low, parts_.high);
  }
}

std::string MlpModel::Serialize() const {
  ByteWriter writer;
  WriteHeader(writer, kind());
  writer.Put(static_cast<uint8_t>(parts_.link));
  writer.Put(parts_.size.width);
  writer.Put(parts_.size.num_layers);
  writer.Put(parts_.size.num_members);
  writer.Put(parts_.size.num_scores);
  writer.Put(static_cast<uint64_t>(parts_.features.size()));
  for (const NetworkFeature& feature : parts_.features) {
    writer.Put(feature.category);
    writer.Put(feature.num_vectors);
  }
  writer.PutArray(parts_.knots);
  writer.PutArray(parts_.weights);
  for (const double number : {parts_.shift, parts_.scale, parts_.low, parts_.high}) {
    writer.Put(number);
  }
  return writer.Take();
}

Result<std::unique_ptr<Model>> ReadMlpModel(ByteReader& reader) {
  NetworkParts parts;
  MILLRACE_ASSIGN_OR_RETURN(parts.link, ReadLink(reader));
  MILLRACE_ASSIGN_OR_RETURN(parts.size.width, reader.Get<uint32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.size.num_layers, reader.Get<uint32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.size.num_members, reader.Get<uint32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.size.num_scores, reader.Get<uint32_t>());
  MILLRACE_ASSIGN_OR_RETURN(const uint64_t num_features, reader.Get<uint64_t>());
  uint32_t knots = 0;
  for (uint64_t f = 0; f < num_features; ++f) {  // ends at the first read past the end
    NetworkFeature feature;
    MILLRACE_ASSIGN_OR_RETURN(feature.category, reader.Get<uint8_t>());
    MILLRACE_ASSIGN_OR_RETURN(feature.num_vectors, reader.Get<uint32_t>());
    feature.first_vector = parts.size.num_vectors;
    parts.size.num_vectors += feature.num_vectors;
    if (feature.category == 0 && feature.num_vectors > 0) {
      feature.first_knot = knots;
      knots += feature.num_vectors - 1;
    }
    parts.features.push_back(feature);
  }
  MILLRACE_ASSIGN_OR_RETURN(parts.knots, reader.GetArray<float>());
  MILLRACE_ASSIGN_OR_RETURN(parts.weights, reader.GetArray<float>());
  MILLRACE_ASSIGN_OR_RETURN(parts.shift, reader.Get<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.scale, reader.Get<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.low, reader.Get<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.high, reader.Get<double>());
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<MlpModel> model, MlpModel::Make(std::move(parts)));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace millrace::model
