// Production: the switch from one set of routes to another, and what makes it safe under kill -9.
//
// Order of a switch: (1) the catalog says what is wanted; (2) deployment.json is replaced by a
// rename, and from that instant on the server serves the new routes; (3) when the server answers
// with the new digests, the catalog says that they are live (rows, label, audit). Killed before (2)
// the old bundle stays, after (2) the new one; Reconcile, the first step of every call, finishes or
// drops what a killed call had begun. The caller holds the project's lock.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "deploy/deploy_phase.h"
#include "json/value.h"
#include "serve/server_state.h"

namespace millrace::deploy {

/// One bundle in production.
struct Placement {
  Digest object;
  Digest bundle;
  double weight = 1.0;
  std::string label = "champion";
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// What is live, as the catalog remembers it.
struct LiveState {
  std::vector<Placement> routes;      // empty: nothing was ever deployed; the champion first
  std::vector<Placement> history;     // earlier champions, newest last, at most 20
  std::optional<Digest> attestation;  // object: what staging measured of the champion
  int64_t since_micros = 0;
};
Result<LiveState> ReadLive(const store::Catalog& catalog);

/// A wanted change.
struct Switch {
  std::vector<Placement> routes;
  std::vector<Placement> history;
  std::optional<Digest> attestation;
  std::string action;  // of the audit: "promote", "rollback", "experiment.start"
  json::Json detail;   // of the audit
};

struct SwitchOutcome {
  serve::ServerState server;
  std::string new_token;  // shown once by the caller; empty: none was made
};

/// Makes the change and waits until production answers with it, starting the server where none
/// runs. When the new routes don't come to answer, the old ones are put back and the failure is
/// returned: kIoError naming a port that is taken, kNotFound or kCorrupt for an object,
/// kUnavailable when the server refuses them.
Result<SwitchOutcome> MakeSwitch(const DeployInputs& inputs, const Switch& change);

/// Finishes or drops a switch that a killed call had begun. Nothing begun: does nothing.
Status Reconcile(const DeployInputs& inputs);

/// Starts the production server for what is live, where none runs. kNotFound when nothing was ever
/// deployed.
Result<ProductionState> StartProduction(const DeployInputs& inputs);

/// Starts the production server for deployment.json as it stands, where none runs, and changes
/// nothing else. Needs no lock: it brings a server back while another command holds the project.
/// kNotFound when nothing is deployed; else as StartServer.
Result<serve::ServerState> StartFromDeployment(const DeployInputs& inputs);

/// Makes a new token for production and forgets all others; the server takes it over at once.
/// Returns it; only its SHA-256 is stored. kNotFound when nothing is deployed.
Result<std::string> RotateToken(const DeployInputs& inputs);

/// Where production's server tells where it is.
std::string ProductionStatePath(const store::Project& project);

/// Returns true when the specification asks for a token: auth token, or auto and not loopback.
bool NeedsToken(const spec::DeployPlan& plan);

}  // namespace millrace::deploy
