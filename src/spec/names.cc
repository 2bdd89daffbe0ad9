#include "spec/names.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "spec/window_features.h"

namespace millrace::spec {
namespace {

template <typename Enum, size_t kSize>
using NameTable = std::array<std::pair<Enum, std::string_view>, kSize>;

constexpr NameTable<SourceFormat, 6> kFormats = {{{SourceFormat::kAuto, "auto"},
                                                  {SourceFormat::kCsv, "csv"},
                                                  {SourceFormat::kTsv, "tsv"},
                                                  {SourceFormat::kJsonLines, "jsonl"},
                                                  {SourceFormat::kJson, "json"},
                                                  {SourceFormat::kParquet, "parquet"}}};
constexpr NameTable<Severity, 2> kSeverities = {
    {{Severity::kBlock, "block"}, {Severity::kWarn, "warn"}}};
constexpr NameTable<CheckOrder, 5> kOrders = {
    {{CheckOrder::kAny, "any"},
     {CheckOrder::kIncreasing, "increasing"},
     {CheckOrder::kStrictlyIncreasing, "strictly_increasing"},
     {CheckOrder::kDecreasing, "decreasing"},
     {CheckOrder::kStrictlyDecreasing, "strictly_decreasing"}}};
constexpr NameTable<LeakPolicy, 3> kLeakPolicies = {{{LeakPolicy::kExclude, "exclude"},
                                                     {LeakPolicy::kBlock, "block"},
                                                     {LeakPolicy::kWarn, "warn"}}};
constexpr NameTable<OutlierPolicy, 3> kOutlierPolicies = {
    {{OutlierPolicy::kKeep, "keep"},
     {OutlierPolicy::kClip, "clip"},
     {OutlierPolicy::kSetAside, "set_aside"}}};
constexpr NameTable<MissingDefault, 2> kMissingDefaults = {
    {{MissingDefault::kNative, "native"}, {MissingDefault::kAuto, "auto"}}};
constexpr NameTable<RequestPolicy, 4> kRequestPolicies = {{{RequestPolicy::kAuto, "auto"},
                                                           {RequestPolicy::kFlag, "flag"},
                                                           {RequestPolicy::kReject, "reject"},
                                                           {RequestPolicy::kIgnore, "ignore"}}};
constexpr NameTable<SplitKind, 6> kSplitKinds = {{{SplitKind::kAuto, "auto"},
                                                  {SplitKind::kRandom, "random"},
                                                  {SplitKind::kStratified, "stratified"},
                                                  {SplitKind::kGroup, "group"},
                                                  {SplitKind::kTime, "time"},
                                                  {SplitKind::kColumn, "column"}}};
constexpr NameTable<DeployTarget, 1> kTargets = {{{DeployTarget::kLocal, "local"}}};
constexpr NameTable<Auth, 3> kAuths = {
    {{Auth::kAuto, "auto"}, {Auth::kToken, "token"}, {Auth::kNone, "none"}}};
constexpr NameTable<OnInvalid, 2> kOnInvalid = {
    {{OnInvalid::kFlag, "flag"}, {OnInvalid::kReject, "reject"}}};
constexpr NameTable<AlertKind, 2> kAlertKinds = {
    {{AlertKind::kLog, "log"}, {AlertKind::kWebhook, "webhook"}}};
constexpr NameTable<RetrainTrigger, 3> kTriggers = {{{RetrainTrigger::kDrift, "drift"},
                                                     {RetrainTrigger::kPerformance, "performance"},
                                                     {RetrainTrigger::kSchedule, "schedule"}}};
constexpr NameTable<Approval, 2> kApprovals = {
    {{Approval::kAuto, "auto"}, {Approval::kManual, "manual"}}};

template <typename Enum, size_t kSize>
std::string_view Lookup(const NameTable<Enum, kSize>& table, Enum value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return table[0].second;
}

template <typename Enum, size_t kSize>
std::optional<Enum> Lookup(const NameTable<Enum, kSize>& table, std::string_view text) {
  for (const auto& [known, name] : table) {
    if (name == text) return known;
  }
  return std::nullopt;
}

}  // namespace

#define MILLRACE_DEFINE_NAMES(Enum, table)                             \
  std::string_view NameOf(Enum value) { return Lookup(table, value); } \
  template <>                                                          \
  std::optional<Enum> FromName<Enum>(std::string_view name) {          \
    return Lookup(table, name);                                        \
  }
MILLRACE_DEFINE_NAMES(SourceFormat, kFormats)
MILLRACE_DEFINE_NAMES(Severity, kSeverities)
MILLRACE_DEFINE_NAMES(CheckOrder, kOrders)
MILLRACE_DEFINE_NAMES(LeakPolicy, kLeakPolicies)
MILLRACE_DEFINE_NAMES(OutlierPolicy, kOutlierPolicies)
MILLRACE_DEFINE_NAMES(MissingDefault, kMissingDefaults)
MILLRACE_DEFINE_NAMES(RequestPolicy, kRequestPolicies)
MILLRACE_DEFINE_NAMES(SplitKind, kSplitKinds)
MILLRACE_DEFINE_NAMES(DeployTarget, kTargets)
MILLRACE_DEFINE_NAMES(Auth, kAuths)
MILLRACE_DEFINE_NAMES(OnInvalid, kOnInvalid)
MILLRACE_DEFINE_NAMES(AlertKind, kAlertKinds)
MILLRACE_DEFINE_NAMES(RetrainTrigger, kTriggers)
MILLRACE_DEFINE_NAMES(Approval, kApprovals)
#undef MILLRACE_DEFINE_NAMES

std::string_view NameOf(feature::GroupStatistic value) {
  return feature::GroupStatisticName(value);
}
template <>
std::optional<feature::GroupStatistic> FromName(std::string_view name) {
  return feature::GroupStatisticFromName(name);
}
std::string_view NameOf(WindowStatistic value) { return WindowStatisticName(value); }
template <>
std::optional<WindowStatistic> FromName(std::string_view name) {
  return WindowStatisticFromName(name);
}
std::string_view NameOf(feature::GroupView value) { return feature::GroupViewName(value); }
template <>
std::optional<feature::GroupView> FromName(std::string_view name) {
  return feature::GroupViewFromName(name);
}

std::string NearestOf(std::string_view name, const std::vector<std::string>& known) {
  const std::string near = DidYouMean(name, known);
  return near.empty() ? "known: " + Join(known, ", ") : near;
}

}  // namespace millrace::spec
