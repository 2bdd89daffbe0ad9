#include "develop/missing_probe.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "data/quality/probe_model.h"
#include "guide/guide.h"
#include "metric/two_sample.h"

namespace millrace::develop {
namespace {

using table::ColumnType;
using table::Task;

constexpr int kDivisions = 2;
constexpr int64_t kMostClasses = 20;
constexpr int64_t kProbeWords = 50;  // of a free text
constexpr double kLeastProbability = 1e-6;
constexpr double kAlpha = 0.05;
constexpr double kNormal95 = 1.959963984540054;
constexpr std::string_view kTable = "__missing_probe";

using Policy = std::vector<std::string>;

struct Paired {
  double mean = 0.0;
  double error = 0.0;
};

// Mean and standard error of a - b, in row order.
Paired Compare(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  Paired paired;
  for (size_t i = 0; i < a.size(); ++i) paired.mean += a[i] - b[i];
  paired.mean /= n;
  double squares = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    squares += (a[i] - b[i] - paired.mean) * (a[i] - b[i] - paired.mean);
  }
  paired.error = std::sqrt(squares / (n * (n - 1.0)));
  return paired;
}

double MeanOf(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::vector<Policy> PoliciesFor(ColumnType type, double share) {
  std::vector<Policy> policies;
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kNumber:
      policies = {{"median", "indicator"}, {"model", "indicator"}};
      break;
    case ColumnType::kBoolean:
    case ColumnType::kCategory:
      policies = {{"mode", "indicator"}};
      break;
    case ColumnType::kDate:
      policies = {{"median", "indicator"}};
      break;
    case ColumnType::kText:
      policies = {{"indicator"}};
      break;
  }
  if (share >= kNearlyAll) policies.push_back({"drop"});
  return policies;
}

class Probing {
 public:
  explicit Probing(const MissingProbeInputs& inputs) : inputs_(inputs), data_(inputs.data) {}

  Result<MissingProbe> Run() {
    MILLRACE_RETURN_IF_ERROR(LoadSample());
    probe_.num_rows = rows_.num_rows();
    if (probe_.num_rows < kLeastProbeRows) {
      probe_.not_probed = Format("{} training rows are too few to tell policies apart",
                                 FormatCount(probe_.num_rows));
      return std::move(probe_);
    }
    if (static_cast<int64_t>(data_.labels.size()) > kMostClasses) {
      probe_.not_probed = Format("{} classes are too many for a quick probe", data_.labels.size());
      return std::move(probe_);
    }
    FindColumns();
    if (probe_.columns.empty()) {
      probe_.not_probed = "no column without a policy of its own misses 1 % of its values";
      return std::move(probe_);
    }
    MILLRACE_RETURN_IF_ERROR(inputs_.engine.Load(kTable, rows_));
    const Status tried = TryAll();
    MILLRACE_RETURN_IF_ERROR(inputs_.engine.Execute(Format("DROP TABLE {}", kTable)));
    MILLRACE_RETURN_IF_ERROR(tried);
    if (probe_.not_probed.empty()) Choose();
    return std::move(probe_);
  }

 private:
  Status LoadSample() {
    std::vector<std::string> columns = data_.features;
    columns.push_back(data_.target);
    columns.emplace_back("__row_key");
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table all,
        data::LoadRows(data_, inputs_.objects, inputs_.engine, data::SplitPart::kTrain, columns));
    const int64_t step = std::max<int64_t>(1, (all.num_rows() + kProbeRows - 1) / kProbeRows);
    std::vector<int64_t> taken;
    for (int64_t row = 0; row < all.num_rows(); row += step) taken.push_back(row);
    rows_ = all.Take(taken);
    labels_ = data::LabelsOf(data_, rows_);
    const auto seed = static_cast<uint64_t>(inputs_.spec.split.seed);
    const table::Column& keys = rows_.column(rows_.num_columns() - 1);
    for (int division = 0; division < kDivisions; ++division) {
      std::vector<int64_t> folds;
      for (int64_t row = 0; row < rows_.num_rows(); ++row) {
        const uint64_t mixed =
            MixHash(Hash64(keys.text(row)), seed + static_cast<uint64_t>(division));
        folds.push_back(static_cast<int64_t>(mixed % static_cast<uint64_t>(kProbeFolds)));
      }
      folds_.push_back(std::move(folds));
    }
    return {};
  }

  void FindColumns() {
    for (size_t c = 0; c < data_.features.size(); ++c) {
      const std::string& name = data_.features[c];
      const auto given =
          std::ranges::find(inputs_.spec.features.columns, name, &spec::ColumnFeatures::name);
      const bool decided = given != inputs_.spec.features.columns.end() && !given->missing.empty();
      if (decided) continue;
      const table::Column& column = rows_.column(static_cast<int64_t>(c));
      int64_t missing = 0;
      for (int64_t row = 0; row < column.size(); ++row) missing += column.valid(row) ? 0 : 1;
      const double share = static_cast<double>(missing) / static_cast<double>(column.size());
      if (share >= kProbedShare && share < 1.0) {
        probe_.columns.push_back({.column = name, .share = share, .chosen = {"native"}});
      }
    }
    std::ranges::stable_sort(probe_.columns, [](const ColumnProbe& a, const ColumnProbe& b) {
      return a.share > b.share;
    });
    if (probe_.columns.size() > kMostProbedColumns) probe_.columns.resize(kMostProbedColumns);
  }

  // Losses by row, out of fold, where `column` has `policy`; nothing where it leaves no feature.
  Result<std::optional<std::vector<double>>> LossesOf(const std::string& column,
                                                      const Policy& policy, int division) {
    std::vector<spec::ColumnFeatures> columns = inputs_.spec.features.columns;
    if (!column.empty()) {
      MissingProbe choice;
      choice.columns.push_back({.column = column, .chosen = policy});
      columns = WithChoices(std::move(columns), choice);
    }
    const Result<fit::FittedGraph> fitted = fit::FitGraph({.engine = inputs_.engine,
                                                           .relation = std::string(kTable),
                                                           .schema = data_.schema,
                                                           .features = data_.features,
                                                           .added = {},
                                                           .columns = std::move(columns),
                                                           .clips = inputs_.clips},
                                                          {.max_words = kProbeWords});
    if (!fitted.ok()) {
      if (fitted.status().code() == Code::kInvalidData) return std::optional<std::vector<double>>();
      return fitted.status();
    }
    data::EncodedRows encoded;
    MILLRACE_ASSIGN_OR_RETURN(encoded.matrix, fitted->graph.Apply(rows_));
    encoded.infos = fitted->graph.features();
    const auto num_classes = static_cast<int64_t>(data_.labels.size());
    const Result<std::vector<double>> outputs =
        data::OutOfFold(encoded, labels_, folds_[static_cast<size_t>(division)],
                        {.task = data_.task,
                         .num_classes = num_classes,
                         .seed = static_cast<uint64_t>(inputs_.spec.split.seed)});
    if (!outputs.ok()) {
      if (outputs.status().code() != Code::kUnsupported) return outputs.status();
      return std::optional<std::vector<double>>();
    }
    return std::optional<std::vector<double>>(LossesOf(*outputs));
  }

  std::vector<double> LossesOf(const std::vector<double>& outputs) const {
    const size_t width = outputs.size() / labels_.size();
    std::vector<double> losses;
    losses.reserve(labels_.size());
    for (size_t row = 0; row < labels_.size(); ++row) {
      const double label = labels_[row];
      if (data_.task == Task::kRegression) {
        losses.push_back((outputs[row] - label) * (outputs[row] - label));
        continue;
      }
      const double p = width == 1 ? (label == 1.0 ? outputs[row] : 1.0 - outputs[row])
                                  : outputs[row * width + static_cast<size_t>(label)];
      losses.push_back(-std::log(std::clamp(p, kLeastProbability, 1.0)));
    }
    return losses;
  }

  Status TryAll() {
    for (int division = 0; division < kDivisions; ++division) {
      MILLRACE_ASSIGN_OR_RETURN(const auto native, LossesOf("", {}, division));
      if (!native) {
        probe_.not_probed = "no feature to learn from, or too few rows of a class";
        return {};
      }
      native_.push_back(*native);
    }
    for (ColumnProbe& column : probe_.columns) {
      const ColumnType type = data_.schema.column(*data_.schema.Find(column.column)).type;
      for (const Policy& policy : PoliciesFor(type, column.share)) {
        MILLRACE_RETURN_IF_ERROR(Try(policy, column));
      }
      num_comparisons_ += static_cast<double>(column.trials.size());
    }
    return {};
  }

  Status Try(const Policy& policy, ColumnProbe& column) {
    PolicyTrial trial{.missing = policy};
    const bool drops = policy[0] == "drop";
    MILLRACE_ASSIGN_OR_RETURN(const auto first, LossesOf(column.column, policy, 0));
    if (!first) return {};
    Paired paired = Compare(native_[0], *first);
    const bool gains = paired.mean > 0.0;
    // A policy that does not gain at once is not looked at again; dropping need not gain.
    if (gains || drops) {
      MILLRACE_ASSIGN_OR_RETURN(const auto second, LossesOf(column.column, policy, 1));
      if (!second) return {};
      const bool gains_again = Compare(native_[1], *second).mean > 0.0;
      std::vector<double> native;
      std::vector<double> tried;
      for (size_t row = 0; row < labels_.size(); ++row) {
        native.push_back(0.5 * (native_[0][row] + native_[1][row]));
        tried.push_back(0.5 * ((*first)[row] + (*second)[row]));
      }
      paired = Compare(native, tried);
      trial.better = gains && gains_again;
      if (trial.better && paired.error > 0.0) {
        trial.p = metric::TwoSidedPValue(paired.mean / paired.error);
      }
    }
    const double loss = MeanOf(native_[0]);
    if (!(loss > 0.0)) return {};
    trial.gain = paired.mean / loss;
    trial.low = (paired.mean - kNormal95 * paired.error) / loss;
    trial.high = (paired.mean + kNormal95 * paired.error) / loss;
    column.trials.push_back(std::move(trial));
    return {};
  }

  void Choose() {
    for (ColumnProbe& column : probe_.columns) {
      const PolicyTrial* best = nullptr;
      std::string proposal;
      for (PolicyTrial& trial : column.trials) {
        trial.p = std::min(1.0, trial.p * num_comparisons_);
        trial.better = trial.better && trial.gain >= kLeastGain && trial.p < kAlpha;
        if (trial.missing[0] == "drop") {
          if (trial.high >= 0.0) {
            proposal = Format(
                "; drop is proposed: it misses {}, and without it the loss is not "
                "measurably higher",
                FormatShare(column.share, 1.0));
          }
          continue;
        }
        if (trial.better && (best == nullptr || trial.gain > best->gain)) best = &trial;
      }
      if (best != nullptr) {
        column.chosen = best->missing;
        column.reason = Format("takes {} off the loss [{}, {}], p {}", FormatShare(best->gain, 1.0),
                               FormatShare(best->low, 1.0), FormatShare(best->high, 1.0),
                               FormatSignificant(best->p, 2));
      } else {
        column.reason = "no policy is measurably better" + proposal;
      }
      column.reason += Format(" ({})", guide::Cite("missing-values"));
    }
  }

  const MissingProbeInputs& inputs_;
  const data::DataRecord& data_;
  MissingProbe probe_;
  table::Table rows_{std::make_shared<const table::Schema>()};
  std::vector<double> labels_;
  std::vector<std::vector<int64_t>> folds_;  // [divisions][rows]
  std::vector<std::vector<double>> native_;  // [divisions][rows] losses
  double num_comparisons_ = 0.0;
};

}  // namespace

Result<MissingProbe> ProbeMissing(const MissingProbeInputs& inputs) {
  return Probing(inputs).Run();
}

std::vector<spec::ColumnFeatures> WithChoices(std::vector<spec::ColumnFeatures> columns,
                                              const MissingProbe& probe) {
  for (const ColumnProbe& probed : probe.columns) {
    if (probed.chosen == Policy{"native"}) continue;
    auto found = std::ranges::find(columns, probed.column, &spec::ColumnFeatures::name);
    if (found == columns.end()) {
      columns.push_back({.name = probed.column});
      found = std::prev(columns.end());
    }
    found->missing = probed.chosen;
    // A strategy and drop exclude each other.
    if (probed.chosen[0] == "drop") found->strategies.clear();
  }
  return columns;
}

report::Block ProbeBlock(const MissingProbe& probe) {
  if (!probe.not_probed.empty()) {
    return report::Paragraph{Format("Missing values stay native: {}.", probe.not_probed)};
  }
  report::DataTable table;
  table.title =
      Format("Policies of missing values, probed on {} training rows", FormatCount(probe.num_rows));
  table.columns = {"column", "missing", "chosen", "tried: change of the loss [95 %]", "reason"};
  table.numeric = {false, true, false, false, false};
  for (const ColumnProbe& column : probe.columns) {
    std::vector<std::string> tried;
    for (const PolicyTrial& trial : column.trials) {
      tried.push_back(Format("{} {} [{}, {}]", Join(trial.missing, " + "),
                             FormatSignificant(-100.0 * trial.gain, 2) + " %",
                             FormatSignificant(-100.0 * trial.high, 2),
                             FormatSignificant(-100.0 * trial.low, 2)));
    }
    table.rows.push_back({column.column, FormatShare(column.share, 1.0), Join(column.chosen, " + "),
                          Join(tried, "; "), column.reason});
  }
  return table;
}

}  // namespace millrace::develop
