// The table of commands.

#include "cli/commands.h"

namespace millrace::cli {
namespace {

using Kind = ArgumentSpec::Kind;

const std::vector<Command>& Table() {
  static const std::vector<Command> table = {
      {.name = "data profile",
       .summary = "Shows what is in a data file: types, missing values, distributions",
       .example = "millrace data profile customers.csv",
       .arguments = {{.kind = Kind::kPositional,
                      .name = "FILE",
                      .text = "csv, tsv, parquet or json lines, also .gz",
                      .required = true},
                     {.kind = Kind::kValue,
                      .name = "--delimiter",
                      .value_name = "CHAR",
                      .text = "instead of the one that is found"}},
       .function = RunDataProfile,
       .everyday = true},
      {.name = "bundle show",
       .summary = "Shows what a bundle holds",
       .example = "millrace bundle show churn.mill",
       .arguments = {{.kind = Kind::kPositional,
                      .name = "FILE",
                      .text = "a bundle (.mill)",
                      .required = true}},
       .function = RunBundleShow},
      {.name = "bundle verify",
       .summary = "Checks every digest of a bundle and replays its golden rows",
       .example = "millrace bundle verify churn.mill",
       .arguments = {{.kind = Kind::kPositional,
                      .name = "FILE",
                      .text = "a bundle (.mill)",
                      .required = true}},
       .function = RunBundleVerify},
      {.name = "bundle diff",
       .summary = "Shows what differs between two bundles",
       .example = "millrace bundle diff old.mill new.mill",
       .arguments = {{.kind = Kind::kPositional,
                      .name = "LEFT",
                      .text = "a bundle (.mill)",
                      .required = true},
                     {.kind = Kind::kPositional,
                      .name = "RIGHT",
                      .text = "a bundle (.mill)",
                      .required = true}},
       .function = RunBundleDiff},
      {.name = "spec check",
       .summary = "Reads millrace.yaml and says what is wrong with it",
       .example = "millrace spec check",
       .arguments = {{.kind = Kind::kPositional,
                      .name = "FILE",
                      .text = "instead of millrace.yaml"}},
       .function = RunSpecCheck,
       .everyday = true},
      {.name = "spec schema",
       .summary = "Prints the JSON schema of millrace.yaml for editors",
       .example = "millrace spec schema > millrace.schema.json",
       .arguments = {},
       .function = RunSpecSchema},
      {.name = "completion",
       .summary = "Prints a completion script for a shell",
       .example = "source <(millrace completion bash)",
       .arguments =
           {{.kind = Kind::kPositional, .name = "SHELL", .text = "bash or zsh", .required = true}},
       .function = RunCompletion},
      {.name = "version",
       .summary = "Prints the version of the program",
       .example = "millrace version",
       .arguments = {},
       .function = RunVersion},
  };
  return table;
}

}  // namespace

std::span<const Command> AllCommands() { return Table(); }

}  // namespace millrace::cli
