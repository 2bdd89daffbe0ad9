#include "spec/spec_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>

#include "json/text.h"
#include "spec/parse.h"

namespace millrace::spec {
namespace {

Spec Read(std::string_view text) { return Parse(text, "m.yaml").value(); }

TEST(SpecJsonTest, ReadsBack) {
  const Spec spec = Read(
      "problem: {target: y, task: binary, value: {true_positive: 3}}\n"
      "data: {source: [a, b], delimiter: ';', columns: {x: {decimal: ','}}}\n"
      "require: {auc: '>= 0.8', latency_p99: '<= 5ms'}\ndeploy: {auth: token}");
  const std::string text = json::Write(ToJson(spec));
  EXPECT_EQ(FromJson(json::Parse(text, "r").value(), "record").value(), spec);
}

TEST(SpecJsonTest, DamageIsNamed) {
  json::Json document = ToJson(Read("problem: {target: y}\ndata: {source: c}"));
  json::Json split = document["split"];
  split.Set("test", "x");
  document.Set("split", split);
  const Status status = FromJson(document, "record").status();
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_EQ(status.message(), "record.split.test: is not a number");
  EXPECT_EQ(FromJson(json::Json(3), "record").status().code(), Code::kCorrupt);
}

// The object without these members.
json::Json Without(const json::Json& object, std::initializer_list<std::string_view> keys) {
  json::Json rest = json::Json::MakeObject();
  for (const auto& [key, value] : object.AsObject()) {
    if (std::ranges::find(keys, key) == keys.end()) rest.AppendMember(key, value);
  }
  return rest;
}

TEST(SpecJsonTest, OlderRecordsLackMembersAndAreRead) {
  const Spec spec = Read(
      "problem: {target: y}\n"
      "data: {source: c, checks: [{column: a, min: 0}, {sql: b > 1, at_least: 0.9}]}\n"
      "features: {add: [{name: s, expr: a + b}]}");
  json::Json document = ToJson(spec);
  json::Json data = Without(document["data"], {"append_only", "encoding", "quote", "comment",
                                               "header", "skip", "keep", "on_leak"});
  json::Json checks = json::Json::MakeArray();
  for (const json::Json& check : data["checks"].AsArray()) {
    checks.Append(Without(
        check, {"pattern", "min_length", "max_length", "unique", "min_rows", "max_rows", "at_most",
                "min_mean", "max_mean", "order", "max_age", "set_aside", "on_request"}));
  }
  data.Set("checks", checks);
  document.Set("data", data);
  document.Set("split", Without(document["split"], {"embargo", "column", "folds"}));
  document.Set("deploy", Without(document["deploy"], {"on_invalid"}));
  document.Set("features", Without(document["features"], {"columns"}));
  const auto read = FromJson(document, "record");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, spec);
}

TEST(SpecJsonTest, DigestSeesMeaningOnly) {
  const Spec plain = Read("problem: {target: y}\ndata: {source: c}");
  const Spec spelled = Read(
      "data:\n  # a comment\n  source: [c]\nsplit: {seed: 7, test: 0.20}\nproblem: {task: auto, "
      "target: y}\ndevelop: {budget: {time: 1m}}");
  EXPECT_EQ(SpecDigest(plain), SpecDigest(spelled));
  const Spec gates = Read(
      "problem: {target: y}\ndata: {source: c}\n"
      "require: {auc: '>= 0.8', recall: '>= 0.7'}");
  const Spec swapped = Read(
      "problem: {target: y}\ndata: {source: c}\n"
      "require: {recall: '>= 70%', auc: '>= 0.80'}");
  EXPECT_EQ(SectionDigest(gates, Section::kRequire), SectionDigest(swapped, Section::kRequire));
}

TEST(SpecJsonTest, DigestOfASectionIgnoresOthers) {
  const Spec first = Read("problem: {target: y}\ndata: {source: c}");
  const Spec second = Read("problem: {target: y}\ndata: {source: c}\nsplit: {seed: 8}");
  EXPECT_EQ(SectionDigest(first, Section::kData), SectionDigest(second, Section::kData));
  EXPECT_NE(SectionDigest(first, Section::kSplit), SectionDigest(second, Section::kSplit));
  EXPECT_NE(SpecDigest(first), SpecDigest(second));
}

}  // namespace
}  // namespace millrace::spec
