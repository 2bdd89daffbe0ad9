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
ArgumentSpec Delimiter() {
  return Value("--delimiter", "CHAR", "between cells, instead of the one that is found");
}
ArgumentSpec Memory() { return Value("--memory", "SIZE", "that the work may hold, as 4GB"); }

void AddData(std::vector<Command>& table) {
  const std::string_view topic = "Data";
  table.push_back({.topic = topic,
                   .name = "data profile",
                   .summary = "Shows what is in a data file: types, missing values, distributions",
                   .example = "millrace data profile customers.csv",
                   .arguments = {Needed("FILE", "csv, tsv, parquet or json lines, also .gz"),
                                 Delimiter(), Memory()},
                   .function = RunDataProfile});
}

void AddModel(std::vector<Command>& table) {
  const std::string_view topic = "The model";
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
                     Value("--out", "FILE", "a csv file; default: standard output"),
                     Value("--id", "COLUMN",
                           "that is repeated in the answer; default: the id of "
                           "the training data, else a row number"),
                     Delimiter(), Memory()},
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
  table.push_back(
      {.topic = "The service",
       .name = "serve",
       .summary = "Serves a bundle over HTTP in this process, until Ctrl-C",
       .example = "millrace serve churn.mill --port 8080",
       .arguments = {Bundle(), Value("--port", "N", "default 8080; 0: any free one"),
                     Value("--address", "ADDRESS", "default 127.0.0.1"),
                     Flag("--token", "makes a token that clients must send, and prints it"),
                     Value("--log", "FOLDER", "keeps predictions and feedback there"),
                     Value("--threads", "N", "default: one per processor")},
       .function = RunServe});
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
  AddData(table);
  AddModel(table);
  AddService(table);
  AddProgram(table);
  return table;
}

}  // namespace

std::span<const Command> AllCommands() {
  static const std::vector<Command> table = MakeTable();
  return table;
}

}  // namespace millrace::cli
