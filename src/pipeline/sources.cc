#include "pipeline/sources.h"

#include "base/files.h"
#include "base/format.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "spec/locator.h"

namespace millrace::pipeline {

Result<std::vector<SourceContent>> DigestSources(const spec::Spec& spec,
                                                 const std::string& project_folder,
                                                 const std::string& staging_folder) {
  if (!staging_folder.empty()) MILLRACE_RETURN_IF_ERROR(RemoveAll(staging_folder));
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine,
                            engine::MakeDuckDbEngine({}));
  const engine::SourceOptions options = engine::OptionsOf(spec.data, staging_folder);
  MILLRACE_ASSIGN_OR_RETURN(
      const engine::Source source,
      engine::OpenSource(*engine, project_folder, spec.data.paths, options, "source"));
  std::vector<SourceContent> sources;
  for (const engine::SourceFile& file : source.files) {
    MILLRACE_ASSIGN_OR_RETURN(const Digest content, FileDigest(file.content_path));
    sources.push_back({.path = file.path,
                       .content_path = file.content_path,
                       .size_bytes = file.size_bytes,
                       .modified_micros = file.modified_micros,
                       .content = content});
  }
  return sources;
}

Status CheckSourcesUnchanged(const std::vector<SourceContent>& sources) {
  for (const SourceContent& source : sources) {
    MILLRACE_ASSIGN_OR_RETURN(const int64_t size, FileSize(source.content_path));
    MILLRACE_ASSIGN_OR_RETURN(const int64_t modified, FileModifiedMicros(source.content_path));
    if (size != source.size_bytes || modified != source.modified_micros) {
      return InvalidData(Format("{}: was changed while it was read", source.path))
          .WithHint("run again when nothing writes to it");
    }
  }
  return {};
}

json::Json ToJson(const std::vector<SourceContent>& sources) {
  json::Json list = json::Json::MakeArray();
  for (const SourceContent& source : sources) {
    list.Append(json::Json::Of({{"name", spec::ShortName(source.path)},
                                {"bytes", source.size_bytes},
                                {"sha256", source.content.ToHex()}}));
  }
  return list;
}

Result<std::vector<SourceContent>> SourcesFromJson(const json::Json& list) {
  constexpr std::string_view kWhere = "inputs of the run: sources";
  std::vector<SourceContent> sources;
  for (const json::Json& item : list.AsArray()) {
    SourceContent source;
    MILLRACE_ASSIGN_OR_RETURN(source.path, item.RequireString(kWhere, "name"));
    MILLRACE_ASSIGN_OR_RETURN(source.size_bytes, item.RequireInteger(kWhere, "bytes"));
    MILLRACE_ASSIGN_OR_RETURN(const std::string hex, item.RequireString(kWhere, "sha256"));
    MILLRACE_ASSIGN_OR_RETURN(source.content, Digest::FromHex(hex));
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace millrace::pipeline
