// Phase 5: staging, validation over HTTP, promotion by an atomic switch, rollback, stop.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/progress.h"
#include "base/result.h"
#include "json/value.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"

namespace millrace::deploy {

/// What a staging server showed.
struct Validation {
  bool ready = false;
  int64_t golden_rows = 0;
  int64_t golden_equal = 0;
  int64_t requests = 0;
  double latency_p50_ms = 0.0;
  double latency_p99_ms = 0.0;
  int64_t bad_request_status = 0;  // 400 expected
};

struct DeployRecord {
  Digest bundle;    // of its manifest
  Digest object;    // of the file in the object store
  std::string url;  // of the production server: "http://127.0.0.1:8080"
  int64_t process_id = 0;
  Validation validation;
  std::optional<Digest> previous;  // object that was in production before
  /// A token that was made by this call: the caller shows it once. Stored nowhere: only its SHA-256
  /// lies in deployment.json, and ToJson leaves it out. Empty: none was made.
  std::string new_token;
  report::Section section;
};

json::Json ToJson(const DeployRecord& record);
Result<DeployRecord> DeployRecordFromJson(const json::Json& document);

struct DeployInputs {
  const spec::Spec& spec;
  const store::Project& project;
  const store::ObjectStore& objects;
  store::Catalog& catalog;
  Clock& clock;
  ProgressSink& progress;
  Digest bundle_object;                // the sealed bundle in the object store
  std::string server_program;          // empty: millrace-server beside the running program
  std::string actor = "millrace run";  // for the audit
};

/// Stages, validates, promotes: a reconciler, called any number of times. A bundle that is live and
/// was validated by this program is not staged again; its server is started where it does not run.
/// The caller holds the project's lock. Errors: kGateNotMet when staging does not answer as the
/// bundle promises, kIoError naming a port that is taken, kNotFound (object, server program),
/// kCorrupt, kUnavailable: production stays as it was after each of them.
Result<DeployRecord> RunDeploy(const DeployInputs& inputs);

/// The state of production as observed.
struct ProductionState {
  bool running = false;
  std::string url;
  std::string grpc_address;  // "127.0.0.1:8001"; empty: not served
  int64_t process_id = 0;
  std::optional<Digest> object;  // first route
  std::optional<Digest> bundle;
  int64_t routes = 0;
  std::string new_token;  // as in DeployRecord
};
/// Reads files only: what deployment.json names, and whether its server is alive.
Result<ProductionState> ObserveProduction(const store::Project& project);

/// Puts a bundle object into production without staging: the switch of RunDeploy.
Result<ProductionState> Promote(const DeployInputs& inputs);
/// Puts back the bundle that was in production before; again: the one before that. kNotFound when
/// there is none.
Result<ProductionState> Rollback(const DeployInputs& inputs);
/// Ends the production server (SIGTERM, drained). Not running is no error.
Status StopProduction(const store::Project& project);

}  // namespace millrace::deploy
