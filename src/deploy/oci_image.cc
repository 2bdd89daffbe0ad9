#include "deploy/oci_image.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/build_info.h"
#include "base/files.h"
#include "base/format.h"
#include "bundle/bundle.h"
#include "deploy/elf_needs.h"
#include "deploy/tar_archive.h"
#include "json/text.h"

namespace millrace::deploy {
namespace {

constexpr const char* kEpoch = "1970-01-01T00:00:00Z";
constexpr const char* kLibraryFolder = "lib/x86_64-linux-gnu/";

struct Layer {
  std::string compressed;
  Digest diff_id;  // of the archive
  Digest digest;   // of the compressed bytes
  int64_t uncompressed_bytes = 0;
  std::string created_by;
};

Result<Layer> MakeLayer(const std::vector<TarEntry>& entries, std::string created_by) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string tar, WriteTar(entries));
  Layer layer;
  layer.diff_id = DigestOf(tar);
  layer.uncompressed_bytes = static_cast<int64_t>(tar.size());
  MILLRACE_ASSIGN_OR_RETURN(layer.compressed, Gzip(tar));
  layer.digest = DigestOf(layer.compressed);
  layer.created_by = std::move(created_by);
  return layer;
}

TarEntry Folder(std::string path, uint32_t mode = 0755, uint32_t owner = 0) {
  return {std::move(path), "", mode, owner};
}

Result<TarEntry> File(std::string path, const std::string& source, uint32_t mode) {
  MILLRACE_ASSIGN_OR_RETURN(std::string content, ReadFile(source));
  return TarEntry{std::move(path), std::move(content), mode, 0};
}

// Server, its libraries, and the few folders and files that a process expects.
Result<std::vector<TarEntry>> RuntimeEntries(const OciOptions& options) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<SharedLibrary> libraries,
                            NeededLibraries(options.server_program));
  constexpr auto kUser = static_cast<uint32_t>(kImageUser);
  std::vector<TarEntry> entries = {Folder("etc/")};
  entries.push_back({"etc/group", Format("millrace:x:{}:\n", kUser), 0644, 0});
  entries.push_back({"etc/passwd", Format("millrace:x:{0}:{0}::/:/nonexistent\n", kUser), 0644, 0});
  entries.push_back(Folder("lib/"));
  entries.push_back(Folder(kLibraryFolder));
  std::vector<TarEntry> last;
  for (const SharedLibrary& library : libraries) {
    if (library.name.front() == '/') {  // the interpreter, where the program looks for it
      const std::string path = library.name.substr(1);
      last.push_back(Folder(FolderName(path) + "/"));
      MILLRACE_ASSIGN_OR_RETURN(TarEntry file, File(path, library.path, 0755));
      last.push_back(std::move(file));
      continue;
    }
    MILLRACE_ASSIGN_OR_RETURN(TarEntry file,
                              File(kLibraryFolder + library.name, library.path, 0644));
    entries.push_back(std::move(file));
  }
  for (TarEntry& entry : last) entries.push_back(std::move(entry));
  entries.push_back(Folder("tmp/", 01777));
  entries.push_back(Folder("usr/"));
  entries.push_back(Folder("usr/bin/"));
  MILLRACE_ASSIGN_OR_RETURN(TarEntry server,
                            File("usr/bin/millrace-server", options.server_program, 0755));
  entries.push_back(std::move(server));
  entries.push_back(Folder("var/"));
  entries.push_back(Folder("var/log/"));
  entries.push_back(Folder(std::string(kImageLogs).substr(1) + "/", 0755, kUser));
  return entries;
}

json::Json ConfigOf(const OciOptions& options, const bundle::Bundle& bundle,
                    const std::vector<Layer>& layers) {
  std::vector<std::string> command = {"--bundle",       kImageBundle,
                                      "--address",      "0.0.0.0",
                                      "--port",         Format("{}", options.port),
                                      "--metrics-port", Format("{}", options.metrics_port),
                                      "--log",          kImageLogs};
  if (options.access == ImageAccess::kOpen) command.emplace_back("--open");
  if (options.on_invalid == spec::OnInvalid::kReject) {
    command.insert(command.end(), {"--on-invalid", "reject"});
  }
  json::Json diff_ids = json::Json::MakeArray();
  json::Json history = json::Json::MakeArray();
  for (const Layer& layer : layers) {
    diff_ids.Append("sha256:" + layer.diff_id.ToHex());
    history.Append(json::Json::Of({{"created", kEpoch}, {"created_by", layer.created_by}}));
  }
  const auto empty = json::Json::MakeObject();
  json::Json ports = json::Json::MakeObject();
  ports.Set(Format("{}/tcp", options.port), empty);
  ports.Set(Format("{}/tcp", options.metrics_port), empty);
  const std::vector<std::string> entrypoint = {"/usr/bin/millrace-server"};
  const std::vector<std::string> environment = {
      "PATH=/usr/bin", Format("LD_LIBRARY_PATH=/{}", "lib/x86_64-linux-gnu")};
  const json::Json labels = json::Json::Of(
      {{"org.opencontainers.image.title", options.name},
       {"org.opencontainers.image.version", bundle.digest().ToHex()},
       {"millrace.bundle", bundle.digest().ToHex()},
       {"millrace.program", ProgramVersion()},
       {"millrace.target", bundle.target()},
       {"millrace.health.live", Format("GET :{}/v2/health/live", options.metrics_port)},
       {"millrace.health.ready", Format("GET :{}/v2/health/ready", options.metrics_port)}});
  return json::Json::Of(
      {{"created", kEpoch},
       {"architecture", "amd64"},
       {"os", "linux"},
       {"config", json::Json::Of({{"User", Format("{0}:{0}", kImageUser)},
                                  {"ExposedPorts", std::move(ports)},
                                  {"Env", json::Json::ArrayOf(environment)},
                                  {"Entrypoint", json::Json::ArrayOf(entrypoint)},
                                  {"Cmd", json::Json::ArrayOf(command)},
                                  {"WorkingDir", "/"},
                                  {"Labels", labels},
                                  {"StopSignal", "SIGTERM"}})},
       {"rootfs", json::Json::Of({{"type", "layers"}, {"diff_ids", std::move(diff_ids)}})},
       {"history", std::move(history)}});
}

json::Json Descriptor(std::string_view media_type, const Digest& digest, size_t size) {
  return json::Json::Of({{"mediaType", media_type},
                         {"digest", "sha256:" + digest.ToHex()},
                         {"size", static_cast<int64_t>(size)}});
}

std::string BlobPath(const Digest& digest) { return "blobs/sha256/" + digest.ToHex(); }

// Registries take lower-case names with separators (OCI distribution specification 1.0).
Status CheckReference(const OciOptions& options) {
  const auto is_good = [](std::string_view text, std::string_view also, size_t most) {
    return !text.empty() && text.size() <= most &&
           std::all_of(text.begin(), text.end(), [also](char c) {
             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    also.find(c) != std::string_view::npos;
           });
  };
  if (!is_good(options.name, "._-/:", 200) || options.name.front() == '/' ||
      options.name.back() == '/') {
    return Unsupported(
        Format("image name: not lower-case letters, digits and ._-/: {}", options.name));
  }
  if (!options.tag.empty() && !is_good(options.tag, "._-ABCDEFGHIJKLMNOPQRSTUVWXYZ", 128)) {
    return Unsupported(Format("image tag: not letters, digits and ._-: {}", options.tag));
  }
  return {};
}

struct Parts {
  std::vector<Layer> layers;
  std::string config;
  std::string manifest;
};

Parts AssembleParts(const OciOptions& options, const bundle::Bundle& bundle,
                    std::vector<Layer> layers) {
  Parts parts;
  parts.config = json::Write(ConfigOf(options, bundle, layers));
  json::Json descriptors = json::Json::MakeArray();
  for (const Layer& layer : layers) {
    descriptors.Append(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer.digest,
                                  layer.compressed.size()));
  }
  parts.manifest = json::Write(
      json::Json::Of({{"schemaVersion", 2},
                      {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                      {"config", Descriptor("application/vnd.oci.image.config.v1+json",
                                            DigestOf(parts.config), parts.config.size())},
                      {"layers", std::move(descriptors)}}));
  parts.layers = std::move(layers);
  return parts;
}

// index.json names the manifest; manifest.json says the same to engines that know the older form.
Result<std::string> WriteLayout(const Parts& parts, const std::string& reference,
                                const std::string& tag) {
  json::Json descriptor = Descriptor("application/vnd.oci.image.manifest.v1+json",
                                     DigestOf(parts.manifest), parts.manifest.size());
  descriptor.Set("annotations", json::Json::Of({{"org.opencontainers.image.ref.name", tag},
                                                {"io.containerd.image.name", reference}}));
  descriptor.Set("platform", json::Json::Of({{"architecture", "amd64"}, {"os", "linux"}}));
  json::Json layer_paths = json::Json::MakeArray();
  for (const Layer& layer : parts.layers) layer_paths.Append(BlobPath(layer.digest));
  const json::Json older = json::Json::MakeArray().Append(
      json::Json::Of({{"Config", BlobPath(DigestOf(parts.config))},
                      {"RepoTags", json::Json::MakeArray().Append(reference)},
                      {"Layers", std::move(layer_paths)}}));
  std::vector<TarEntry> entries = {
      {"oci-layout", json::Write(json::Json::Of({{"imageLayoutVersion", "1.0.0"}})), 0644, 0},
      {"index.json",
       json::Write(
           json::Json::Of({{"schemaVersion", 2},
                           {"mediaType", "application/vnd.oci.image.index.v1+json"},
                           {"manifests", json::Json::MakeArray().Append(std::move(descriptor))}})),
       0644, 0},
      {"manifest.json", json::Write(older), 0644, 0},
      Folder("blobs/"),
      Folder("blobs/sha256/"),
      {BlobPath(DigestOf(parts.manifest)), parts.manifest, 0644, 0},
      {BlobPath(DigestOf(parts.config)), parts.config, 0644, 0}};
  for (const Layer& layer : parts.layers) {
    entries.push_back({BlobPath(layer.digest), layer.compressed, 0644, 0});
  }
  return WriteTar(entries);
}

}  // namespace

Result<OciImage> ExportOci(const OciOptions& options) {
  MILLRACE_RETURN_IF_ERROR(CheckReference(options));
  if (!IsFolder(FolderName(options.out))) {
    return NotFound(Format("{}: there is no such folder", FolderName(options.out)));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::shared_ptr<const bundle::Bundle> bundle,
                            bundle::Bundle::Open(options.bundle_path));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<TarEntry> runtime, RuntimeEntries(options));
  MILLRACE_ASSIGN_OR_RETURN(TarEntry model,
                            File(std::string(kImageBundle).substr(1), options.bundle_path, 0644));
  const std::vector<TarEntry> models = {Folder("models/"), std::move(model)};
  std::vector<Layer> layers(2);
  MILLRACE_ASSIGN_OR_RETURN(layers[0],
                            MakeLayer(runtime, Format("millrace-server {}", ProgramVersion())));
  MILLRACE_ASSIGN_OR_RETURN(layers[1],
                            MakeLayer(models, Format("bundle {}", bundle->digest().ToHex())));
  OciImage image;
  const std::string tag = options.tag.empty() ? bundle->digest().Short(12) : options.tag;
  image.reference = Format("{}:{}", options.name, tag);
  image.bundle = bundle->digest();
  for (const std::vector<TarEntry>* entries : {&runtime, &models}) {
    for (const TarEntry& entry : *entries) {
      if (entry.path.back() != '/') image.files.push_back("/" + entry.path);
    }
  }
  std::sort(image.files.begin(), image.files.end());
  const Parts parts = AssembleParts(options, *bundle, std::move(layers));
  for (const Layer& layer : parts.layers) {
    image.compressed_bytes += static_cast<int64_t>(layer.compressed.size());
    image.uncompressed_bytes += layer.uncompressed_bytes;
  }
  image.manifest = DigestOf(parts.manifest);
  MILLRACE_ASSIGN_OR_RETURN(const std::string archive, WriteLayout(parts, image.reference, tag));
  image.archive_bytes = static_cast<int64_t>(archive.size());
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(options.out, archive));
  return image;
}

}  // namespace millrace::deploy
