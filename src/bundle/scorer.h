// Scorer: schema + transform graph + model -> outputs and decisions. The one way from rows to
// predictions, shared by evaluation, batch prediction and the server.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/schema.h"
#include "table/table.h"
#include "table/task.h"

namespace millrace::feature {
class Graph;
}
namespace millrace::model {
class Model;
}

namespace millrace::bundle {

/// Predictions of a batch of rows; also the working memory of Scorer::ScoreInto, reused from call
/// to call. One thread at a time.
struct Predictions {
  struct Values;  // working memory of one row

  Predictions();
  ~Predictions();
  Predictions(Predictions&&) noexcept;
  Predictions& operator=(Predictions&&) noexcept;

  int64_t num_rows = 0;
  int64_t num_outputs = 0;         // 1 (binary: probability of the positive class; number), else k
  std::vector<double> outputs;     // [num_rows, num_outputs], row-major
  std::vector<int32_t> decisions;  // [num_rows] index into class labels; empty for numbers
  std::vector<float> features;     // [num_rows, features], what the model saw

  std::unique_ptr<Values> values;

  double output(int64_t row, int64_t index = 0) const {
    return outputs[static_cast<size_t>(row * num_outputs + index)];
  }
};

/// What a scorer is made of; graph and model are shared, immutable.
struct ScorerParts {
  table::Task task = table::Task::kBinary;
  std::vector<std::string> class_labels;        // binary: [negative, positive]; empty for numbers
  double threshold = 0.5;                       // binary: decision is p >= threshold
  std::shared_ptr<const table::Schema> schema;  // columns of a request, in order
  std::shared_ptr<const feature::Graph> graph;
  std::shared_ptr<const model::Model> model;
};

/// Immutable; const use from many threads, each with its own Predictions.
class Scorer {
 public:
  /// kCorrupt when widths of graph, model and labels do not fit together.
  static Result<Scorer> Make(ScorerParts parts);

  /// Scores rows that hold the columns of the graph by name and type, in any order; other columns
  /// are ignored. kInvalidData naming a column that is absent or of another type.
  Result<Predictions> Score(const table::Table& rows) const;
  /// The same for rows of exactly `schema()`, into memory that is reused: no allocation once the
  /// buffers have grown to the largest batch.
  Status ScoreInto(const table::Table& rows, Predictions& predictions) const;

  table::Task task() const { return parts_.task; }
  const std::vector<std::string>& class_labels() const { return parts_.class_labels; }
  double threshold() const { return parts_.threshold; }
  const table::Schema& schema() const { return *parts_.schema; }
  const std::shared_ptr<const table::Schema>& shared_schema() const { return parts_.schema; }
  const feature::Graph& graph() const { return *parts_.graph; }
  const model::Model& model() const { return *parts_.model; }
  /// Returns the label of a decision; empty for numbers.
  std::string_view DecisionLabel(const Predictions& predictions, int64_t row) const;

 private:
  Scorer(ScorerParts parts, std::vector<int64_t> columns)
      : parts_(std::move(parts)), columns_(std::move(columns)) {}
  void ScoreColumns(const table::Table& rows, std::span<const int64_t> columns,
                    Predictions& predictions) const;
  void Decide(Predictions& predictions) const;

  ScorerParts parts_;
  std::vector<int64_t> columns_;  // of the schema, in the order of graph().columns()
};

}  // namespace millrace::bundle
