// ProblemType: kinds of problem that a table of independent rows does not answer (forecasts,
// images, rankings), recognised in the sentence and in the data with the evidence, and refused with
// a way out; and free texts, which are learnt as classes from their words.
//
// Pure but for RefuseImageFolders, which lists folders.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "profile/source_profile.h"
#include "table/task.h"

namespace millrace::design {

/// A kind of problem that this version does not train, and what shows it.
struct OtherTask {
  table::Task task = table::Task::kForecast;
  std::string evidence;  // '"forecast" in your sentence; Date says when a row is'
  std::string way_out;   // what can be done instead
};

/// Looks at sentence and columns. The table decides where both speak: a sentence about images over
/// numbers made from them is no image task. `target`: as the user named it, or "".
std::optional<OtherTask> FindOtherTask(std::string_view description,
                                       const profile::SourceProfile& profile,
                                       std::string_view target);

/// Looks at the columns that are left to learn a chosen target from: nothing but dates is a
/// forecast, nothing but paths of images an image task.
std::optional<OtherTask> FindOtherTaskInFeatures(const profile::SourceProfile& profile,
                                                 const profile::ColumnProfile& target);

/// What is done instead of a forecast, image or ranking task of these columns.
std::string WayOut(table::Task task, const profile::SourceProfile& profile,
                   std::string_view target);

/// kUnsupported "task: forecast: not done by this version: <evidence>" with the way out.
Status RefuseTask(const OtherTask& other);

/// Refuses paths that are folders of images (in sub-folders by class, too) as an image task, with
/// the number of files. For paths that the reader of sources found no rows in: pictures beside
/// rows are no image task. Files that it looks past (IsHidden) are no images.
Status RefuseImageFolders(const std::string& base_folder, const std::vector<std::string>& paths);

/// Names of the columns of prose.
std::vector<std::string> TextColumns(const profile::SourceProfile& profile,
                                     const profile::ColumnProfile& target);
/// True when nothing but prose is left to learn from.
bool FeaturesAreText(const profile::SourceProfile& profile, const profile::ColumnProfile& target);

}  // namespace millrace::design
