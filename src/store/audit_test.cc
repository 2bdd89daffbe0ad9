#include "store/audit.h"

#include <gtest/gtest.h>

#include <vector>

namespace millrace::store {
namespace {

std::vector<AuditEntry> Chain(int length) {
  std::vector<AuditEntry> entries;
  Digest head;
  for (int i = 1; i <= length; ++i) {
    AuditEntry entry{i, 1000 + i, "cli", "promote", "{\"i\":" + std::to_string(i) + "}", head, {}};
    entry.hash = AuditHash(entry);
    head = entry.hash;
    entries.push_back(entry);
  }
  return entries;
}

TEST(AuditTest, IntactChainGivesItsHead) {
  EXPECT_EQ(VerifyAuditChain({}).value(), Digest{});
  const auto entries = Chain(5);
  EXPECT_EQ(VerifyAuditChain(entries).value(), entries.back().hash);
}

TEST(AuditTest, EveryChangeShows) {
  const auto intact = Chain(5);
  const auto expect_broken = [](std::vector<AuditEntry> entries, std::string_view message) {
    const Status status = VerifyAuditChain(entries).status();
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_EQ(status.message(), message);
  };
  auto entries = intact;
  entries[2].detail = "{}";
  expect_broken(entries, "audit: entry 3 was changed");
  entries = intact;
  entries[2].actor = "somebody";
  expect_broken(entries, "audit: entry 3 was changed");
  entries = intact;
  ++entries[0].time_micros;
  expect_broken(entries, "audit: entry 1 was changed");
  entries = intact;
  entries.erase(entries.begin() + 1);
  expect_broken(entries, "audit: entry 3 stands where entry 2 should");
  entries = intact;
  entries[2].detail = "{}";
  entries[2].hash = AuditHash(entries[2]);
  expect_broken(entries, "audit: entry 4 does not follow from the one before");
  entries = intact;
  std::swap(entries[1].actor, entries[1].action);
  expect_broken(entries, "audit: entry 2 was changed");
}

}  // namespace
}  // namespace millrace::store
