// The transform graph: how a raw row becomes the numbers that a model sees. One object, fitted
// once, applied by the same code in training, batch scoring and serving.
//
// Values are computed in double and cast to float32 at the very end. Thread safety: immutable; use
// from many threads; a copy shares its parts. Apply and ApplyRow give equal floats for equal rows.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "feature/node.h"
#include "feature/raw_value.h"
#include "json/value.h"
#include "table/matrix.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::feature {

class Graph {
 public:
  /// Builds a graph over the raw columns of `schema`. kInvalidSpec when a node names an unknown
  /// column, a kind that does not fit its type, or a name twice, or when its expression is wrong.
  static Result<Graph> Make(const table::Schema& schema, std::vector<Node> nodes);

  int64_t num_features() const { return static_cast<int64_t>(nodes().size()); }
  const std::vector<Node>& nodes() const;
  /// Returns [num_features] descriptions, in matrix column order.
  std::vector<FeatureInfo> features() const;
  /// Returns the raw columns that are needed, in schema order.
  const std::vector<std::string>& columns() const;

  /// Returns the matrix [rows.num_rows(), num_features]. Columns are matched by name; kNotFound
  /// when one is absent, kInvalidData when one has another type.
  Result<table::Matrix> Apply(const table::Table& rows) const;
  /// Writes one row's features [num_features]. `values` [columns().size()] in the order of
  /// columns(). No allocation.
  void ApplyRow(std::span<const RawValue> values, std::span<float> features) const;

  json::Json ToJson() const;
  /// kCorrupt when the document is no graph over `schema`.
  static Result<Graph> FromJson(const table::Schema& schema, const json::Json& document);

 private:
  struct Program;  // nodes made ready to run

  explicit Graph(std::shared_ptr<const Program> program);

  std::shared_ptr<const Program> program_;
};

}  // namespace millrace::feature
