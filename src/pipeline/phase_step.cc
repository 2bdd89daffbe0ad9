#include "pipeline/phase_step.h"

namespace millrace::pipeline {

Result<std::unique_ptr<engine::Engine>> MakeEngine(const PhaseContext& context) {
  engine::EngineOptions options;
  options.num_threads = context.num_threads;
  const std::optional<int64_t>& memory = context.spec.develop.budget.memory_bytes;
  if (memory) options.memory_bytes = *memory;
  return engine::MakeDuckDbEngine(options);
}

std::string_view PhaseName(int number) {
  constexpr std::string_view kNames[] = {"design",   "data",   "develop",
                                         "evaluate", "deploy", "operate"};
  return kNames[number - 1];
}

}  // namespace millrace::pipeline
