// The entries, one table per file. guide.cc puts them together; readers use guide.h.

#pragma once

#include <span>

#include "guide/guide.h"

namespace millrace::guide {

/// Methods of the phases: problem and design, data, features, models, evaluation, operation.
std::span<const Entry> DesignSkills();
std::span<const Entry> DataSkills();
std::span<const Entry> ModelSkills();
std::span<const Entry> EvaluationSkills();
std::span<const Entry> OperationSkills();
/// Cases worked through.
std::span<const Entry> Examples();
/// How to do something with this program.
std::span<const Entry> Guides();
/// Roles.
std::span<const Entry> Agents();

}  // namespace millrace::guide
