// NewProject: from a sentence and data files to a specification with a reason beside every choice:
// opens and profiles the files, infers the problem, asks what is open, probes what a simple model
// reaches and proposes gates below that. Nothing is written before WriteProject.
//
// Deterministic: same sentence, data, flags and answers give the same specification for any number
// of threads.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "design/infer.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "json/value.h"
#include "profile/source_profile.h"
#include "report/document.h"
#include "spec/spec.h"

namespace millrace::design {

/// Answers an open question with one of its choices (or any text where there are none). A failure
/// ends the work and is returned: a terminal's end of input, an interrupt.
using Answerer = std::function<Result<std::string>(const OpenQuestion& question)>;

/// What becomes of a question that no flag settles.
enum class Unanswered {
  kAsk,    // `ask` is called; without one as kFail
  kGuess,  // the best guess is taken and said
  kFail,   // kInvalidSpec that names the flag
};

struct NewProjectInputs {
  std::string description;
  /// Files or patterns as the user names them; relative ones start from `working_folder`.
  std::vector<std::string> data;
  std::string working_folder;  // absolute
  std::string project_folder;  // absolute; where millrace.yaml goes
  Known known;
  std::optional<double> budget_seconds;  // of development; nothing: the default
  engine::SourceOptions source;          // as the user says; empty fields are found out
  Unanswered unanswered = Unanswered::kFail;
  Answerer ask;  // with kAsk
  engine::Engine& engine;
  ProgressSink& progress;
  int num_threads = 1;
};

struct NewProject {
  spec::Spec spec;
  spec::Reasons reasons;
  profile::SourceProfile profile;
  Inference inference;                        // after all answers
  std::vector<engine::FoundForm> forms;       // how the source is written, where it is unusual
  std::vector<engine::RejectedRow> rejected;  // rows that could not be split into cells
  std::optional<report::Fact> freshness;      // where there is a time column
  std::vector<ColumnNote> maybe_later;        // features that may be known too late
  /// "customers.csv   7,043 rows, 21 columns, 0.9 MB".
  std::string headline;
  /// What the terminal shows: name, value, reason.
  report::Facts facts;
  /// Questions whose best guess was taken (kGuess), with that guess in `best_guess`.
  std::vector<OpenQuestion> guessed;
};

/// Makes a project. Errors: those of OpenSource, ProfileSource and Infer; kInvalidSpec naming the
/// flag for an open question under kFail, and for an answer that is no column, class or task.
Result<NewProject> MakeNewProject(const NewProjectInputs& inputs);

/// Same words as the facts, for --json.
json::Json ToJson(const NewProject& project);

enum class IfExists { kRefuse, kReplace };
/// Writes `millrace.yaml` into `folder` (made when missing), atomically. kInvalidSpec when there is
/// one already and it may not be replaced, kIoError. Returns its path.
Result<std::string> WriteProject(const NewProject& project, const std::string& folder,
                                 IfExists if_exists);

/// Returns a data path as the specification holds it: relative to the project folder when the file
/// lies inside it, else absolute. Patterns keep their signs.
std::string SpecPathOf(const std::string& path, const std::string& working_folder,
                       const std::string& project_folder);

}  // namespace millrace::design
