#include "deploy/deploy_phase.h"

#include <memory>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "deploy/deploy_section.h"
#include "deploy/production.h"
#include "deploy/server_process.h"
#include "deploy/staging.h"
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

struct Attested {
  StagingResult staging;
  Digest attestation;
};

// The attestation of the live champion, when it is this bundle and this program measured it.
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

// A bundle that is live keeps its place; what runs beside it (an experiment) is left alone.
Result<std::string> PutIntoProduction(const DeployInputs& inputs, const bundle::Bundle& bundle,
                                      const LiveState& live, const Digest& attestation) {
  const bool is_live = !live.routes.empty() && live.routes.front().bundle == bundle.digest();
  if (is_live && live.attestation == attestation) {
    MILLRACE_ASSIGN_OR_RETURN(ProductionState state, StartProduction(inputs));
    return std::move(state.new_token);
  }
  Switch change;
  change.history = live.history;
  if (is_live) {
    change.routes = live.routes;
  } else {
    if (!live.routes.empty()) change.history.push_back(live.routes.front());
    change.routes = {Placement{inputs.bundle_object, bundle.digest(), 1.0, "champion"}};
  }
  change.attestation = attestation;
  change.action = "promote";
  MILLRACE_ASSIGN_OR_RETURN(SwitchOutcome outcome, MakeSwitch(inputs, change));
  return std::move(outcome.new_token);
}

}  // namespace

Result<DeployRecord> RunDeploy(const DeployInputs& inputs) {
  const double begin = inputs.clock.MonotonicSeconds();
  MILLRACE_RETURN_IF_ERROR(Reconcile(inputs));
  MILLRACE_RETURN_IF_ERROR(inputs.objects.Verify(inputs.bundle_object));
  MILLRACE_ASSIGN_OR_RETURN(const std::shared_ptr<const bundle::Bundle> bundle,
                            bundle::Bundle::Open(inputs.objects.PathOf(inputs.bundle_object)));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState before, ReadLive(inputs.catalog));
  std::optional<Attested> attested = FindAttested(inputs, *bundle, before);
  if (!attested) {
    MILLRACE_ASSIGN_OR_RETURN(attested, Stage(inputs, *bundle));
  }
  DeployRecord record;
  record.bundle = bundle->digest();
  record.object = inputs.bundle_object;
  record.validation = attested->staging.validation;
  MILLRACE_ASSIGN_OR_RETURN(record.new_token,
                            PutIntoProduction(inputs, *bundle, before, attested->attestation));
  MILLRACE_ASSIGN_OR_RETURN(const ProductionState production, ObserveProduction(inputs.project));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState after, ReadLive(inputs.catalog));
  record.url = production.url;
  record.process_id = production.process_id;
  if (!after.history.empty()) record.previous = after.history.back().object;
  record.section = MakeSection(record, attested->staging, inputs.spec, *bundle);
  record.section.seconds = inputs.clock.MonotonicSeconds() - begin;
  Tell(inputs, 1.0, Format("{} answers with {}", record.url, record.bundle.Short()));
  return record;
}

json::Json ToJson(const DeployRecord& record) {
  json::Json document = json::Json::Of({{"bundle", record.bundle.ToHex()},
                                        {"object", record.object.ToHex()},
                                        {"url", record.url},
                                        {"process_id", record.process_id},
                                        {"validation", ToJson(record.validation)},
                                        {"section", report::ToJson(record.section)}});
  if (record.previous) document.Set("previous", record.previous->ToHex());
  return document;
}

Result<DeployRecord> DeployRecordFromJson(const json::Json& document) {
  constexpr std::string_view kWhere = "deploy record";
  DeployRecord record;
  MILLRACE_ASSIGN_OR_RETURN(const std::string bundle, document.RequireString(kWhere, "bundle"));
  MILLRACE_ASSIGN_OR_RETURN(const std::string object, document.RequireString(kWhere, "object"));
  const auto digest = [kWhere](const std::string& hex) -> Result<Digest> {
    const Result<Digest> read = Digest::FromHex(hex);
    if (!read.ok()) return Corrupt(Format("{}: {}", kWhere, read.status().message()));
    return *read;
  };
  MILLRACE_ASSIGN_OR_RETURN(record.bundle, digest(bundle));
  MILLRACE_ASSIGN_OR_RETURN(record.object, digest(object));
  MILLRACE_ASSIGN_OR_RETURN(record.url, document.RequireString(kWhere, "url"));
  MILLRACE_ASSIGN_OR_RETURN(record.process_id, document.RequireInteger(kWhere, "process_id"));
  record.validation = ValidationFromJson(document["validation"]);
  if (document.Has("previous")) {
    MILLRACE_ASSIGN_OR_RETURN(record.previous, digest(document["previous"].AsString()));
  }
  MILLRACE_ASSIGN_OR_RETURN(record.section, report::SectionFromJson(document["section"]));
  return record;
}

}  // namespace millrace::deploy
