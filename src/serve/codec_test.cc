// Request formats: the same rows in every form get the same predictions; wrong ones are named.

#include <gtest/gtest.h>

#include <set>

#include "base/files.h"
#include "base/format.h"
#include "bundle/sample_bundle.h"
#include "journal/reader.h"
#include "json/text.h"
#include "serve/openapi.h"
#include "serve/request_reader.h"
#include "serve/service.h"

namespace millrace::serve {
namespace {

class CodecTest : public ::testing::Test {
 protected:
  CodecTest()
      : log_(*journal::Writer::Open(folder_.path())),
        router_(MakeRouting()),
        service_(router_, metrics_, log_.get(), clock_),
        worker_(*service_.MakeWorker()) {}

  static std::shared_ptr<const Routing> MakeRouting() {
    auto routing = std::make_shared<Routing>();
    Route route;
    route.label = "champion";
    route.bundle = *bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts()), "a");
    route.digest = route.bundle->digest().ToHex();
    routing->routes.push_back(std::move(route));
    routing->deployment.sticky_by = "customer";
    routing->deployment.name = "churn";
    routing->deployment.limits.max_rows = 5;
    return routing;
  }
  Response Post(std::string_view target, std::string_view body,
                std::string_view type = "application/json") {
    Request request;
    request.method = "POST";
    request.target = target;
    request.content_type = type;
    request.body = body;
    return service_.Handle(request, worker_);
  }
  Response Get(std::string_view target) {
    Request request;
    request.method = "GET";
    request.target = target;
    return service_.Handle(request, worker_);
  }
  // Probability of "yes" per row, asked in the native form.
  std::vector<double> Expected(std::string_view body) {
    const auto answer = json::Parse(Post("/v1/predict", body).body, "native");
    std::vector<double> values;
    for (const json::Json& row : (*answer)["predictions"].AsArray()) {
      values.push_back(row["probabilities"]["yes"].AsNumber());
    }
    return values;
  }
  // The same from an answer with params.probabilities.
  static std::vector<double> Probabilities(const Response& response) {
    const auto answer = json::Parse(response.body, "invocation");
    std::vector<double> values;
    if (!answer.ok()) return values;
    for (const json::Json& row : (*answer)["predictions"].AsArray()) {
      values.push_back(row["probabilities"]["yes"].AsNumber());
    }
    return values;
  }
  std::vector<journal::PredictionRecord> Logged() {
    EXPECT_TRUE(log_->Commit().ok());
    std::vector<journal::PredictionRecord> records;
    const auto batch = journal::ReadRecords(folder_.path(), {}, 1000);
    for (const journal::Record& record : batch->records) {
      records.push_back(std::get<journal::PredictionRecord>(record));
    }
    return records;
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make();
  std::unique_ptr<journal::Writer> log_;
  Router router_;
  Metrics metrics_;
  FakeClock clock_;
  Service service_;
  Worker worker_;
};

TEST_F(CodecTest, EveryInvocationFormGivesTheSamePredictions) {
  const std::vector<double> expected =
      Expected(R"({"rows":[{"age":70,"city":"Bern"},{"age":33,"city":null}]})");
  ASSERT_EQ(expected.size(), 2u);
  const std::string params = R"("params":{"probabilities":true})";
  for (const std::string& form :
       {std::string(R"("dataframe_split":{"columns":["city","age","x"],"index":[0,1],)"
                    R"("data":[["Bern",70,1],[null,33,2]]})"),
        std::string(R"("dataframe_records":[{"age":70,"city":"Bern","x":1},{"age":33}])"),
        std::string(R"("instances":[{"age":70,"city":"Bern"},{"age":33}])"),
        std::string(R"("instances":[[70,"Bern"],[33,null]])"),
        std::string(R"("inputs":{"age":[70,33],"city":["Bern",null]})"),
        std::string(R"("inputs":{"age":[[70],[33]],"city":[["Bern"],[null]]})"),
        std::string(R"("inputs":[{"age":"70","city":"Bern"},{"age":33.0}])")}) {
    const Response response = Post("/invocations", "{" + form + "," + params + "}");
    ASSERT_EQ(response.status, 200) << form << response.body;
    EXPECT_EQ(Probabilities(response), expected) << form;
  }
  const Response labels = Post("/invocations", R"({"instances":[[70,"Bern"],[33,null]]})",
                               "application/json; charset=utf-8");
  EXPECT_EQ(labels.body, R"({"predictions":["yes","no"]})");
  EXPECT_EQ(Post("/invocations",
                 "\xef\xbb\xbf"
                 "city,age,x\r\n\"Bern\",70,\"a,\"\"b\"\n,33,\n",
                 "text/csv")
                .body,
            R"({"predictions":["yes","no"]})");
  EXPECT_EQ(Post("/v1/models/churn:predict", R"({"instances":[[70,"Bern"]]})").body,
            R"({"predictions":["yes"]})");
}

TEST_F(CodecTest, WrongInvocationsAreNamed) {
  const struct {
    const char* body;
    const char* words;
  } cases[] = {
      {"[1]", "body: not an object"},
      {"{}", "body: none of"},
      {R"({"instances":[],"inputs":[]})", "both instances and inputs"},
      {R"({"instances":[]})", "instances: empty"},
      {R"({"instances":5})", "instances: not a list"},
      {R"({"instances":[[1]]})", "instances[0]: 1 values for 2 columns"},
      {R"({"instances":[7]})", "instances[0]: one value for 2 columns"},
      {R"({"instances":[["n/a",""]]})", "instances[0].age: not a number: \"n/a\""},
      {R"({"dataframe_records":[5]})", "dataframe_records[0]: not an object"},
      {R"({"dataframe_split":[]})", "columns and data are needed"},
      {R"({"dataframe_split":{"columns":["x"],"data":[]}})", "none is a column"},
      {R"({"dataframe_split":{"columns":["age","age"],"data":[]}})", "age: given twice"},
      {R"({"dataframe_split":{"columns":["age"],"data":[[1,2]]}})", "2 values for 1 columns"},
      {R"({"inputs":{"age":[1],"city":[]}})", "others have"},
      {R"({"inputs":{"x":[1]}})", "none is a column"},
      {R"({"instances":[[1,""]],"params":{"probabilities":3}})", "params.probabilities"},
  };
  for (const auto& wrong : cases) {
    const Response response = Post("/invocations", wrong.body);
    EXPECT_EQ(response.status, 400) << wrong.body;
    const auto error = json::Parse(response.body, "error");
    EXPECT_EQ((*error)["error_code"].AsString(), "BAD_REQUEST");
    EXPECT_NE((*error)["message"].AsString().find(wrong.words), std::string::npos)
        << wrong.body << response.body;
  }
  EXPECT_EQ(Post("/invocations", R"({"instances":[{},{},{},{},{},{}]})").status, 413);
  EXPECT_EQ(Post("/invocations", "{}", "text/plain").status, 415);
  EXPECT_EQ(Post("/invocations", "{}", "application/json; charset=latin-1").status, 415);
}

TEST_F(CodecTest, WrongCsvIsNamed) {
  for (const auto& [body, words] : std::vector<std::pair<std::string, std::string>>{
           {"", "csv: empty"},
           {"age,city\n", "csv: empty"},
           {"x,y\n1,2\n", "no name is a column"},
           {"age,age\n1,2\n", "given twice"},
           {"age,city\n1\n", "csv[0]: 1 fields, the header has 2"},
           {"age,city\nold,Bern\n", "csv[0].age: not a number"},
           {"age,city\n1,\"Bern\n", "a quote is not closed"},
           {"age,city\n\"1\"x,Bern\n", "text after a closing quote"},
           {"age\n\xff\n", "not UTF-8"}}) {
    const Response response = Post("/invocations", body, "text/csv");
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_NE(response.body.find(words), std::string::npos) << response.body;
  }
}

TEST_F(CodecTest, TensorsGetTensors) {
  const std::vector<double> expected =
      Expected(R"({"rows":[{"age":70,"city":"Bern"},{"age":33}]})");
  for (const char* body :
       {R"({"id":"q1","inputs":[{"name":"age","shape":[2],"datatype":"INT64","data":[70,33]},
            {"name":"city","shape":[2,1],"datatype":"BYTES","data":[["Bern"],[null]]}]})",
        R"({"id":"q1","inputs":[{"name":"input-0","shape":[2,2],"datatype":"BYTES",
            "data":["70","Bern","33",null]}]})"}) {
    const Response response = Post("/v2/models/churn/infer", body);
    ASSERT_EQ(response.status, 200) << response.body;
    const json::Json answer = *json::Parse(response.body, "answer");
    EXPECT_EQ(answer["model_name"].AsString(), "churn");
    EXPECT_EQ(answer["id"].AsString(), "q1");
    const json::Json& label = answer["outputs"][size_t{0}];
    EXPECT_EQ(json::Write(label),
              R"({"name":"label","shape":[2],"datatype":"BYTES","data":["yes","no"]})");
    const json::Json& probabilities = answer["outputs"][size_t{1}];
    EXPECT_EQ(json::Write(probabilities["shape"]), "[2,2]");
    EXPECT_EQ(probabilities["data"][size_t{1}].AsNumber(), expected[0]);
    EXPECT_EQ(probabilities["data"][size_t{3}].AsNumber(), expected[1]);
  }
  const Response one = Post(
      "/v2/models/champion/versions/" + router_.current()->routes[0].digest.substr(0, 8) + "/infer",
      R"({"inputs":[{"name":"age","shape":[1],"datatype":"FP64","data":[5]}],
                                "outputs":[{"name":"label"}]})");
  EXPECT_EQ(one.status, 200) << one.body;
  EXPECT_EQ((*json::Parse(one.body, "a"))["outputs"].size(), 1u);
}

TEST_F(CodecTest, WrongTensorsAreNamed) {
  const auto input = [](const std::string& rest) {
    return R"({"inputs":[{"name":"age",)" + rest + "}]}";
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "inputs: not a list"},
      {R"({"inputs":[]})", "inputs: empty"},
      {R"({"inputs":[5]})", "inputs[0].name"},
      {input(R"("shape":[1],"datatype":"FP16","data":[1])"), "datatype: unknown"},
      {input(R"("shape":[2],"datatype":"FP64","data":[1])"), "do not fill [2, 1]"},
      {input(R"("shape":[-1],"datatype":"FP64","data":[1])"), "not a size"},
      {input(R"("shape":[1,1,1],"datatype":"FP64","data":[1])"), "3 dimensions"},
      {input(R"("shape":[3,6148914691236517206],"datatype":"FP64","data":[1,2])"), "do not fill"},
      {input(R"("shape":[1],"datatype":"INT8","data":[300])"), "not INT8: 300"},
      {input(R"("shape":[1],"datatype":"INT64","data":[1.5])"), "not INT64: 1.5"},
      {input(R"("shape":[1],"datatype":"BYTES","data":[1])"), "not BYTES: 1"},
      {input(R"("shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":4})"),
       "binary_data_size: 4 bytes of the 0 that are left"},
      {R"({"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1]}]})",
       "inputs.x: no column"},
      {R"({"id":5,"inputs":[]})", "id: not a text"},
  };
  for (const auto& [body, words] : cases) {
    const Response response = Post("/v2/models/churn/infer", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_NE((*json::Parse(response.body, "error"))["error"].AsString().find(words),
              std::string::npos)
        << body << response.body;
  }
  EXPECT_EQ(Post("/v2/models/other/infer", "{}").status, 404);
  EXPECT_EQ(Post("/v2/models/churn/versions/000000/infer", "{}").status, 404);
  EXPECT_EQ(Get("/v2/models/churn/infer").status, 405);
}

TEST_F(CodecTest, PagesOfTheProtocolAnswer) {
  for (const char* path :
       {"/v2", "/v2/models", "/v2/models/churn", "/v2/models/champion", "/v2/models/churn/ready",
        "/v2/health/live", "/v2/health/ready", "/v1/models/churn", "/ping", "/health"}) {
    const Response response = Get(path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_TRUE(json::Parse(response.body, path).ok()) << path;
  }
  EXPECT_EQ(Get("/version").status, 200);
  const json::Json metadata = *json::Parse(Get("/v2/models/churn").body, "metadata");
  EXPECT_EQ(metadata["inputs"].size(), 2u);
  EXPECT_EQ(metadata["outputs"][size_t{1}]["name"].AsString(), "probabilities");
  router_.StopBeingReady();
  for (const char* path : {"/v1/ready", "/v2/health/ready", "/v2/models/churn/ready"}) {
    EXPECT_EQ(Get(path).status, 503) << path;
  }
  EXPECT_EQ(Get("/v2/health/live").status, 200);
  EXPECT_EQ(Post("/v1/predict", "{}").status, 200);  // still answered
}

TEST_F(CodecTest, EveryFormIsLoggedWithItsKey) {
  EXPECT_EQ(Post("/invocations", R"({"dataframe_split":{"columns":["age","customer"],)"
                                 R"("data":[[70,"a"]]}})")
                .status,
            200);
  EXPECT_EQ(Post("/invocations", "customer,age\nb,71\n", "text/csv").status, 200);
  EXPECT_EQ(Post("/invocations", R"({"inputs":{"customer":["c"],"age":[72]}})").status, 200);
  EXPECT_EQ(Post("/v2/models/churn/infer",
                 R"({"inputs":[{"name":"age","shape":[1],"datatype":"FP64","data":[73]},
                     {"name":"customer","shape":[1],"datatype":"BYTES","data":["d"]}]})")
                .status,
            200);
  EXPECT_EQ(Post("/v1/predict", R"({"age":74,"customer":"e"})").status, 200);
  const auto records = Logged();
  ASSERT_EQ(records.size(), 5u);
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].row_key, std::string(1, static_cast<char>('a' + i)));
    EXPECT_EQ((*json::Parse(records[i].row_json, "row"))["age"].AsInteger(),
              static_cast<int64_t>(70 + i));
  }
}

TEST_F(CodecTest, HostileJsonIsAnErrorOfTheClient) {
  std::string deep(5000, '[');
  for (const std::string& body :
       {deep, R"({"rows":)" + deep, std::string(R"({"age":1e999})"),
        std::string(R"({"age":"\ud800"})"), std::string("{\"age\":\"\xff\"}"),
        std::string(R"({"age":1,"age":2})"), std::string(R"({"rows":[{"age":1,"age":2}]})"),
        std::string(R"({"age":NaN})"), std::string("\0", 1), std::string(R"({"age":[[[1]]]})")}) {
    const Response response = Post("/v1/predict", body);
    EXPECT_EQ(response.status, 400) << body.substr(0, 60);
    EXPECT_TRUE(json::Parse(response.body, "error").ok());
  }
  EXPECT_NE(Post("/v1/predict", R"({"age":1,"age":2})").body.find("rows[0].age: given twice"),
            std::string::npos);
  Request request;
  request.method = "POST";
  request.target = "/v1/predict";
  request.content_type = "application/json";
  request.content_encoding = "gzip";
  EXPECT_EQ(service_.Handle(request, worker_).status, 415);
}

// What the document lists is served, and what it says of the fields is what the bundle holds.
TEST_F(CodecTest, TheInterfaceDocumentIsTrue) {
  const auto document = json::Parse(Get("/openapi.json").body, "openapi");
  ASSERT_TRUE(document.ok()) << document.status().ToString();
  std::set<std::string> listed;
  for (const auto& [path, operations] : (*document)["paths"].AsObject()) {
    listed.insert(path);
    ASSERT_EQ(operations.size(), 1u);
    const auto& [method, operation] = operations.AsObject().front();
    std::string target = path;
    if (const size_t at = target.find("{model}"); at != std::string::npos) {
      target.replace(at, 7, "churn");
    }
    const Response response = method == "get" ? Get(target) : Post(target, "{");
    EXPECT_TRUE(operation["responses"].Has(Format("{}", response.status)))
        << path << " answered " << response.status;
  }
  EXPECT_EQ(listed.size(), AllEndpoints().size());
  EXPECT_TRUE((*document)["components"]["schemas"]["Row"]["properties"].Has("city"));
}

// A column that only the history of the caller tells is never taken for missing by itself.
TEST(DerivedColumnTest, RequestsMustBringThem) {
  bundle::BundleParts parts = bundle::SampleParts();
  std::vector<table::ColumnSchema> columns = parts.request_schema.columns();
  columns[0].derived = "visits 7 rows earlier, by city";
  parts.request_schema = *table::Schema::Make(columns);
  const auto opened = bundle::Bundle::FromBytes(*bundle::Pack(parts), "a");
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  const auto schema = std::make_shared<const table::Schema>((*opened)->request_schema());
  EXPECT_EQ(schema->columns()[0].derived, "visits 7 rows earlier, by city");
  RequestReader reader;
  const auto read = [&](std::string_view body, bool csv = false) {
    table::Table rows(schema);
    const auto texts = csv ? reader.ReadCsv(body, {}, rows) : reader.ReadRows(body, {}, rows);
    return texts.ok() ? "read " + texts->json.back() : texts.status().message();
  };
  constexpr std::string_view kRefused =
      ".age: absent, and no column can be missing that is computed from earlier rows (visits 7 "
      "rows earlier, by city): send it, or null where there is no such row";
  EXPECT_EQ(read(R"({"rows":[{"age":1,"city":"Bern"},{"city":"Bern"}]})"),
            "rows[1]" + std::string(kRefused));
  EXPECT_EQ(read("city\nBern\n", true), "csv[0]" + std::string(kRefused));
  EXPECT_EQ(read(R"({"age":null,"city":"Bern"})"), R"(read {"age":null,"city":"Bern"})");
  // What the log keeps can be read again.
  EXPECT_EQ(read("age,city\n,Bern\n", true), R"(read {"age":null,"city":"Bern"})");
  // And the description of the service says so.
  const auto document = json::Parse(OpenApi(**opened, InvalidRows::kFlag), "openapi");
  ASSERT_TRUE(document.ok());
  const json::Json& row = (*document)["components"]["schemas"]["Row"];
  EXPECT_EQ(json::Write(row["required"]), R"(["age"])");
  EXPECT_NE(row["properties"]["age"]["description"].AsString().find("visits 7 rows earlier"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace::serve
