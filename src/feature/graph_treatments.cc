// Values after treatment: bounds, fills, and models of missing numbers, a row at a time.

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "feature/graph_program.h"

namespace millrace::feature {

std::set<std::string> Graph::Program::WithModels(std::set<std::string> read) const {
  bool grew = true;
  while (grew) {
    const size_t before = read.size();
    for (const Treatment& treatment : treatments) {
      if (treatment.fill != FillKind::kModel || !read.contains(treatment.column)) continue;
      for (const FillTerm& term : treatment.model.terms) read.insert(term.column);
    }
    grew = read.size() > before;
  }
  return read;
}

int32_t Graph::Program::TreatmentOf(const std::string& column) const {
  const auto found = std::ranges::find(treatments, column, &Treatment::column);
  return found == treatments.end() ? -1 : static_cast<int32_t>(found - treatments.begin());
}

void Graph::Program::AddModels() {
  model_of.assign(treatments.size(), -1);
  for (size_t t = 0; t < treatments.size(); ++t) {
    const Treatment& treatment = treatments[t];
    const size_t column = PlaceOf(treatment.column);
    if (treatment.fill != FillKind::kModel || column == columns.size()) continue;
    model_of[t] = static_cast<int32_t>(models.size());
    models.push_back({.treatment = t, .column = column});
  }
  for (ModelStep& step : models) {
    for (const FillTerm& term : treatments[step.treatment].model.terms) {
      step.columns.push_back(PlaceOf(term.column));
      step.treatments.push_back(TreatmentOf(term.column));
    }
  }
}

double Graph::Program::Predict(const ModelStep& step, std::span<const RawValue> values,
                               const Estimates& estimates) const {
  const Treatment& treatment = treatments[step.treatment];
  double sum = treatment.model.intercept;
  for (size_t i = 0; i < treatment.model.terms.size(); ++i) {
    const FillTerm& term = treatment.model.terms[i];
    const int32_t of_column = step.treatments[i];
    const RawValue& raw = values[step.columns[i]];
    const RawValue value = of_column < 0 ? raw : Treat(of_column, raw, estimates);
    if (term.value) {
      sum += term.weight * (!value.missing && value.text == *term.value ? 1.0 : 0.0);
    } else {
      sum += term.weight * (value.missing ? term.center : value.number);
    }
  }
  if (std::isnan(sum)) return treatment.number;
  return std::clamp(sum, treatment.model.least, treatment.model.greatest);
}

Graph::Program::Estimates Graph::Program::Estimate(std::span<const RawValue> values) const {
  Estimates estimates;
  size_t num_missing = 0;
  for (size_t m = 0; m < models.size(); ++m) {
    estimates[m] = treatments[models[m].treatment].number;
    if (values[models[m].column].missing) ++num_missing;
  }
  // One missing value is predicted from known ones: it does not change in a second round.
  const int rounds = num_missing == 0 ? 0 : num_missing == 1 ? 1 : kFillRounds;
  for (int round = 0; round < rounds; ++round) {
    for (size_t m = 0; m < models.size(); ++m) {
      if (values[models[m].column].missing) estimates[m] = Predict(models[m], values, estimates);
    }
  }
  return estimates;
}

RawValue Graph::Program::Treat(int32_t treatment_index, const RawValue& value,
                               const Estimates& estimates) const {
  const Treatment& treatment = treatments[static_cast<size_t>(treatment_index)];
  if (!value.missing) {
    RawValue treated = value;
    treated.number = Clip(treatment, value.number);
    return treated;
  }
  switch (treatment.fill) {
    case FillKind::kNone:
      return value;
    case FillKind::kNumber:
      return {.missing = false, .number = treatment.number};
    case FillKind::kText:
      return {.missing = false, .text = treatment.text};
    case FillKind::kModel: {
      const int32_t model = model_of[static_cast<size_t>(treatment_index)];
      return {.missing = false, .number = estimates[static_cast<size_t>(model)]};
    }
  }
  return value;
}

}  // namespace millrace::feature
