// File check: the checks of a file alone, without a project: no target, no split, nothing learnt.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "profile/source_profile.h"
#include "report/document.h"
#include "spec/spec.h"

namespace millrace::data {

struct FileCheckInputs {
  /// Sources, how they are read, and the checks; roles are not looked at.
  const spec::Spec& spec;
  std::string folder;  // that relative paths start from
  engine::Engine& engine;
};

struct FileCheckRecord {
  profile::SourceProfile profile;
  int64_t num_rows = 0;
  int64_t num_rejected = 0;  // rows that could not be split into cells
  report::Section section;   // checkpoint and the columns
};

/// Measures the checks of the specification on its sources. Types are inferred, but for columns
/// whose checks need another one: bounds make a column one of numbers, patterns and lengths one of
/// texts. Cells that the type of a column with a check cannot hold are a check of their own, as
/// severe as those of the column; without a check on the column they warn. Errors of OpenSource and
/// RunUserChecks.
Result<FileCheckRecord> CheckFile(const FileCheckInputs& inputs);

}  // namespace millrace::data
