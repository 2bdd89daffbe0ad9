#include "rpc/grpc_server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <memory>
#include <thread>

#include "base/digest.h"
#include "base/format.h"
#include "bundle/sample_bundle.h"
#include "open_inference.grpc.pb.h"

namespace millrace::rpc {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

std::shared_ptr<serve::Routing> Routing() {
  auto routing = std::make_shared<serve::Routing>();
  serve::Route route;
  route.label = "champion";
  route.bundle = *bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts()), "a");
  route.digest = route.bundle->digest().ToHex();
  routing->routes.push_back(route);
  routing->deployment.name = "churn";
  routing->deployment.limits.max_rows = 5;
  return routing;
}

std::string Packed(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

std::string Texts(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    const auto length = static_cast<uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&length), sizeof(length));
    out += text;
  }
  return out;
}

// The sample model takes an age (integer) and a city; it answers yes or no.
class GrpcServerTest : public ::testing::Test {
 protected:
  explicit GrpcServerTest(std::shared_ptr<const serve::Routing> routing = Routing())
      : router_(std::move(routing)),
        service_(router_, metrics_, nullptr, clock_),
        server_(*GrpcServer::Start({.port = 0, .max_body_bytes = 20'000}, service_)),
        stub_(GRPCInferenceService::NewStub(grpc::CreateChannel(
            Format("127.0.0.1:{}", server_->port()), grpc::InsecureChannelCredentials()))) {}

  double Expected(std::optional<double> age, const std::string& city) const {
    const bundle::Scorer& scorer = router_.current()->routes[0].bundle->scorer();
    table::Table rows(scorer.shared_schema());
    age ? rows.mutable_column(0).AppendNumber(*age) : rows.mutable_column(0).AppendMissing();
    rows.mutable_column(1).AppendText(city);
    return scorer.Score(rows)->output(0);
  }

  // Two rows: 70 in Bern, 33 in Basel.
  static ModelInferRequest Request(bool raw) {
    ModelInferRequest request;
    request.set_model_name("churn");
    request.set_id("mine");
    auto& age = *request.add_inputs();
    age.set_name("age");
    age.set_datatype("FP64");
    age.add_shape(2);
    auto& city = *request.add_inputs();
    city.set_name("city");
    city.set_datatype("BYTES");
    city.add_shape(2);
    city.add_shape(1);
    if (raw) {
      request.add_raw_input_contents(Packed({70, 33}));
      request.add_raw_input_contents(Texts({"Bern", "Basel"}));
    } else {
      for (const double value : {70.0, 33.0}) age.mutable_contents()->add_fp64_contents(value);
      for (const char* value : {"Bern", "Basel"})
        city.mutable_contents()->add_bytes_contents(value);
    }
    return request;
  }

  grpc::Status Ask(const ModelInferRequest& request, ModelInferResponse& response,
                   const std::string& token = "") {
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    return stub_->ModelInfer(&context, request, &response);
  }
  std::string ErrorOf(const ModelInferRequest& request, grpc::StatusCode code) {
    ModelInferResponse response;
    const grpc::Status status = Ask(request, response);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    return status.error_message();
  }

  serve::Router router_;
  serve::Metrics metrics_;
  FakeClock clock_;
  serve::Service service_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
};

TEST_F(GrpcServerTest, TypedAndPackedValuesGiveThePredictionsOfTheScorer) {
  ModelInferResponse typed;
  ASSERT_TRUE(Ask(Request(false), typed).ok());
  EXPECT_EQ(typed.id(), "mine");
  EXPECT_EQ(typed.model_version(), router_.current()->routes[0].digest);
  ASSERT_EQ(typed.outputs_size(), 2);
  EXPECT_EQ(typed.outputs(0).name(), "label");
  EXPECT_EQ(typed.outputs(0).contents().bytes_contents_size(), 2);
  const auto& shares = typed.outputs(1).contents().fp64_contents();
  ASSERT_EQ(shares.size(), 4);
  EXPECT_EQ(shares[1], Expected(70, "Bern"));
  EXPECT_EQ(shares[3], Expected(33, "Basel"));
  EXPECT_EQ(typed.parameters().at("route").string_param(), "champion");

  ModelInferResponse packed;
  ASSERT_TRUE(Ask(Request(true), packed).ok());
  ASSERT_EQ(packed.raw_output_contents_size(), 2);
  EXPECT_FALSE(packed.outputs(1).has_contents());
  EXPECT_EQ(packed.raw_output_contents(1), Packed({shares.begin(), shares.end()}));
  EXPECT_EQ(packed.raw_output_contents(0), Texts({typed.outputs(0).contents().bytes_contents(0),
                                                  typed.outputs(0).contents().bytes_contents(1)}));
}

TEST_F(GrpcServerTest, EveryWidthOfANumberMeansTheSame) {
  const double expected = Expected(70, "Bern");
  const auto share = [&](const std::string& datatype, const std::string& raw, auto fill) {
    ModelInferRequest request = Request(false);
    request.clear_inputs();
    auto& age = *request.add_inputs();
    age.set_name("age");
    age.set_datatype(datatype);
    age.add_shape(1);
    auto& city = *request.add_inputs();
    city.set_name("city");
    city.set_datatype("BYTES");
    city.add_shape(1);
    if (raw.empty()) {
      fill(*age.mutable_contents());
      city.mutable_contents()->add_bytes_contents("Bern");
    } else {
      request.add_raw_input_contents(raw);
      request.add_raw_input_contents(Texts({"Bern"}));
    }
    ModelInferResponse response;
    const grpc::Status status = Ask(request, response);
    EXPECT_TRUE(status.ok()) << datatype << ": " << status.error_message();
    if (!status.ok()) return -1.0;
    if (raw.empty()) return response.outputs(1).contents().fp64_contents(1);
    double value = 0.0;
    std::memcpy(&value, response.raw_output_contents(1).data() + sizeof(double), sizeof(double));
    return value;
  };
  const auto raw_of = [](auto value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  const auto nothing = [](inference::InferTensorContents&) {};
  EXPECT_EQ(share("INT8", raw_of(int8_t{70}), nothing), expected);
  EXPECT_EQ(share("UINT8", raw_of(uint8_t{70}), nothing), expected);
  EXPECT_EQ(share("INT16", raw_of(int16_t{70}), nothing), expected);
  EXPECT_EQ(share("UINT16", raw_of(uint16_t{70}), nothing), expected);
  EXPECT_EQ(share("INT32", raw_of(int32_t{70}), nothing), expected);
  EXPECT_EQ(share("UINT32", raw_of(uint32_t{70}), nothing), expected);
  EXPECT_EQ(share("INT64", raw_of(int64_t{70}), nothing), expected);
  EXPECT_EQ(share("UINT64", raw_of(uint64_t{70}), nothing), expected);
  EXPECT_EQ(share("FP32", raw_of(70.0F), nothing), expected);
  using Contents = inference::InferTensorContents;
  EXPECT_EQ(share("INT8", "", [](Contents& c) { c.add_int_contents(70); }), expected);
  EXPECT_EQ(share("UINT16", "", [](Contents& c) { c.add_uint_contents(70); }), expected);
  EXPECT_EQ(share("INT64", "", [](Contents& c) { c.add_int64_contents(70); }), expected);
  EXPECT_EQ(share("UINT64", "", [](Contents& c) { c.add_uint64_contents(70); }), expected);
  EXPECT_EQ(share("FP32", "", [](Contents& c) { c.add_fp32_contents(70); }), expected);
  EXPECT_EQ(share("BYTES", "", [](Contents& c) { c.add_bytes_contents("70"); }), expected);
  EXPECT_EQ(share("FP64", Packed({std::numeric_limits<double>::quiet_NaN()}), nothing),
            Expected(std::nullopt, "Bern"))
      << "a value that is not a number is missing";
}

TEST_F(GrpcServerTest, WhatIsWrongIsNamed) {
  using grpc::StatusCode;
  ModelInferRequest request = Request(true);
  request.set_model_name("other");
  EXPECT_EQ(ErrorOf(request, StatusCode::NOT_FOUND), "model: none of this name and version: other");
  request = Request(true);
  request.mutable_inputs(0)->set_name("agee");
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT), "inputs.agee: no column of the model");
  request = Request(true);
  request.set_raw_input_contents(0, "12345");
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT),
            "inputs.age.data: 5 bytes of FP64 do not fill [2, 1]");
  request = Request(true);
  request.set_raw_input_contents(1, Texts({"Bern"}) + std::string("\xff\xff\xff\x7fx", 5));
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT),
            "inputs.city.data[1]: a text of 2147483647 bytes in the last 1");
  request = Request(true);
  request.mutable_raw_input_contents()->RemoveLast();
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT), "raw_input_contents: 1 for 2 inputs");
  request = Request(false);
  request.mutable_inputs(0)->set_datatype("FP16");
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT),
            "inputs.age.datatype: unknown: \"FP16\"");
  request = Request(false);
  request.mutable_inputs(0)->set_shape(0, -2);
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT), "inputs.age.shape: not a size: -2");
  request = Request(false);
  request.mutable_inputs(0)->set_shape(0, int64_t{1} << 62);
  EXPECT_EQ(ErrorOf(request, StatusCode::RESOURCE_EXHAUSTED),
            "inputs.age.shape: more than 5: 4611686018427387904");
  request = Request(false);
  request.mutable_inputs(0)->set_datatype("INT8");
  request.mutable_inputs(0)->clear_contents();
  for (const int value : {70, 300}) {
    request.mutable_inputs(0)->mutable_contents()->add_int_contents(value);
  }
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT), "inputs.age.data[1]: not INT8: 300");
  request = Request(false);
  request.add_outputs()->set_name("logits");
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT), "outputs: no such output: logits");
  request = Request(false);
  request.clear_inputs();
  EXPECT_EQ(ErrorOf(request, StatusCode::INVALID_ARGUMENT), "inputs: empty");
  request = Request(true);
  request.set_raw_input_contents(1, std::string(30'000, 'x'));
  (void)ErrorOf(request, StatusCode::RESOURCE_EXHAUSTED);
  ModelInferResponse response;
  EXPECT_TRUE(Ask(Request(true), response).ok()) << "the next request is answered";
}

TEST_F(GrpcServerTest, AStreamGoesOnAfterARequestThatFails) {
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  ModelInferRequest wrong = Request(true);
  wrong.set_model_name("other");
  inference::ModelStreamInferResponse response;
  for (const ModelInferRequest& request : {Request(true), wrong, Request(true)}) {
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.infer_response().id(), "mine");
    EXPECT_EQ(response.error_message().empty(), request.model_name() == "churn");
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(GrpcServerTest, MetadataAndReadinessFollowTheServer) {
  inference::ModelMetadataResponse model;
  {
    grpc::ClientContext context;
    inference::ModelMetadataRequest request;
    request.set_name("churn");
    ASSERT_TRUE(stub_->ModelMetadata(&context, request, &model).ok());
  }
  ASSERT_EQ(model.inputs_size(), 2);
  EXPECT_EQ(model.inputs(0).name(), "age");
  EXPECT_EQ(model.inputs(1).datatype(), "BYTES");
  EXPECT_EQ(model.outputs(1).shape(1), 2);
  const auto ready = [this] {
    grpc::ClientContext context;
    inference::ServerReadyResponse response;
    EXPECT_TRUE(stub_->ServerReady(&context, {}, &response).ok());
    return response.ready();
  };
  EXPECT_TRUE(ready());
  router_.StopBeingReady();
  server_->StopBeingReady();
  EXPECT_FALSE(ready());
}

TEST_F(GrpcServerTest, APortThatIsTakenIsRefused) {
  const auto second = GrpcServer::Start({.port = server_->port()}, service_);
  EXPECT_EQ(second.status().code(), Code::kIoError);
}

TEST_F(GrpcServerTest, OnlyExtensionsThatAreWholeAreNamed) {
  grpc::ClientContext context;
  inference::ServerMetadataResponse server;
  ASSERT_TRUE(stub_->ServerMetadata(&context, {}, &server).ok());
  EXPECT_EQ(server.extensions_size(), 0) << "models are neither loaded nor unloaded by clients";
}

TEST_F(GrpcServerTest, DrainingEndsTheServer) {
  server_->Drain(1.0);
  server_->StopBeingReady();
  ModelInferResponse response;
  EXPECT_EQ(Ask(Request(true), response).error_code(), grpc::StatusCode::UNAVAILABLE);
}

std::shared_ptr<serve::Routing> GuardedRouting() {
  auto routing = Routing();
  routing->deployment.token_hashes = {DigestOf("secret").ToHex()};
  return routing;
}

class GuardedGrpcServerTest : public GrpcServerTest {
 protected:
  GuardedGrpcServerTest() : GrpcServerTest(GuardedRouting()) {}
};

TEST_F(GuardedGrpcServerTest, TokensAreAskedFor) {
  ModelInferResponse response;
  EXPECT_EQ(Ask(Request(true), response).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Ask(Request(true), response, "wrong").error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(Ask(Request(true), response, "secret").ok());
  grpc::ClientContext probe;
  inference::ServerLiveResponse live;
  EXPECT_TRUE(stub_->ServerLive(&probe, {}, &live).ok()) << "probes need no token";
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  stream->Write(Request(true));
  inference::ModelStreamInferResponse answer;
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace millrace::rpc
