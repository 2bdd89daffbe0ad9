// Attest: what staging measured of a bundle, kept as an object beside it.

#pragma once

#include <optional>

#include "base/digest.h"
#include "base/result.h"
#include "bundle/bundle.h"
#include "deploy/deploy_phase.h"
#include "deploy/production.h"
#include "deploy/staging.h"

namespace millrace::deploy {

struct Attested {
  StagingResult staging;
  Digest attestation;  // object
};

/// Returns the attestation of the live champion, when it is this bundle and this program measured
/// it.
std::optional<Attested> FindAttested(const DeployInputs& inputs, const bundle::Bundle& bundle,
                                     const LiveState& live);

/// Runs staging for inputs.bundle_object, which is `bundle`, and remembers what it showed: object,
/// deployments row, audit entry. kGateNotMet when it does not answer as the bundle promises.
Result<Attested> Stage(const DeployInputs& inputs, const bundle::Bundle& bundle);

}  // namespace millrace::deploy
