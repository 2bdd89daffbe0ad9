#include "store/audit.h"

#include "base/format.h"

namespace millrace::store {
namespace {

Status Broken(const AuditEntry& entry, std::string_view what) {
  return Corrupt(Format("audit: entry {} {}", entry.sequence, what))
      .WithHint("compare with a copy or with a head noted elsewhere");
}

}  // namespace

Digest AuditHash(const AuditEntry& entry) {
  Sha256 sha;
  sha.UpdateField("millrace-audit-1");
  sha.UpdateField(Format("{}", entry.sequence));
  sha.UpdateField(Format("{}", entry.time_micros));
  sha.UpdateField(entry.actor);
  sha.UpdateField(entry.action);
  sha.UpdateField(entry.detail);
  sha.UpdateField(entry.previous.ToHex());
  return sha.Finish();
}

Result<Digest> VerifyAuditChain(std::span<const AuditEntry> entries) {
  Digest head;
  int64_t sequence = 0;
  for (const AuditEntry& entry : entries) {
    if (entry.sequence != ++sequence) {
      return Broken(entry, Format("stands where entry {} should", sequence));
    }
    if (entry.previous != head) return Broken(entry, "does not follow from the one before");
    if (entry.hash != AuditHash(entry)) return Broken(entry, "was changed");
    head = entry.hash;
  }
  return head;
}

}  // namespace millrace::store
