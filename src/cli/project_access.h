// Project access: how commands find the specification, the project and the bundle that they work
// with.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.h"
#include "cli/command.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "learner/registry.h"
#include "report/terminal.h"
#include "spec/parse.h"
#include "spec/spec.h"
#include "store/catalog.h"

namespace millrace::cli {

/// The learners of the program, as a specification may name them.
class KnownLearners {
 public:
  KnownLearners();
  std::span<const spec::LearnerDescriptor> descriptors() const { return descriptors_; }

 private:
  learner::Registry registry_;
  std::vector<spec::LearnerDescriptor> descriptors_;
};

/// Returns the path of a specification: `named` as the user gave it, else millrace.yaml of the
/// context's folder; as errors should name it.
std::string SpecPath(const CommandContext& context, const std::string& named);
/// Reads and checks a specification, learners included. Errors of spec::ReadSpec; kNotFound says
/// how to make one.
Result<spec::Spec> ReadSpecOf(const std::string& path);
/// Reads the specification of the context's folder.
Result<spec::Spec> ReadProjectSpec(const CommandContext& context);

/// A bundle with where it comes from.
struct FoundBundle {
  std::shared_ptr<const bundle::Bundle> bundle;
  std::string path;
  std::string origin;  // "churn.mill", "production 3f9c21ab", "newest bundle 3f9c21ab"
};
/// Returns the version with this label or beginning of a digest; `named` empty: the champion, else
/// the newest. `versions` newest first, at least one; the result points into it. kNotFound,
/// kInvalidSpec.
Result<const store::VersionRow*> ChooseVersion(const std::vector<store::VersionRow>& versions,
                                               const std::string& named);
/// Finds a bundle: `named` is a file, or of the project of the context's folder a label or the
/// beginning of a digest; empty means what is in production, else the newest one. kNotFound says
/// how to get one; errors of Bundle::Open.
Result<FoundBundle> FindBundle(const CommandContext& context, const std::string& named);

/// Returns how checkpoints and facts look on standard output.
report::TerminalStyle OutputStyle();

/// Writes to standard error what is no result: remarks, what is being done. Each text ends a line.
void Note(std::string_view text);

/// Returns what --delimiter and --header say about a source.
engine::SourceOptions SourceOptionsOf(const CommandContext& context);

/// Makes an engine with all processors and the memory of --memory or a half of the machine's.
Result<std::unique_ptr<engine::Engine>> MakeEngine(const CommandContext& context);

}  // namespace millrace::cli
