// Reference: what the windows of one bundle are compared with: the bundle, its reference sketches,
// and what its primary metric was on held-out rows.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "bundle/bundle.h"
#include "bundle/label_reader.h"
#include "metric/bootstrap.h"
#include "metric/metric.h"
#include "sketch/column_sketch.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"

namespace millrace::operate {

struct Reference {
  std::shared_ptr<const bundle::Bundle> bundle;
  std::optional<sketch::ReferenceSketches> sketches;  // nothing: the bundle holds none
  std::set<std::string> dates;                        // request columns that are dates
  bundle::LabelReader labels{{}};
  const metric::MetricInfo* metric = nullptr;  // primary; null when the task has no such metric
  /// The primary metric on the test rows, as phase 4 recorded it; nothing when no run tells.
  std::optional<metric::Interval> test;
};

/// Finds bundles by their identity: in the deployment, among the versions and deployments of the
/// catalog. One thread at a time; borrowed parts must outlive it.
class ReferenceFinder {
 public:
  ReferenceFinder(const store::Project& project, const store::ObjectStore& objects,
                  const store::Catalog& catalog)
      : project_(project), objects_(objects), catalog_(catalog) {}

  /// Returns the reference of a bundle (64 hexadecimal digits), or null when the bundle is nowhere
  /// to be found or does not open.
  std::shared_ptr<const Reference> Find(const std::string& bundle);

 private:
  std::shared_ptr<const bundle::Bundle> OpenBundle(const std::string& identity) const;
  std::optional<metric::Interval> TestMetric(const std::string& identity,
                                             const std::string& metric) const;

  const store::Project& project_;
  const store::ObjectStore& objects_;
  const store::Catalog& catalog_;
  std::map<std::string, std::shared_ptr<const Reference>> found_;
};

}  // namespace millrace::operate
