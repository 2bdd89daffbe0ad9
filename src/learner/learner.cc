#include "learner/learner.h"

#include <numeric>

#include "base/format.h"
#include "base/text.h"

namespace millrace::learner {
namespace {

// Trains every fold on its own, from the matrix.
class PlainSession final : public Session {
 public:
  PlainSession(const Learner& learner, const SessionData& data) : learner_(learner), data_(data) {
    all_.train.resize(data.labels.size());
    std::iota(all_.train.begin(), all_.train.end(), int64_t{0});
  }

  Result<TrainedModel> Train(int64_t fold, const TrainOptions& options) const override {
    const Fold& rows = fold == kAllRows ? all_ : data_.folds[static_cast<size_t>(fold)];
    MILLRACE_ASSIGN_OR_RETURN(TrainedModel trained,
                              learner_.Train({.features = data_.features,
                                              .infos = data_.infos,
                                              .labels = data_.labels,
                                              .task = data_.task,
                                              .num_classes = data_.num_classes,
                                              .train_rows = rows.train,
                                              .validation_rows = rows.validation},
                                             options));
    const table::Matrix validation = data_.features.Take(rows.validation);
    trained.validation_outputs.resize(rows.validation.size() *
                                      static_cast<size_t>(trained.model->num_scores()));
    model::Predict(*trained.model, validation.values(), validation.num_rows(),
                   trained.validation_outputs);
    return trained;
  }

 private:
  const Learner& learner_;
  SessionData data_;
  Fold all_;
};

}  // namespace

Result<std::unique_ptr<Session>> Learner::Open(const SessionData& data) const {
  return std::unique_ptr<Session>(std::make_unique<PlainSession>(*this, data));
}

Result<double> NumberOption(const Learner& learner, const OptionValues& values,
                            std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const OptionDescriptor* option,
                            FindOption(learner.options(), learner.name(), key));
  const auto given = values.find(std::string(key));
  const std::string text =
      given == values.end() ? std::string(option->default_text) : given->second;
  MILLRACE_RETURN_IF_ERROR(ValidateOption(*option, Format("{}.{}", learner.name(), key), text));
  if (option->type == OptionType::kBoolean) return text == "true" ? 1.0 : 0.0;
  const auto value = ParseDouble(text);
  if (!value) return InvalidSpec(Format("{}.{}: not a number: {}", learner.name(), key, text));
  return *value;
}

Status CheckOptions(const Learner& learner, const OptionValues& values) {
  for (const auto& [key, value] : values) {
    MILLRACE_ASSIGN_OR_RETURN(const OptionDescriptor* option,
                              FindOption(learner.options(), learner.name(), key));
    MILLRACE_RETURN_IF_ERROR(ValidateOption(*option, Format("{}.{}", learner.name(), key), value));
  }
  return {};
}

Status CheckTraining(const Learner& learner, const TrainingData& data,
                     const TrainOptions& options) {
  const std::string_view task = table::TaskName(data.task);
  if (learner.capabilities().tasks.find(task) == std::string_view::npos) {
    return Unsupported(Format("{}: cannot train a {} model", learner.name(), task))
        .WithHint(Format("it trains: {}", learner.capabilities().tasks));
  }
  MILLRACE_RETURN_IF_ERROR(CheckOptions(learner, options.values));
  if (data.train_rows.empty())
    return InvalidData(Format("{}: no rows to train on", learner.name()));
  return {};
}

}  // namespace millrace::learner
