// Multilayer perceptrons: the model around a network.

#pragma once

#include <memory>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/model.h"
#include "model/network.h"

namespace millrace::model {

class MlpModel final : public Model {
 public:
  /// kCorrupt when the parts are not sound (CheckNetwork).
  static Result<std::unique_ptr<MlpModel>> Make(NetworkParts parts);

  std::string_view kind() const override { return "mlp"; }
  int64_t num_features() const override { return static_cast<int64_t>(parts_.features.size()); }
  int64_t num_scores() const override { return parts_.size.num_scores; }
  Link link() const override { return parts_.link; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;
  const NetworkParts& parts() const { return parts_; }

 private:
  explicit MlpModel(NetworkParts parts) : parts_(std::move(parts)) {}
  NetworkParts parts_;
};

Result<std::unique_ptr<Model>> ReadMlpModel(ByteReader& reader);

}  // namespace millrace::model
