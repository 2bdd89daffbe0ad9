// The constant model: the same scores for every row. The baseline, and the answer for a target
// that nothing explains.

#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/model.h"

namespace millrace::model {

class ConstantModel final : public Model {
 public:
  /// `scores` are raw (before the link) and finite; at least one. kCorrupt otherwise.
  static Result<std::unique_ptr<ConstantModel>> Make(int64_t num_features, Link link,
                                                     std::vector<double> scores);

  std::string_view kind() const override { return "constant"; }
  int64_t num_features() const override { return num_features_; }
  int64_t num_scores() const override { return static_cast<int64_t>(scores_.size()); }
  Link link() const override { return link_; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;

 private:
  ConstantModel(int64_t num_features, Link link, std::vector<double> scores)
      : num_features_(num_features), link_(link), scores_(std::move(scores)) {}

  int64_t num_features_;
  Link link_;
  std::vector<double> scores_;
};

Result<std::unique_ptr<Model>> ReadConstantModel(ByteReader& reader);

}  // namespace millrace::model
