#include "operate/github_workflow.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "spec/locator.h"
#include "spec/quantity.h"

namespace millrace::operate {
namespace {

constexpr double kDay = 86400.0;

// A YAML text in single quotes.
std::string Quoted(std::string_view text) { return "'" + ReplaceAll(text, "'", "''") + "'"; }

// One line for a comment.
std::string OneLine(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return Ellipsize(Trim(line), 90);
}

// Data files that lie in the repository, as paths from its root.
std::vector<std::string> RepositoryPaths(const spec::Spec& spec, const WorkflowOptions& options) {
  std::vector<std::string> paths;
  for (const std::string& path : spec.data.paths) {
    if (!spec::NamesFiles(path) || path.starts_with('/') || path.starts_with("..")) continue;
    paths.push_back(options.folder == "." ? path : options.folder + "/" + path);
  }
  return paths;
}

std::string SpecPath(const WorkflowOptions& options) {
  return options.folder == "." ? "millrace.yaml" : options.folder + "/millrace.yaml";
}

bool HasSchedule(const spec::RetrainPlan& plan) {
  return std::ranges::find(plan.on, spec::RetrainTrigger::kSchedule) != plan.on.end();
}

// The coarsest schedule of cron that is no rarer than `every`, at 04:17: whole hours are crowded.
std::string CronOf(double every_seconds) {
  if (every_seconds < 7 * kDay) return "17 4 * * *";
  if (every_seconds < 31 * kDay) return "17 4 * * 1";
  return "17 4 1 * *";
}

// Development may take its budget; the rest of a run and the set-up get a quarter of an hour.
int64_t TimeoutMinutes(const spec::Spec& spec) {
  return 15 + static_cast<int64_t>(std::ceil(spec.develop.budget.time_seconds / 60.0));
}

std::string Head(const spec::Spec& spec, std::string_view command) {
  const std::string question = spec.problem.description.empty() ? "predict " + spec.problem.target
                                                                : spec.problem.description;
  return Format(
      "# {}\n"
      "# Checks the data, trains, measures the requirements of millrace.yaml and keeps report and\n"
      "# bundle. A requirement that is not met fails the job (exit code 1). Made by\n"
      "# `{}`; made again after a change of millrace.yaml.\n",
      OneLine(question), command);
}

std::string TriggersOf(const spec::Spec& spec, const WorkflowOptions& options) {
  std::string text = "on:\n  push:\n    paths:\n";
  std::vector<std::string> paths = {".github/workflows/millrace.yml", SpecPath(options)};
  for (std::string& path : RepositoryPaths(spec, options)) paths.push_back(std::move(path));
  for (const std::string& path : paths) text += Format("      - {}\n", Quoted(path));
  text += "  pull_request:\n    paths:\n";
  for (const std::string& path : paths) text += Format("      - {}\n", Quoted(path));
  if (HasSchedule(spec.retrain)) {
    text += Format("  schedule:\n    # retrain.every: {}\n    - cron: {}\n",
                   spec::DurationText(spec.retrain.every_seconds),
                   Quoted(CronOf(spec.retrain.every_seconds)));
  }
  return text + "  workflow_dispatch: {}\n";
}

std::string HashedFiles(const spec::Spec& spec, const WorkflowOptions& options) {
  std::vector<std::string> quoted = {Quoted(SpecPath(options))};
  for (const std::string& path : RepositoryPaths(spec, options)) quoted.push_back(Quoted(path));
  return Join(quoted, ", ");
}

// The program comes from an archive that the repository names, checked by its digest.
constexpr std::string_view kInstall = R"(set -euo pipefail
if [ -z "$MILLRACE_ARCHIVE" ] || [ -z "$MILLRACE_SHA256" ]; then
  echo "set the variables MILLRACE_ARCHIVE (URL of a millrace .tar.gz for Linux) and MILLRACE_SHA256"
  exit 1
fi
curl --fail --silent --show-error --location --retry 3 "$MILLRACE_ARCHIVE" --output "$HOME/millrace.tar.gz"
echo "$MILLRACE_SHA256  $HOME/millrace.tar.gz" | sha256sum --check
mkdir -p "$HOME/millrace"
tar -xzf "$HOME/millrace.tar.gz" -C "$HOME/millrace" --strip-components=1
)";

std::string Indented(std::string_view text, int spaces) {
  std::string out;
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.empty()) out += std::string(static_cast<size_t>(spaces), ' ') + std::string(line);
    out += '\n';
  }
  out.pop_back();
  return out;
}

std::string CommentOfGates(const spec::Spec& spec) {
  const size_t gates = spec.require.gates.size() + spec.require.fairness.size();
  return gates == 0
             ? "no requirement is written in millrace.yaml yet"
             : Format("{} {} of millrace.yaml", gates, gates == 1 ? "requirement" : "requirements");
}

std::string RepositoryRoot(const std::string& folder) {
  for (std::string at = folder;; at = FolderName(at)) {
    if (FileExists(JoinPath(at, ".git"))) return at;
    if (at == "/" || at == "." || at.empty()) return folder;
  }
}

}  // namespace

std::string GithubWorkflow(const spec::Spec& spec, const WorkflowOptions& options) {
  const std::string prefix = options.folder == "." ? "" : options.folder + "/";
  std::string text = Head(spec, "millrace export github");
  text += "name: millrace\n\n" + TriggersOf(spec, options);
  text += R"(
permissions:
  contents: read

# One run a branch: a newer push replaces the older one.
concurrency:
  group: millrace-${{ github.ref }}
  cancel-in-progress: true

jobs:
  model:
    runs-on: ubuntu-24.04
)";
  text += Format(
      "    # develop.budget.time {} and 15 minutes for everything else\n"
      "    timeout-minutes: {}\n",
      spec::DurationText(spec.develop.budget.time_seconds), TimeoutMinutes(spec));
  if (!prefix.empty()) {
    text += Format("    defaults:\n      run:\n        working-directory: {}\n",
                   Quoted(options.folder));
  }
  text += R"(    env:
      MILLRACE_ARCHIVE: ${{ vars.MILLRACE_ARCHIVE }}
      MILLRACE_SHA256: ${{ vars.MILLRACE_SHA256 }}
    steps:
      - uses: actions/checkout@v4
        with:
          lfs: true  # data files are often kept there

      - name: Install millrace
        run: |
)";
  text += Indented(kInstall, 10);
  text += "          echo \"$HOME/millrace/bin\" >> \"$GITHUB_PATH\"\n\n";
  text += Format(R"(      # Phases whose inputs did not change are found there, not repeated.
      - uses: actions/cache@v4
        with:
          path: {}
          key: millrace-${{{{ runner.os }}}}-${{{{ hashFiles({}) }}}}
          restore-keys: millrace-${{{{ runner.os }}}}-

)",
                 Quoted(prefix + ".millrace"), HashedFiles(spec, options));
  text += R"(      - name: Check the specification
        run: millrace spec check

      - name: Check the data
        run: millrace data validate

)";
  text += Format("      # Ends with 1 when a gate is not met: {}.\n", CommentOfGates(spec));
  text += R"(      - name: Train and evaluate
        run: millrace run --to evaluate --yes

      - name: Model card
        run: millrace card >> "$GITHUB_STEP_SUMMARY"

      - name: Take the bundle
        run: |
          millrace bundle verify
          bundle=$(millrace bundle show --json | jq --raw-output .path)
          cp "$bundle" model.mill

      - name: Keep the report
        if: ${{ always() }}
        uses: actions/upload-artifact@v4
        with:
          name: report
)";
  text += Format("          path: {}\n          if-no-files-found: warn\n",
                 Quoted(prefix + "reports/"));
  text += Format(R"(
      - name: Keep the bundle
        uses: actions/upload-artifact@v4
        with:
          name: bundle
          path: {}
          if-no-files-found: error
)",
                 Quoted(prefix + "model.mill"));
  return text;
}

std::string GitlabPipeline(const spec::Spec& spec, const WorkflowOptions& options) {
  const std::string prefix = options.folder == "." ? "" : options.folder + "/";
  std::string text = Head(spec, "millrace export gitlab");
  if (HasSchedule(spec.retrain)) {
    text +=
        Format("# retrain.every: {}. Add a pipeline schedule `{}` in CI/CD > Schedules.\n",
               spec::DurationText(spec.retrain.every_seconds), CronOf(spec.retrain.every_seconds));
  }
  text += Format(R"(
model:
  image: ubuntu:24.04
  # develop.budget.time {} and 15 minutes for everything else
  timeout: {} minutes
  interruptible: true
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule" || $CI_PIPELINE_SOURCE == "web"
    - changes:
)",
                 spec::DurationText(spec.develop.budget.time_seconds), TimeoutMinutes(spec));
  std::vector<std::string> paths = {".gitlab-ci.yml", SpecPath(options)};
  for (std::string& path : RepositoryPaths(spec, options)) paths.push_back(std::move(path));
  for (const std::string& path : paths) text += Format("        - {}\n", Quoted(path));
  text += Format(R"(  cache:
    key: millrace
    paths:
      - {}
  before_script:
    - apt-get update && apt-get install --yes --no-install-recommends ca-certificates curl jq
    - |
)",
                 Quoted(prefix + ".millrace/"));
  text += Indented(kInstall, 6);
  text += "    - export PATH=\"$HOME/millrace/bin:$PATH\"\n";
  if (!prefix.empty()) {
    text += Format("    - {}\n", Quoted("cd '" + ReplaceAll(options.folder, "'", "'\\''") + "'"));
  }
  text += Format(R"(  script:
    - millrace spec check
    - millrace data validate
    # ends with 1 when a gate is not met: {}
    - millrace run --to evaluate --yes
    - millrace bundle verify
    - bundle=$(millrace bundle show --json | jq --raw-output .path)
    - cp "$bundle" model.mill
  artifacts:
    when: always
    paths:
      - {}
      - {}
)",
                 CommentOfGates(spec), Quoted(prefix + "reports/"), Quoted(prefix + "model.mill"));
  return text;
}

Result<std::string> ExportWorkflow(const spec::Spec& spec, const store::Project& project,
                                   WorkflowKind kind, Overwrite overwrite) {
  const std::string root = RepositoryRoot(project.folder());
  WorkflowOptions options;
  if (root != project.folder()) {
    options.folder = project.folder().substr(root == "/" ? 1 : root.size() + 1);
  }
  const bool github = kind == WorkflowKind::kGithub;
  const std::string path =
      JoinPath(root, github ? ".github/workflows/millrace.yml" : ".gitlab-ci.yml");
  const std::string text = github ? GithubWorkflow(spec, options) : GitlabPipeline(spec, options);
  if (FileExists(path) && overwrite == Overwrite::kRefuse) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string there, ReadFile(path));
    if (there == text) return path;
    return InvalidSpec(Format("{}: a file with other content is there", path))
        .WithHint("--force replaces it");
  }
  MILLRACE_RETURN_IF_ERROR(MakeFolders(FolderName(path)));
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(path, text));
  return path;
}

}  // namespace millrace::operate
