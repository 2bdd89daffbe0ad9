// The transform graph: how a raw row becomes the numbers that a model sees. One object, fitted
// once, applied by the same code in training, batch scoring and serving.
//
// Values are computed in double and cast to float32 at the very end. Thread safety: immutable; use
// from many threads; a copy shares its parts. Apply and ApplyRow give equal floats for equal rows.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "feature/node.h"
#include "feature/raw_value.h"
#include "feature/treatment.h"
#include "json/value.h"
#include "table/matrix.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::feature {

class Graph {
 public:
  /// Builds a graph over the raw columns of `schema`. kInvalidSpec when a node names an unknown
  /// column, a kind that does not fit its type, or a name twice, or when its expression is wrong;
  /// when a treatment does not fit its column (CheckTreatments). Treatments of columns that no node
  /// reads are kept and do nothing.
  static Result<Graph> Make(const table::Schema& schema, std::vector<Node> nodes,
                            std::vector<Treatment> treatments = {});

  int64_t num_features() const { return static_cast<int64_t>(nodes().size()); }
  const std::vector<Node>& nodes() const;
  /// What is done to raw values before nodes read them (treatment.h).
  const std::vector<Treatment>& treatments() const;
  /// Returns [num_features] descriptions, in matrix column order.
  std::vector<FeatureInfo> features() const;
  /// Returns the raw columns that are needed, those of models of treatments too, in schema order.
  const std::vector<std::string>& columns() const;

  /// Returns the matrix [rows.num_rows(), num_features]. Columns are matched by name; kNotFound
  /// when one is absent, kInvalidData when one has another type.
  Result<table::Matrix> Apply(const table::Table& rows) const;
  /// Writes one row's features [num_features]. `values` [columns().size()] in the order of
  /// columns(). No allocation.
  void ApplyRow(std::span<const RawValue> values, std::span<float> features) const;

  /// Returns how many folds the target encodings know apart; 0 when there is none to tell.
  int64_t num_folds() const;
  /// Returns the features whose training values depend on folds, in matrix order.
  std::vector<int64_t> fold_features() const;
  /// Returns the matrix [num_rows, fold_features().size()] of these features for training: `folds`
  /// [num_rows], in [0, num_folds()), are those of the fit. A row of fold j is encoded by all rows
  /// but those of fold j and of `held_out`: neither its own target nor that of any held-out row is
  /// in it. Rows of `held_out` are encoded as new ones. Without `held_out` the matrix is that of a
  /// model over all folds. Errors as Apply; kInternal when folds and graph do not fit.
  Result<table::Matrix> FoldFeatures(const table::Table& rows, std::span<const int32_t> folds,
                                     std::optional<int32_t> held_out) const;
  /// Returns Apply with the columns of FoldFeatures in their places.
  Result<table::Matrix> ApplyFolds(const table::Table& rows, std::span<const int32_t> folds,
                                   std::optional<int32_t> held_out) const;
  /// Returns the graph without what only training needs: what a bundle holds.
  Graph Serving() const;

  json::Json ToJson() const;
  /// kCorrupt when the document is no graph over `schema`.
  static Result<Graph> FromJson(const table::Schema& schema, const json::Json& document);

 private:
  struct Program;  // nodes made ready to run

  explicit Graph(std::shared_ptr<const Program> program);
  Status CheckFolds() const;

  std::shared_ptr<const Program> program_;
};

}  // namespace millrace::feature
