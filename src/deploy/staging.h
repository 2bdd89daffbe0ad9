// Staging: a server of its own on a free loopback port that must answer as the bundle promises
// before the bundle may go into production.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/result.h"
#include "bundle/bundle.h"
#include "deploy/deploy_phase.h"

namespace millrace::deploy {

struct StagingInputs {
  std::string server_program;
  std::string folder;       // of staging's files: deployment, state, output
  std::string bundle_path;  // absolute
  const bundle::Bundle& bundle;
  Clock& clock;
  int64_t num_requests = 300;  // one row each, over one kept connection
};

struct StagingResult {
  Validation validation;
  std::vector<double> latencies_ms;      // [num_requests], in order
  std::vector<std::string> differences;  // golden rows that differ, at most 10, in words
};

/// Starts the server, asks it, stops it. A server that was left behind by a killed call is stopped
/// first. What it answers is in the result, good or bad; errors are those of StartServer, and
/// kUnavailable when it stops answering.
Result<StagingResult> ValidateInStaging(const StagingInputs& inputs);

/// Returns true when everything was as the bundle promises.
bool IsValid(const Validation& validation);

json::Json ToJson(const Validation& validation);
Validation ValidationFromJson(const json::Json& document);

/// Returns the outputs of a model as the answer to /v1/predict holds them, one row of
/// "predictions": [outputs] as in a bundle's golden rows. kCorrupt when a member is absent.
Result<std::vector<double>> OutputsOfAnswer(const bundle::Bundle& bundle, const json::Json& answer);

}  // namespace millrace::deploy
