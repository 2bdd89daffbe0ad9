// Write: a Spec to the millrace.yaml that a person reads: the order of the six phases, a comment
// with the reason beside every chosen value.

#pragma once

#include <string>

#include "spec/spec.h"

namespace millrace::spec {

/// Returns YAML text that Parse reads back to an equal Spec. Written are: required keys, values
/// that differ from their default, and keys that have a reason.
std::string WriteSpec(const Spec& spec, const Reasons& reasons);

}  // namespace millrace::spec
