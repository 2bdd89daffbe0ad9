// A small bundle for tests: one number, one category, a linear model over two features.

#pragma once

#include "bundle/bundle.h"
#include "feature/graph.h"
#include "model/linear_model.h"

namespace millrace::bundle {

inline BundleParts SampleParts(double weight = 0.05) {
  BundleParts parts;
  table::ColumnSchema age;
  age.name = "age";
  age.type = table::ColumnType::kNumber;
  age.minimum = 18.0;
  age.maximum = 90.0;
  table::ColumnSchema city;
  city.name = "city";
  city.type = table::ColumnType::kCategory;
  city.values = {"Bern", "Basel"};
  parts.request_schema = *table::Schema::Make({age, city});
  feature::Node number;
  number.column = "age";
  number.name = "age";
  feature::Node category;
  category.kind = feature::NodeKind::kCategory;
  category.column = "city";
  category.name = "city";
  category.values = city.values;
  parts.graph = feature::Graph::Make(parts.request_schema, {number, category})->ToJson();
  model::LinearParts linear;
  linear.link = model::Link::kSigmoid;
  model::LinearTerm first;
  first.fill = 40.0;
  first.shift = 50.0;
  model::LinearTerm second;
  second.first_column = 1;
  second.num_columns = 2;
  second.category = 1;
  linear.terms = {first, second};
  linear.intercepts = {0.1};
  linear.weights = {weight, 0.5, -0.5};
  parts.model = (*model::LinearModel::Make(linear))->Serialize();
  parts.task = table::Task::kBinary;
  parts.target = "churn";
  parts.class_labels = {"no", "yes"};
  parts.positive = "yes";
  parts.threshold = 0.6;
  parts.primary_metric = "auc";
  parts.sketches = json::Json::Of({{"age", 1}});
  parts.card = "# Card\n";
  parts.provenance = json::Json::Of({{"seed", 7}});
  return parts;
}

}  // namespace millrace::bundle
