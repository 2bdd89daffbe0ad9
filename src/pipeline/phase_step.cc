#include "pipeline/phase_step.h"

namespace millrace::pipeline {

std::string_view PhaseName(int number) {
  constexpr std::string_view kNames[] = {"design",   "data",   "develop",
                                         "evaluate", "deploy", "operate"};
  return kNames[number - 1];
}

}  // namespace millrace::pipeline
