// The audit chain: each entry holds the hash of the one before, so that a change, a removal or an
// insertion anywhere shows. Source: Haber & Stornetta 1991, linked timestamps.

#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"

namespace millrace::store {

/// One entry as stored.
struct AuditEntry {
  int64_t sequence = 0;  // 1, 2, ... without gaps
  int64_t time_micros = 0;
  std::string actor;   // who: "cli:alice", "operator"
  std::string action;  // what: "promote", "approve"
  std::string detail;  // compact JSON, as hashed
  Digest previous;     // hash of the entry before; all zero for the first
  Digest hash;
};

/// Returns the hash over all fields but `hash` (docs/formats/catalog.md).
Digest AuditHash(const AuditEntry& entry);
/// Returns the head of a chain given oldest first (all zero when empty), or kCorrupt naming the
/// first entry that does not follow from the one before.
Result<Digest> VerifyAuditChain(std::span<const AuditEntry> entries);

}  // namespace millrace::store
