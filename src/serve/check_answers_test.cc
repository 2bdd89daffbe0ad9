// Requests that break checks of the data, through every protocol: warnings or refusals, in the form
// that the protocol's clients expect, and counters.

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/format.h"
#include "bundle/sample_bundle.h"
#include "journal/reader.h"
#include "json/text.h"
#include "serve/service.h"

namespace millrace::serve {
namespace {

using expect::Action;

std::shared_ptr<const bundle::Bundle> BundleWith(std::vector<expect::ColumnCheck> checks) {
  bundle::BundleParts parts = bundle::SampleParts();
  parts.checks = std::move(checks);
  return *bundle::Bundle::FromBytes(*bundle::Pack(parts), "a");
}

std::vector<expect::ColumnCheck> UsualChecks() {
  return {{.column = "age", .minimum = 0.0, .maximum = 120.0, .present = true},
          {.column = "city", .values = {"Bern", "Basel"}, .action = Action::kFlag}};
}

class CheckAnswersTest : public ::testing::Test {
 protected:
  void Serve(InvalidRows on_invalid, std::vector<expect::ColumnCheck> checks = UsualChecks()) {
    auto routing = std::make_shared<Routing>();
    Route route;
    route.label = "champion";
    route.bundle = BundleWith(std::move(checks));
    route.digest = route.bundle->digest().ToHex();
    routing->routes.push_back(route);
    routing->deployment.on_invalid = on_invalid;
    router_ = std::make_unique<Router>(std::move(routing));
    service_ = std::make_unique<Service>(*router_, metrics_, log_.get(), clock_);
    worker_ = std::make_unique<Worker>(*service_->MakeWorker());
  }
  Response Post(std::string_view target, std::string_view body,
                std::string_view type = "application/json") {
    return service_->Handle({"POST", target, type, "", "", body}, *worker_);
  }
  json::Json Answer(const Response& response) {
    const auto answer = json::Parse(response.body, "answer");
    EXPECT_TRUE(answer.ok()) << response.body;
    return *answer;
  }
  std::string MetricsText() {
    return service_->Handle({"GET", "/metrics", "", "", "", ""}, *worker_).body;
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make();
  std::unique_ptr<journal::Writer> log_ = *journal::Writer::Open(folder_.path());
  Metrics metrics_;
  FakeClock clock_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Worker> worker_;
};

constexpr std::string_view kInvalid =
    R"({"rows":[{"age":30,"city":"Bern"},{"age":"230","city":"Rome"},{"city":null}]})";

TEST_F(CheckAnswersTest, FlaggedRowsAreAnsweredWithAWarningForEachField) {
  Serve(InvalidRows::kFlag);
  const Response response = Post("/v1/predict", kInvalid);
  ASSERT_EQ(response.status, 200) << response.body;
  const json::Json answer = Answer(response);
  EXPECT_EQ(answer["predictions"].size(), 3u);
  const json::Json& fields = answer["invalid_fields"];
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(json::Write(fields[size_t{0}]),
            R"j({"row":1,"column":"age","check":"max","value":230,)j"
            R"j("message":"rows[1].age: 230 is above 120 (check age max)"})j");
  EXPECT_EQ(fields[size_t{1}]["message"].AsString(),
            "rows[1].city: \"Rome\" is none of Bern, Basel (check city values)");
  EXPECT_EQ(fields[size_t{2}]["message"].AsString(),
            "rows[2].age: a value is needed (check age max_missing)");
  EXPECT_TRUE(fields[size_t{2}]["value"].is_null());
  // A person who reads the warnings sees them too, beside what was always told.
  EXPECT_EQ(answer["warnings"].size(), 4u);
  EXPECT_EQ(answer["warnings"][size_t{0}].AsString(),
            "age: absent in 1 of 3 rows, treated as missing");
  const std::string metrics = MetricsText();
  EXPECT_NE(metrics.find("# TYPE millrace_invalid_fields_total counter"), std::string::npos);
  EXPECT_NE(metrics.find("millrace_invalid_fields_total{column=\"age\",check=\"max\",outcome="
                         "\"flagged\"} 1\n"),
            std::string::npos)
      << metrics;
}

TEST_F(CheckAnswersTest, RowsThatKeepTheChecksAreAnsweredAsBefore) {
  Serve(InvalidRows::kFlag);
  const std::string_view body = R"({"rows":[{"age":30,"city":"Bern"},{"age":120,"city":null}]})";
  const json::Json checked = Answer(Post("/v1/predict", body));
  EXPECT_FALSE(checked.Has("invalid_fields"));
  EXPECT_FALSE(checked.Has("warnings"));
  Serve(InvalidRows::kReject);
  EXPECT_EQ(Answer(Post("/v1/predict", body))["predictions"], checked["predictions"]);
  EXPECT_EQ(MetricsText().find("millrace_invalid_fields_total{"), std::string::npos);
}

TEST_F(CheckAnswersTest, RefusedRequestsNameEveryFieldInTheNativeForm) {
  Serve(InvalidRows::kReject);
  const Response response = Post("/v1/predict", kInvalid);
  EXPECT_EQ(response.status, 422);
  const json::Json error = Answer(response)["error"];
  EXPECT_EQ(error["code"].AsString(), "check_not_met");
  EXPECT_EQ(error["message"].AsString(), "rows[1].age: 230 is above 120 (check age max)");
  // The city is only flagged: it is no reason.
  ASSERT_EQ(error["details"].size(), 2u);
  ASSERT_EQ(error["fields"].size(), 2u);
  EXPECT_EQ(error["fields"][size_t{1}]["check"].AsString(), "max_missing");
  const std::string metrics = MetricsText();
  EXPECT_NE(metrics.find("column=\"age\",check=\"max\",outcome=\"rejected\"} 1\n"),
            std::string::npos);
  EXPECT_NE(metrics.find("column=\"city\",check=\"values\",outcome=\"flagged\"} 1\n"),
            std::string::npos);
  EXPECT_NE(metrics.find("millrace_requests_total{endpoint=\"/v1/predict\",status=\"422\"} 1\n"),
            std::string::npos);
  // Nothing was predicted, so nothing is in the log.
  EXPECT_EQ(metrics.find("millrace_predictions_total{"), std::string::npos);
  EXPECT_NE(metrics.find("millrace_journal_records_total 0\n"), std::string::npos) << metrics;
}

TEST_F(CheckAnswersTest, EveryProtocolRefusesInItsOwnForm) {
  Serve(InvalidRows::kReject);
  const std::string what = "230 is above 120 (check age max)";
  struct Case {
    std::string target;
    std::string body;
    std::string type;
    std::string place;
  };
  const std::vector<Case> cases = {
      {"/invocations", R"({"instances":[[230,"Bern"]]})", "application/json", "instances[0].age"},
      {"/invocations", R"({"inputs":{"age":[230]}})", "application/json", "inputs[0].age"},
      {"/invocations", R"({"dataframe_records":[{"age":230}]})", "application/json",
       "dataframe_records[0].age"},
      {"/invocations", R"({"dataframe_split":{"columns":["age"],"data":[[230]]}})",
       "application/json", "dataframe_split.data[0].age"},
      {"/invocations", "city,age\nBern,230\n", "text/csv", "csv[0].age"}};
  for (const Case& item : cases) {
    const Response response = Post(item.target, item.body, item.type);
    EXPECT_EQ(response.status, 422) << item.body;
    const json::Json error = Answer(response);
    EXPECT_EQ(error["error_code"].AsString(), "INVALID_PARAMETER_VALUE");
    EXPECT_EQ(error["message"].AsString(), item.place + ": " + what);
    EXPECT_EQ(error["invalid_fields"][size_t{0}]["column"].AsString(), "age");
  }
  for (const auto& [target, body, place] : std::vector<std::array<std::string, 3>>{
           {"/v1/models/model:predict", R"({"instances":[{"age":230}]})", "instances[0].age"},
           {"/v2/models/model/infer",
            R"({"inputs":[{"name":"age","datatype":"FP64","shape":[1],"data":[230]}]})",
            "inputs[0].age"}}) {
    const Response response = Post(target, body);
    EXPECT_EQ(response.status, 422) << body;
    const json::Json error = Answer(response);
    EXPECT_EQ(error["error"].AsString(), place + ": " + what);
    EXPECT_EQ(error["invalid_fields"].size(), 1u);
  }
}

TEST_F(CheckAnswersTest, EveryProtocolFlagsInItsOwnForm) {
  Serve(InvalidRows::kFlag);
  for (const auto& [target, body] : std::vector<std::array<std::string, 2>>{
           {"/invocations", R"({"instances":[[230,"Bern"]]})"},
           {"/v1/models/model:predict", R"({"instances":[{"age":230,"city":"Bern"}]})"}}) {
    const json::Json answer = Answer(Post(target, body));
    EXPECT_EQ(answer["predictions"].size(), 1u);
    EXPECT_EQ(answer["invalid_fields"][size_t{0}]["row"].AsInteger(), 0);
  }
  const json::Json answer =
      Answer(Post("/v2/models/model/infer",
                  R"({"inputs":[{"name":"age","datatype":"FP64","shape":[1],"data":[230]}]})"));
  EXPECT_EQ(answer["outputs"].size(), 2u);
  // Parameters of this protocol are scalars.
  const auto fields = json::Parse(answer["parameters"]["invalid_fields"].AsString(), "fields");
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ((*fields)[size_t{0}]["message"].AsString(),
            "inputs[0].age: 230 is above 120 (check age max)");
}

TEST_F(CheckAnswersTest, ACheckMayDecideByItself) {
  Serve(InvalidRows::kFlag, {{.column = "age", .maximum = 120.0, .action = Action::kReject}});
  EXPECT_EQ(Post("/v1/predict", R"({"age":230})").status, 422);
  Serve(InvalidRows::kReject, {{.column = "age", .maximum = 120.0, .action = Action::kFlag}});
  EXPECT_EQ(Post("/v1/predict", R"({"age":230})").status, 200);
  Serve(InvalidRows::kAccept, {{.column = "age", .maximum = 120.0, .action = Action::kReject}});
  EXPECT_FALSE(Answer(Post("/v1/predict", R"({"age":230})")).Has("invalid_fields"));
}

TEST_F(CheckAnswersTest, WhatCannotBeReadIsStillAnErrorOfItsOwn) {
  Serve(InvalidRows::kReject);
  const Response response = Post("/v1/predict", R"({"rows":[{"age":230},{"age":"n/a"}]})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(Answer(response)["error"]["message"].AsString(), "rows[1].age: not a number: \"n/a\"");
}

TEST_F(CheckAnswersTest, ManyFieldsAreCountedAndTwentyListed) {
  std::string rows;
  for (int i = 0; i < 50; ++i) rows += Format("{}{{\"age\":{}}}", i > 0 ? "," : "", 200 + i);
  const std::string body = Format("{{\"rows\":[{}]}}", rows);
  Serve(InvalidRows::kFlag);
  const json::Json answer = Answer(Post("/v1/predict", body));
  EXPECT_EQ(answer["invalid_fields"].size(), 20u);
  EXPECT_EQ(answer["warnings"].AsArray().back().AsString(), "30 more fields break a check");
  EXPECT_NE(MetricsText().find("outcome=\"flagged\"} 50\n"), std::string::npos);
  Serve(InvalidRows::kReject);
  const json::Json error = Answer(Post("/v1/predict", body))["error"];
  EXPECT_EQ(error["fields"].size(), 20u);
  EXPECT_EQ(error["details"].AsArray().back().AsString(), "30 more fields break a check");
}

TEST_F(CheckAnswersTest, MetricsStayBoundedWhateverIsServed) {
  ThreadMetrics& counters = *metrics_.NewThread();
  for (int i = 0; i < 5000; ++i) counters.CountInvalid(Format("c{}", i), "max", "flagged", 1);
  const std::string text = metrics_.Text(0, 0);
  int64_t lines = 0;
  for (size_t at = text.find("invalid_fields_total{"); at != std::string::npos;
       at = text.find("invalid_fields_total{", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 1001);
  EXPECT_NE(text.find("column=\"other\",check=\"other\",outcome=\"other\"} 4000\n"),
            std::string::npos);
}

TEST_F(CheckAnswersTest, TheInterfaceSaysWhatIsChecked) {
  const auto document = [this] {
    return Answer(service_->Handle({"GET", "/openapi.json", "", "", "", ""}, *worker_));
  };
  const auto statuses = [](const json::Json& api, std::string_view path) {
    return api["paths"][path]["post"]["responses"];
  };
  Serve(InvalidRows::kFlag);
  json::Json api = document();
  const json::Json& row = api["components"]["schemas"]["Row"]["properties"];
  EXPECT_EQ(row["age"]["description"].AsString(),
            "number; checked: min 0, max 120, a value is needed");
  EXPECT_EQ(row["city"]["description"].AsString(), "category; checked: values Bern, Basel");
  EXPECT_FALSE(statuses(api, "/v1/predict").Has("422"));
  Serve(InvalidRows::kReject);
  api = document();
  for (const std::string_view path :
       {"/v1/predict", "/invocations", "/v1/models/{model}:predict", "/v2/models/{model}/infer"}) {
    EXPECT_TRUE(statuses(api, path).Has("422")) << path;
  }
  EXPECT_FALSE(statuses(api, "/v1/feedback").Has("422"));
  EXPECT_TRUE(api["components"]["schemas"]["Predictions"]["properties"].Has("invalid_fields"));
}

TEST(CheckDeployment, SaysWhatBecomesOfInvalidRows) {
  Deployment deployment;
  deployment.routes = {{.bundle = "a.mill"}};
  deployment.on_invalid = InvalidRows::kReject;
  const json::Json document = ToJson(deployment);
  EXPECT_EQ(DeploymentFromJson(document, "d")->on_invalid, InvalidRows::kReject);
  json::Json other = document;
  other.Set("on_invalid", "explode");
  EXPECT_EQ(DeploymentFromJson(other, "d").status().message(),
            "d: on_invalid: none of flag, reject, accept");
  json::Json older = json::Json::MakeObject();
  for (const auto& [key, value] : document.AsObject()) {
    if (key != "on_invalid") older.AppendMember(key, value);
  }
  EXPECT_EQ(DeploymentFromJson(older, "d")->on_invalid, InvalidRows::kFlag);
}

}  // namespace
}  // namespace millrace::serve
