#include "deploy/experiment_state.h"

#include <array>
#include <utility>
#include <vector>

#include "base/format.h"

namespace millrace::deploy {
namespace {

constexpr std::string_view kStateKey = "deploy.experiment";
constexpr std::array<std::string_view, 6> kVerdicts = {"running",         "challenger_better",
                                                       "champion_better", "no_difference",
                                                       "canary_good",     "canary_bad"};

json::Json ToJson(const Placement& placement) {
  return json::Json::Of({{"object", placement.object.ToHex()},
                         {"bundle", placement.bundle.ToHex()},
                         {"weight", placement.weight},
                         {"label", placement.label}});
}

Result<Placement> PlacementFromJson(const json::Json& document) {
  Placement placement;
  MILLRACE_ASSIGN_OR_RETURN(placement.object, Digest::FromHex(document["object"].AsString()));
  MILLRACE_ASSIGN_OR_RETURN(placement.bundle, Digest::FromHex(document["bundle"].AsString()));
  placement.weight = document["weight"].AsNumber();
  placement.label = document["label"].AsString();
  return placement;
}

json::Json ToJson(const ExperimentState& state) {
  json::Json offsets = json::Json::MakeObject();
  for (const auto& [segment, offset] : state.cursor.offsets) offsets.AppendMember(segment, offset);
  json::Json counters = json::Json::MakeObject();
  for (const auto& [route, counts] : state.counters) counters.AppendMember(route, ToJson(counts));
  json::Json document = json::Json::Of({{"kind", ExperimentKindName(state.kind)},
                                        {"champion", ToJson(state.champion)},
                                        {"challenger", ToJson(state.challenger)},
                                        {"planned_rows", state.planned_rows},
                                        {"alpha", state.alpha},
                                        {"seconds", state.seconds},
                                        {"min_requests", state.min_requests},
                                        {"started_micros", state.started_micros},
                                        {"cursor", std::move(offsets)},
                                        {"counters", std::move(counters)},
                                        {"information", state.information},
                                        {"alpha_spent", state.alpha_spent},
                                        {"p_value", state.p_value},
                                        {"num_looks", state.num_looks},
                                        {"verdict", ExperimentVerdictName(state.verdict)},
                                        {"reason", state.reason}});
  if (state.attestation) document.Set("attestation", state.attestation->ToHex());
  return document;
}

Result<ExperimentState> StateFromJson(const json::Json& document) {
  ExperimentState state;
  state.kind =
      document["kind"].AsString() == "canary" ? ExperimentKind::kCanary : ExperimentKind::kTest;
  MILLRACE_ASSIGN_OR_RETURN(state.champion, PlacementFromJson(document["champion"]));
  MILLRACE_ASSIGN_OR_RETURN(state.challenger, PlacementFromJson(document["challenger"]));
  if (document.Has("attestation")) {
    MILLRACE_ASSIGN_OR_RETURN(state.attestation,
                              Digest::FromHex(document["attestation"].AsString()));
  }
  state.planned_rows = document["planned_rows"].AsInteger();
  state.alpha = document["alpha"].AsNumber();
  state.seconds = document["seconds"].AsNumber();
  state.min_requests = document["min_requests"].AsInteger();
  state.started_micros = document["started_micros"].AsInteger();
  for (const auto& [segment, offset] : document["cursor"].AsObject()) {
    state.cursor.offsets[segment] = offset.AsInteger();
  }
  for (const auto& [route, counts] : document["counters"].AsObject()) {
    state.counters[route] = CountersFromJson(counts);
  }
  state.information = document["information"].AsNumber();
  state.alpha_spent = document["alpha_spent"].AsNumber();
  state.p_value = document["p_value"].AsNumber(1.0);
  state.num_looks = document["num_looks"].AsInteger();
  for (size_t i = 0; i < kVerdicts.size(); ++i) {
    if (document["verdict"].AsString() == kVerdicts[i]) {
      state.verdict = static_cast<ExperimentVerdict>(i);
    }
  }
  state.reason = document["reason"].AsString();
  return state;
}

}  // namespace

std::string_view ExperimentKindName(ExperimentKind kind) {
  return kind == ExperimentKind::kTest ? "test" : "canary";
}

std::string_view ExperimentVerdictName(ExperimentVerdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}

Result<std::optional<ExperimentState>> ReadExperiment(const store::Catalog& catalog) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Json document, catalog.GetState(kStateKey));
  if (!document.is_object()) return std::optional<ExperimentState>();
  MILLRACE_ASSIGN_OR_RETURN(ExperimentState state, StateFromJson(document));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState live, ReadLive(catalog));
  const std::vector<Placement> wanted = {state.champion, state.challenger};
  if (live.routes != wanted) return std::optional<ExperimentState>();
  return std::optional<ExperimentState>(std::move(state));
}

Status WriteExperiment(store::Catalog& catalog, const ExperimentState& state) {
  return catalog.PutState(kStateKey, ToJson(state));
}

Status ClearExperiment(store::Catalog& catalog) { return catalog.PutState(kStateKey, {}); }

}  // namespace millrace::deploy
