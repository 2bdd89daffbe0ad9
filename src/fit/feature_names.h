// Names of features that are made from columns. Internal to fit/.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "feature/node.h"
#include "table/schema.h"

namespace millrace::fit {

/// Gives each feature a name of its own: a data set may have a column "joined year" beside the date
/// "joined".
class FeatureNames {
 public:
  /// Names of columns and of `nodes` are taken.
  FeatureNames(const table::Schema& schema, const std::vector<feature::Node>& nodes);

  /// Returns `name`, or "name (2)", "name (3)", ... where it is taken; takes it.
  std::string Take(const std::string& name);

 private:
  std::set<std::string> taken_;
};

}  // namespace millrace::fit
