// A graph made ready to run. Internal to feature/.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "feature/expression.h"
#include "feature/graph.h"
#include "feature/node.h"
#include "feature/raw_value.h"
#include "feature/text_index.h"
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

  std::vector<Node> nodes;
  std::vector<Step> steps;  // [nodes]
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
  float Compute(size_t node, std::span<const RawValue> values, int32_t place) const;
  float ComputeGroup(size_t node, std::span<const RawValue> values, int32_t place) const;
  void RunVector(size_t first, const RawValue& value, std::span<float> features) const;
};

}  // namespace millrace::feature
