#include "cli/newest_artefact.h"

#include <algorithm>

#include "store/catalog.h"

namespace millrace::cli {

Result<std::string> NewestArtefact(const pipeline::Workspace& workspace, std::string_view wanted) {
  MILLRACE_ASSIGN_OR_RETURN(const auto runs, workspace.catalog->ListRuns());
  for (const store::RunRow& run : runs) {
    MILLRACE_ASSIGN_OR_RETURN(const auto artefacts, workspace.catalog->ListArtefacts(run.id));
    const auto named = [&artefacts](std::string_view name) {
      return std::find_if(artefacts.begin(), artefacts.end(),
                          [&](const store::ArtefactRow& row) { return row.name == name; });
    };
    if (named("rows.parquet") == artefacts.end()) continue;
    const auto found = named(wanted);
    if (found == artefacts.end()) return std::string();
    return workspace.objects.Get(found->digest);
  }
  return NotFound("this project has no data version yet").WithHint("millrace run --to data");
}

}  // namespace millrace::cli
