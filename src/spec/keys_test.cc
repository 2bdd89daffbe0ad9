#include "spec/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"
#include "spec/spec_json.h"

namespace millrace::spec {
namespace {

using json::Json;

// The same keys at every level, and for absent keys the value of a default-made Spec.
void ExpectSameKeys(const Key& key, const Json& value, const std::string& path) {
  if (key.shape != Shape::kGroup || value.is_null()) return;
  std::set<std::string> described;
  for (const Key& child : key.children) {
    if (child.presence == Presence::kReserved) continue;
    const std::string name(child.option.key);
    described.insert(name);
    ASSERT_TRUE(value.Has(name)) << path << "." << name;
    if (child.shape == Shape::kGroup) {
      ExpectSameKeys(child, value[name], path + "." + name);
    } else if (child.presence != Presence::kRequired) {
      EXPECT_EQ(value[name], DefaultJson(child)) << path << "." << name;
    }
  }
  for (const auto& [name, member] : value.AsObject()) {
    EXPECT_TRUE(described.contains(name)) << path << "." << name;
  }
}

TEST(KeysTest, DefaultsOfTableAndStructAgree) { ExpectSameKeys(RootKey(), ToJson(Spec{}), ""); }

TEST(KeysTest, ItemsOfListsHaveTheKeysOfTheTable) {
  Spec spec;
  spec.problem.value = DecisionValue{};
  spec.data.columns.push_back(ColumnRules{});
  spec.data.columns.back().name = "c";
  spec.data.checks.push_back(DataCheck{});
  spec.features.add.push_back(AddedFeature{});
  spec.features.aggregates.push_back(GroupAggregate{});
  spec.features.windows.push_back(WindowFeature{});
  spec.features.columns.push_back(ColumnFeatures{.name = "c"});
  spec.monitor.alerts.push_back(AlertTarget{});
  const Json json = ToJson(spec);
  const auto expect = [](const Key* key, const Json& item) {
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(item.size(), key->children.size()) << key->option.key;
    for (const Key& child : key->children) {
      ASSERT_TRUE(item.Has(child.option.key)) << child.option.key;
      if (child.presence == Presence::kRequired) continue;
      EXPECT_EQ(item[child.option.key], DefaultJson(child)) << child.option.key;
    }
  };
  const Key& root = RootKey();
  expect(root.Find("problem")->Find("value"), json["problem"]["value"]);
  expect(root.Find("data")->Find("columns"), json["data"]["columns"]["c"]);
  expect(root.Find("data")->Find("checks"), json["data"]["checks"][size_t{0}]);
  expect(root.Find("features")->Find("add"), json["features"]["add"][size_t{0}]);
  expect(root.Find("features")->Find("aggregates"), json["features"]["aggregates"][size_t{0}]);
  expect(root.Find("features")->Find("windows"), json["features"]["windows"][size_t{0}]);
  expect(root.Find("features")->Find("columns"), json["features"]["columns"]["c"]);
  expect(root.Find("monitor")->Find("alerts"), json["monitor"]["alerts"][size_t{0}]);
}

TEST(KeysTest, EveryKeyIsDescribedOnce) {
  std::set<std::string> paths;
  ForEachKey([&](const std::string& path, const Key& key) {
    EXPECT_TRUE(paths.insert(path).second) << path;
    EXPECT_FALSE(key.option.text.empty()) << path;
    EXPECT_TRUE(key.option.text.ends_with('.')) << path;
  });
  EXPECT_TRUE(paths.contains("problem.target"));
  EXPECT_TRUE(paths.contains("data.checks[].column"));
  EXPECT_TRUE(paths.contains("data.columns.*.type"));
  EXPECT_TRUE(paths.contains("require.fairness"));
}

TEST(KeysTest, DefaultsAreValid) {
  ForEachKey([](const std::string& path, const Key& key) {
    const std::string_view text = key.option.default_text;
    const bool word = text.empty() || text == "\"\"" || text == "auto";
    if (key.shape != Shape::kValue || word) return;
    EXPECT_TRUE(ValidateOption(key.option, path, text).ok()) << path;
  });
}

}  // namespace
}  // namespace millrace::spec
