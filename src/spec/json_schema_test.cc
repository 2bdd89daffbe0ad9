#include "spec/json_schema.h"

#include <gtest/gtest.h>

#include "json/text.h"
#include "spec/keys.h"

namespace millrace::spec {
namespace {

// The schema's properties and the table's keys are the same, reserved ones left out.
void ExpectSameKeys(const Key& group, const json::Json& schema) {
  for (const Key& child : group.children) {
    const bool reserved = child.presence == Presence::kReserved;
    EXPECT_EQ(schema["properties"].Has(child.option.key), !reserved) << child.option.key;
    const json::Json& below = schema["properties"][child.option.key];
    if (child.shape == Shape::kGroup) ExpectSameKeys(child, below);
    if (child.shape == Shape::kGroupList) ExpectSameKeys(child, below["items"]);
    if (child.shape == Shape::kNamedGroups) ExpectSameKeys(child, below["additionalProperties"]);
  }
}

TEST(JsonSchemaTest, HoldsEveryKey) {
  const json::Json schema = JsonSchema();
  EXPECT_EQ(schema["$schema"].AsString(), "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["additionalProperties"], json::Json(false));
  ExpectSameKeys(RootKey(), schema);
  EXPECT_TRUE(json::Parse(json::Write(schema), "schema").ok());
}

TEST(JsonSchemaTest, DescribesLimitsAndChoices) {
  const json::Json schema = JsonSchema();
  const json::Json& properties = schema["properties"];
  const json::Json& test = properties["split"]["properties"]["test"];
  EXPECT_EQ(test["minimum"].AsNumber(), 0.01);
  EXPECT_EQ(test["default"].AsNumber(), 0.2);
  EXPECT_EQ(properties["split"]["properties"]["kind"]["enum"].size(), 6u);
  EXPECT_TRUE(properties["require"]["properties"].Has("auc"));
  EXPECT_TRUE(
      properties["require"]["properties"]["fairness"]["properties"].Has("accuracy_difference"));
}

TEST(JsonSchemaTest, HoldsTheOptionsOfLearners) {
  const std::vector<OptionDescriptor> options = {
      {"trees", OptionType::kInteger, "100", 1, 10000, {}, "", "Number of trees."}};
  const std::vector<LearnerDescriptor> learners = {{"boosted_trees", options}};
  const json::Json schema = JsonSchema(ParseOptions{learners});
  const json::Json& learner =
      schema["properties"]["develop"]["properties"]["options"]["properties"]["boosted_trees"];
  EXPECT_EQ(learner["properties"]["trees"]["description"].AsString(), "Number of trees.");
}

}  // namespace
}  // namespace millrace::spec
