#include "bundle/bundle.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "bundle/golden.h"
#include "bundle/layout.h"
#include "bundle/zip.h"
#include "feature/graph.h"
#include "json/text.h"
#include "model/model.h"

namespace millrace::bundle {
namespace {

Status Damaged(std::string_view where, std::string_view what) {
  return Corrupt(Format("{}: damaged bundle: {}", where, what));
}

const ZipEntry* FindEntry(const std::vector<ZipEntry>& entries, std::string_view name) {
  for (const ZipEntry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

// Checks that the archive holds exactly the entries of the manifest (and perhaps a signature),
// each with its digest.
Result<std::vector<EntryInfo>> CheckEntries(const std::vector<ZipEntry>& zip,
                                            const json::Json& manifest, std::string_view where) {
  std::vector<EntryInfo> infos;
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* listed, manifest.RequireArray(where, "entries"));
  for (const json::Json& item : *listed) {
    EntryInfo info;
    info.name = item["name"].AsString();
    const ZipEntry* entry = FindEntry(zip, info.name);
    if (entry == nullptr || info.name == kManifestEntry) {
      return Damaged(where, Format("entry is absent: {}", info.name));
    }
    info.size_bytes = static_cast<int64_t>(entry->content.size());
    info.digest = DigestOf(entry->content);
    if (info.digest.ToHex() != item["sha256"].AsString() ||
        info.size_bytes != item["size"].AsInteger(-1)) {
      return Damaged(where, Format("digest does not match: {}", info.name));
    }
    infos.push_back(std::move(info));
  }
  const size_t with_signature = FindEntry(zip, kSignatureEntry) == nullptr ? 1 : 2;
  if (zip.size() != infos.size() + with_signature) {
    return Damaged(where, "an entry is not in the manifest");
  }
  return infos;
}

Result<json::Json> ReadDocument(const std::vector<ZipEntry>& zip, std::string_view name,
                                std::string_view where) {
  const ZipEntry* entry = FindEntry(zip, name);
  if (entry == nullptr) return Damaged(where, Format("entry is absent: {}", name));
  Result<json::Json> document = json::Parse(entry->content, name);
  if (!document.ok()) return Damaged(where, document.status().message());
  return document;
}

Result<BundleParts> ReadParts(const std::vector<ZipEntry>& zip, const json::Json& manifest,
                              std::string_view where) {
  BundleParts parts;
  MILLRACE_ASSIGN_OR_RETURN(const std::string task, manifest.RequireString(where, "task"));
  const std::optional<table::Task> known = table::TaskFromName(task);
  if (!known) return Damaged(where, Format("task is not known: {}", task));
  parts.task = *known;
  MILLRACE_ASSIGN_OR_RETURN(parts.target, manifest.RequireString(where, "target"));
  MILLRACE_ASSIGN_OR_RETURN(parts.positive, manifest.RequireString(where, "positive"));
  MILLRACE_ASSIGN_OR_RETURN(parts.threshold, manifest.RequireNumber(where, "threshold"));
  MILLRACE_ASSIGN_OR_RETURN(parts.primary_metric, manifest.RequireString(where, "primary_metric"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* labels,
                            manifest.RequireArray(where, "class_labels"));
  for (const json::Json& label : *labels) parts.class_labels.push_back(label.AsString());
  MILLRACE_ASSIGN_OR_RETURN(const json::Json schema, ReadDocument(zip, kSchemaEntry, where));
  MILLRACE_ASSIGN_OR_RETURN(parts.request_schema, table::Schema::FromJson(schema, where));
  MILLRACE_ASSIGN_OR_RETURN(parts.graph, ReadDocument(zip, kGraphEntry, where));
  MILLRACE_ASSIGN_OR_RETURN(parts.sketches, ReadDocument(zip, kSketchesEntry, where));
  MILLRACE_ASSIGN_OR_RETURN(parts.provenance, ReadDocument(zip, kProvenanceEntry, where));
  const ZipEntry* model = FindEntry(zip, kModelEntry);
  const ZipEntry* card = FindEntry(zip, kCardEntry);
  if (model == nullptr || card == nullptr) return Damaged(where, "model or card is absent");
  parts.model = model->content;
  parts.card = card->content;
  return parts;
}

// Bundles from before there were checks of requests, and those without any, lack the entry.
Result<expect::RowChecks> ReadChecks(const std::vector<ZipEntry>& zip, const table::Schema& schema,
                                     std::string_view where) {
  if (FindEntry(zip, kChecksEntry) == nullptr) return expect::RowChecks();
  MILLRACE_ASSIGN_OR_RETURN(const json::Json document, ReadDocument(zip, kChecksEntry, where));
  Result<expect::RowChecks> checks = expect::RowChecks::FromJson(document, schema, kChecksEntry);
  if (!checks.ok() && checks.status().code() == Code::kCorrupt) {
    return Damaged(where, checks.status().message());
  }
  return checks;
}

}  // namespace

Result<std::shared_ptr<const Bundle>> Bundle::FromBytes(std::string_view bytes,
                                                        std::string_view where) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ZipEntry> zip, ReadZip(bytes, where));
  if (zip.empty() || zip[0].name != kManifestEntry) return Damaged(where, "no manifest");
  Bundle bundle;
  MILLRACE_ASSIGN_OR_RETURN(bundle.manifest_, ReadDocument(zip, kManifestEntry, where));
  if (bundle.manifest_["format"].AsString() != "millrace-bundle") {
    return Damaged(where, "not a bundle of Millrace");
  }
  MILLRACE_ASSIGN_OR_RETURN(const int64_t version,
                            bundle.manifest_.RequireInteger(where, "format_version"));
  if (version > kFormatVersion || version < 1) {
    return Unsupported(Format("{}: bundle format {}: this program reads up to {}", where, version,
                              kFormatVersion))
        .WithHint("use a newer millrace");
  }
  bundle.digest_ = DigestOf(zip[0].content);
  bundle.size_bytes_ = static_cast<int64_t>(bytes.size());
  MILLRACE_ASSIGN_OR_RETURN(bundle.entries_, CheckEntries(zip, bundle.manifest_, where));
  MILLRACE_ASSIGN_OR_RETURN(bundle.parts_, ReadParts(zip, bundle.manifest_, where));
  MILLRACE_ASSIGN_OR_RETURN(bundle.row_checks_,
                            ReadChecks(zip, bundle.parts_.request_schema, where));
  bundle.parts_.checks = bundle.row_checks_.checks();
  MILLRACE_ASSIGN_OR_RETURN(bundle.golden_, ReadDocument(zip, kGoldenEntry, where));
  MILLRACE_RETURN_IF_ERROR(bundle.BuildScorer(where));
  MILLRACE_RETURN_IF_ERROR(bundle.ReplayGolden(where));
  return std::make_shared<const Bundle>(std::move(bundle));
}

Result<std::shared_ptr<const Bundle>> Bundle::Open(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  return FromBytes(file.bytes(), path);
}

Status Bundle::ReplayGolden(std::string_view where) const {
  Result<table::Table> rows = RowsFromJson(scorer_->shared_schema(), golden_["rows"]);
  if (!rows.ok()) return Damaged(where, Format("golden {}", rows.status().message()));
  MILLRACE_ASSIGN_OR_RETURN(const Predictions predictions, scorer_->Score(*rows));
  const json::Json& outputs = golden_["outputs"];
  if (predictions.num_rows == 0 || outputs.size() != static_cast<size_t>(predictions.num_rows)) {
    return Damaged(where, "golden outputs do not fit the rows");
  }
  for (int64_t row = 0; row < predictions.num_rows; ++row) {
    const json::Json& wanted = outputs[static_cast<size_t>(row)];
    if (wanted.size() != static_cast<size_t>(predictions.num_outputs)) {
      return Damaged(where, "golden outputs do not fit the model");
    }
    for (int64_t i = 0; i < predictions.num_outputs; ++i) {
      const double expected = wanted[static_cast<size_t>(i)].AsNumber();
      if (!NearlyEqual(predictions.output(row, i), expected, kGoldenUlps)) {
        return Damaged(where, Format("golden row {} answers {} instead of {}", row,
                                     predictions.output(row, i), expected));
      }
    }
  }
  return {};
}

json::Json Diff(const Bundle& left, const Bundle& right) {
  json::Json parts = json::Json::MakeArray();
  const auto add = [&parts](std::string_view part, json::Json a, json::Json b) {
    if (a == b) return;
    parts.Append(json::Json::Of({{"part", part}, {"left", std::move(a)}, {"right", std::move(b)}}));
  };
  for (const char* key : {"format_version", "program_version", "task", "target", "class_labels",
                          "positive", "threshold", "primary_metric"}) {
    add(key, left.manifest()[key], right.manifest()[key]);
  }
  const auto describe = [](const Bundle& bundle, std::string_view name) -> json::Json {
    for (const EntryInfo& entry : bundle.entries()) {
      if (entry.name == name) {
        return json::Json::Of({{"size", entry.size_bytes}, {"sha256", entry.digest.ToHex()}});
      }
    }
    return nullptr;
  };
  for (const std::string_view name : {kSchemaEntry, kGraphEntry, kModelEntry, kSketchesEntry,
                                      kGoldenEntry, kCardEntry, kProvenanceEntry, kChecksEntry}) {
    add(name, describe(left, name), describe(right, name));
  }
  return json::Json::Of({{"equal", left.digest() == right.digest()},
                         {"left", left.digest().ToHex()},
                         {"right", right.digest().ToHex()},
                         {"parts", std::move(parts)}});
}

}  // namespace millrace::bundle
