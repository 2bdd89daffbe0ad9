#include "design/approach.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "design/column_plan.h"
#include "spec/split_by_time.h"
#include "spec/stated_part.h"

namespace millrace::design {
namespace {

using profile::ColumnProfile;
using table::Task;

constexpr double kNormal95 = 1.96;
constexpr double kSecondsADay = 86400.0;
constexpr int64_t kFewRows = 500;
constexpr int64_t kRowsPerFeature = 10;
constexpr double kRareShare = 0.1;
constexpr double kMuchMissing = 0.3;
constexpr int64_t kManyCategories = 1'000;

double AsDouble(int64_t value) { return static_cast<double>(value); }

const ColumnProfile* TimeColumn(const Situation& s) {
  return s.spec.data.time ? s.profile.Find(*s.spec.data.time) : nullptr;
}

// Rows a day over the span of the time column; nothing without one.
std::optional<double> RowsPerDay(const Situation& s) {
  const ColumnProfile* time = TimeColumn(s);
  if (time == nullptr || !time->minimum || !time->maximum) return std::nullopt;
  const double days = (*time->maximum - *time->minimum) / kSecondsADay;
  if (days < 1.0) return std::nullopt;
  return AsDouble(s.profile.num_rows) / days;
}

const spec::Gate* LatencyGate(const spec::Spec& spec) {
  for (const spec::Gate& gate : spec.require.gates) {
    if (gate.metric.starts_with("latency")) return &gate;
  }
  return nullptr;
}

std::string List(const std::vector<std::string>& names) {
  constexpr size_t kShown = 4;
  if (names.size() <= kShown) return Join(names, ", ");
  const std::vector<std::string> shown(names.begin(), names.begin() + kShown);
  return Format("{} and {} more", Join(shown, ", "), names.size() - kShown);
}

void AddColumnRisks(const Situation& s, std::vector<Risk>& risks) {
  std::vector<std::string> gaps;
  std::vector<std::string> wide;
  std::vector<std::string> texts;
  for (const ColumnPlan& plan : s.record.columns) {
    const ColumnProfile& column = *s.profile.Find(plan.name);
    if (plan.role != ColumnRole::kFeature) continue;
    if (plan.type == table::ColumnType::kText) texts.push_back(plan.name);
    if (AsDouble(column.num_missing) > kMuchMissing * AsDouble(column.num_rows)) {
      gaps.push_back(Format("{} ({})", plan.name,
                            FormatShare(AsDouble(column.num_missing), AsDouble(column.num_rows))));
    }
    if (plan.type == table::ColumnType::kCategory && column.num_distinct > kManyCategories) {
      wide.push_back(Format("{} ({})", plan.name, FormatCount(column.num_distinct)));
    }
  }
  if (!gaps.empty()) {
    risks.push_back(
        {Format("Much is missing: {}", List(gaps)),
         "whether a value is missing is a feature of its own; if the reason for the gap "
         "changes in production, the model misreads it: drift of the missing share is "
         "watched"});
  }
  if (!wide.empty()) {
    risks.push_back({Format("Many categories: {}", List(wide)),
                     Format("the {} most frequent are told apart, the rest reads as unseen",
                            FormatCount(kManyCategories))});
  }
  if (!texts.empty()) {
    risks.push_back({Format("Free text: {}", List(texts)),
                     "read as frequent words and pairs of words, without their meaning; names of "
                     "persons in it may become features"});
  }
}

void AddRowRisks(const Situation& s, std::vector<Risk>& risks) {
  const int64_t rows = s.profile.num_rows;
  const auto features = static_cast<int64_t>(FeaturesOf(s.record.columns).size());
  if (rows < kFewRows) {
    risks.push_back({Format("Few rows: {}", FormatCount(rows)),
                     "figures carry intervals; a gate is compared on held-out rows only"});
  } else if (rows < kRowsPerFeature * features) {
    risks.push_back({Format("Many columns for the rows: {} for {}", features, FormatCount(rows)),
                     "penalties and early stopping are tuned on folds of the training rows"});
  }
  if (s.record.task != Task::kRegression) {
    const int64_t rare = RarestClassRows(s);
    if (AsDouble(rare) < kRareShare * AsDouble(rows)) {
      risks.push_back(
          {Format("The rarest class has {} rows ({})", FormatCount(rare),
                  FormatShare(AsDouble(rare), AsDouble(rows))),
           "the split keeps class shares; accuracy is not the measure; the threshold is "
           "chosen on training folds"});
    }
  }
  if (s.profile.num_duplicate_rows > 0) {
    risks.push_back(
        {Format("{} rows ({}) equal an earlier one", FormatCount(s.profile.num_duplicate_rows),
                FormatShare(AsDouble(s.profile.num_duplicate_rows), AsDouble(rows))),
         "copies stay on one side of the split"});
  }
}

// What following an append-only source in micro-batches means, in figures.
std::string FollowReason(const Situation& s) {
  std::string reason =
      "the source only grows, so `millrace data follow` takes new rows in micro-batches, each "
      "exactly once";
  const auto per_day = RowsPerDay(s);
  if (!per_day || *per_day <= 0.0) return reason;
  const double per_second = *per_day / kSecondsADay;
  if (per_second >= 1.0) {
    reason += Format(": a look each second finds about {} rows", FormatSignificant(per_second, 2));
  } else if (per_second * 60.0 >= 1.0) {
    reason +=
        Format(": a look each minute finds about {} rows", FormatSignificant(60.0 * per_second, 2));
  } else {
    reason += Format(
        ": with {} rows a day, one call with --until-idle a day takes them as well as a process "
        "that waits",
        FormatSignificant(*per_day, 3));
  }
  return reason + Format("; a tenth more rows than the {} of now are there after {} days",
                         FormatCount(s.profile.num_rows),
                         FormatSignificant(0.1 * AsDouble(s.profile.num_rows) / *per_day, 2));
}

}  // namespace

int64_t RarestClassRows(const Situation& s) {
  const ColumnProfile* target = s.profile.Find(s.record.target);
  if (s.record.task == Task::kRegression || target == nullptr || target->top_values.empty()) {
    return s.profile.num_rows;
  }
  return target->top_values.back().count;
}

double HeldOutShare(const Situation& s) {
  const ColumnProfile* parts = s.spec.split.column ? s.profile.Find(*s.spec.split.column) : nullptr;
  if (parts == nullptr || s.profile.num_rows == 0) return s.spec.split.test;
  int64_t held_out = 0;
  for (const profile::ValueCount& part : parts->top_values) {
    if (spec::ReadStatedPart(part.value) == spec::StatedPart::kTest) held_out += part.count;
  }
  return AsDouble(held_out) / AsDouble(s.profile.num_rows);
}

int64_t HeldOutRows(const Situation& s) {
  return std::llround(HeldOutShare(s) * AsDouble(s.profile.num_rows));
}

Decision ChooseApproach(const Situation& s) {
  const auto features = static_cast<int64_t>(FeaturesOf(s.record.columns).size());
  return {"traditional machine learning",
          Format("{} rows of {} typed columns ({} cells): on tables of this kind boosted trees and "
                 "linear models lead at a fraction of the cost; deep learning pays off on raw "
                 "text, images and sound, which are no features here",
                 FormatCount(s.profile.num_rows), features,
                 FormatCount(s.profile.num_rows * features))};
}

Decision ChooseServing(const Situation& s) {
  const double row_bytes =
      AsDouble(s.source_bytes) / AsDouble(std::max<int64_t>(1, s.profile.num_rows));
  std::string reason;
  if (const spec::Gate* latency = LatencyGate(s.spec)) {
    reason = Format("{} {} asks for single answers; ", latency->metric, latency->BoundText());
  }
  if (const auto per_day = RowsPerDay(s)) {
    reason += Format(
        "{} rows over the span of {} are {} a day, {} a second on average: a request "
        "each, or a file at a time; no stream processor is needed",
        FormatCount(s.profile.num_rows), *s.spec.data.time, FormatSignificant(*per_day, 3),
        FormatSignificant(*per_day / kSecondsADay, 2));
  } else {
    reason += Format(
        "no column says when rows arise, so single rows and whole files ({} rows of "
        "about {}, {}) are both answered by one bundle",
        FormatCount(s.profile.num_rows), FormatBytes(std::llround(row_bytes)),
        FormatBytes(s.source_bytes));
  }
  if (!s.spec.data.append_only) return {"online and batch", std::move(reason)};
  return {"online, batch and a followed source", reason + "; " + FollowReason(s)};
}

Decision ChooseValidation(const Situation& s) {
  using spec::SplitKind;
  const SplitKind kind = s.spec.split.kind;
  const int64_t held_out = HeldOutRows(s);
  Decision decision;
  std::string why;
  if (s.spec.split.column) {
    decision.value = "hold-out as stated";
    why = Format("{} holds the part of each row", *s.spec.split.column);
  } else if (spec::SplitsByTime(s.spec)) {
    decision.value = "hold-out by time";
    why = Format("the latest rows of {} are held out, as production will see later rows",
                 s.spec.data.time.value_or("the time column"));
  } else if (s.spec.data.group) {
    decision.value = "hold-out by group";
    why = Format("all rows of one {} stay on one side", *s.spec.data.group);
  } else if (kind == SplitKind::kRandom) {
    decision.value = "random hold-out";
    why = "split.kind: random";
  } else {
    decision.value = "stratified hold-out";
    why = s.record.task == Task::kRegression ? "no time or group column; tenths of the target keep "
                                               "their shares"
                                             : "no time or group column; classes keep their shares";
  }
  // A share p is known on n rows to 1.96 sqrt(p (1 - p) / n), widest at p = 1/2.
  int64_t basis = held_out;
  std::string basis_name = "held-out rows";
  if (s.record.task == Task::kBinary) {
    basis = std::llround(HeldOutShare(s) * AsDouble(RarestClassRows(s)));
    basis_name = "held-out rows of the rarer class";
  }
  const double half = kNormal95 * std::sqrt(0.25 / AsDouble(std::max<int64_t>(1, basis)));
  decision.reason = Format("{}; {} of {} rows are held out and read once", why,
                           FormatCount(held_out), FormatCount(s.profile.num_rows));
  if (s.record.task != Task::kRegression) {
    decision.reason += Format("; on {} {} a share is known to +- {} points at most",
                              FormatCount(basis), basis_name, FormatSignificant(100.0 * half, 2));
  }
  return decision;
}

std::vector<Risk> FindRisks(const Situation& s, const std::vector<std::string>& leaks) {
  std::vector<Risk> risks;
  if (!leaks.empty()) {
    risks.push_back({Format("Columns tell the target: {}", List(leaks)),
                     "known only with the answer; name them under data.exclude"});
  }
  AddRowRisks(s, risks);
  AddColumnRisks(s, risks);
  if (!s.spec.data.sensitive.empty()) {
    const bool gated = !s.spec.require.fairness.empty();
    risks.push_back({Format("Groups may be served unequally: {}", List(s.spec.data.sensitive)),
                     gated ? "gaps are measured and gated"
                           : "gaps are measured by group; require.fairness makes them a gate"});
  }
  if (TimeColumn(s) == nullptr) {
    risks.push_back({"No column of time: whether the past resembles the future cannot be tested",
                     "drift of inputs and predictions is watched from the first request on"});
  }
  if (const auto per_day = RowsPerDay(s)) {
    const double days = AsDouble(s.spec.monitor.window_rows) / *per_day;
    const double age = s.spec.monitor.window_seconds / kSecondsADay;
    if (days > age) {
      risks.push_back(
          {Format("A window of {} predictions takes {} days at {} rows a day",
                  FormatCount(s.spec.monitor.window_rows), FormatSignificant(days, 2),
                  FormatSignificant(*per_day, 3)),
           Format("windows close by age, {}, with fewer rows: small shifts are found later",
                  FormatDuration(s.spec.monitor.window_seconds))});
    }
  }
  return risks;
}

}  // namespace millrace::design
