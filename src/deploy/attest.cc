#include "deploy/attest.h"

#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "deploy/server_process.h"
#include "json/text.h"
#include "serve/server_state.h"

namespace millrace::deploy {
namespace {

void Tell(const DeployInputs& inputs, double share, std::string step, std::string best = "") {
  inputs.progress.Report({.phase = 5,
                          .share = share,
                          .step = std::move(step),
                          .best = std::move(best),
                          .seconds_left = std::nullopt});
}

// What staging measured, kept beside the bundle: program and time are in it, so that a reader knows
// what was validated by what.
json::Json AttestationOf(const DeployInputs& inputs, const bundle::Bundle& bundle,
                         const StagingResult& staging) {
  return json::Json::Of({{"kind", "staging"},
                         {"bundle", bundle.digest().ToHex()},
                         {"object", inputs.bundle_object.ToHex()},
                         {"program", serve::ProgramIdentity()},
                         {"time", FormatUtc(inputs.clock.NowMicros())},
                         {"valid", IsValid(staging.validation) && staging.differences.empty()},
                         {"validation", ToJson(staging.validation)},
                         {"latencies_ms", json::Json::ArrayOf(staging.latencies_ms)},
                         {"differences", json::Json::ArrayOf(staging.differences)}});
}

StagingResult StagingFromJson(const json::Json& document) {
  StagingResult staging;
  staging.validation = ValidationFromJson(document["validation"]);
  for (const json::Json& value : document["latencies_ms"].AsArray()) {
    staging.latencies_ms.push_back(value.AsNumber());
  }
  for (const json::Json& text : document["differences"].AsArray()) {
    staging.differences.push_back(text.AsString());
  }
  return staging;
}

Status NotAsPromised(const bundle::Bundle& bundle, const StagingResult& staging) {
  const Validation& found = staging.validation;
  return GateNotMet(Format("staging: bundle {}: {}; {} of {} golden rows equal; malformed request "
                           "got {}{}{}",
                           bundle.digest().Short(), found.ready ? "ready" : "not ready",
                           found.golden_equal, found.golden_rows, found.bad_request_status,
                           staging.differences.empty() ? "" : "; ",
                           staging.differences.empty() ? "" : staging.differences.front()))
      .WithHint("production stays as it was; train again, or look at .millrace/staging/output.log");
}

}  // namespace

std::optional<Attested> FindAttested(const DeployInputs& inputs, const bundle::Bundle& bundle,
                                     const LiveState& live) {
  if (live.routes.empty() || live.routes.front().bundle != bundle.digest()) return std::nullopt;
  if (!live.attestation) return std::nullopt;
  const Result<std::string> text = inputs.objects.Get(*live.attestation);
  if (!text.ok()) return std::nullopt;
  const Result<json::Json> document = json::Parse(*text, "attestation");
  if (!document.ok() || !(*document)["valid"].AsBool() ||
      (*document)["bundle"].AsString() != bundle.digest().ToHex() ||
      (*document)["program"].AsString() != serve::ProgramIdentity()) {
    return std::nullopt;
  }
  return Attested{StagingFromJson(*document), *live.attestation};
}

Result<Attested> Stage(const DeployInputs& inputs, const bundle::Bundle& bundle) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string program, FindServerProgram(inputs.server_program));
  Tell(inputs, 0.1, "staging starts");
  store::DeploymentRow row;
  row.bundle = bundle.digest();
  row.slot = "staging";
  row.state = "starting";
  row.by = inputs.actor;
  MILLRACE_ASSIGN_OR_RETURN(const int64_t id, inputs.catalog.AddDeployment(row));
  Result<StagingResult> staging =
      ValidateInStaging({.server_program = program,
                         .folder = JoinPath(inputs.project.state_folder(), "staging"),
                         .bundle_path = inputs.objects.PathOf(inputs.bundle_object),
                         .bundle = bundle,
                         .clock = inputs.clock});
  if (!staging.ok()) {
    MILLRACE_RETURN_IF_ERROR(inputs.catalog.SetDeploymentState(id, "failed", inputs.actor));
    return std::move(staging).status();
  }
  const bool valid = IsValid(staging->validation) && staging->differences.empty();
  const json::Json attestation = AttestationOf(inputs, bundle, *staging);
  MILLRACE_ASSIGN_OR_RETURN(const Digest digest,
                            inputs.objects.Put(json::WritePretty(attestation)));
  MILLRACE_RETURN_IF_ERROR(inputs.catalog.Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(
        inputs.catalog.SetDeploymentState(id, valid ? "retired" : "failed", inputs.actor));
    return inputs.catalog
        .AppendAudit(inputs.actor, "stage",
                     json::Json::Of({{"bundle", bundle.digest().ToHex()},
                                     {"object", inputs.bundle_object.ToHex()},
                                     {"attestation", digest.ToHex()},
                                     {"valid", valid}}))
        .status();
  }));
  if (!valid) return NotAsPromised(bundle, *staging);
  Tell(inputs, 0.6, Format("{} golden rows equal over HTTP", staging->validation.golden_equal),
       Format("p99 {} ms", FormatSignificant(staging->validation.latency_p99_ms, 3)));
  return Attested{*std::move(staging), digest};
}

}  // namespace millrace::deploy
