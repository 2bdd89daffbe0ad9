#include "bundle/bundle.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "bundle/golden.h"
#include "bundle/sample_bundle.h"
#include "bundle/zip.h"
#include "json/text.h"

namespace millrace::bundle {
namespace {

TEST(Bundle, OpensWhatPackWroteAndKeepsEveryPart) {
  const BundleParts parts = SampleParts();
  const auto bytes = Pack(parts);
  ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
  const auto bundle = Bundle::FromBytes(*bytes, "a.mill");
  ASSERT_TRUE(bundle.ok()) << bundle.status().ToString();
  EXPECT_EQ((*bundle)->class_labels(), parts.class_labels);
  EXPECT_EQ((*bundle)->request_schema(), parts.request_schema);
  EXPECT_EQ((*bundle)->threshold(), parts.threshold);
  EXPECT_EQ((*bundle)->card(), parts.card);
  EXPECT_EQ((*bundle)->sketches(), parts.sketches);
  EXPECT_EQ((*bundle)->provenance(), parts.provenance);
}

TEST(Bundle, SamePartsGiveSameBytes) { EXPECT_EQ(*Pack(SampleParts()), *Pack(SampleParts())); }

TEST(Bundle, EveryFlippedBitIsFound) {
  std::string bytes = *Pack(SampleParts());
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
    const auto opened = Bundle::FromBytes(bytes, "a.mill");
    ASSERT_FALSE(opened.ok()) << "offset " << i;
    ASSERT_EQ(opened.status().code(), Code::kCorrupt) << opened.status().ToString();
    bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
  }
  ASSERT_TRUE(Bundle::FromBytes(bytes, "a.mill").ok());
}

TEST(Bundle, EveryCutIsFound) {
  const std::string bytes = *Pack(SampleParts());
  for (size_t size = 0; size < bytes.size(); size += 7) {
    ASSERT_FALSE(Bundle::FromBytes(std::string_view(bytes).substr(0, size), "a.mill").ok());
  }
}

TEST(Bundle, OpensAFileAndNamesAMissingOne) {
  const auto folder = TemporaryFolder::Make();
  const std::string path = JoinPath(folder->path(), "m.mill");
  ASSERT_TRUE(WriteFile(path, *Pack(SampleParts())).ok());
  EXPECT_TRUE(Bundle::Open(path).ok());
  EXPECT_EQ(Bundle::Open(path + "x").status().code(), Code::kNotFound);
}

TEST(Bundle, PackRefusesAModelThatDoesNotFit) {
  BundleParts parts = SampleParts();
  parts.class_labels = {"a", "b", "c"};
  EXPECT_EQ(Pack(parts).status().code(), Code::kCorrupt);
}

TEST(Bundle, DiffNamesTheChangedParts) {
  BundleParts changed = SampleParts();
  changed.threshold = 0.25;
  const auto left = Bundle::FromBytes(*Pack(SampleParts()), "a");
  const auto right = Bundle::FromBytes(*Pack(changed), "b");
  const json::Json diff = Diff(**left, **right);
  EXPECT_FALSE(diff["equal"].AsBool(true));
  ASSERT_EQ(diff["parts"].size(), 1u);
  EXPECT_EQ(diff["parts"][size_t{0}]["part"].AsString(), "threshold");
  EXPECT_TRUE(Diff(**left, **left)["equal"].AsBool());
}

TEST(Bundle, KeepsTheChecksOfRequests) {
  BundleParts parts = SampleParts();
  parts.checks = {{.column = "age", .minimum = 0.0, .maximum = 120.0},
                  {.column = "city", .values = {"Bern"}, .action = expect::Action::kFlag}};
  const auto bundle = Bundle::FromBytes(*Pack(parts), "a");
  ASSERT_TRUE(bundle.ok()) << bundle.status().ToString();
  EXPECT_EQ((*bundle)->row_checks().rules().size(), 3u);
  EXPECT_EQ((*bundle)->parts().checks, parts.checks);
  EXPECT_EQ((*bundle)->entries().back().name, "checks.json");
  const auto without = Bundle::FromBytes(*Pack(SampleParts()), "b");
  EXPECT_TRUE((*without)->row_checks().empty());
  EXPECT_EQ((*without)->entries().back().name, "provenance.json");
  const json::Json diff = Diff(**bundle, **without);
  ASSERT_EQ(diff["parts"].size(), 1u);
  EXPECT_EQ(diff["parts"][size_t{0}]["part"].AsString(), "checks.json");
  EXPECT_TRUE(diff["parts"][size_t{0}]["right"].is_null());
}

TEST(Bundle, ChecksThatDoNotFitAreNotSealed) {
  BundleParts parts = SampleParts();
  parts.checks = {{.column = "agee", .minimum = 0.0}};
  EXPECT_EQ(Pack(parts).status().code(), Code::kInvalidData);
}

// An archive with another content of an entry, and the digests that fit it.
std::string Rewritten(const BundleParts& parts, std::string_view entry, std::string_view content) {
  const std::string bytes = *Pack(parts);
  std::vector<ZipEntry> zip = *ReadZip(bytes, "a");
  json::Json manifest = *json::Parse(zip[0].content, "m");
  json::Json entries = json::Json::MakeArray();
  for (const json::Json& item : manifest["entries"].AsArray()) {
    const bool is_it = item["name"].AsString() == entry;
    entries.Append(is_it ? json::Json::Of({{"name", entry},
                                           {"size", static_cast<int64_t>(content.size())},
                                           {"sha256", DigestOf(content).ToHex()}})
                         : item);
  }
  manifest.Set("entries", std::move(entries));
  const std::string manifest_text = json::WritePretty(manifest);
  zip[0].content = manifest_text;
  for (ZipEntry& item : zip) {
    if (item.name == entry) item.content = content;
  }
  return *WriteZip(zip);
}

TEST(Bundle, ChecksThatDoNotFitAreDamage) {
  BundleParts parts = SampleParts();
  parts.checks = {{.column = "age", .minimum = 0.0}};
  EXPECT_TRUE(
      Bundle::FromBytes(Rewritten(parts, "checks.json", R"({"version": 1, "checks": []})"), "a")
          .ok());
  for (const std::string_view bad :
       {R"({"version": 1, "checks": [{"column": "town", "action": "flag"}]})",
        R"({"version": 1, "checks": [{"column": "city", "pattern": "[", "action": "flag"}]})", "{",
        "[]"}) {
    const auto bundle = Bundle::FromBytes(Rewritten(parts, "checks.json", bad), "a");
    EXPECT_EQ(bundle.status().code(), Code::kCorrupt) << bad;
    EXPECT_TRUE(bundle.status().message().starts_with("a: damaged bundle: checks.json"))
        << bundle.status().message();
  }
  const auto newer =
      Bundle::FromBytes(Rewritten(parts, "checks.json", R"({"version": 2, "checks": []})"), "a");
  EXPECT_EQ(newer.status().code(), Code::kUnsupported);
}

TEST(Scorer, DecidesByTheThreshold) {
  BundleParts parts = SampleParts();
  const auto bundle = Bundle::FromBytes(*Pack(parts), "a");
  const Scorer& scorer = (*bundle)->scorer();
  const auto rows = RowsFromJson(
      scorer.shared_schema(), *json::Parse(R"([{"age": 10, "city": "Bern"}, {"age": 90}])", "r"));
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  const auto predictions = scorer.Score(*rows);
  ASSERT_TRUE(predictions.ok());
  EXPECT_LT(predictions->output(0), predictions->output(1));
  for (int64_t row = 0; row < 2; ++row) {
    EXPECT_EQ(scorer.DecisionLabel(*predictions, row),
              predictions->output(row) >= parts.threshold ? "yes" : "no");
  }
}

TEST(Golden, BadValuesNameRowAndField) {
  const auto schema = std::make_shared<const table::Schema>(SampleParts().request_schema);
  const auto rows = RowsFromJson(schema, *json::Parse(R"([{"age": 1}, {"age": "n/a"}])", "r"));
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.status().message(), "rows[1].age: not a number: \"n/a\"");
}

TEST(Golden, ToleranceIsAFewUlps) {
  EXPECT_TRUE(NearlyEqual(0.1, 0.1 + 2e-17, 4));
  EXPECT_FALSE(NearlyEqual(0.1, 0.1000001, 4));
}

}  // namespace
}  // namespace millrace::bundle
