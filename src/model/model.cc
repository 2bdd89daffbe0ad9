#include "model/model.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "model/calibrated_model.h"
#include "model/constant_model.h"
#include "model/ensemble_model.h"
#include "model/forest_model.h"
#include "model/linear_model.h"
#include "model/mlp_model.h"
#include "model/model_header.h"
#include "model/tree_ensemble.h"

namespace millrace::model {

std::string_view LinkName(Link link) {
  switch (link) {
    case Link::kIdentity:
      return "identity";
    case Link::kSigmoid:
      return "sigmoid";
    case Link::kSoftmax:
      return "softmax";
    case Link::kExp:
      return "exp";
  }
  return "identity";
}

void WriteHeader(ByteWriter& writer, std::string_view kind) {
  writer.PutText(kModelMagic);
  writer.Put(kModelVersion);
  writer.PutText(kind);
}

Result<Link> ReadLink(ByteReader& reader) {
  MILLRACE_ASSIGN_OR_RETURN(const uint8_t link, reader.Get<uint8_t>());
  if (link > static_cast<uint8_t>(Link::kExp)) return Corrupt("model: unknown link");
  return static_cast<Link>(link);
}

namespace {

Result<std::unique_ptr<Model>> ReadBody(const std::string& kind, ByteReader& reader) {
  if (kind == "trees") return ReadTreeEnsemble(reader);
  if (kind == "linear") return ReadLinearModel(reader);
  if (kind == "constant") return ReadConstantModel(reader);
  if (kind == "packed trees") return ReadPackedTrees(reader);
  if (kind == "mlp") return ReadMlpModel(reader);
  if (kind == "forest") return ReadForestModel(reader);
  // Members are loaded whole: their nesting is refused there.
  if (kind == "ensemble") return ReadEnsembleModel(reader);
  if (kind == "calibrated") return ReadCalibratedModel(reader);
  return Unsupported(Format("model: unknown kind: \"{}\"", kind))
      .WithHint("a newer program may have written it");
}

}  // namespace

Result<std::unique_ptr<Model>> LoadModel(std::string_view bytes) {
  ByteReader reader(bytes);
  MILLRACE_ASSIGN_OR_RETURN(const std::string magic, reader.GetText());
  if (magic != kModelMagic) return Corrupt("model: not a model file");
  MILLRACE_ASSIGN_OR_RETURN(const uint32_t version, reader.Get<uint32_t>());
  if (version > kModelVersion) {
    return Unsupported(Format("model: format version {}", version))
        .WithHint(Format("this program reads up to version {}", kModelVersion));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::string kind, reader.GetText());
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<Model> model, ReadBody(kind, reader));
  if (!reader.done()) return Corrupt("model: bytes after the end");
  return model;
}

void ApplyLink(Link link, int64_t num_scores, std::span<double> scores) {
  switch (link) {
    case Link::kIdentity:
      return;
    case Link::kSigmoid:
      for (double& score : scores) score = 1.0 / (1.0 + std::exp(-score));
      return;
    case Link::kExp:
      for (double& score : scores) score = std::exp(score);
      return;
    case Link::kSoftmax:
      break;
  }
  const auto width = static_cast<size_t>(num_scores);
  for (size_t first = 0; first + width <= scores.size(); first += width) {
    const std::span<double> row = scores.subspan(first, width);
    const double largest = *std::max_element(row.begin(), row.end());
    double sum = 0.0;
    for (double& score : row) {
      score = std::exp(score - largest);
      sum += score;
    }
    for (double& score : row) score /= sum;
  }
}

void Predict(const Model& model, std::span<const float> rows, int64_t num_rows,
             std::span<double> outputs) {
  model.PredictRaw(rows, num_rows, outputs);
  ApplyLink(model.link(), model.num_scores(), outputs);
}

}  // namespace millrace::model
