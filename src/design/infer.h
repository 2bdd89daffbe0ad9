// Infer: what a sentence and the profile of a table say about the problem: task, target, positive
// class, roles of columns and requirements, each with its reason. Pure; same input, same answer.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "design/criteria.h"
#include "profile/source_profile.h"
#include "table/task.h"

namespace millrace::design {

/// One choice the program made.
struct Choice {
  std::string value;
  std::string reason;
  std::string runner_up;  // the next best value; empty when there is none
};

/// Something the sentence leaves open. The command line asks it on a terminal, takes `best_guess`
/// with --yes, and otherwise fails naming `flag`.
struct OpenQuestion {
  std::string key;  // "target"
  std::string question;
  std::vector<std::string> choices;  // best first; empty: any text
  std::string best_guess;
  std::string flag;  // "--target"
};

/// What the user fixed by flags; nothing: inferred.
struct Known {
  std::optional<table::Task> task;
  std::optional<std::string> target;
  std::optional<std::string> positive;
  std::optional<std::string> id;
  /// Columns that are known too late, exactly these; nothing: found out.
  std::optional<std::vector<std::string>> not_at_prediction;
};

struct ColumnNote {
  std::string name;
  std::string reason;
};

struct Inference {
  table::Task task = table::Task::kBinary;
  Choice target;
  Choice task_choice;  // value: the task's name
  Choice positive;     // value empty unless binary
  Choice id;           // value empty: none
  Choice time;
  Choice group;
  std::vector<ColumnNote> sensitive;
  std::vector<ColumnNote> exclude;
  std::vector<ColumnNote> not_at_prediction;  // known too late; not filled by Infer
  Criteria criteria;                          // what the sentence demands
  std::vector<OpenQuestion> questions;
};

/// Infers from `description`. A text task becomes the classification or regression that its target
/// is. kInvalidSpec when a known column or class does not exist, kInvalidData when no column can be
/// a target, kUnsupported (naming the task and its evidence) when sentence or table ask for
/// forecasting, image or ranking work.
Result<Inference> Infer(std::string_view description, const profile::SourceProfile& profile,
                        const Known& known);

}  // namespace millrace::design
