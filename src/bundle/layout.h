// Names and version of the bundle format (docs/formats/bundle.md).

#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::bundle {

inline constexpr int64_t kFormatVersion = 1;
inline constexpr int64_t kNumGoldenRows = 16;
inline constexpr int64_t kGoldenUlps = 8;
inline constexpr std::string_view kManifestEntry = "manifest.json";
inline constexpr std::string_view kSchemaEntry = "schema.json";
inline constexpr std::string_view kGraphEntry = "graph.json";
inline constexpr std::string_view kModelEntry = "model.bin";
inline constexpr std::string_view kSketchesEntry = "sketches.json";
inline constexpr std::string_view kGoldenEntry = "golden.json";
inline constexpr std::string_view kCardEntry = "card.md";
inline constexpr std::string_view kProvenanceEntry = "provenance.json";
/// Optional: only where data.checks has checks that a row of a request can break.
inline constexpr std::string_view kChecksEntry = "checks.json";
/// Reserved for a detached signature over the manifest's bytes; not listed in the manifest.
inline constexpr std::string_view kSignatureEntry = "manifest.sig";

}  // namespace millrace::bundle
