#include "evaluate/evaluate_phase.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "data/request_checks.h"
#include "evaluate/card.h"
#include "evaluate/edge_cases.h"
#include "evaluate/evaluate_section.h"
#include "evaluate/fairness.h"
#include "evaluate/gates.h"
#include "evaluate/held_out.h"
#include "evaluate/performance.h"
#include "evaluate/seal.h"

namespace millrace::evaluate {
namespace {

using report::Check;
using report::CheckState;
using table::Task;

constexpr int64_t kTypicalRows = 64;
constexpr size_t kMaxCrossed = 3;  // pairs of sensitive columns
constexpr int64_t kMaxCrossedGroups = 24;

// Columns that describe rows beside those that the model reads.
std::vector<std::string> MoreColumns(const EvaluateInputs& inputs) {
  std::vector<std::string> names = inputs.data.features;
  names.insert(names.end(), inputs.spec.data.sensitive.begin(), inputs.spec.data.sensitive.end());
  return names;
}

Result<std::vector<double>> TrainingLabels(const EvaluateInputs& inputs) {
  MILLRACE_ASSIGN_OR_RETURN(const table::Table rows,
                            data::LoadRows(inputs.data, inputs.objects, inputs.engine,
                                           data::SplitPart::kTrain, {inputs.data.target}));
  return data::LabelsOf(inputs.data, rows);
}

Status MeasurePerformance(const EvaluateInputs& inputs, const HeldOut& held_out, const Rng& rng,
                          Measurements& found) {
  found.metrics = MeasureMetrics(held_out.scored(), rng.Fork("metrics"), inputs.num_threads);
  const metric::MetricInfo* primary =
      metric::FindMetric(inputs.data.task, inputs.develop.primary_metric);
  if (primary == nullptr) {
    return Corrupt(Format("develop record: unknown metric: \"{}\"", inputs.develop.primary_metric));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<double> training, TrainingLabels(inputs));
  found.constant = BestConstant(*primary, inputs.data.task, inputs.data.labels, training);
  found.over_baseline = OverConstant(*primary, held_out.scored(), found.constant,
                                     rng.Fork("metrics"), inputs.num_threads);
  if (inputs.data.task != Task::kRegression) {
    found.calibration =
        MeasureCalibration(held_out.scored(), rng.Fork("calibration"), inputs.num_threads);
  }
  return {};
}

void MeasureGroups(const EvaluateInputs& inputs, const HeldOut& held_out, Measurements& found) {
  std::vector<Binning> all;
  for (const std::string& name : inputs.spec.data.sensitive) {
    const auto index = held_out.rows.schema().Find(name);
    if (!index) continue;
    all.push_back(BinColumn(held_out.rows.schema().column(*index), held_out.rows.column(*index)));
    found.fairness.push_back(MeasureFairness(held_out.scored(), all.back(), held_out.class_labels));
  }
  for (size_t left = 0; left < all.size(); ++left) {
    for (size_t right = left + 1; right < all.size(); ++right) {
      if (found.crossed.size() == kMaxCrossed) return;
      const Binning both = Cross(all[left], all[right]);
      if (both.num_parts() > kMaxCrossedGroups) continue;
      found.crossed.push_back(MeasureFairness(held_out.scored(), both, held_out.class_labels));
    }
  }
}

// Slices by everything that is known of a row but the target: features and sensitive columns.
void SearchSlices(const EvaluateInputs& inputs, const HeldOut& held_out, Measurements& found) {
  std::vector<std::string> names = inputs.data.features;
  for (const std::string& name : inputs.spec.data.sensitive) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::vector<Binning> columns;
  for (const std::string& name : names) {
    const auto index = held_out.rows.schema().Find(name);
    if (!index || held_out.rows.column(*index).type() == table::ColumnType::kText) continue;
    columns.push_back(BinColumn(held_out.rows.schema().column(*index), held_out.rows.column(*index),
                                {.max_values = 10}));
  }
  found.slices =
      FindWorstSlices(held_out.RowLosses(), columns, {.num_threads = inputs.num_threads});
}

Check BetterThanConstant(const EvaluateInputs& inputs, const Measurements& found) {
  const metric::MetricInfo* primary =
      metric::FindMetric(inputs.data.task, inputs.develop.primary_metric);
  const double sign = primary->greater_is_better ? 1.0 : -1.0;
  const metric::Interval& difference = found.over_baseline;
  Check check;
  check.id = "evaluate.better_than_baseline";
  check.label = "better than a constant answer";
  check.blocks = true;
  if (std::isnan(difference.value)) {
    check.evidence = Format("{} is not defined on the held-out rows", primary->name);
    return check;
  }
  check.value = difference.value;
  check.low = difference.low;
  check.high = difference.high;
  const double worst = sign > 0.0 ? difference.low : -difference.high;
  check.state = worst > 0.0                     ? CheckState::kMet
                : sign * difference.value > 0.0 ? CheckState::kWarning
                                                : CheckState::kNotMet;
  check.evidence = Format("{}, compared with {}", primary->name, found.constant.text);
  if (check.state == CheckState::kWarning) {
    check.evidence += "; its interval reaches over 0";
    check.fix = "hold out more rows (split.test), or look for columns that say more";
  } else if (check.state == CheckState::kNotMet) {
    check.fix = "the columns say nothing about the target: look for others";
  }
  return check;
}

void Append(std::vector<Check>& all, std::vector<Check> more) {
  for (Check& check : more) all.push_back(std::move(check));
}

Check CardCheck(const SealedBundle& sealed) {
  Check check;
  check.id = "evaluate.card";
  check.label = "model card written, bundle sealed";
  check.state = CheckState::kMet;
  check.evidence = Format("bundle {}, {}, opened and replayed", sealed.digest.Short(),
                          FormatBytes(sealed.bytes));
  return check;
}

std::vector<int32_t> DecisionsOf(const HeldOut& held_out) {
  std::vector<int32_t> decisions;
  if (held_out.class_labels.empty()) return decisions;
  const metric::Scored scored = held_out.scored();
  for (int64_t row = 0; row < held_out.num_rows(); ++row) {
    decisions.push_back(static_cast<int32_t>(metric::PredictedClass(scored, row)));
  }
  return decisions;
}

table::Table TypicalRows(const HeldOut& held_out) {
  std::vector<int64_t> some;
  for (int64_t i = 0; i < std::min(kTypicalRows, held_out.num_rows()); ++i) some.push_back(i);
  return held_out.rows.Take(some);
}

// Checks that depend neither on the clock nor on the sealed file.
std::vector<Check> ChecksOf(const EvaluateInputs& inputs, const HeldOut& held_out,
                            const Measurements& found) {
  std::vector<Check> checks = CheckMetricGates(inputs.spec, found.metrics, held_out.scored());
  checks.push_back(BetterThanConstant(inputs, found));
  if (inputs.data.task != Task::kRegression) checks.push_back(CheckCalibration(found.calibration));
  Append(checks, CheckFairness(inputs.spec, inputs.data.task, found.fairness));
  Append(checks, CheckEdgeCases(found.edge_cases));
  return checks;
}

std::string CardOf(const EvaluateInputs& inputs, const HeldOut& held_out, const Measurements& found,
                   const std::vector<Check>& checks) {
  std::vector<ColumnFairness> fairness = found.fairness;
  fairness.insert(fairness.end(), found.crossed.begin(), found.crossed.end());
  std::vector<std::string> important;
  for (const ColumnImportance& column : found.importance.columns) {
    if (column.loss.low > 0.0) important.push_back(column.column);
  }
  return WriteCard({.spec = inputs.spec,
                    .data = inputs.data,
                    .develop = inputs.develop,
                    .num_test = held_out.num_rows(),
                    .metrics = found.metrics,
                    .over_baseline = found.over_baseline,
                    .constant_answer = found.constant.text,
                    .fairness = std::move(fairness),
                    .verdicts = checks,
                    .edge_cases = found.edge_cases,
                    .weak_spots = WeakSpots(inputs.data.task, found),
                    .important_columns = std::move(important)});
}

}  // namespace

Result<EvaluateRecord> RunEvaluate(const EvaluateInputs& inputs) {
  const auto progress = [&inputs](double share, std::string step) {
    inputs.progress.Report({.phase = 4, .share = share, .step = std::move(step)});
  };
  MILLRACE_ASSIGN_OR_RETURN(const TrainedModel trained,
                            LoadTrained(inputs.data, inputs.develop, inputs.objects));
  MILLRACE_ASSIGN_OR_RETURN(const HeldOut held_out,
                            LoadHeldOut(inputs.data, inputs.develop, trained, inputs.objects,
                                        inputs.engine, MoreColumns(inputs), inputs.num_threads));
  progress(0.3, Format("{} held-out rows answered", FormatCount(held_out.num_rows())));
  const Rng rng = Rng(static_cast<uint64_t>(inputs.spec.split.seed)).Fork("evaluate");
  Measurements found;
  MILLRACE_RETURN_IF_ERROR(MeasurePerformance(inputs, held_out, rng, found));
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  progress(0.5, Format("{} metrics with intervals", found.metrics.size()));
  MeasureGroups(inputs, held_out, found);
  SearchSlices(inputs, held_out, found);
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  progress(0.7, Format("{} slices tested", FormatCount(found.slices.num_tested)));
  found.importance = MeasureImportance(
      trained, held_out, *metric::FindMetric(inputs.data.task, inputs.develop.primary_metric),
      rng.Fork("importance"), {.num_threads = inputs.num_threads});
  const table::Table typical = TypicalRows(held_out);
  MILLRACE_ASSIGN_OR_RETURN(found.edge_cases, RunEdgeCases(trained.scorer, typical));
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  progress(0.9, "importance and edge cases measured");

  std::vector<Check> checks = ChecksOf(inputs, held_out, found);
  const std::string card = CardOf(inputs, held_out, found, checks);
  const std::vector<int32_t> decisions = DecisionsOf(held_out);
  MILLRACE_ASSIGN_OR_RETURN(
      const json::Json sketches,
      ReferenceSketchesOf(inputs.data, inputs.develop, inputs.objects, inputs.engine,
                          {.num_rows = held_out.num_rows(),
                           .num_outputs = held_out.num_outputs(),
                           .outputs = held_out.outputs,
                           .decisions = decisions,
                           .labels = held_out.class_labels}));
  MILLRACE_ASSIGN_OR_RETURN(
      SealedBundle sealed,
      Seal({.data = inputs.data,
            .develop = inputs.develop,
            .trained = trained,
            .objects = inputs.objects,
            .sketches = sketches,
            .card = card,
            .provenance = inputs.provenance,
            .checks = data::RequestChecksOf(inputs.spec, inputs.develop.request_schema).checks}));
  // Not in the card: a time is no property of the bundle, and a bundle cannot name its own size.
  Append(checks, CheckLatencyGates(inputs.spec, trained.scorer, held_out.rows, inputs.clock));
  Append(checks, CheckSizeGates(inputs.spec, sealed.bytes));
  checks.push_back(CardCheck(sealed));

  EvaluateRecord record;
  record.bundle = sealed.digest;
  record.bundle_object = sealed.object;
  record.bundle_bytes = sealed.bytes;
  record.num_test = held_out.num_rows();
  record.primary_metric = inputs.develop.primary_metric;
  record.metrics = found.metrics;
  record.over_baseline = found.over_baseline;
  for (const ColumnFairness& column : found.fairness) {
    record.gaps.insert(record.gaps.end(), column.gaps.begin(), column.gaps.end());
  }
  record.card = std::move(sealed.card);
  record.section = MakeEvaluateSection(inputs.data, held_out, found, std::move(checks));
  progress(1.0, Format("bundle {} sealed", record.bundle.Short()));
  return record;
}

}  // namespace millrace::evaluate
