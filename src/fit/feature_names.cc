#include "fit/feature_names.h"

#include "base/format.h"

namespace millrace::fit {

FeatureNames::FeatureNames(const table::Schema& schema, const std::vector<feature::Node>& nodes) {
  for (const table::ColumnSchema& column : schema.columns()) taken_.insert(column.name);
  for (const feature::Node& node : nodes) taken_.insert(node.name);
}

std::string FeatureNames::Take(const std::string& name) {
  std::string unique = name;
  for (int number = 2; !taken_.insert(unique).second; ++number) {
    unique = Format("{} ({})", name, number);
  }
  return unique;
}

}  // namespace millrace::fit
