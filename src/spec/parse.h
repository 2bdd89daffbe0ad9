// Parse: millrace.yaml to a Spec. Every problem is a kInvalidSpec that names file, line, column,
// key and value, with a hint; keys of later versions are kUnsupported. Never fails otherwise, on
// any input: size, depth and number of nodes are limited, aliases are refused.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "spec/spec.h"

namespace millrace::spec {

/// A learner that a specification may name, with its options.
struct LearnerDescriptor {
  std::string_view name;
  std::span<const OptionDescriptor> options;
};

struct ParseOptions {
  /// Known learners; borrowed during the call. Empty: learner names and options are not checked.
  std::span<const LearnerDescriptor> learners;
};

/// Reads a specification from YAML text; `file` is how errors name it.
Result<Spec> Parse(std::string_view yaml, std::string_view file, const ParseOptions& options = {});
/// Reads a specification from a file. kNotFound with a hint when there is none.
Result<Spec> ReadSpec(const std::string& path, const ParseOptions& options = {});

}  // namespace millrace::spec
