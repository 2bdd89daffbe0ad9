#include "version/manifest.h"

#include <utility>

#include "base/format.h"
#include "json/text.h"

namespace millrace::version {
namespace {

using json::Json;

constexpr std::string_view kWhere = "data version: manifest";
constexpr std::string_view kFormat = "millrace data version";
constexpr int64_t kVersion = 1;

Json HexList(const std::vector<Digest>& digests) {
  Json list = Json::MakeArray();
  for (const Digest& digest : digests) list.Append(digest.ToHex());
  return list;
}

Result<Digest> RequireDigest(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string hex, document.RequireString(kWhere, key));
  const auto digest = Digest::FromHex(hex);
  if (!digest.ok()) return Corrupt(Format("{}: {}: is no digest", kWhere, key));
  return *digest;
}

Result<std::vector<Digest>> RequireDigests(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* list, document.RequireArray(kWhere, key));
  std::vector<Digest> digests;
  for (const Json& item : *list) {
    const auto digest = Digest::FromHex(item.AsString());
    if (!digest.ok()) return Corrupt(Format("{}: {}: is no digest", kWhere, key));
    digests.push_back(*digest);
  }
  return digests;
}

Result<int64_t> RequireCount(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t count, document.RequireInteger(kWhere, key));
  if (count < 0) return Corrupt(Format("{}: {}: is negative", kWhere, key));
  return count;
}

Json RowsJson(const RowsLineage& rows) {
  return Json::Of({{"run", rows.run},
                   {"rows_version", rows.rows_version.ToHex()},
                   {"spec", rows.spec.ToHex()},
                   {"split_salt", static_cast<int64_t>(rows.split_salt)},
                   {"rows", rows.num_rows},
                   {"quarantined", rows.num_quarantined},
                   {"schema", rows.schema},
                   {"profile", rows.profile}});
}

Result<RowsLineage> RowsFromJson(const Json& document) {
  RowsLineage rows;
  MILLRACE_ASSIGN_OR_RETURN(rows.run, document.RequireString(kWhere, "run"));
  MILLRACE_ASSIGN_OR_RETURN(rows.rows_version, RequireDigest(document, "rows_version"));
  MILLRACE_ASSIGN_OR_RETURN(rows.spec, RequireDigest(document, "spec"));
  MILLRACE_ASSIGN_OR_RETURN(const int64_t salt, document.RequireInteger(kWhere, "split_salt"));
  rows.split_salt = static_cast<uint64_t>(salt);
  MILLRACE_ASSIGN_OR_RETURN(rows.num_rows, RequireCount(document, "rows"));
  MILLRACE_ASSIGN_OR_RETURN(rows.num_quarantined, RequireCount(document, "quarantined"));
  rows.schema = document["schema"];
  rows.profile = document["profile"];
  return rows;
}

Result<std::vector<Root>> RootsFromJson(const Json& document) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* list, document.RequireArray(kWhere, "roots"));
  std::vector<Root> roots;
  for (const Json& item : *list) {
    Root root;
    MILLRACE_ASSIGN_OR_RETURN(root.name, item.RequireString(kWhere, "name"));
    MILLRACE_ASSIGN_OR_RETURN(root.location, item.RequireString(kWhere, "location"));
    MILLRACE_ASSIGN_OR_RETURN(root.outside, item.RequireBool(kWhere, "outside"));
    roots.push_back(std::move(root));
  }
  return roots;
}

}  // namespace

Json ToJson(const Manifest& manifest) {
  Json roots = Json::MakeArray();
  for (const Root& root : manifest.roots) {
    roots.Append(
        Json::Of({{"name", root.name}, {"location", root.location}, {"outside", root.outside}}));
  }
  Json document = Json::Of({{"format", kFormat},
                            {"version", kVersion},
                            {"files_identity", manifest.files_identity.ToHex()},
                            {"parent", manifest.parent ? Json(manifest.parent->ToHex()) : Json()},
                            {"kept", manifest.keep == Keep::kBytes},
                            {"roots", std::move(roots)},
                            {"files", manifest.num_files},
                            {"bytes", manifest.num_bytes},
                            {"new_bytes", manifest.num_new_bytes},
                            {"tree", Json::Of({{"bytes", manifest.tree_bytes},
                                               {"sha256", manifest.tree_content.ToHex()},
                                               {"chunks", HexList(manifest.tree_chunks)}})},
                            {"packs", HexList(manifest.packs)}});
  if (manifest.rows) document.Set("rows", RowsJson(*manifest.rows));
  return document;
}

Result<Manifest> ManifestFromJson(const Json& document) {
  if (document["format"].AsString() != kFormat) return Corrupt(Format("{}: is none", kWhere));
  MILLRACE_ASSIGN_OR_RETURN(const int64_t format, document.RequireInteger(kWhere, "version"));
  if (format != kVersion) {
    return Unsupported(Format("{}: version {}", kWhere, format))
        .WithHint("a newer millrace wrote it");
  }
  Manifest manifest;
  MILLRACE_ASSIGN_OR_RETURN(manifest.files_identity, RequireDigest(document, "files_identity"));
  if (!document["parent"].is_null()) {
    MILLRACE_ASSIGN_OR_RETURN(manifest.parent, RequireDigest(document, "parent"));
  }
  MILLRACE_ASSIGN_OR_RETURN(const bool kept, document.RequireBool(kWhere, "kept"));
  manifest.keep = kept ? Keep::kBytes : Keep::kDigests;
  MILLRACE_ASSIGN_OR_RETURN(manifest.roots, RootsFromJson(document));
  MILLRACE_ASSIGN_OR_RETURN(manifest.num_files, RequireCount(document, "files"));
  MILLRACE_ASSIGN_OR_RETURN(manifest.num_bytes, RequireCount(document, "bytes"));
  MILLRACE_ASSIGN_OR_RETURN(manifest.num_new_bytes, RequireCount(document, "new_bytes"));
  const Json& tree = document["tree"];
  MILLRACE_ASSIGN_OR_RETURN(manifest.tree_bytes, RequireCount(tree, "bytes"));
  MILLRACE_ASSIGN_OR_RETURN(manifest.tree_content, RequireDigest(tree, "sha256"));
  MILLRACE_ASSIGN_OR_RETURN(manifest.tree_chunks, RequireDigests(tree, "chunks"));
  MILLRACE_ASSIGN_OR_RETURN(manifest.packs, RequireDigests(document, "packs"));
  if (document.Has("rows")) {
    MILLRACE_ASSIGN_OR_RETURN(manifest.rows, RowsFromJson(document["rows"]));
  }
  return manifest;
}

Result<Manifest> ReadManifest(std::string_view text) {
  const auto document = json::Parse(text, kWhere);
  if (!document.ok()) return Corrupt(document.status().message());
  return ManifestFromJson(*document);
}

}  // namespace millrace::version
