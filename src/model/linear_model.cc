#include "model/linear_model.h"

#include <algorithm>
#include <cmath>

#include "model/model_header.h"

namespace millrace::model {
namespace {

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

Result<std::unique_ptr<LinearModel>> LinearModel::Make(LinearParts parts) {
  int64_t columns = 0;
  for (const LinearTerm& term : parts.terms) {
    if (term.first_column != columns || term.num_columns < 1 ||
        (term.category == 0 && term.num_columns != 1) || !std::isfinite(term.fill) ||
        !std::isfinite(term.shift) || !std::isfinite(term.scale)) {
      return Corrupt("model: bad term of a linear model");
    }
    columns += term.num_columns;
  }
  if (parts.num_scores < 1 || parts.intercepts.size() != static_cast<size_t>(parts.num_scores) ||
      parts.weights.size() % static_cast<size_t>(parts.num_scores) != 0 ||
      parts.weights.size() / static_cast<size_t>(parts.num_scores) !=
          static_cast<size_t>(columns) ||
      !AllFinite(parts.intercepts) || !AllFinite(parts.weights)) {
    return Corrupt("model: bad weights of a linear model");
  }
  return std::make_unique<LinearModel>(LinearModel(std::move(parts)));
}

void LinearModel::PredictRaw(std::span<const float> rows, int64_t num_rows,
                             std::span<double> scores) const {
  const size_t num_features = parts_.terms.size();
  const auto num_scores = static_cast<size_t>(parts_.num_scores);
  const size_t num_columns = parts_.weights.size() / num_scores;
  for (size_t r = 0; r < static_cast<size_t>(num_rows); ++r) {
    double* out = scores.data() + r * num_scores;
    std::copy(parts_.intercepts.begin(), parts_.intercepts.end(), out);
    for (size_t f = 0; f < num_features; ++f) {
      const LinearTerm& term = parts_.terms[f];
      double value = static_cast<double>(rows[r * num_features + f]);
      auto column = static_cast<size_t>(term.first_column);
      if (term.category != 0) {
        if (!(value >= 0.0 && value < static_cast<double>(term.num_columns))) continue;
        column += static_cast<size_t>(value);
        value = 1.0;
      } else {
        value = ((std::isnan(value) ? term.fill : value) - term.shift) * term.scale;
      }
      for (size_t k = 0; k < num_scores; ++k) {
        out[k] += value * parts_.weights[k * num_columns + column];
      }
    }
  }
}

std::string LinearModel::Serialize() const {
  ByteWriter writer;
  WriteHeader(writer, kind());
  writer.Put(static_cast<uint8_t>(parts_.link));
  writer.Put(parts_.num_scores);
  writer.Put(static_cast<uint64_t>(parts_.terms.size()));
  for (const LinearTerm& term : parts_.terms) {
    writer.Put(term.first_column);
    writer.Put(term.num_columns);
    writer.Put(term.category);
    writer.Put(term.fill);
    writer.Put(term.shift);
    writer.Put(term.scale);
  }
  writer.PutArray(parts_.intercepts);
  writer.PutArray(parts_.weights);
  return writer.Take();
}

Result<std::unique_ptr<Model>> ReadLinearModel(ByteReader& reader) {
  LinearParts parts;
  MILLRACE_ASSIGN_OR_RETURN(parts.link, ReadLink(reader));
  MILLRACE_ASSIGN_OR_RETURN(parts.num_scores, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(const uint64_t num_terms, reader.Get<uint64_t>());
  for (uint64_t i = 0; i < num_terms; ++i) {  // ends at the first read past the end
    LinearTerm term;
    MILLRACE_ASSIGN_OR_RETURN(term.first_column, reader.Get<int32_t>());
    MILLRACE_ASSIGN_OR_RETURN(term.num_columns, reader.Get<int32_t>());
    MILLRACE_ASSIGN_OR_RETURN(term.category, reader.Get<uint8_t>());
    MILLRACE_ASSIGN_OR_RETURN(term.fill, reader.Get<double>());
    MILLRACE_ASSIGN_OR_RETURN(term.shift, reader.Get<double>());
    MILLRACE_ASSIGN_OR_RETURN(term.scale, reader.Get<double>());
    parts.terms.push_back(term);
  }
  MILLRACE_ASSIGN_OR_RETURN(parts.intercepts, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.weights, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<LinearModel> model,
                            LinearModel::Make(std::move(parts)));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace millrace::model
