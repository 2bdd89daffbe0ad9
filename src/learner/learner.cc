#include "learner/learner.h"

#include "base/format.h"
#include "base/text.h"

namespace millrace::learner {

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

Status CheckTraining(const Learner& learner, const TrainingData& data,
                     const TrainOptions& options) {
  const std::string_view task = table::TaskName(data.task);
  if (learner.capabilities().tasks.find(task) == std::string_view::npos) {
    return Unsupported(Format("{}: cannot train a {} model", learner.name(), task))
        .WithHint(Format("it trains: {}", learner.capabilities().tasks));
  }
  for (const auto& [key, value] : options.values) {
    MILLRACE_ASSIGN_OR_RETURN(const OptionDescriptor* option,
                              FindOption(learner.options(), learner.name(), key));
    MILLRACE_RETURN_IF_ERROR(ValidateOption(*option, Format("{}.{}", learner.name(), key), value));
  }
  if (data.train_rows.empty())
    return InvalidData(Format("{}: no rows to train on", learner.name()));
  return {};
}

}  // namespace millrace::learner
