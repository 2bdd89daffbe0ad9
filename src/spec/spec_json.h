// The canonical JSON form of a Spec: same keys and nesting as millrace.yaml, every default filled
// in, durations in seconds, sizes in bytes, null for "auto" and "not given". Stored in records.

#pragma once

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"
#include "spec/spec.h"

namespace millrace::spec {

/// Returns the whole specification.
json::Json ToJson(const Spec& spec);
/// Returns one section.
json::Json SectionJson(const Spec& spec, Section section);
/// Reads what ToJson wrote; kCorrupt naming `where` and the key otherwise. Places are lost.
Result<Spec> FromJson(const json::Json& document, std::string_view where);

/// Returns the SHA-256 of the section's canonical JSON: part of the keys of phases. Comments,
/// order of keys and spelled-out defaults do not change it.
Digest SectionDigest(const Spec& spec, Section section);
/// Returns the SHA-256 of the whole canonical JSON.
Digest SpecDigest(const Spec& spec);

}  // namespace millrace::spec
