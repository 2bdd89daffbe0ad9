// A graph made ready to run. Internal to feature/.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "feature/expression.h"
#include "feature/graph.h"
#include "feature/node.h"
#include "feature/raw_value.h"
#include "feature/text_index.h"
#include "feature/treatment.h"
#include "table/column.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::feature {

/// Checks what a node says by itself and of its column. kInvalidSpec naming the feature.
Status CheckNode(const table::Schema& schema, const Node& node);
/// Numbers beyond float32 become its largest value, never an infinity; NaN stays.
float ToFloat(double value);

struct Graph::Program {
  // One node, ready to run.
  struct Step {
    size_t column = 0;                         // in `columns`; not for expressions
    int32_t treatment = -1;                    // of the column, in `treatments`; -1: as it came
    std::shared_ptr<const TextIndex> index;    // of `values`; shared by neighbours with equal ones
    std::optional<Expression> expression;      // over rows of `columns`
    std::vector<std::string> read;             // raw columns, in schema order
    std::shared_ptr<const GroupIndex> groups;  // shared by neighbours with equal keys
    std::vector<size_t> key;                   // in `columns`: the parts of the group's key
    // At the first of a vector: the index of its words and what the walk needs. The other nodes of
    // the vector are passed over.
    std::vector<double> weights;  // [nodes of the vector]; empty elsewhere
    bool has_pairs = false;       // words
    size_t min_ngram = 0;         // n-grams: fewest and most characters
    size_t max_ngram = 0;
  };

  // A column that is missing in some row and has a model: where its parts stand.
  struct ModelStep {
    size_t treatment = 0;             // in `treatments`
    size_t column = 0;                // in `columns`
    std::vector<size_t> columns;      // [terms] in `columns`
    std::vector<int32_t> treatments;  // [terms] of the term's column; -1: none
  };
  // What stands for the missing values of a row's modelled columns, in the order of `models`.
  using Estimates = std::array<double, kMaxFillModels>;

  std::vector<Node> nodes;
  std::vector<Treatment> treatments;
  std::vector<Step> steps;        // [nodes]
  std::vector<int32_t> model_of;  // [treatments] in `models`; -1: none
  std::vector<ModelStep> models;
  std::vector<std::string> columns;
  std::vector<table::ColumnType> column_types;

  /// Fills steps and columns from `nodes`. kInvalidSpec.
  Status Prepare(const table::Schema& schema);
  /// Writes the features of one row.
  void Run(std::span<const RawValue> values, std::span<float> features) const;
  /// Returns the columns of `rows` in the order of `columns`. Errors as Graph::Apply.
  Result<std::vector<const table::Column*>> Match(const table::Table& rows) const;

 private:
  size_t PlaceOf(const std::string& column) const;
  Status AddIndex(size_t node);
  Status AddGroups(const table::Schema& schema, size_t node);
  Status AddVector(size_t node);
  // Returns `read`, and what the models of these columns read, theirs too.
  std::set<std::string> WithModels(std::set<std::string> read) const;
  void AddModels();
  int32_t TreatmentOf(const std::string& column) const;
  float Compute(size_t node, const RawValue& value, int32_t place) const;
  float ComputeGroup(size_t node, std::span<const RawValue> values, int32_t place) const;
  void RunVector(size_t first, const RawValue& value, std::span<float> features) const;
  // Runs the nodes in their order; `value_of` a step gives the value that its node reads.
  template <typename ValueOf>
  void RunNodes(std::span<const RawValue> values, std::span<float> features,
                const ValueOf& value_of) const;
  // Values after treatment (graph_treatments.cc).
  Estimates Estimate(std::span<const RawValue> values) const;
  double Predict(const ModelStep& model, std::span<const RawValue> values,
                 const Estimates& estimates) const;
  RawValue Treat(int32_t treatment, const RawValue& value, const Estimates& estimates) const;
};

}  // namespace millrace::feature
