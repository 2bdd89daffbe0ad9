// Bundle: one data-only, self-verifying file (*.mill) that holds everything that serving,
// monitoring and audits need (docs/formats/bundle.md).

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "bundle/scorer.h"
#include "expect/row_checks.h"
#include "json/value.h"
#include "table/schema.h"
#include "table/task.h"

namespace millrace::bundle {

/// What goes into a bundle. Golden rows are made by Pack from the schema.
struct BundleParts {
  table::Task task = table::Task::kBinary;
  std::string target;
  std::vector<std::string> class_labels;  // in label order; empty for numbers
  std::string positive;                   // binary: class_labels[1]; else empty
  double threshold = 0.5;                 // binary; ignored otherwise
  std::string primary_metric;             // "auc", ...
  table::Schema request_schema;           // the columns that a request must hold, in graph order
  json::Json graph;                       // feature::Graph as JSON
  std::string model;                      // model::Model::Serialize()
  json::Json sketches;                    // reference summaries for drift (docs/formats/bundle.md)
  std::string card;                       // Markdown
  json::Json provenance;                  // run, data version, seeds; no wall-clock figure
  std::vector<expect::ColumnCheck> checks;  // of rows of requests; may be empty
};

/// Returns the bytes of a bundle: equal parts, equal bytes (of one program version). Fails with
/// kCorrupt when graph, model and schema do not fit together; kInvalidData for checks that do not
/// fit the schema.
Result<std::string> Pack(const BundleParts& parts);

/// One entry as stored.
struct EntryInfo {
  std::string name;
  int64_t size_bytes = 0;
  Digest digest;
};

/// An opened bundle. Immutable, const use from many threads.
class Bundle {
 public:
  /// Maps and verifies a file: structure, SHA-256 of each entry, golden rows within a few ulp.
  /// kNotFound; kCorrupt naming the entry; kUnsupported for a newer format.
  static Result<std::shared_ptr<const Bundle>> Open(const std::string& path);
  /// The same from bytes; `where` names them in errors.
  static Result<std::shared_ptr<const Bundle>> FromBytes(std::string_view bytes,
                                                         std::string_view where);

  /// SHA-256 of manifest.json: the bundle's identity.
  const Digest& digest() const { return digest_; }
  const Scorer& scorer() const { return *scorer_; }
  table::Task task() const { return parts_.task; }
  const std::string& target() const { return parts_.target; }
  const std::vector<std::string>& class_labels() const { return parts_.class_labels; }
  const std::string& positive() const { return parts_.positive; }
  double threshold() const { return parts_.threshold; }
  const std::string& primary_metric() const { return parts_.primary_metric; }
  const table::Schema& request_schema() const { return parts_.request_schema; }
  /// Checks of rows of the request schema; none in bundles that were sealed without.
  const expect::RowChecks& row_checks() const { return row_checks_; }
  const json::Json& sketches() const { return parts_.sketches; }
  const std::string& card() const { return parts_.card; }
  const json::Json& provenance() const { return parts_.provenance; }
  const json::Json& manifest() const { return manifest_; }
  const BundleParts& parts() const { return parts_; }
  const std::vector<EntryInfo>& entries() const { return entries_; }
  int64_t size_bytes() const { return size_bytes_; }
  /// Golden rows as request objects and their outputs [rows, outputs], as stored.
  const json::Json& golden() const { return golden_; }

 private:
  Bundle() = default;
  Status ReplayGolden(std::string_view where) const;
  Status BuildScorer(std::string_view where);

  Digest digest_;
  BundleParts parts_;
  json::Json manifest_;
  json::Json golden_;
  std::vector<EntryInfo> entries_;
  int64_t size_bytes_ = 0;
  std::optional<Scorer> scorer_;
  expect::RowChecks row_checks_;
};

/// Returns what differs between two bundles, part by part: {"equal": false, "parts": [{"part",
/// "left", "right"}]}; large parts by digest and size, small ones by value.
json::Json Diff(const Bundle& left, const Bundle& right);

}  // namespace millrace::bundle
