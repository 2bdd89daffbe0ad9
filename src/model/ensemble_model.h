// A weighted mean of models: raw scores of members are turned into outputs by their own link and
// averaged; the ensemble's link is the identity on what comes out.

#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/model.h"

namespace millrace::model {

class EnsembleModel final : public Model {
 public:
  struct Member {
    double weight = 1.0;  // > 0; weights are divided by their sum
    std::shared_ptr<const Model> model;
  };
  /// kCorrupt when there is no member, features or scores differ, or a weight is not positive.
  static Result<std::unique_ptr<EnsembleModel>> Make(std::vector<Member> members);

  std::string_view kind() const override { return "ensemble"; }
  int64_t num_features() const override { return members_[0].model->num_features(); }
  int64_t num_scores() const override { return members_[0].model->num_scores(); }
  /// Outputs are averaged after the members' links, so nothing is left to do.
  Link link() const override { return Link::kIdentity; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;
  const std::vector<Member>& members() const { return members_; }

 private:
  explicit EnsembleModel(std::vector<Member> members) : members_(std::move(members)) {}
  std::vector<Member> members_;
};

Result<std::unique_ptr<Model>> ReadEnsembleModel(ByteReader& reader);

}  // namespace millrace::model
