#include "bundle/scorer.h"

#include <algorithm>

#include "base/format.h"
#include "feature/graph.h"
#include "model/model.h"

namespace millrace::bundle {
namespace {

int32_t BestOf(std::span<const double> outputs) {
  const auto best = std::max_element(outputs.begin(), outputs.end());
  return static_cast<int32_t>(best - outputs.begin());
}

}  // namespace

struct Predictions::Values {
  std::vector<feature::RawValue> row;
};

Predictions::Predictions() : values(std::make_unique<Values>()) {}
Predictions::~Predictions() = default;
Predictions::Predictions(Predictions&&) noexcept = default;
Predictions& Predictions::operator=(Predictions&&) noexcept = default;

Result<Scorer> Scorer::Make(ScorerParts parts) {
  if (!parts.schema || !parts.graph || !parts.model) {
    return Corrupt("scorer: schema, graph or model is absent");
  }
  if (parts.graph->num_features() != parts.model->num_features()) {
    return Corrupt(Format("scorer: the model wants {} features, the graph makes {}",
                          parts.model->num_features(), parts.graph->num_features()));
  }
  const int64_t num_labels = static_cast<int64_t>(parts.class_labels.size());
  const int64_t num_scores = parts.model->num_scores();
  const bool fits = num_labels == 0   ? num_scores == 1
                    : num_labels == 2 ? num_scores == 1 || num_scores == 2
                                      : num_labels > 2 && num_scores == num_labels;
  if (!fits) {
    return Corrupt(Format("scorer: {} class labels, but {} outputs", num_labels, num_scores));
  }
  std::vector<int64_t> columns;
  for (const std::string& name : parts.graph->columns()) {
    const std::optional<int64_t> index = parts.schema->Find(name);
    if (!index)
      return Corrupt(Format("scorer: the graph reads a column that is no field: {}", name));
    columns.push_back(*index);
  }
  return Scorer(std::move(parts), std::move(columns));
}

void Scorer::ScoreColumns(const table::Table& rows, std::span<const int64_t> columns,
                          Predictions& predictions) const {
  const int64_t num_rows = rows.num_rows();
  const int64_t num_features = parts_.graph->num_features();
  predictions.num_rows = num_rows;
  predictions.num_outputs = parts_.model->num_scores();
  predictions.features.resize(static_cast<size_t>(num_rows * num_features));
  predictions.outputs.resize(static_cast<size_t>(num_rows * predictions.num_outputs));
  std::vector<feature::RawValue>& values = predictions.values->row;
  values.resize(columns.size());
  const std::span<float> features(predictions.features);
  for (int64_t row = 0; row < num_rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i)
      values[i] = feature::RawValueAt(rows.column(columns[i]), row);
    parts_.graph->ApplyRow(values, features.subspan(static_cast<size_t>(row * num_features),
                                                    static_cast<size_t>(num_features)));
  }
  if (num_rows > 0) {
    model::Predict(*parts_.model, predictions.features, num_rows, predictions.outputs);
  }
  Decide(predictions);
}

void Scorer::Decide(Predictions& predictions) const {
  predictions.decisions.clear();
  if (parts_.class_labels.empty()) return;
  predictions.decisions.resize(static_cast<size_t>(predictions.num_rows));
  const std::span<const double> outputs(predictions.outputs);
  const auto width = static_cast<size_t>(predictions.num_outputs);
  for (size_t row = 0; row < predictions.decisions.size(); ++row) {
    const std::span<const double> one = outputs.subspan(row * width, width);
    predictions.decisions[row] =
        width == 1 ? static_cast<int32_t>(one[0] >= parts_.threshold) : BestOf(one);
  }
}

Result<Predictions> Scorer::Score(const table::Table& rows) const {
  std::vector<int64_t> columns;
  for (const std::string& name : parts_.graph->columns()) {
    const std::optional<int64_t> index = rows.schema().Find(name);
    if (!index) return InvalidData(Format("rows: column is absent: {}", name));
    const table::ColumnType wanted = parts_.schema->column(*parts_.schema->Find(name)).type;
    const table::ColumnType found = rows.schema().column(*index).type;
    if (found != wanted) {
      return InvalidData(Format("rows: column {} has another type: {} (wanted {})", name,
                                table::ColumnTypeName(found), table::ColumnTypeName(wanted)));
    }
    columns.push_back(*index);
  }
  Predictions predictions;
  ScoreColumns(rows, columns, predictions);
  return predictions;
}

Status Scorer::ScoreInto(const table::Table& rows, Predictions& predictions) const {
  if (rows.shared_schema() != parts_.schema && rows.schema() != *parts_.schema) {
    return InvalidData("rows: another schema than the scorer's");
  }
  ScoreColumns(rows, columns_, predictions);
  return {};
}

std::string_view Scorer::DecisionLabel(const Predictions& predictions, int64_t row) const {
  if (predictions.decisions.empty()) return {};
  return parts_.class_labels[static_cast<size_t>(predictions.decisions[static_cast<size_t>(row)])];
}

}  // namespace millrace::bundle
