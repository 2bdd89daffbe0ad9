#include "cli/project_access.h"

#include <algorithm>
#include <cstdio>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "base/threads.h"
#include "cli/fold.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"

namespace millrace::cli {
namespace {

bool LooksLikeFile(const std::string& named) {
  return named.find('/') != std::string::npos || named.find('.') != std::string::npos;
}

bool HasLabel(const store::VersionRow& version, std::string_view label) {
  return std::find(version.labels.begin(), version.labels.end(), label) != version.labels.end();
}

Result<FoundBundle> Open(const std::string& path, std::string origin) {
  FoundBundle found;
  MILLRACE_ASSIGN_OR_RETURN(found.bundle, bundle::Bundle::Open(path));
  found.path = path;
  found.origin = std::move(origin);
  return found;
}

}  // namespace

Result<const store::VersionRow*> ChooseVersion(const std::vector<store::VersionRow>& versions,
                                               const std::string& named) {
  const std::string label = named.empty() ? "champion" : named;
  for (const store::VersionRow& version : versions) {
    if (HasLabel(version, label)) return &version;
  }
  if (named.empty()) return &versions.front();
  const store::VersionRow* found = nullptr;
  for (const store::VersionRow& version : versions) {
    if (named.size() < 4 || version.digest.ToHex().substr(0, named.size()) != named) continue;
    if (found != nullptr) {
      return InvalidSpec(Format("bundle \"{}\": several begin so", named))
          .WithHint("give more digits");
    }
    found = &version;
  }
  if (found != nullptr) return found;
  std::vector<std::string> known;
  for (size_t i = 0; i < versions.size() && i < 8; ++i) known.push_back(versions[i].digest.Short());
  return NotFound(Format("no such bundle: {}", named))
      .WithHint(Format("a file (.mill), champion, or one of: {}", Join(known, ", ")));
}

KnownLearners::KnownLearners() : registry_(learner::RegisterLearners()) {
  for (const auto& learner : registry_.all()) {
    descriptors_.push_back({.name = learner->name(), .options = learner->options()});
  }
}

std::string SpecPath(const CommandContext& context, const std::string& named) {
  return context.Resolve(named.empty() ? "millrace.yaml" : named);
}

Result<spec::Spec> ReadSpecOf(const std::string& path) {
  const KnownLearners learners;
  Result<spec::Spec> spec = spec::ReadSpec(path, {.learners = learners.descriptors()});
  if (!spec.ok() && spec.status().code() == Code::kNotFound) {
    return NotFound(Format("{}: there is none here", path))
        .WithHint("millrace new \"predict ...\" --data FILE writes one; -C FOLDER works elsewhere");
  }
  return spec;
}

Result<spec::Spec> ReadProjectSpec(const CommandContext& context) {
  return ReadSpecOf(SpecPath(context, ""));
}

Result<FoundBundle> FindBundle(const CommandContext& context, const std::string& named) {
  const std::string path = context.Resolve(named);
  if (!named.empty() && (LooksLikeFile(named) || FileExists(path))) {
    if (IsFolder(path)) return InvalidData(Format("{}: a folder, not a bundle (.mill)", path));
    return Open(path, path);
  }
  const Result<store::Project> project = store::Project::Open(context.folder);
  if (!project.ok()) {
    if (!named.empty()) return NotFound(Format("{}: no such file", path));
    return NotFound("no bundle is named, and this is no project folder")
        .WithHint("name a bundle file (.mill), or work in a project folder (-C FOLDER)");
  }
  MILLRACE_ASSIGN_OR_RETURN(const store::ObjectStore objects,
                            store::ObjectStore::Open(project->objects_folder()));
  MILLRACE_ASSIGN_OR_RETURN(const auto catalog,
                            store::Catalog::Open(project->catalog_path(), context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto versions, catalog->ListVersions("bundle"));
  if (versions.empty()) {
    return NotFound("this project has no bundle yet").WithHint("millrace run makes one");
  }
  MILLRACE_ASSIGN_OR_RETURN(const store::VersionRow* version, ChooseVersion(versions, named));
  MILLRACE_ASSIGN_OR_RETURN(const Digest object,
                            Digest::FromHex(version->detail["object"].AsString()));
  MILLRACE_RETURN_IF_ERROR(objects.Verify(object));
  const bool champion = HasLabel(*version, "champion");
  return Open(objects.PathOf(object),
              Format("{} {}", champion ? "production" : "bundle", version->digest.Short()));
}

report::TerminalStyle OutputStyle() {
  return {.width = TextWidth(),
          .colour = DescribeTerminal(1).colour ? report::Colour::kOn : report::Colour::kOff};
}

void Note(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

engine::SourceOptions SourceOptionsOf(const CommandContext& context) {
  engine::SourceOptions options;
  options.delimiter = context.arguments.Text("--delimiter");
  if (options.delimiter == "tab" || options.delimiter == "\\t") options.delimiter = "\t";
  options.header = context.arguments.Text("--header");
  return options;
}

Result<std::unique_ptr<engine::Engine>> MakeEngine(const CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto memory, context.arguments.Bytes("--memory"));
  return engine::MakeDuckDbEngine(
      {.num_threads = NumProcessors(), .memory_bytes = memory.value_or(int64_t{4} << 30)});
}

}  // namespace millrace::cli
