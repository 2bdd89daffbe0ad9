#include "bundle/bundle.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "bundle/golden.h"
#include "bundle/sample_bundle.h"
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
