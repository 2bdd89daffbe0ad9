#include "fit/reference_sketches.h"

#include <cmath>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::fit {
namespace {

using sketch::ColumnSketch;
using table::Column;
using table::ColumnType;

Status CheckSizes(const ReferencePredictions& predictions) {
  const auto num_rows = static_cast<size_t>(predictions.num_rows);
  const auto num_outputs = static_cast<size_t>(predictions.num_outputs);
  const size_t num_labels = predictions.labels.size();
  bool fits = predictions.outputs.size() == num_rows * num_outputs && num_outputs >= 1;
  if (num_labels == 0) {
    fits = fits && num_outputs == 1 && predictions.decisions.empty();
  } else {
    fits = fits && predictions.decisions.size() == num_rows &&
           (num_outputs == num_labels || (num_outputs == 1 && num_labels == 2));
  }
  for (const int32_t decision : predictions.decisions) {
    fits = fits && decision >= 0 && static_cast<size_t>(decision) < num_labels;
  }
  if (fits) return {};
  return Internal(Format(
      "reference sketches: {} rows of {} outputs, {} values, {} decisions, "
      "{} labels do not fit together",
      num_rows, num_outputs, predictions.outputs.size(), predictions.decisions.size(), num_labels));
}

std::string OutputName(const ReferencePredictions& predictions, size_t output) {
  if (predictions.labels.empty()) return "prediction";
  if (predictions.num_outputs == 1) return predictions.labels[1];
  return predictions.labels[output];
}

sketch::PredictionSketch SketchPredictions(const ReferencePredictions& predictions,
                                           const ReferenceOptions& options) {
  sketch::PredictionSketch result;
  const auto width = static_cast<size_t>(predictions.num_outputs);
  for (size_t output = 0; output < width; ++output) {
    Column values(ColumnType::kNumber);
    for (size_t i = output; i < predictions.outputs.size(); i += width) {
      if (std::isfinite(predictions.outputs[i])) {
        values.AppendNumber(predictions.outputs[i]);
      } else {
        values.AppendMissing();
      }
    }
    result.outputs.push_back(
        ColumnSketch::FromReference(OutputName(predictions, output), values, options.max_bins));
  }
  if (predictions.labels.empty()) return result;
  Column decided(ColumnType::kCategory);
  for (const int32_t decision : predictions.decisions) {
    decided.AppendText(predictions.labels[static_cast<size_t>(decision)]);
  }
  // Labels are named in the manifest anyway: no minimum count.
  result.decisions = ColumnSketch::FromReference("decision", decided, options.max_bins,
                                                 static_cast<int64_t>(predictions.labels.size()));
  return result;
}

// Values of the engine's result have the engine's types: they are put into the schema's.
Result<Column> LoadColumn(engine::Engine& engine, const std::string& relation,
                          const table::ColumnSchema& schema) {
  Column values(schema.type);
  const bool numeric = table::IsNumeric(schema.type);
  const auto sink = [&](const table::Table& batch) -> Status {
    const Column& part = batch.column(0);
    for (int64_t row = 0; row < part.size(); ++row) {
      if (!part.valid(row)) {
        values.AppendMissing();
      } else if (numeric) {
        values.AppendNumber(part.number(row));
      } else {
        values.AppendText(part.text(row));
      }
    }
    return {};
  };
  const std::string type = numeric ? "DOUBLE" : "VARCHAR";
  MILLRACE_RETURN_IF_ERROR(
      engine.Stream(Format("SELECT CAST({} AS {}) AS value FROM {} AS rows",
                           engine::QuoteIdentifier(schema.name), type, relation),
                    sink));
  return values;
}

Result<int64_t> Find(const table::Schema& schema, const std::string& name) {
  const std::optional<int64_t> index = schema.Find(name);
  if (index) return *index;
  return NotFound(Format("reference sketches: no such column: \"{}\"", name))
      .WithHint(DidYouMean(name, schema.names()));
}

ColumnSketch SketchColumn(const std::string& name, const Column& values,
                          const ReferenceOptions& options) {
  return ColumnSketch::FromReference(name, values, options.max_bins, options.max_values,
                                     options.min_value_rows);
}

}  // namespace

Result<sketch::ReferenceSketches> FitReferenceSketches(engine::Engine& engine,
                                                       const std::string& relation,
                                                       const table::Schema& schema,
                                                       const std::vector<std::string>& columns,
                                                       const ReferencePredictions& predictions,
                                                       const ReferenceOptions& options) {
  MILLRACE_RETURN_IF_ERROR(CheckSizes(predictions));
  sketch::ReferenceSketches sketches;
  for (const std::string& name : columns) {
    MILLRACE_ASSIGN_OR_RETURN(const int64_t index, Find(schema, name));
    MILLRACE_ASSIGN_OR_RETURN(const Column values,
                              LoadColumn(engine, relation, schema.column(index)));
    sketches.columns.push_back(SketchColumn(name, values, options));
  }
  sketches.predictions = SketchPredictions(predictions, options);
  return sketches;
}

Result<sketch::ReferenceSketches> FitReferenceSketches(const table::Table& rows,
                                                       const std::vector<std::string>& columns,
                                                       const ReferencePredictions& predictions,
                                                       const ReferenceOptions& options) {
  MILLRACE_RETURN_IF_ERROR(CheckSizes(predictions));
  sketch::ReferenceSketches sketches;
  for (const std::string& name : columns) {
    MILLRACE_ASSIGN_OR_RETURN(const int64_t index, Find(rows.schema(), name));
    sketches.columns.push_back(SketchColumn(name, rows.column(index), options));
  }
  sketches.predictions = SketchPredictions(predictions, options);
  return sketches;
}

}  // namespace millrace::fit
