#include "pipeline/keys.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/build_info.h"
#include "base/text.h"
#include "json/text.h"
#include "spec/spec_json.h"

namespace millrace::pipeline {
namespace {

using json::Json;
using spec::Section;

Digest KeyOf(std::string_view phase, Json inputs) {
  return DigestOf(json::Write(
      Json::Of({{"phase", phase}, {"program", SourceDigest()}, {"inputs", std::move(inputs)}})));
}

// Returns the object without some members.
Json Without(const Json& document, std::initializer_list<std::string_view> keys) {
  Json rest = Json::MakeObject();
  for (const auto& [key, value] : document.AsObject()) {
    bool left_out = false;
    for (const std::string_view name : keys) left_out = left_out || key == name;
    if (!left_out) rest.AppendMember(key, value);
  }
  return rest;
}

// What later phases may read of the problem; the sentence itself decides nothing.
Json ProblemOf(const spec::Spec& spec) {
  return Without(spec::SectionJson(spec, Section::kProblem), {"description"});
}

// Source and checks are answered by the data version.
Json DataRolesOf(const spec::Spec& spec) {
  return Without(spec::SectionJson(spec, Section::kData), {"source", "checks", "keep"});
}

Json DevelopPlanOf(const PhaseContext& context) {
  Json plan = Without(spec::SectionJson(context.spec, Section::kDevelop), {"budget"});
  const spec::Budget& budget = context.spec.develop.budget;
  plan.Set("seconds", context.budget_seconds.value_or(budget.time_seconds));
  plan.Set("memory", budget.memory_bytes ? Json(*budget.memory_bytes) : Json());
  return plan;
}

// Requirements that the choice of a threshold may read: those on decisions.
Json ThresholdGatesOf(const spec::Spec& spec) {
  Json gates = Json::MakeArray();
  for (const spec::Gate& gate : spec.require.gates) {
    const spec::GateMetric* metric = spec::FindGateMetric(spec::RequirementMetrics(), gate.metric);
    if (metric == nullptr || metric->unit != spec::MetricUnit::kShare) continue;
    gates.Append(Json::Of({{"metric", gate.metric}, {"bound", gate.BoundText()}}));
  }
  return gates;
}

Json SaltOf(const std::optional<uint64_t>& salt) {
  return salt ? Json(static_cast<int64_t>(*salt)) : Json();
}

Json DevelopInputsOf(const PhaseContext& context) {
  return Json::Of({{"problem", ProblemOf(context.spec)},
                   {"roles", DataRolesOf(context.spec)},
                   {"split", spec::SectionJson(context.spec, Section::kSplit)},
                   {"features", spec::SectionJson(context.spec, Section::kFeatures)},
                   {"develop", DevelopPlanOf(context)},
                   {"gates", ThresholdGatesOf(context.spec)},
                   {"data", Without(data::ToJson(*context.data), {"section"})},
                   {"plan", context.plan.value_or(Json())}});
}

}  // namespace

Digest DesignKey(const PhaseContext& context) {
  return KeyOf("design", Json::Of({{"spec", spec::ToJson(context.spec)},
                                   {"sources", ToJson(context.sources)}}));
}

Digest DataKey(const PhaseContext& context) {
  Json inputs =
      Json::Of({{"problem", ProblemOf(context.spec)},
                {"data", Without(spec::SectionJson(context.spec, Section::kData), {"keep"})},
                {"split", spec::SectionJson(context.spec, Section::kSplit)},
                {"task", table::TaskName(context.design->task)},
                {"positive", context.design->positive},
                {"sources", ToJson(context.sources)},
                {"salt", SaltOf(context.previous_salt)},
                {"released", Json::ArrayOf(context.released)}});
  // Windows are columns of the data; a key without them is what it was.
  const Json features = spec::SectionJson(context.spec, Section::kFeatures);
  if (features["windows"].size() > 0) inputs.Set("windows", features["windows"]);
  return KeyOf("data", inputs);
}

Digest DevelopKey(const PhaseContext& context) {
  return KeyOf("develop", DevelopInputsOf(context));
}

Digest EvaluateKey(const PhaseContext& context) {
  return KeyOf("evaluate",
               Json::Of({{"inputs", DevelopInputsOf(context)},
                         {"description", context.spec.problem.description},
                         {"require", spec::SectionJson(context.spec, Section::kRequire)},
                         {"checks", spec::SectionJson(context.spec, Section::kData)["checks"]},
                         {"develop", Without(develop::ToJson(*context.develop), {"section"})},
                         {"provenance", ProvenanceOf(context)}}));
}

Digest CutShortKey(const Digest& key) { return DigestOf("cut short " + key.ToHex()); }

json::Json ProvenanceOf(const PhaseContext& context) {
  const spec::Spec& spec = context.spec;
  const Json asked = Json::Of({{"problem", spec::SectionJson(spec, Section::kProblem)},
                               {"roles", DataRolesOf(spec)},
                               {"split", spec::SectionJson(spec, Section::kSplit)},
                               {"features", spec::SectionJson(spec, Section::kFeatures)},
                               {"require", spec::SectionJson(spec, Section::kRequire)}});
  return Json::Of(
      {{"program", Json::Of({{"version", ProgramVersion()}, {"sources", SourceDigest()}})},
       {"specification", DigestOf(json::Write(asked)).ToHex()},
       {"id", spec.data.id.value_or("")},
       {"seed", spec.split.seed},
       {"sources", ToJson(context.sources)},
       {"data", Json::Of({{"version", context.data->version.ToHex()},
                          {"rows", context.data->num_rows},
                          {"train", context.data->num_train},
                          {"test", context.data->num_test},
                          {"split_salt", static_cast<int64_t>(context.data->split_salt)}})},
       {"plan", DigestOf(json::Write(context.develop->plan)).ToHex()}});
}

}  // namespace millrace::pipeline
