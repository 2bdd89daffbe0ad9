#include "serve/service.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/format.h"
#include "bundle/sample_bundle.h"
#include "journal/reader.h"
#include "json/text.h"

namespace millrace::serve {
namespace {

std::shared_ptr<const Routing> RoutingOf(double second_weight = 0.0) {
  auto routing = std::make_shared<Routing>();
  Route first;
  first.label = "champion";
  first.bundle = *bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts()), "a");
  first.digest = first.bundle->digest().ToHex();
  first.upper = 1.0 / (1.0 + second_weight);
  routing->routes.push_back(first);
  if (second_weight > 0.0) {
    Route second;
    second.label = "challenger";
    second.bundle = *bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts(-0.05)), "b");
    second.digest = second.bundle->digest().ToHex();
    routing->routes.push_back(second);
  }
  routing->deployment.limits.max_rows = 5;
  return routing;
}

class ServiceTest : public ::testing::Test {
 protected:
  explicit ServiceTest(std::shared_ptr<const Routing> routing = RoutingOf())
      : folder_(*TemporaryFolder::Make()),
        log_(*journal::Writer::Open(folder_.path())),
        router_(std::move(routing)),
        service_(router_, metrics_, log_.get(), clock_),
        worker_(*service_.MakeWorker()) {}

  Response Post(std::string_view target, std::string_view body, std::string_view key = "") {
    return service_.Handle({"POST", target, "application/json", "", key, body}, worker_);
  }
  Response Get(std::string_view target) {
    return service_.Handle({"GET", target, "", "", "", ""}, worker_);
  }

  TemporaryFolder folder_;
  std::unique_ptr<journal::Writer> log_;
  Router router_;
  Metrics metrics_;
  FakeClock clock_;
  Service service_;
  Worker worker_;
};

TEST_F(ServiceTest, AnswersEqualTheScorer) {
  const auto& bundle = *router_.current()->routes[0].bundle;
  const Response response =
      Post("/v1/predict", R"({"rows":[{"age":70,"city":"Bern"},{"age":"33"},{}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto answer = json::Parse(response.body, "answer");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ((*answer)["model"]["digest"].AsString(), bundle.digest().ToHex());
  const json::Json& first = (*answer)["predictions"][size_t{0}];
  table::Table rows(bundle.scorer().shared_schema());
  rows.mutable_column(0).AppendNumber(70);
  rows.mutable_column(1).AppendText("Bern");
  const auto expected = bundle.scorer().Score(rows);
  EXPECT_EQ(first["probabilities"]["yes"].AsNumber(), expected->output(0));
  EXPECT_EQ(first["prediction"].AsString(), "yes");
  EXPECT_EQ((*answer)["predictions"].size(), 3u);
}

TEST_F(ServiceTest, UnknownAndAbsentColumnsAreNamed) {
  const auto warnings = [this](std::string_view body) {
    const auto answer = json::Parse(Post("/v1/predict", body).body, "answer");
    std::vector<std::string> lines;
    for (const json::Json& line : (*answer)["warnings"].AsArray()) lines.push_back(line.AsString());
    return lines;
  };
  EXPECT_EQ(warnings(R"({"aeg":70,"city":"Bern"})"),
            (std::vector<std::string>{"aeg: no column of the model, ignored; did you mean \"age\"?",
                                      "age: absent, treated as missing"}));
  EXPECT_EQ(warnings(R"({"rows":[{"age":1,"city":"Bern","x":1},{"age":2,"x":2}]})"),
            (std::vector<std::string>{"x: no column of the model, ignored",
                                      "city: absent in 1 of 2 rows, treated as missing"}));
  // A missing value that is said is no slip; then there is no such member.
  const Response clean = Post("/v1/predict", R"({"age":null,"city":"Bern"})");
  EXPECT_EQ(clean.body.find("warnings"), std::string::npos) << clean.body;
}

TEST_F(ServiceTest, WarningsAreBounded) {
  std::string body = R"({"age":1,"city":"Bern")";
  for (int i = 0; i < 1000; ++i) body += Format(",\"field{}\":1", i);
  const auto answer = json::Parse(Post("/v1/predict", body + "}").body, "answer");
  ASSERT_EQ((*answer)["warnings"].size(), 21u);
  EXPECT_EQ((*answer)["warnings"][size_t{20}].AsString(),
            "980 more members are no columns of the model");
}

TEST_F(ServiceTest, BadFieldsAreNamedWithTheirRow) {
  const Response response =
      Post("/v1/predict", R"({"rows":[{"age":1},{"age":"n/a"},{"age":[1]}]})");
  EXPECT_EQ(response.status, 400);
  const auto error = (*json::Parse(response.body, "answer"))["error"];
  EXPECT_EQ(error["message"].AsString(), "rows[1].age: not a number: \"n/a\"");
  EXPECT_EQ(error["details"].size(), 2u);
}

TEST_F(ServiceTest, WrongRequestsGetTheirStatus) {
  EXPECT_EQ(Post("/v1/predict", "{").status, 400);
  EXPECT_EQ(Post("/v1/predict", "[]").status, 400);
  EXPECT_EQ(Post("/v1/predict", R"({"rows":[]})").status, 400);
  EXPECT_EQ(Post("/v1/predict", R"({"rows":[1]})").status, 400);
  EXPECT_EQ(Post("/v1/predict", R"({"rows":[{},{},{},{},{},{}]})").status, 413);
  EXPECT_EQ(Post("/v1/nothing", "{}").status, 404);
  EXPECT_EQ(Post("/v1/explain", "{}").status, 501);
  EXPECT_EQ(Get("/v1/predict").status, 405);
  EXPECT_EQ(service_.Handle({"POST", "/v1/predict", "text/plain", "", "", "{}"}, worker_).status,
            415);
}

TEST_F(ServiceTest, ProbesAndPagesAnswer) {
  for (const char* path : {"/v1/live", "/health", "/ping", "/v1/ready", "/openapi.json?x=1"}) {
    const Response response = Get(path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_TRUE(json::Parse(response.body, path).ok());
  }
  Post("/v1/predict", R"({"age":99})");
  const Response metrics = Get("/metrics");
  EXPECT_NE(metrics.body.find("millrace_requests_total{endpoint=\"/v1/predict\",status=\"200\"} 1"),
            std::string::npos);
  EXPECT_NE(metrics.body.find("millrace_predictions_total{prediction=\"yes\"} 1"),
            std::string::npos);
}

TEST_F(ServiceTest, PredictionsAndFeedbackReachTheLog) {
  const auto answer = json::Parse(Post("/v1/predict", R"({"age": 5})", "anna").body, "a");
  const std::string id = (*answer)["request_id"].AsString();
  EXPECT_EQ(Post("/v1/feedback", R"({"request_id":")" + id + R"(","label":"yes"})").status, 200);
  EXPECT_EQ(Post("/v1/feedback", R"({"label":"yes"})").status, 400);
  const auto batch = journal::ReadRecords(folder_.path(), {}, 100);
  ASSERT_EQ(batch->records.size(), 2u);
  const auto& prediction = std::get<journal::PredictionRecord>(batch->records[0]);
  EXPECT_EQ(prediction.request_id, id);
  EXPECT_EQ(prediction.row_key, "anna");
  EXPECT_EQ(prediction.row_json, R"({"age": 5})");
  EXPECT_EQ(std::get<journal::FeedbackRecord>(batch->records[1]).label, "yes");
}

TEST_F(ServiceTest, ARowIsLoggedAsItWasSentWithoutLineBreaks) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {R"( {"age": 5, "note": "]}\"[{"} )", {R"({"age": 5, "note": "]}\"[{"})"}},
      {R"({"id": [1, {"rows": 2}], "rows": [ {"age": 1} , {"age":2, "x": {"a": [3]}} ]})",
       {R"({"age": 1})", R"({"age":2, "x": {"a": [3]}})"}},
      {R"({"\u0072ows": [{"age": 7}]})", {R"({"age":7})"}},
      {"{\"rows\":\n[{\"age\":\n8}]}", {R"({"age":8})"}},
  };
  std::vector<std::string> expected;
  for (const auto& [body, rows] : cases) {
    EXPECT_EQ(Post("/v1/predict", body).status, 200) << body;
    expected.insert(expected.end(), rows.begin(), rows.end());
  }
  ASSERT_EQ(Post("/v1/feedback", R"({"key":"k","label":"yes"})").status, 200);  // commits
  std::vector<std::string> logged;
  const auto batch = journal::ReadRecords(folder_.path(), {}, 100);
  for (const auto& record : batch->records) {
    const auto* prediction = std::get_if<journal::PredictionRecord>(&record);
    if (prediction != nullptr) logged.push_back(prediction->row_json);
  }
  EXPECT_EQ(logged, expected);
}

class SplitServiceTest : public ServiceTest {
 protected:
  SplitServiceTest() : ServiceTest(RoutingOf(1.0)) {}
};

TEST_F(SplitServiceTest, KeysStickToTheirRouteInProportion) {
  int challenger = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string key = "customer-" + std::to_string(i);
    const auto first = json::Parse(Post("/v1/predict", R"({"age":5})", key).body, "a");
    const auto again = json::Parse(Post("/v1/predict", R"({"age":6})", key).body, "a");
    const std::string& route = (*first)["model"]["route"].AsString();
    EXPECT_EQ(route, (*again)["model"]["route"].AsString());
    challenger += route == "challenger" ? 1 : 0;
  }
  EXPECT_GT(challenger, 140);
  EXPECT_LT(challenger, 260);
}

TEST_F(ServiceTest, TokensAreAskedWhereDeployed) {
  auto routing = std::make_shared<Routing>(*router_.current());
  routing->deployment.token_hashes = {DigestOf("secret").ToHex()};
  router_.Swap(routing);
  EXPECT_EQ(Post("/v1/predict", R"({"age":5})").status, 401);
  EXPECT_EQ(
      service_
          .Handle({"POST", "/v1/predict", "application/json", "Bearer secret", "", "{}"}, worker_)
          .status,
      200);
  EXPECT_EQ(Get("/v1/live").status, 200);
}

TEST(Deployment, RoundTripsAndRefusesNonsense) {
  Deployment deployment;
  deployment.routes = {{"a.mill", "", 2.0, "champion"}};
  deployment.sticky_by = "id";
  EXPECT_EQ(*DeploymentFromJson(ToJson(deployment), "d"), deployment);
  for (const char* text : {"{}", R"({"version":1})", R"({"version":1,"routes":[{}]})",
                           R"({"version":1,"routes":[{"bundle":"a","weight":0}]})",
                           R"({"version":1,"routes":[{"bundle":"a"}],"limits":{"max_rows":-1}})"}) {
    EXPECT_EQ(DeploymentFromJson(*json::Parse(text, "d"), "d").status().code(), Code::kInvalidSpec);
  }
}

TEST_F(ServiceTest, ClientsOfTheProtocolNeedNameNoTypeAndReadEveryError) {
  constexpr std::string_view kBody =
      R"({"inputs":[{"name":"age","shape":[1],"datatype":"FP64","data":[70]},)"
      R"({"name":"city","shape":[1],"datatype":"BYTES","data":["Bern"]}]})";
  const auto infer = [&](std::string_view type, std::string_view encoding = "") {
    Request request{"POST", "/v2/models/model/infer", type, "", "", kBody};
    request.content_encoding = encoding;
    return service_.Handle(request, worker_);
  };
  EXPECT_EQ(infer("").status, 200) << "Triton's client names none where nothing is packed";
  for (const Response& refused :
       {infer("text/plain"), infer("application/json", "gzip"),
        service_.Handle({"GET", "/v2/models/model/infer", "", "", "", ""}, worker_)}) {
    EXPECT_GE(refused.status, 400);
    EXPECT_TRUE((*json::Parse(refused.body, "error"))["error"].is_string()) << refused.body;
  }
  EXPECT_EQ(service_.Handle({"POST", "/v1/predict", "", "", "", "{}"}, worker_).status, 415);
}

// Triton's binary extension: the JSON, then the values of the tensors one after the other.
TEST_F(ServiceTest, PackedTensorsBehindTheJsonAreReadAndAnswered) {
  const auto infer = [this](std::string json, std::string_view values, std::string_view length) {
    const std::string body = json + std::string(values);
    Request request{"POST", "/v2/models/model/infer", "application/octet-stream", "", "", body};
    const std::string told = length.empty() ? std::to_string(json.size()) : std::string(length);
    request.json_length = told;
    return service_.Handle(request, worker_);
  };
  const auto packed = [](double value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  const std::string inputs =
      R"("inputs":[{"name":"age","shape":[2],"datatype":"FP64","parameters":{"binary_data_size":16}},)"
      R"({"name":"city","shape":[2],"datatype":"BYTES","data":["Bern","Basel"]}])";
  const std::string values = packed(70) + packed(33);
  const Response as_json = infer("{" + inputs + "}", values, "");
  ASSERT_EQ(as_json.status, 200) << as_json.body;
  EXPECT_EQ(as_json.json_length, -1);
  const Response plain =
      Post("/v2/models/model/infer",
           R"({"inputs":[{"name":"age","shape":[2],"datatype":"FP64","data":[70,33]},)"
           R"({"name":"city","shape":[2],"datatype":"BYTES","data":["Bern","Basel"]}]})");
  const auto outputs = [](const Response& response) {
    return json::Write((*json::Parse(response.body, "answer"))["outputs"]);
  };
  EXPECT_EQ(outputs(as_json), outputs(plain));

  const Response binary = infer(
      R"({"outputs":[{"name":"probabilities","parameters":{"binary_data":true}}],)" + inputs + "}",
      values, "");
  ASSERT_EQ(binary.status, 200) << binary.body;
  EXPECT_EQ(binary.content_type, "application/octet-stream");
  ASSERT_EQ(binary.body.size(), static_cast<size_t>(binary.json_length) + 4 * sizeof(double));
  const auto head =
      json::Parse(binary.body.substr(0, static_cast<size_t>(binary.json_length)), "answer");
  ASSERT_TRUE(head.ok());
  EXPECT_EQ((*head)["outputs"][size_t{0}]["parameters"]["binary_data_size"].AsInteger(), 32);
  const auto whole = json::Parse(plain.body, "answer");
  const json::Json& shares = (*whole)["outputs"][size_t{1}]["data"];
  EXPECT_EQ(binary.body.substr(static_cast<size_t>(binary.json_length)),
            packed(shares[size_t{0}].AsNumber()) + packed(shares[size_t{1}].AsNumber()) +
                packed(shares[size_t{2}].AsNumber()) + packed(shares[size_t{3}].AsNumber()));

  const auto error = [&](std::string_view bytes, std::string_view length) {
    const Response response = infer("{" + inputs + "}", bytes, length);
    EXPECT_EQ(response.status, 400) << response.body;
    return (*json::Parse(response.body, "error"))["error"].AsString();
  };
  EXPECT_EQ(error(packed(70), ""),
            "inputs.age.parameters.binary_data_size: 16 bytes of the 8 that are left");
  EXPECT_EQ(error(values + "x", ""), "body: 1 bytes behind the last tensor");
  EXPECT_NE(error(values, "99999").find("inference-header-content-length: not 0.."),
            std::string::npos);
  EXPECT_NE(error(values, "-1").find("inference-header-content-length: not 0.."),
            std::string::npos);
}

}  // namespace
}  // namespace millrace::serve
