#include "evaluate/seal.h"

#include <utility>

#include "base/format.h"
#include "bundle/bundle.h"
#include "data/request_checks.h"
#include "evaluate/card.h"
#include "sketch/column_sketch.h"

namespace millrace::evaluate {

Result<SealedBundle> Seal(const SealInputs& inputs) {
  bundle::BundleParts parts;
  parts.task = inputs.data.task;
  parts.target = inputs.data.target;
  parts.class_labels = inputs.data.labels;
  if (inputs.data.task == table::Task::kBinary) parts.positive = inputs.data.labels[1];
  parts.threshold = inputs.develop.threshold;
  parts.primary_metric = inputs.develop.primary_metric;
  parts.request_schema = inputs.develop.request_schema;
  parts.graph = inputs.trained.graph_document;
  parts.model = inputs.trained.model_bytes;
  parts.sketches = inputs.sketches;
  parts.card = inputs.card;
  parts.provenance = inputs.provenance;
  parts.checks = inputs.checks;
  MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, bundle::Pack(parts));
  // What is stored has been opened once: every digest and golden row is known to hold.
  MILLRACE_ASSIGN_OR_RETURN(const auto opened, bundle::Bundle::FromBytes(bytes, "sealed bundle"));
  SealedBundle sealed;
  sealed.digest = opened->digest();
  sealed.bytes = static_cast<int64_t>(bytes.size());
  sealed.card = inputs.card;
  MILLRACE_ASSIGN_OR_RETURN(sealed.object, inputs.objects.Put(bytes));
  return sealed;
}

Result<json::Json> ReferenceSketchesOf(const data::DataRecord& data,
                                       const develop::DevelopRecord& develop,
                                       const store::ObjectStore& objects, engine::Engine& engine,
                                       const fit::ReferencePredictions& predictions) {
  const std::string relation =
      Format("(SELECT * FROM read_parquet({}) WHERE __split = {})",
             engine::QuoteLiteral(objects.PathOf(data.rows_object)),
             engine::QuoteLiteral(data::SplitPartName(data::SplitPart::kTrain)));
  MILLRACE_ASSIGN_OR_RETURN(const sketch::ReferenceSketches sketches,
                            fit::FitReferenceSketches(engine, relation, data.schema,
                                                      develop.request_schema.names(), predictions));
  return sketch::ToJson(sketches);
}

Result<SealedBundle> SealTrained(const SealTrainedInputs& inputs) {
  MILLRACE_ASSIGN_OR_RETURN(const TrainedModel trained,
                            LoadTrained(inputs.data, inputs.develop, inputs.objects));
  MILLRACE_ASSIGN_OR_RETURN(
      table::Table rows,
      data::LoadRows(inputs.data, inputs.objects, inputs.engine, data::SplitPart::kTrain,
                     inputs.develop.request_schema.names()));
  if (rows.num_rows() > kReferenceRows) {
    std::vector<int64_t> some;
    for (int64_t i = 0; i < kReferenceRows; ++i)
      some.push_back(i * rows.num_rows() / kReferenceRows);
    rows = rows.Take(some);
  }
  MILLRACE_ASSIGN_OR_RETURN(const bundle::Predictions predictions,
                            ScoreRows(trained.scorer, rows, inputs.num_threads));
  MILLRACE_ASSIGN_OR_RETURN(
      const json::Json sketches,
      ReferenceSketchesOf(inputs.data, inputs.develop, inputs.objects, inputs.engine,
                          {.num_rows = predictions.num_rows,
                           .num_outputs = predictions.num_outputs,
                           .outputs = predictions.outputs,
                           .decisions = predictions.decisions,
                           .labels = inputs.data.labels}));
  const std::string card = WriteCard({.spec = inputs.spec,
                                      .data = inputs.data,
                                      .develop = inputs.develop,
                                      .num_test = 0,
                                      .metrics = {},
                                      .over_baseline = std::nullopt,
                                      .constant_answer = "",
                                      .fairness = {},
                                      .verdicts = {},
                                      .edge_cases = {},
                                      .weak_spots = {},
                                      .important_columns = {}});
  return Seal({.data = inputs.data,
               .develop = inputs.develop,
               .trained = trained,
               .objects = inputs.objects,
               .sketches = sketches,
               .card = card,
               .provenance = inputs.provenance,
               .checks = data::RequestChecksOf(inputs.spec, inputs.develop.request_schema).checks});
}

}  // namespace millrace::evaluate
