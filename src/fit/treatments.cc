#include "fit/treatments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "fit/column_statistics.h"
#include "fit/fill_models.h"
#include "fit/number_fit.h"
#include "fit/row_pass.h"
#include "table/value_parser.h"

namespace millrace::fit {
namespace {

using feature::FillKind;
using feature::Treatment;
using spec::MissingPolicy;
using table::ColumnType;

constexpr int64_t kSampleRows = 20'000;
constexpr int64_t kSampleCells = 4'000'000;
constexpr size_t kMostPredictorColumns = 200;
constexpr int64_t kMostPredictorValues = 10;  // of a category

std::string Shown(const table::ColumnSchema& column, double value) {
  if (column.type == ColumnType::kDate) {
    return FormatUtc(static_cast<int64_t>(value * 1e6)).substr(0, 10);
  }
  if (column.type == ColumnType::kBoolean) return value == 0.0 ? "no" : "yes";
  return FormatFigure(value);
}

// What the fit holds of one column.
struct Filling {
  const ColumnPlan* plan = nullptr;
  Treatment treatment;
  std::string words;  // "the median (28)"; empty: stays missing
  Moments moments;    // of the policy mean
};

class TreatmentFit {
 public:
  TreatmentFit(const FitInputs& inputs, const std::vector<ColumnPlan>& plans)
      : inputs_(inputs), plans_(plans) {}

  Result<FittedTreatments> Run() {
    for (const ColumnPlan& plan : plans_) {
      Filling filling{.plan = &plan, .treatment = {.column = plan.column.name}};
      const auto clip = std::ranges::find(inputs_.clips, plan.column.name, &ColumnClip::column);
      if (clip != inputs_.clips.end()) {
        filling.treatment.low = clip->low;
        filling.treatment.high = clip->high;
      }
      wants_models_ = wants_models_ || plan.fill == MissingPolicy::kModel;
      fillings_.push_back(std::move(filling));
    }
    MILLRACE_RETURN_IF_ERROR(AskStatistics());
    for (size_t i = 0; i < fillings_.size(); ++i) {
      MILLRACE_RETURN_IF_ERROR(FillByStatistics(fillings_[i], statistics_[i]));
    }
    MILLRACE_RETURN_IF_ERROR(PassRows());
    if (wants_models_) FillByModels();
    return Take();
  }

 private:
  static bool NeedsStatistics(MissingPolicy fill) {
    return fill != MissingPolicy::kNative && fill != MissingPolicy::kConstant;
  }

  // Columns that models may read: the first of many.
  bool IsPredictor(size_t plan) const { return wants_models_ && plan < kMostPredictorColumns; }

  std::string Relation() const {
    std::vector<Treatment> treatments;
    for (const Filling& filling : fillings_) treatments.push_back(filling.treatment);
    return TreatedRelation(inputs_.relation, inputs_.schema, treatments);
  }

  // Asks for all columns that are filled or read by models; the others have empty statistics.
  Status AskStatistics() {
    statistics_.resize(plans_.size());
    std::vector<ColumnQuestion> questions;
    std::vector<size_t> asked;
    for (size_t i = 0; i < plans_.size(); ++i) {
      if (!NeedsStatistics(plans_[i].fill) && !IsPredictor(i)) continue;
      ColumnQuestion question{.column = plans_[i].column};
      question.categories = !table::IsNumeric(plans_[i].column.type);
      if (!question.categories) question.quantiles = {0.5};
      questions.push_back(std::move(question));
      asked.push_back(i);
    }
    if (questions.empty()) return {};
    MILLRACE_ASSIGN_OR_RETURN(
        const std::vector<ColumnStatistics> found,
        CollectStatistics(inputs_.engine, Relation(), questions,
                          {.min_rows = 2, .max_values = kMostPredictorValues}));
    for (size_t i = 0; i < asked.size(); ++i) statistics_[asked[i]] = found[i];
    return {};
  }

  Status FillByStatistics(Filling& filling, const ColumnStatistics& counted) {
    const ColumnPlan& plan = *filling.plan;
    const auto with_number = [&](double number, std::string_view words) {
      filling.treatment.fill = FillKind::kNumber;
      filling.treatment.number = number;
      filling.words = Format("{} ({})", words, Shown(plan.column, number));
    };
    if (plan.fill == MissingPolicy::kConstant) return FillByConstant(filling);
    if (!NeedsStatistics(plan.fill) || counted.present == 0.0) return {};
    switch (plan.fill) {
      case MissingPolicy::kMedian:
        with_number(counted.quantiles[0], "the median");
        return {};
      case MissingPolicy::kMode: {
        if (table::IsNumeric(plan.column.type)) {
          MILLRACE_ASSIGN_OR_RETURN(const double mode, ModeOf(plan.column));
          with_number(mode, "the most frequent value");
          return {};
        }
        // A text that stands once is no mode.
        if (counted.categories.values.empty()) return {};
        filling.treatment.fill = FillKind::kText;
        filling.treatment.text = counted.categories.values[0];
        filling.words =
            Format("the most frequent value (\"{}\")", Ellipsize(filling.treatment.text, 40));
        return {};
      }
      case MissingPolicy::kModel:
        // Where the rounds begin, and what stays where no model is better.
        with_number(counted.quantiles[0], "the median");
        return {};
      default:
        return {};
    }
  }

  Status FillByConstant(Filling& filling) const {
    const ColumnPlan& plan = *filling.plan;
    const std::string& given = *plan.options.fill;
    const table::Cell cell = table::ValueParser(plan.column).Parse(given);
    if (cell.state != table::CellState::kValue) {
      return InvalidSpec(
                 Format("{}: features.columns.{}.fill: {} for {} column: \"{}\"",
                        plan.options.place.ToString(), plan.column.name,
                        cell.state == table::CellState::kMissing ? "means missing" : "is no value",
                        WithArticle(table::ColumnTypeName(plan.column.type)), Ellipsize(given, 40)))
          .WithHint("write a value as it would stand in the data");
    }
    if (table::IsNumeric(plan.column.type)) {
      filling.treatment.fill = FillKind::kNumber;
      filling.treatment.number = cell.number;
    } else {
      filling.treatment.fill = FillKind::kText;
      filling.treatment.text = cell.text;
    }
    filling.words = Format("\"{}\"", Ellipsize(given, 40));
    return {};
  }

  Result<double> ModeOf(const table::ColumnSchema& column) {
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table found,
        engine::Query(inputs_.engine,
                      Format("SELECT c0 FROM (SELECT {} FROM {} AS rows) WHERE c0 IS NOT NULL "
                             "GROUP BY c0 ORDER BY count(*) DESC, c0 LIMIT 1",
                             CellsAs(column, 0), Relation())));
    if (found.num_rows() == 0) return Internal("a column with values has no most frequent one");
    return found.column(0).number(0);
  }

  // Means, and the sample that models are fitted on.
  Status PassRows() {
    RowPass pass;
    for (Filling& filling : fillings_) {
      if (filling.plan->fill != MissingPolicy::kMean) continue;
      const int64_t place = pass.Read(filling.plan->column);
      pass.Add([&filling, place](const table::Table& batch) {
        const table::Column& cells = batch.column(place);
        for (int64_t row = 0; row < batch.num_rows(); ++row) {
          if (cells.valid(row)) filling.moments.Add(cells.number(row));
        }
      });
    }
    if (wants_models_) AddPredictors(pass);
    MILLRACE_RETURN_IF_ERROR(pass.Run(inputs_.engine, Relation()));
    for (size_t i = 0; i < fillings_.size(); ++i) {
      Filling& filling = fillings_[i];
      const bool some = filling.plan->fill == MissingPolicy::kMean && statistics_[i].present > 0.0;
      if (!some) continue;
      const double mean = filling.moments.mean();
      if (!std::isfinite(mean)) continue;
      filling.treatment.fill = FillKind::kNumber;
      filling.treatment.number = mean;
      filling.words = Format("the mean ({})", FormatFigure(mean));
    }
    return {};
  }

  void AddPredictors(RowPass& pass) {
    double rows = 0.0;
    for (size_t i = 0; i < plans_.size(); ++i) {
      if (!IsPredictor(i) || statistics_[i].present == 0.0) continue;
      rows = statistics_[i].rows;
      const ColumnType type = plans_[i].column.type;
      if (type == ColumnType::kDate || type == ColumnType::kText) continue;
      if (table::IsNumeric(type)) {
        predictor_of_[i] = predictors_.size();
        predictors_.push_back({.column = plans_[i].column.name,
                               .value = std::nullopt,
                               .cells = {},
                               .center = CenterOf(i)});
        places_.push_back(pass.Read(plans_[i].column));
        continue;
      }
      for (const std::string& value : statistics_[i].categories.values) {
        predictors_.push_back({.column = plans_[i].column.name, .value = value});
        places_.push_back(pass.Read(plans_[i].column));
      }
    }
    const auto num_rows = static_cast<int64_t>(rows);
    const auto width = std::max<int64_t>(1, static_cast<int64_t>(predictors_.size()));
    const int64_t wanted = std::min(kSampleRows, std::max<int64_t>(1'000, kSampleCells / width));
    step_ = std::max<int64_t>(1, (num_rows + wanted - 1) / wanted);
    pass.Add([this](const table::Table& batch) { Sample(batch); });
  }

  // Of a column with a fill of its own, that is what stands for a missing value.
  double CenterOf(size_t plan) const {
    const Treatment& treatment = fillings_[plan].treatment;
    return treatment.fill == FillKind::kNumber ? treatment.number : statistics_[plan].quantiles[0];
  }

  void Sample(const table::Table& batch) {
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (seen_++ % step_ != 0) continue;
      for (size_t p = 0; p < predictors_.size(); ++p) {
        const table::Column& cells = batch.column(places_[p]);
        double cell = std::numeric_limits<double>::quiet_NaN();
        if (predictors_[p].value) {
          cell = cells.valid(row) && cells.text(row) == *predictors_[p].value ? 1.0 : 0.0;
        } else if (cells.valid(row)) {
          cell = cells.number(row);
        }
        predictors_[p].cells.push_back(cell);
      }
    }
  }

  void FillByModels() {
    std::vector<size_t> modelled;
    std::vector<size_t> plans;
    for (size_t i = 0; i < plans_.size(); ++i) {
      if (plans_[i].fill != MissingPolicy::kModel || !predictor_of_.contains(i)) continue;
      if (modelled.size() == feature::kMaxFillModels) {
        fillings_[i].words +=
            Format(", as {} other columns are modelled already", feature::kMaxFillModels);
        continue;
      }
      modelled.push_back(predictor_of_[i]);
      plans.push_back(i);
    }
    const auto fitted = FitFillModels(predictors_, modelled);
    for (size_t m = 0; m < fitted.size(); ++m) {
      Filling& filling = fillings_[plans[m]];
      if (!fitted[m] || fitted[m]->explained <= 0.0) {
        filling.words += ", as the other columns do not tell it";
        continue;
      }
      filling.treatment.fill = FillKind::kModel;
      filling.treatment.model = fitted[m]->model;
      filling.words = Format("a prediction from {} (explains {} of it)",
                             ColumnsOf(fitted[m]->model), FormatShare(fitted[m]->explained, 1.0));
    }
  }

  // "3 columns", or the names of one or two.
  static std::string ColumnsOf(const feature::FillModel& model) {
    std::vector<std::string> names;
    for (const feature::FillTerm& term : model.terms) {
      if (std::ranges::find(names, term.column) == names.end()) names.push_back(term.column);
    }
    return names.size() <= 2
               ? Join(names, " and ")
               : Format("{} columns", FormatCount(static_cast<int64_t>(names.size())));
  }

  FittedTreatments Take() {
    FittedTreatments fitted;
    for (Filling& filling : fillings_) {
      Treatment& treatment = filling.treatment;
      if (treatment.fill == FillKind::kNone && !treatment.low && !treatment.high) continue;
      const auto row = std::ranges::find(spec::MissingPolicies(), filling.plan->fill,
                                         &spec::MissingPolicyRow::policy);
      fitted.reasons.push_back({.column = treatment.column,
                                .policy = std::string(row->name),
                                .fill = std::move(filling.words)});
      fitted.treatments.push_back(std::move(treatment));
    }
    return fitted;
  }

  const FitInputs& inputs_;
  const std::vector<ColumnPlan>& plans_;
  bool wants_models_ = false;
  std::vector<Filling> fillings_;             // [plans]
  std::vector<ColumnStatistics> statistics_;  // [plans]
  std::vector<FillPredictor> predictors_;
  std::vector<int64_t> places_;            // [predictors] in the pass
  std::map<size_t, size_t> predictor_of_;  // numbers: plan to predictor
  int64_t step_ = 1;
  int64_t seen_ = 0;
};

}  // namespace

Result<FittedTreatments> FitTreatments(const FitInputs& inputs,
                                       const std::vector<ColumnPlan>& plans) {
  const bool filled = std::ranges::any_of(
      plans, [](const ColumnPlan& plan) { return plan.fill != MissingPolicy::kNative; });
  if (!filled && inputs.clips.empty()) return FittedTreatments{};
  return TreatmentFit(inputs, plans).Run();
}

std::string TreatedRelation(const std::string& relation, const table::Schema& schema,
                            const std::vector<Treatment>& treatments) {
  std::vector<std::string> replaced;
  for (const Treatment& treatment : treatments) {
    if (!schema.Find(treatment.column)) continue;
    const std::string name = engine::QuoteIdentifier(treatment.column);
    std::string moved;
    // As casts of texts: a plain 0.1 would be a decimal number.
    const auto move = [&](char sign, const std::optional<double>& bound) {
      if (!bound) return;
      moved += Format("WHEN {0} {1} CAST('{2}' AS DOUBLE) THEN CAST('{2}' AS DOUBLE) ", name, sign,
                      FormatDouble(*bound));
    };
    move('<', treatment.low);
    move('>', treatment.high);
    if (!moved.empty()) {
      replaced.push_back(Format("CASE {}ELSE {} END AS {}", moved, name, name));
    } else if (treatment.fill == FillKind::kText) {
      replaced.push_back(
          Format("coalesce({}, {}) AS {}", name, engine::QuoteLiteral(treatment.text), name));
    }
  }
  if (replaced.empty()) return relation;
  return Format("(SELECT * REPLACE ({}) FROM {} AS untreated)", Join(replaced, ", "), relation);
}

}  // namespace millrace::fit
