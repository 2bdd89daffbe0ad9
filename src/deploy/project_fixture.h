// A project with objects, catalog and two small bundles, for the tests of this folder.

#pragma once

#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/progress.h"
#include "bundle/bundle.h"
#include "bundle/sample_bundle.h"
#include "deploy/deploy_phase.h"

namespace millrace::deploy {

/// Production of the project is stopped when this object dies.
struct ProjectFixture {
  ProjectFixture()
      : folder(*TemporaryFolder::Make()),
        project(*store::Project::Create(folder.path())),
        objects(*store::ObjectStore::Open(project.objects_folder())),
        catalog(*store::Catalog::Open(project.catalog_path(), clock)) {
    spec.deploy.port = 0;
    spec.deploy.threads = 1;
    first = PutBundle(0.05);
    second = PutBundle(-0.02);
  }
  ~ProjectFixture() { static_cast<void>(StopProduction(project).ok()); }
  ProjectFixture(const ProjectFixture&) = delete;
  ProjectFixture& operator=(const ProjectFixture&) = delete;

  Digest PutBundle(double weight) const {
    return *objects.Put(*bundle::Pack(bundle::SampleParts(weight)));
  }
  Digest BundleOf(const Digest& object) const {
    return (*bundle::Bundle::Open(objects.PathOf(object)))->digest();
  }
  DeployInputs Inputs(const Digest& object) {
    return {.spec = spec,
            .project = project,
            .objects = objects,
            .catalog = *catalog,
            .clock = clock,
            .progress = progress,
            .bundle_object = object,
            .server_program = MILLRACE_SERVER_PROGRAM,
            .actor = "test"};
  }

  TemporaryFolder folder;
  SystemClock clock;
  store::Project project;
  store::ObjectStore objects;
  std::unique_ptr<store::Catalog> catalog;
  spec::Spec spec;
  SilentProgress progress;
  Digest first;  // objects
  Digest second;
};

}  // namespace millrace::deploy
