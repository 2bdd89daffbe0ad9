#include "model/ensemble_model.h"

#include <cmath>

#include "model/model_header.h"

namespace millrace::model {
namespace {

// Members per ensemble; more would only be a damaged file.
constexpr uint64_t kMaxMembers = 1'000;

Status RefuseEnsemble(std::string_view bytes) {
  ByteReader reader(bytes);
  MILLRACE_RETURN_IF_ERROR(reader.GetText().status());
  MILLRACE_RETURN_IF_ERROR(reader.Get<uint32_t>().status());
  MILLRACE_ASSIGN_OR_RETURN(const std::string kind, reader.GetText());
  if (kind == "ensemble") return Corrupt("model: an ensemble inside an ensemble");
  if (kind == "calibrated") return Corrupt("model: a calibration inside an ensemble");
  return {};
}

}  // namespace

Result<std::unique_ptr<EnsembleModel>> EnsembleModel::Make(std::vector<Member> members) {
  if (members.empty()) return Corrupt("model: an ensemble without members");
  double sum = 0.0;
  for (const Member& member : members) {
    if (member.model->num_features() != members[0].model->num_features() ||
        member.model->num_scores() != members[0].model->num_scores() || !(member.weight > 0.0) ||
        !std::isfinite(member.weight)) {
      return Corrupt("model: members of an ensemble do not fit");
    }
    sum += member.weight;
  }
  for (Member& member : members) member.weight /= sum;
  return std::make_unique<EnsembleModel>(EnsembleModel(std::move(members)));
}

void EnsembleModel::PredictRaw(std::span<const float> rows, int64_t num_rows,
                               std::span<double> scores) const {
  thread_local std::vector<double> outputs;
  outputs.resize(scores.size());
  for (double& score : scores) score = 0.0;
  for (const Member& member : members_) {
    Predict(*member.model, rows, num_rows, outputs);
    for (size_t i = 0; i < scores.size(); ++i) scores[i] += member.weight * outputs[i];
  }
}

std::string EnsembleModel::Serialize() const {
  ByteWriter writer;
  WriteHeader(writer, kind());
  writer.Put(static_cast<uint64_t>(members_.size()));
  for (const Member& member : members_) {
    writer.Put(member.weight);
    writer.PutText(member.model->Serialize());
  }
  return writer.Take();
}

Result<std::unique_ptr<Model>> ReadEnsembleModel(ByteReader& reader) {
  MILLRACE_ASSIGN_OR_RETURN(const uint64_t count, reader.Get<uint64_t>());
  if (count > kMaxMembers) return Corrupt("model: too many members of an ensemble");
  std::vector<EnsembleModel::Member> members;
  for (uint64_t i = 0; i < count; ++i) {
    EnsembleModel::Member member;
    MILLRACE_ASSIGN_OR_RETURN(member.weight, reader.Get<double>());
    MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, reader.GetText());
    // Refused before loading: nesting must not deepen the stack.
    MILLRACE_RETURN_IF_ERROR(RefuseEnsemble(bytes));
    MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<Model> model, LoadModel(bytes));
    member.model = std::move(model);
    members.push_back(std::move(member));
  }
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<EnsembleModel> ensemble,
                            EnsembleModel::Make(std::move(members)));
  return std::unique_ptr<Model>(std::move(ensemble));
}

}  // namespace millrace::model
