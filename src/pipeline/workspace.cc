#include <utility>

#include "pipeline/run.h"

namespace millrace::pipeline {

void RunObserver::RunEnded(const RunOutcome&) {}

Result<Workspace> OpenWorkspace(const std::string& folder, Clock& clock) {
  MILLRACE_ASSIGN_OR_RETURN(store::Project project, store::Project::Open(folder));
  MILLRACE_ASSIGN_OR_RETURN(store::ObjectStore objects,
                            store::ObjectStore::Open(project.objects_folder()));
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<store::Catalog> catalog,
                            store::Catalog::Open(project.catalog_path(), clock));
  return Workspace{std::move(project), std::move(objects), std::move(catalog)};
}

}  // namespace millrace::pipeline
