#include "base/build_info.h"
#include "base/format.h"
#include "cli/commands.h"

namespace millrace::cli {

Status RunVersion(CommandContext& context) {
  context.output.Text(Format("millrace {}\nsource {}\n{}\n", ProgramVersion(),
                             SourceDigest().substr(0, 16), CompilerName()));
  context.output.Document(json::Json::Of(
      {{"version", ProgramVersion()}, {"source", SourceDigest()}, {"compiler", CompilerName()}}));
  return {};
}

}  // namespace millrace::cli
