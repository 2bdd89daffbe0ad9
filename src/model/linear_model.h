// Linear models on prepared features: each feature is either a number (missing values replaced,
// shifted and scaled) or a category code with one weight per code.

#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/model.h"

namespace millrace::model {

/// How one feature enters: columns of the design matrix that it makes.
struct LinearTerm {
  int32_t first_column = 0;
  int32_t num_columns = 1;  // 1 for a number; for a category one per code, unseen codes add 0
  uint8_t category = 0;     // 1: the value is a code
  double fill = 0.0;        // numbers: value of a missing one
  double shift = 0.0;       // numbers: (x - shift) * scale
  double scale = 1.0;
};

struct LinearParts {
  Link link = Link::kIdentity;
  int64_t num_scores = 1;
  std::vector<LinearTerm> terms;   // [num_features]
  std::vector<double> intercepts;  // [num_scores]
  std::vector<double> weights;     // [num_scores, num_columns]
};

class LinearModel final : public Model {
 public:
  /// kCorrupt when sizes do not fit or a number is not finite.
  static Result<std::unique_ptr<LinearModel>> Make(LinearParts parts);

  std::string_view kind() const override { return "linear"; }
  int64_t num_features() const override { return static_cast<int64_t>(parts_.terms.size()); }
  int64_t num_scores() const override { return parts_.num_scores; }
  Link link() const override { return parts_.link; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;
  const LinearParts& parts() const { return parts_; }

 private:
  explicit LinearModel(LinearParts parts) : parts_(std::move(parts)) {}
  LinearParts parts_;
};

Result<std::unique_ptr<Model>> ReadLinearModel(ByteReader& reader);

}  // namespace millrace::model
