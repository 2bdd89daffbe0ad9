#include "deploy/deploy_phase.h"

#include <memory>
#include <utility>

#include "base/format.h"
#include "bundle/bundle.h"
#include "deploy/attest.h"
#include "deploy/deploy_section.h"
#include "deploy/production.h"

namespace millrace::deploy {
namespace {

void Tell(const DeployInputs& inputs, double share, std::string step, std::string best = "") {
  inputs.progress.Report({.phase = 5,
                          .share = share,
                          .step = std::move(step),
                          .best = std::move(best),
                          .seconds_left = std::nullopt});
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
