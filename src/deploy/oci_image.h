// OCI image: an archive that container tools load, written natively (OCI image layout 1.0): no
// container engine, no base image. It holds millrace-server with the shared libraries it needs, and
// one bundle; no shell, no package manager.
//
// Deterministic: the same server, libraries, bundle and options give the same bytes.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "spec/spec.h"

namespace millrace::deploy {

enum class ImageAccess {
  kToken,  // the container wants the SHA-256 of its tokens in MILLRACE_TOKEN_HASHES
  kOpen,   // anyone who reaches the port may ask: for networks that are closed otherwise
};

struct OciOptions {
  std::string server_program;     // path of millrace-server
  std::string bundle_path;        // *.mill; verified before it goes in
  std::string out;                // path of the archive
  std::string name = "millrace";  // reference: "registry/name"
  std::string tag;                // empty: the first 12 digits of the bundle's digest
  int64_t port = 8080;
  int64_t metrics_port = 8081;
  ImageAccess access = ImageAccess::kToken;
  spec::OnInvalid on_invalid = spec::OnInvalid::kFlag;
};

struct OciImage {
  std::string reference;  // "millrace/churn:3f9c21ab..."
  Digest manifest;        // what a registry calls the image's digest
  Digest bundle;
  int64_t archive_bytes = 0;
  int64_t compressed_bytes = 0;  // of the layers
  int64_t uncompressed_bytes = 0;
  std::vector<std::string> files;  // in the image, sorted
};

/// Writes the archive atomically. kNotFound (server, a library, bundle), kCorrupt (bundle),
/// kUnsupported (the server is no Linux program, a name that no registry takes), kIoError.
Result<OciImage> ExportOci(const OciOptions& options);

/// The user and group that the container runs as.
inline constexpr int64_t kImageUser = 65532;
/// Where the bundle and the writable log folder lie in the image.
inline constexpr const char* kImageBundle = "/models/bundle.mill";
inline constexpr const char* kImageLogs = "/var/log/millrace";

}  // namespace millrace::deploy
