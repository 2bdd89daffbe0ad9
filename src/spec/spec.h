// Spec: what the user asks for, as read from millrace.yaml. Plain data with every default filled
// in; keys.h describes each key in words, range and unit, docs/reference/spec.md is made from it.
//
// `std::nullopt` means "auto" (the program decides and records why) or "not given"; each field
// says which. Durations are seconds, sizes bytes, shares lie in [0, 1]. Value type.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "feature/group_keys.h"
#include "spec/gate.h"
#include "spec/place.h"
#include "table/column.h"
#include "table/task.h"

namespace millrace::spec {

/// Business value of each kind of binary decision, in the user's currency.
struct DecisionValue {
  double true_positive = 0.0;
  double false_positive = 0.0;
  double false_negative = 0.0;
  double true_negative = 0.0;
  friend bool operator==(const DecisionValue&, const DecisionValue&) = default;
};

struct Problem {
  std::string description;
  std::optional<table::Task> task;  // nullopt: auto
  std::string target;               // required
  Place target_place;
  std::optional<std::string> positive;  // the positive class of a binary task; nullopt: auto
  std::optional<DecisionValue> value;   // nullopt: not given
  friend bool operator==(const Problem&, const Problem&) = default;
};

enum class SourceFormat { kAuto, kCsv, kTsv, kJsonLines, kJson, kParquet };
enum class Severity { kBlock, kWarn };

/// How the present values of a column follow each other, in the order of the rows.
enum class CheckOrder {
  kAny,
  kIncreasing,  // no value is below the one before it
  kStrictlyIncreasing,
  kDecreasing,
  kStrictlyDecreasing,
};
/// What happens where a check finds that the target leaks (docs/data_quality.md).
enum class LeakPolicy {
  kExclude,  // the column is left out of the features; the rest is reported
  kBlock,    // the data phase fails
  kWarn      // reported only
};

/// What happens to numbers that lie far out (docs/missing_data.md); measured on training rows.
enum class OutlierPolicy {
  kKeep,     // reported only
  kClip,     // they stand at the fence, in training and serving alike
  kSetAside  // training rows that hold one leave training; no other row does
};

/// What the service does with a row of a request that breaks a check (docs/data_checks.md).
enum class RequestPolicy {
  kAuto,    // kReject where deploy.on_invalid says so, the check blocks and allows no exceptions
  kFlag,    // it is answered, with a warning
  kReject,  // the request is refused
  kIgnore   // requests are not checked for it
};

/// What the user says about one column; what is not given is inferred.
struct ColumnRules {
  std::string name;
  std::optional<table::ColumnType> type;
  std::optional<std::vector<std::string>> missing;  // replaces data.missing for this column
  std::optional<char> decimal;                      // '.' or ','
  std::optional<std::string> prefix;
  std::optional<std::string> suffix;
  std::optional<std::string> date_order;  // "ymd", "dmy", "mdy", "seconds", "milliseconds"
  std::optional<OutlierPolicy> outliers;  // replaces data.outliers for this column
  std::optional<bool> magnitudes;         // "5k" is 5,000
  Place place;
  friend bool operator==(const ColumnRules&, const ColumnRules&) = default;
};

/// One expectation on the data: of a column (`column` set), of a row in SQL (`sql` set) or of the
/// number of rows; one of the three. A missing value breaks max_missing only.
struct DataCheck {
  std::string column;
  std::optional<double> minimum;  // of every present value
  std::optional<double> maximum;
  std::optional<double> max_missing;  // largest allowed share of missing values
  std::vector<std::string> values;    // the only allowed values; empty: any
  std::string pattern;                // of the whole text (RE2 syntax); empty: any
  std::optional<int64_t> min_length;  // of texts, in characters
  std::optional<int64_t> max_length;
  bool unique = false;              // no value in two rows
  std::optional<int64_t> min_rows;  // of the whole table
  std::optional<int64_t> max_rows;
  std::string sql;        // a condition on a row
  double at_least = 1.0;  // share of rows that must meet the condition
  /// Largest share of rows that may meet it; a row whose value is missing counts on neither side
  /// then. With at_least, a band: of a value's share, or of a quantile.
  std::optional<double> at_most;
  std::optional<double> min_mean;  // of the present values
  std::optional<double> max_mean;
  CheckOrder order = CheckOrder::kAny;
  std::optional<double> max_age_seconds;  // of the newest date
  Severity severity = Severity::kBlock;
  bool set_aside = false;  // rows that break it go to the quarantine, not into the data
  RequestPolicy on_request = RequestPolicy::kAuto;
  Place place;
  friend bool operator==(const DataCheck&, const DataCheck&) = default;
};

struct DataSource {
  std::vector<std::string> paths;  // required; locators (locator.h), files from the spec's folder
  SourceFormat format = SourceFormat::kAuto;
  std::optional<char> delimiter;        // nullopt: auto
  bool append_only = false;             // files only grow, folders only gain files
  std::optional<std::string> encoding;  // nullopt: auto; utf-8, utf-16le, utf-16be, latin-1, ...
  std::optional<std::string> quote;     // nullopt: auto; ", ' or "none"
  std::optional<std::string> comment;  // nullopt: auto; the sign a comment line begins with, "none"
  std::optional<std::string> header;   // nullopt: auto; "present" or "none"
  std::optional<int64_t> skip;         // lines above the header; nullopt: auto
  int64_t keep_bytes = 1'000'000'000;  // source files up to this in all are kept with a version
  std::vector<std::string> missing;    // texts that mean missing, besides the empty text
  std::optional<std::string> id;       // column names; nullopt: none
  std::optional<std::string> time;
  std::optional<std::string> group;
  std::vector<std::string> exclude;
  std::vector<std::string> not_at_prediction;  // known only after the answer is due: no features
  std::vector<std::string> sensitive;
  LeakPolicy on_leak = LeakPolicy::kExclude;
  OutlierPolicy outliers = OutlierPolicy::kKeep;
  std::vector<ColumnRules> columns;  // in the order written
  std::vector<DataCheck> checks;
  Place source_place;
  friend bool operator==(const DataSource&, const DataSource&) = default;
};

enum class SplitKind { kAuto, kRandom, kStratified, kGroup, kTime, kColumn };

struct SplitPlan {
  SplitKind kind = SplitKind::kAuto;
  double test = 0.2;         // share of all rows
  double validation = 0.15;  // share of all rows
  int64_t seed = 7;          // of everything random in the run
  /// Rows this close before the first held-out row are neither learnt from nor measured on (kTime).
  double embargo_seconds = 0.0;
  std::optional<std::string> column;  // holds the part of each row; nullopt: none
  std::optional<int64_t> folds;       // of the estimate, 1: a hold-out; nullopt: auto
  int64_t repeats = 1;                // of the folds, each time with other parts
  friend bool operator==(const SplitPlan&, const SplitPlan&) = default;
};

struct AddedFeature {
  std::string name;
  std::string expression;
  Place place;
  friend bool operator==(const AddedFeature&, const AddedFeature&) = default;
};

/// What one column becomes, where the user decides it; names and rules in feature_strategies.h and
/// missing_policies.h.
struct ColumnFeatures {
  std::string name;
  std::vector<std::string> strategies;  // empty: auto
  std::optional<int64_t> bins;          // of the strategy bin; nullopt: auto
  std::vector<std::string> borders;     // numbers, ascending; empty: quantiles
  std::optional<int64_t> buckets;       // of the strategy hash; nullopt: auto
  std::vector<std::string> missing;     // empty: auto, as FeaturePlan::missing says
  std::optional<std::string> fill;      // of the policy constant, as written
  Place place;
  friend bool operator==(const ColumnFeatures&, const ColumnFeatures&) = default;
};

/// A feature by the group of a row; rules in group_aggregates.h.
struct GroupAggregate {
  std::string name;
  std::string of;               // column that is measured; empty for counts and shares of rows
  std::vector<std::string> by;  // columns whose values make the groups
  feature::GroupStatistic statistic = feature::GroupStatistic::kMean;
  feature::GroupView view = feature::GroupView::kValue;
  int64_t min_rows = 5;  // of a group that is told apart
  Place place;
  friend bool operator==(const GroupAggregate&, const GroupAggregate&) = default;
};

/// What becomes of gaps in columns that say nothing of it themselves.
enum class MissingDefault {
  kNative,  // they stay
  kAuto     // a probe on training rows decides (docs/missing_data.md)
};

enum class WindowStatistic { kMean, kMin, kMax, kStd, kMedian, kSum, kCount };

/// A lag, or a statistic of earlier rows; rules in window_features.h.
struct WindowFeature {
  std::string name;
  std::string of;                            // column of numbers, or the target
  std::vector<std::string> by;               // columns that tell one series from another
  std::optional<WindowStatistic> statistic;  // nullopt: the value itself, `lag` rows earlier
  int64_t lag = 1;                           // rows back; beside `rows`, where the window begins
  std::optional<int64_t> rows;               // length of the window
  std::optional<double> period_seconds;      // the same as a time; one of the two
  /// Rows younger than this are not known yet; nullopt: the embargo of the split.
  std::optional<double> delay_seconds;
  Place place;
  friend bool operator==(const WindowFeature&, const WindowFeature&) = default;
};

struct FeaturePlan {
  MissingDefault missing = MissingDefault::kNative;
  std::vector<AddedFeature> add;
  std::vector<GroupAggregate> aggregates;
  std::vector<WindowFeature> windows;
  std::vector<ColumnFeatures> columns;  // in the order written
  friend bool operator==(const FeaturePlan&, const FeaturePlan&) = default;
};

struct Budget {
  double time_seconds = 60.0;
  std::optional<int64_t> memory_bytes;  // nullopt: auto
  std::optional<int64_t> threads;       // nullopt: auto
  friend bool operator==(const Budget&, const Budget&) = default;
};

/// Option values of one learner, checked against the learner's own table.
struct LearnerOptions {
  std::string learner;
  std::vector<std::pair<std::string, std::string>> values;  // key, value as written
  friend bool operator==(const LearnerOptions&, const LearnerOptions&) = default;
};

struct DevelopPlan {
  std::optional<std::string> metric;  // what is optimised; nullopt: auto
  std::vector<std::string> learners;  // empty: auto
  Budget budget;
  std::vector<LearnerOptions> options;  // in the order written
  friend bool operator==(const DevelopPlan&, const DevelopPlan&) = default;
};

struct Requirements {
  std::vector<Gate> gates;  // in the order written; a metric may have several
  std::vector<Gate> fairness;
  friend bool operator==(const Requirements&, const Requirements&) = default;
};

enum class DeployTarget { kLocal };
enum class OnInvalid { kFlag, kReject };   // requests that break a check that blocks
enum class Auth { kAuto, kToken, kNone };  // auto: token unless the address is loopback

struct DeployPlan {
  DeployTarget target = DeployTarget::kLocal;
  std::string address = "127.0.0.1";
  int64_t port = 8080;                  // 0: any free one
  std::optional<int64_t> metrics_port;  // probes and /metrics; nullopt: port + 1
  std::optional<int64_t> grpc_port;     // Open Inference Protocol over gRPC; nullopt: not served
  std::optional<int64_t> threads;       // of a server; nullopt: auto
  int64_t min_replicas = 1;
  int64_t max_replicas = 8;
  double canary_percent = 10.0;  // of requests, (0, 100]
  double canary_seconds = 1800.0;
  Auth auth = Auth::kAuto;
  OnInvalid on_invalid = OnInvalid::kFlag;
  friend bool operator==(const DeployPlan&, const DeployPlan&) = default;
};

enum class AlertKind { kLog, kWebhook };

struct AlertTarget {
  AlertKind kind = AlertKind::kLog;
  std::string url;  // kWebhook
  friend bool operator==(const AlertTarget&, const AlertTarget&) = default;
};

struct MonitorPlan {
  int64_t window_rows = 1000;      // a window closes at this many rows ...
  double window_seconds = 3600.0;  // ... or at this age, whichever comes first
  double drift_psi = 0.2;          // population stability index that counts as drift
  double performance_drop = 0.05;  // fall of the primary metric, relative to the test's
  std::vector<AlertTarget> alerts;
  friend bool operator==(const MonitorPlan&, const MonitorPlan&) = default;
};

enum class RetrainTrigger { kDrift, kPerformance, kSchedule };
enum class Approval { kAuto, kManual };

struct RetrainPlan {
  std::vector<RetrainTrigger> on = {RetrainTrigger::kDrift, RetrainTrigger::kPerformance};
  double every_seconds = 30 * 86400.0;  // with kSchedule
  double cool_down_seconds = 86400.0;
  Approval approve = Approval::kAuto;
  friend bool operator==(const RetrainPlan&, const RetrainPlan&) = default;
};

struct Spec {
  int64_t version = 1;  // of the format
  Problem problem;
  DataSource data;
  SplitPlan split;
  FeaturePlan features;
  DevelopPlan develop;
  Requirements require;
  DeployPlan deploy;
  MonitorPlan monitor;
  RetrainPlan retrain;
  friend bool operator==(const Spec&, const Spec&) = default;
};

/// The top-level keys, for digests.
enum class Section {
  kProblem,
  kData,
  kSplit,
  kFeatures,
  kDevelop,
  kRequire,
  kDeploy,
  kMonitor,
  kRetrain
};
/// Returns the key: "problem", "data", ...
std::string_view SectionName(Section section);

/// Why a value was chosen: key path ("problem.task", "data.columns.TotalCharges") to text.
using Reasons = std::map<std::string, std::string>;

}  // namespace millrace::spec
