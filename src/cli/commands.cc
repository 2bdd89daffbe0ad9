// The table of commands. Its order is that of `help all` and of the reference page.

#include "cli/commands.h"

namespace millrace::cli {
namespace {

using Kind = ArgumentSpec::Kind;
using Presence = ArgumentSpec::Presence;
using Rank = Command::Rank;
using Arguments = std::vector<ArgumentSpec>;

ArgumentSpec Needed(std::string_view name, std::string_view text) {
  return {.kind = Kind::kPositional, .name = name, .text = text, .presence = Presence::kRequired};
}
ArgumentSpec Maybe(std::string_view name, std::string_view text) {
  return {.kind = Kind::kPositional, .name = name, .text = text};
}
ArgumentSpec OneOf(std::string_view name, std::string_view text,
                   std::vector<std::string_view> choices) {
  return {.kind = Kind::kPositional,
          .name = name,
          .text = text,
          .presence = Presence::kRequired,
          .choices = std::move(choices)};
}
ArgumentSpec Flag(std::string_view name, std::string_view text) {
  return {.kind = Kind::kFlag, .name = name, .text = text};
}
ArgumentSpec Value(std::string_view name, std::string_view value_name, std::string_view text) {
  return {.kind = Kind::kValue, .name = name, .value_name = value_name, .text = text};
}
ArgumentSpec List(std::string_view name, std::string_view value_name, std::string_view text) {
  return {.kind = Kind::kList, .name = name, .value_name = value_name, .text = text};
}

ArgumentSpec Bundle() {
  return Maybe("BUNDLE",
               "a file (.mill), champion, or the beginning of a digest; default: what is in "
               "production, else the newest");
}
ArgumentSpec ProjectBundle() {
  return Maybe("BUNDLE", "a label, or the beginning of a digest; default: the newest");
}
ArgumentSpec LastPhase() {
  return {.kind = Kind::kValue,
          .name = "--to",
          .value_name = "PHASE",
          .text = "the last one",
          .choices = {"design", "data", "develop", "evaluate", "deploy", "operate"}};
}
ArgumentSpec Delimiter() {
  return Value("--delimiter", "CHAR", "between cells, instead of the one that is found");
}
ArgumentSpec Header() {
  return {.kind = Kind::kValue,
          .name = "--header",
          .value_name = "WORD",
          .text = "none: the first line is a row, columns are column_1, column_2, ...",
          .choices = {"present", "none"}};
}
ArgumentSpec Task() {
  return {.kind = Kind::kValue,
          .name = "--task",
          .value_name = "TASK",
          .text = "instead of the one found",
          .choices = {"binary", "multiclass", "regression"}};
}
ArgumentSpec Memory() { return Value("--memory", "SIZE", "that the work may hold, as 4GB"); }

ArgumentSpec Budget(std::string_view text) { return Value("--budget", "TIME", text); }
ArgumentSpec Threads() { return Value("--threads", "N", "default: one per processor"); }

void AddPipeline(std::vector<Command>& table) {
  const std::string_view topic = "The pipeline";
  table.push_back(
      {.topic = topic,
       .name = "new",
       .summary =
           "Turns a sentence and a data file into millrace.yaml, every choice with its reason",
       .example = "millrace new \"predict which customers will churn\" --data customers.csv",
       .arguments = {Needed("DESCRIPTION",
                            "what should be predicted, in a sentence; may name the "
                            "file and requirements"),
                     List("--data", "SOURCE...",
                          "files, patterns, folders, URLs, sqlite:FILE?table=NAME, "
                          "postgresql://..., or - for standard input"),
                     Value("--target", "COLUMN", "that is predicted, instead of the one found"),
                     Value("--positive", "CLASS", "of a target with two classes, the one to find"),
                     Task(), Value("--id", "COLUMN", "that identifies a row"),
                     List("--not-at-prediction", "COLUMN...",
                          "known only after a prediction is due, instead of those found"),
                     Budget("of model development, default 60s"), Delimiter(), Header(), Memory(),
                     Flag("--force", "replaces a millrace.yaml that is there")},
       .function = RunNew,
       .rank = Rank::kEveryday});
  table.push_back(
      {.topic = topic,
       .name = "run",
       .summary = "Runs the six phases, or goes on where an earlier run ended",
       .example = "millrace run",
       .arguments = {LastPhase(), Budget("of model development, instead of the specification's"),
                     Threads()},
       .function = RunRun,
       .rank = Rank::kEveryday});
  table.push_back({.topic = topic,
                   .name = "plan",
                   .summary = "Shows what a run would do: what is found, what must be done",
                   .example = "millrace plan",
                   .arguments = {LastPhase(), Budget("of model development")},
                   .function = RunPlan});
  table.push_back({.topic = topic,
                   .name = "status",
                   .summary = "Shows the last run, the data, the model and the service",
                   .example = "millrace status",
                   .function = RunStatus,
                   .rank = Rank::kEveryday});
  table.push_back({.topic = topic,
                   .name = "report",
                   .summary = "Tells where the report of a run lies, or opens it",
                   .example = "millrace report --open",
                   .arguments = {Maybe("RUN", "the beginning of its id; default: the newest"),
                                 Flag("--open", "shows it in the browser")},
                   .function = RunReport,
                   .rank = Rank::kEveryday});
  table.push_back(
      {.topic = topic,
       .name = "guide",
       .summary = "Searches the built-in knowledge that decisions cite",
       .example = "millrace guide \"missing values\" --max-tokens 300",
       .arguments = {Maybe("QUERY", "in a few words; without it: all of a category or phase"),
                     {.kind = Kind::kValue,
                      .name = "--category",
                      .value_name = "NAME",
                      .text = "one of",
                      .choices = {"skill", "example", "guide", "agent"}},
                     Value("--phase", "N", "1 to 6"),
                     Value("--max-tokens", "N", "of the whole answer, default 600"),
                     Value("--tokens", "N", "older name of --max-tokens"),
                     Value("--limit", "N", "entries, default 5")},
       .function = RunGuide});
  table.push_back(
      {.topic = topic,
       .name = "example churn",
       .summary = "Writes a synthetic data set of customers, with known faults planted in it",
       .example = "millrace example churn churn_data",
       .arguments = {Needed("DIR", "made when missing; nothing is overwritten"),
                     Value("--seed", "N", "default 7"),
                     Value("--customers", "N", "per month, default 700")},
       .function = RunExample});
}

std::string_view VersionWords() {
  return "a tag, a number, the beginning of a digest or of a run's id; default: the newest";
}

void AddData(std::vector<Command>& table) {
  const std::string_view topic = "Data";
  table.push_back({.topic = topic,
                   .name = "data profile",
                   .summary = "Shows what is in a data file: types, missing values, distributions",
                   .example = "millrace data profile customers.csv",
                   .arguments = {Needed("FILE", "or a pattern, folder, URL, database table, or -"),
                                 Delimiter(), Header(), Memory()},
                   .function = RunDataProfile});
  table.push_back(
      {.topic = topic,
       .name = "data validate",
       .summary = "Checks data against the specification, or a file of checks, and changes nothing",
       .example = "millrace data validate next_month.csv",
       .arguments = {Maybe("FILE", "default: the data of the specification"),
                     List("--data", "FILE...", "the same, several files or patterns"),
                     Value("--checks", "FILE",
                           "the checks of this file, and no project: checks:, and columns: or "
                           "missing: where needed"),
                     Value("--junit", "FILE", "writes the checks as JUnit XML, for CI"),
                     Value("--html", "FILE", "writes the checks and the profile as a page"),
                     Memory()},
       .function = RunDataValidate});
  table.push_back({.topic = topic,
                   .name = "data suggest",
                   .summary = "Suggests checks for the next data from what this data holds",
                   .example = "millrace data suggest",
                   .arguments = {Maybe("FILE", "default: the data of the specification"), Memory()},
                   .function = RunDataSuggest});
  table.push_back(
      {.topic = topic,
       .name = "data follow",
       .summary = "Reads what is new of an append-only source as it comes, each row exactly once",
       .example = "millrace data follow --until-idle",
       .arguments = {Value("--every", "TIME", "between two looks at the source, default 1s"),
                     Value("--max-rows", "N", "of a batch, default 200000"),
                     Flag("--until-idle", "ends when nothing is new"),
                     Flag("--reingest", "forgets what was read and begins anew"), Memory()},
       .function = RunDataFollow});
  table.push_back({.topic = topic,
                   .name = "data versions",
                   .summary = "Lists the versions of the data: rows, sizes, tags, runs",
                   .example = "millrace data versions",
                   .function = RunDataVersions});
  table.push_back(
      {.topic = topic,
       .name = "data add",
       .summary = "Stores files or folders as a version of the data",
       .example = "millrace data add --data images labels.csv",
       .arguments = {Maybe("PATH", "a file or folder; default: the data of the project"),
                     List("--data", "PATH...", "the same, several"),
                     Value("--tag", "NAME", "for the version"), Threads()},
       .function = RunDataAdd});
  table.push_back({.topic = topic,
                   .name = "data status",
                   .summary = "Shows which files changed since the newest version",
                   .example = "millrace data status",
                   .arguments = {Threads()},
                   .function = RunDataStatus});
  table.push_back(
      {.topic = topic,
       .name = "data diff",
       .summary = "Compares two versions, or a version with the files of now",
       .example = "millrace data diff 1 2",
       .arguments = {Maybe("FROM", VersionWords()),
                     Maybe("TO", "the same; default: the files of now"),
                     Value("--limit", "N", "files that are listed, default 20"), Threads()},
       .function = RunDataDiff});
  table.push_back(
      {.topic = topic,
       .name = "data checkout",
       .summary = "Restores the files of a version, byte for byte",
       .example = "millrace data checkout 1 --out old_data",
       .arguments = {Needed("VERSION", VersionWords()),
                     Value("--out", "DIR", "restores there instead of in place"),
                     Flag("--force", "overwrites files whose changes no version holds")},
       .function = RunDataCheckout});
  table.push_back({.topic = topic,
                   .name = "data tag",
                   .summary = "Gives a version a name, which also keeps it from being forgotten",
                   .example = "millrace data tag before-prices 1",
                   .arguments = {Needed("NAME", "letters, digits, . _ - and /"),
                                 Maybe("VERSION", "default: the newest"),
                                 Flag("--delete", "takes the name away"),
                                 Flag("--force", "moves a name that another version has")},
                   .function = RunDataTag});
}

void AddFindings(std::vector<Command>& table) {
  const std::string_view topic = "Data";
  table.push_back(
      {.topic = topic,
       .name = "data quarantine",
       .summary = "Shows the rows that were set aside, each with its reason; puts back "
                  "those that a check set aside",
       .example = "millrace data quarantine release --row data.csv:31",
       .arguments = {{.kind = Kind::kPositional,
                      .name = "ACTION",
                      .text = "list (the default); export: writes all rows, with --out; "
                              "release: the next run keeps the chosen rows; undo: it "
                              "does not, by default those of the newest release",
                      .choices = {"list", "export", "release", "undo"}},
                     List("--row", "ROW...",
                          "LINE, FILE:LINE or the name that list shows; release, undo"),
                     Value("--rule", "RULE", "rows that it set aside; release, undo"),
                     Flag("--all", "every row that can be put back; release, undo"),
                     Value("--limit", "N", "rows to list, default 20"),
                     Value("--out", "FILE", "writes all of them: .csv or .jsonl")},
       .function = RunDataQuarantine});
  table.push_back({.topic = topic,
                   .name = "data quality",
                   .summary = "Shows the findings on leaks, labels, columns, persons and outliers",
                   .example = "millrace data quality --limit 100",
                   .arguments = {Value("--limit", "N", "rows of each list, default 20")},
                   .function = RunDataQuality});
}

void AddModel(std::vector<Command>& table) {
  const std::string_view topic = "The model";
  table.push_back(
      {.topic = topic,
       .name = "train",
       .summary = "Trains a model: of the project, or of one file without a project",
       .example =
           "millrace train --data customers.csv --target churn --budget 30s --out churn.mill",
       .arguments = {List("--data", "FILE...", "files or patterns; without it: the project's"),
                     Value("--target", "COLUMN", "that is predicted"),
                     Value("--out", "FILE", "the bundle (.mill) to write"), Task(),
                     Budget("of the whole command, default 60s"),
                     Value("--description", "TEXT", "of the problem, in a sentence"),
                     Value("--seed", "N", "of everything random"), Threads(), Memory()},
       .function = RunTrain});
  table.push_back({.topic = topic,
                   .name = "evaluate",
                   .summary = "Runs the phases up to the evaluation: gates, fairness, model card",
                   .example = "millrace evaluate",
                   .arguments = {Budget("of model development"), Threads()},
                   .function = RunEvaluate});
  table.push_back(
      {.topic = topic,
       .name = "predict",
       .summary =
           "Answers every row of a file: the decision and a probability per class, or a number",
       .example = "millrace predict new_customers.csv --out answers.csv",
       .arguments = {Maybe("FILE", "rows with the columns that the model reads"),
                     List("--data", "FILE...", "the same, several files or patterns"),
                     Value("--model", "BUNDLE",
                           "a file (.mill), champion, or the beginning of a "
                           "digest; default: production, else the newest"),
                     Value("--out", "FILE", "csv, jsonl or parquet; default: standard output"),
                     Value("--id", "COLUMN",
                           "that is repeated in the answer; default: the id of "
                           "the training data, else a row number"),
                     Delimiter(), Header(), Threads()},
       .function = RunPredict,
       .rank = Rank::kEveryday});
  table.push_back({.topic = topic,
                   .name = "card",
                   .summary = "Prints the model card of a bundle",
                   .example = "millrace card",
                   .arguments = {Bundle()},
                   .function = RunCard});
  table.push_back({.topic = topic,
                   .name = "bundle show",
                   .summary = "Shows what a bundle holds",
                   .example = "millrace bundle show churn.mill",
                   .arguments = {Bundle()},
                   .function = RunBundleShow});
  table.push_back({.topic = topic,
                   .name = "bundle verify",
                   .summary = "Checks every digest of a bundle and replays its golden rows",
                   .example = "millrace bundle verify churn.mill",
                   .arguments = {Bundle()},
                   .function = RunBundleVerify});
  table.push_back({.topic = topic,
                   .name = "bundle diff",
                   .summary = "Shows what differs between two bundles",
                   .example = "millrace bundle diff old.mill new.mill",
                   .arguments = {Needed("LEFT", "a bundle"), Needed("RIGHT", "another one")},
                   .function = RunBundleDiff});
}

void AddService(std::vector<Command>& table) {
  const std::string_view topic = "The service";
  table.push_back(
      {.topic = topic,
       .name = "serve",
       .summary = "Serves a bundle over HTTP in this process, until Ctrl-C",
       .example = "millrace serve churn.mill --port 8080",
       .arguments = {Bundle(), Value("--port", "N", "default 8080; 0: any free one"),
                     Value("--address", "ADDRESS", "default 127.0.0.1"),
                     Flag("--token", "makes a token that clients must send, and prints it"),
                     Value("--log", "FOLDER", "keeps predictions and feedback there"),
                     Value("--on-invalid", "flag|reject",
                           "rows that break a check of the data; default flag: a warning"),
                     Threads()},
       .function = RunServe});
  table.push_back(
      {.topic = topic,
       .name = "up",
       .summary = "Starts the service of the project and looks after it: alerts, retraining",
       .example = "millrace up",
       .arguments = {Flag("--detach", "starts the service only"),
                     Value("--every", "TIME", "between two looks, default 30s")},
       .function = RunUp,
       .rank = Rank::kEveryday});
  table.push_back({.topic = topic,
                   .name = "down",
                   .summary = "Ends the service of the project; requests in flight are answered",
                   .example = "millrace down",
                   .function = RunDown});
  table.push_back({.topic = topic,
                   .name = "deploy",
                   .summary = "Validates a bundle in staging, then puts it into production",
                   .example = "millrace deploy",
                   .arguments = {ProjectBundle()},
                   .function = RunDeploy});
  table.push_back({.topic = topic,
                   .name = "promote",
                   .summary = "Puts a bundle into production at once, without staging",
                   .example = "millrace promote 3f9c21ab",
                   .arguments = {Needed("BUNDLE", "a label, or the beginning of a digest")},
                   .function = RunPromote});
  table.push_back({.topic = topic,
                   .name = "rollback",
                   .summary = "Puts the bundle back that was in production before",
                   .example = "millrace rollback",
                   .function = RunRollback});
}

void AddExperiments(std::vector<Command>& table) {
  const std::string_view topic = "The service";
  table.push_back(
      {.topic = topic,
       .name = "experiment start",
       .summary = "Puts a challenger beside the champion: an A/B test on labels, or a canary",
       .example = "millrace experiment start 3f9c21ab --percent 20",
       .arguments = {ProjectBundle(),
                     Value("--percent", "N", "of keys for the challenger, 1 to 99"),
                     Value("--labels", "N", "labelled rows at which a test ends, default 2000"),
                     Flag("--canary", "judges errors and latency instead of labels"),
                     Value("--for", "TIME", "of a canary, instead of the specification's")},
       .function = RunExperimentStart});
  table.push_back({.topic = topic,
                   .name = "experiment status",
                   .summary = "Compares the outcomes of both; may be looked at as often as wanted",
                   .example = "millrace experiment status",
                   .function = RunExperimentStatus});
  table.push_back(
      {.topic = topic,
       .name = "experiment stop",
       .summary = "Ends the experiment and keeps the champion, or promotes the challenger",
       .example = "millrace experiment stop --promote",
       .arguments = {Flag("--promote", "the challenger becomes the champion")},
       .function = RunExperimentStop});
}

void AddCare(std::vector<Command>& table) {
  const std::string_view topic = "Monitoring and records";
  table.push_back({.topic = topic,
                   .name = "monitor",
                   .summary = "Reads the prediction log: windows, drift, performance, alerts",
                   .example = "millrace monitor",
                   .function = RunMonitor});
  table.push_back(
      {.topic = topic,
       .name = "retrain",
       .summary = "Trains a challenger on today's data and promotes it when it is no worse",
       .example = "millrace retrain --reason \"new prices\"",
       .arguments = {Value("--reason", "TEXT", "for the record"),
                     Flag("--if-due", "only when a trigger says so"),
                     Flag("--compare-only", "promotes nothing"), Budget("of model development"),
                     Threads()},
       .function = RunRetrain});
  table.push_back(
      {.topic = topic,
       .name = "audit",
       .summary = "Verifies the audit chain, lists its newest entries, scores production readiness",
       .example = "millrace audit",
       .arguments = {Value("--limit", "N", "entries, default 20"),
                     Value("--head", "HASH", "noted elsewhere: must be in the chain")},
       .function = RunAudit});
  table.push_back({.topic = topic,
                   .name = "replay",
                   .summary = "Builds the bundle of a recorded run again and compares every byte",
                   .example = "millrace replay",
                   .arguments = {Maybe("RUN", "default: the newest with a bundle"), Threads()},
                   .function = RunReplay});
  table.push_back(
      {.topic = topic,
       .name = "gc",
       .summary = "Shows or removes stored objects that nothing refers to",
       .example = "millrace gc --remove",
       .arguments = {Flag("--remove", "removes them; else they are only counted"),
                     Flag("--versions", "forgets data versions that no tag and no run needs, too")},
       .function = RunGc});
}

void AddExports(std::vector<Command>& table) {
  const std::string_view topic = "Exports";
  const ArgumentSpec name = Value("--name", "NAME", "of the image, default: the folder's");
  const ArgumentSpec tag = Value("--tag", "TAG", "default: the beginning of the bundle's digest");
  table.push_back(
      {.topic = topic,
       .name = "export oci",
       .summary = "Writes a container image with the server and a bundle, and nothing else",
       .example = "millrace export oci --name registry.example/churn",
       .arguments = {Bundle(), Value("--out", "FILE", "default: NAME-TAG.oci.tar"), name, tag},
       .function = RunExportOci});
  table.push_back(
      {.topic = topic,
       .name = "export kubernetes",
       .summary = "Writes manifests for that image, with figures measured on this machine",
       .example = "millrace export kubernetes --out churn.yaml",
       .arguments = {Bundle(), Value("--out", "FILE", "default: standard output"), name, tag,
                     Value("--image", "REFERENCE", "default: NAME:TAG")},
       .function = RunExportKubernetes});
  table.push_back(
      {.topic = topic,
       .name = "export github",
       .summary = "Writes a GitHub Actions workflow that checks the data, trains and gates",
       .example = "millrace export github",
       .arguments = {Flag("--force", "replaces a file that is there")},
       .function = RunExportGithub});
  table.push_back({.topic = topic,
                   .name = "export gitlab",
                   .summary = "Writes the same as a GitLab CI pipeline",
                   .example = "millrace export gitlab",
                   .arguments = {Flag("--force", "replaces a file that is there")},
                   .function = RunExportGitlab});
}

void AddProgram(std::vector<Command>& table) {
  const std::string_view topic = "Specification and program";
  table.push_back({.topic = topic,
                   .name = "spec check",
                   .summary = "Reads millrace.yaml and says what is wrong with it",
                   .example = "millrace spec check",
                   .arguments = {Maybe("FILE", "instead of millrace.yaml")},
                   .function = RunSpecCheck});
  table.push_back({.topic = topic,
                   .name = "spec schema",
                   .summary = "Prints the JSON schema of millrace.yaml, for editors",
                   .example = "millrace spec schema > millrace.schema.json",
                   .function = RunSpecSchema});
  table.push_back({.topic = topic,
                   .name = "spec reference",
                   .summary = "Prints every key of millrace.yaml with its meaning",
                   .example = "millrace spec reference",
                   .function = RunSpecReference});
  table.push_back({.topic = topic,
                   .name = "completion",
                   .summary = "Prints a completion script for a shell",
                   .example = "source <(millrace completion bash)",
                   .arguments = {OneOf("SHELL", "", {"bash", "zsh", "fish"})},
                   .function = RunCompletion});
  table.push_back({.topic = topic,
                   .name = "version",
                   .summary = "Prints version, source digest and compiler of the program",
                   .example = "millrace version",
                   .function = RunVersion});
}

std::vector<Command> MakeTable() {
  std::vector<Command> table;
  AddPipeline(table);
  AddData(table);
  AddFindings(table);
  AddModel(table);
  AddService(table);
  AddExperiments(table);
  AddCare(table);
  AddExports(table);
  AddProgram(table);
  return table;
}

}  // namespace

std::span<const Command> AllCommands() {
  static const std::vector<Command> table = MakeTable();
  return table;
}

}  // namespace millrace::cli
