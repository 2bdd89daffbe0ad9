#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "bundle/sample_bundle.h"
#include "deploy/capacity.h"
#include "deploy/elf_needs.h"
#include "deploy/kubernetes.h"
#include "deploy/oci_image.h"
#include "deploy/tar_archive.h"
#include "spec/yaml_reader.h"

namespace millrace::deploy {
namespace {

class ExportTest : public ::testing::Test {
 protected:
  ExportTest() {
    const auto written = WriteFile(Path("model.mill"), *bundle::Pack(bundle::SampleParts()));
    EXPECT_TRUE(written.ok());
  }
  std::string Path(std::string_view name) const { return JoinPath(folder_.path(), name); }
  OciOptions Options(std::string_view out) const {
    OciOptions options;
    options.server_program = MILLRACE_SERVER_PROGRAM;
    options.bundle_path = Path("model.mill");
    options.out = Path(out);
    options.name = "millrace/churn";
    return options;
  }
  // Returns the exit code of a program, its words in the file "words".
  int Run(std::vector<std::string> arguments) const {
    ChildOptions child;
    child.arguments = std::move(arguments);
    child.stdout_path = Path("words");
    child.stderr_path = Path("words");
    const auto id = StartChild(child);
    if (!id.ok()) return -1;
    return (*WaitChild(*id, 120.0)).value_or(-2);
  }
  std::string Words() const { return ReadFile(Path("words")).ok() ? *ReadFile(Path("words")) : ""; }

  TemporaryFolder folder_ = *TemporaryFolder::Make();
};

TEST_F(ExportTest, AnIndependentReaderFindsTheImageInOrderAndItRuns) {
  const auto image = ExportOci(Options("image.tar"));
  ASSERT_TRUE(image.ok()) << image.status().ToString();
  EXPECT_EQ(image->archive_bytes, *FileSize(Path("image.tar")));
  EXPECT_EQ(image->reference.find("millrace/churn:"), 0u);
  EXPECT_LT(image->compressed_bytes, 30 << 20);
  const int code =
      Run({"/usr/bin/env", "python3", JoinPath(MILLRACE_SOURCE_DIR, "test/programs/check_image"),
           Path("image.tar"), "--run"});
  EXPECT_EQ(code, 0) << Words();
  // Equal inputs, equal bytes.
  const auto again = ExportOci(Options("again.tar"));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->manifest, image->manifest);
  EXPECT_TRUE(*ReadFile(Path("again.tar")) == *ReadFile(Path("image.tar")));
}

TEST_F(ExportTest, WrongInputsAreNamed) {
  OciOptions options = Options("image.tar");
  options.name = "Millrace/Churn";
  EXPECT_EQ(ExportOci(options).status().code(), Code::kUnsupported);
  options = Options("image.tar");
  options.server_program = Path("model.mill");
  EXPECT_EQ(ExportOci(options).status().code(), Code::kUnsupported);
  options = Options("image.tar");
  options.bundle_path = MILLRACE_SERVER_PROGRAM;
  EXPECT_EQ(ExportOci(options).status().code(), Code::kCorrupt);
  options = Options("absent/image.tar");
  EXPECT_FALSE(ExportOci(options).ok());
  EXPECT_FALSE(FileExists(Path("image.tar")));
}

TEST_F(ExportTest, NeedsOfAProgramAreRead) {
  const auto libraries = NeededLibraries(MILLRACE_SERVER_PROGRAM);
  ASSERT_TRUE(libraries.ok()) << libraries.status().ToString();
  EXPECT_EQ(libraries->front().name, "/lib64/ld-linux-x86-64.so.2");
  bool has_c_library = false;
  for (const SharedLibrary& library : *libraries) {
    has_c_library |= library.name == "libc.so.6";
    EXPECT_EQ(library.name.find("duckdb"), std::string::npos);
    EXPECT_EQ(library.name.find("gomp"), std::string::npos);
    EXPECT_EQ(library.name.find("sqlite"), std::string::npos);
  }
  EXPECT_TRUE(has_c_library);
  // Damage is an error, never a crash.
  const std::string program = *ReadFile(MILLRACE_SERVER_PROGRAM);
  for (size_t size : {size_t{0}, size_t{10}, size_t{64}, size_t{100}, size_t{500}}) {
    EXPECT_FALSE(ReadElfNeeds(std::string_view(program).substr(0, size), "cut").ok()) << size;
  }
}

// Serving links no training code and no engine: the names of their functions are not in the
// program.
TEST_F(ExportTest, TheServerHoldsNoTrainingCode) {
  const std::string program = *ReadFile(MILLRACE_SERVER_PROGRAM);
  for (const char* name : {"LGBM_", "LightGBM", "duckdb_", "sqlite3_", "millrace7learner",
                           "millrace6engine", "millrace5store", "millrace7develop"}) {
    EXPECT_EQ(program.find(name), std::string::npos) << name;
  }
  EXPECT_NE(program.find("millrace5serve"), std::string::npos);  // the test can see names
  EXPECT_LT(program.size(), size_t{60} << 20);
}

TEST_F(ExportTest, LongAndOddPathsAreRefusedByTar) {
  EXPECT_TRUE(WriteTar({{std::string(100, 'a'), "x"}}).ok());
  EXPECT_TRUE(WriteTar({{std::string(80, 'a') + "/" + std::string(90, 'b'), "x"}}).ok());
  EXPECT_EQ(WriteTar({{std::string(101, 'a'), "x"}}).status().code(), Code::kUnsupported);
}

KubernetesOptions ClusterOptions() {
  KubernetesOptions options;
  options.name = "churn";
  options.image = "millrace/churn:1";
  options.min_replicas = 2;
  options.max_replicas = 6;
  return options;
}

std::vector<spec::Node> Documents(const std::string& text) {
  std::vector<spec::Node> documents;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = text.find("---\n", begin);
    const std::string part =
        text.substr(begin, end == std::string::npos ? std::string::npos : end - begin);
    const auto node = spec::ReadYaml(part, "manifest");
    EXPECT_TRUE(node.ok()) << node.status().ToString();
    if (node.ok()) documents.push_back(*node);
    begin = end == std::string::npos ? text.size() : end + 4;
  }
  return documents;
}

const spec::Node& At(const spec::Node& node, std::string_view path) {
  const spec::Node* found = &node;
  for (const std::string_view key : Split(path, '.')) {
    found = found->kind == spec::NodeKind::kList ? &found->items.at(0) : found->Find(key);
    if (found == nullptr) {
      ADD_FAILURE() << "no " << key << " in " << path;
      return node;
    }
  }
  return *found;
}

TEST_F(ExportTest, ManifestsAreYamlAndSayWhatTheSpecificationSays) {
  KubernetesOptions options = ClusterOptions();
  options.bundle_digest = std::string(64, 'a');
  const auto text = ExportKubernetes(options);
  ASSERT_TRUE(text.ok()) << text.status().ToString();
  const std::vector<spec::Node> documents = Documents(*text);
  ASSERT_EQ(documents.size(), 4u);
  EXPECT_EQ(At(documents[0], "kind").text, "Deployment");
  EXPECT_EQ(At(documents[0], "spec.template.spec.containers.0.image").text, "millrace/churn:1");
  EXPECT_EQ(At(documents[0], "spec.template.spec.containers.0.readinessProbe.httpGet.path").text,
            "/v2/health/ready");
  EXPECT_EQ(At(documents[0], "spec.template.spec.securityContext.runAsNonRoot").text, "true");
  EXPECT_EQ(
      At(documents[0], "spec.template.spec.containers.0.env.0.valueFrom.secretKeyRef.name").text,
      "churn-tokens");
  EXPECT_EQ(At(documents[0], "spec.selector.matchLabels").entries.at(0).value.text, "churn");
  EXPECT_EQ(At(documents[1], "kind").text, "Service");
  EXPECT_EQ(At(documents[2], "kind").text, "HorizontalPodAutoscaler");
  EXPECT_EQ(At(documents[2], "apiVersion").text, "autoscaling/v2");
  EXPECT_EQ(At(documents[2], "spec.minReplicas").text, "2");
  EXPECT_EQ(At(documents[2], "spec.maxReplicas").text, "6");
  EXPECT_EQ(At(documents[3], "kind").text, "PodDisruptionBudget");
  EXPECT_EQ(text->find("namespace:"), std::string::npos);
  EXPECT_NE(text->find("not measured"), std::string::npos);
}

TEST_F(ExportTest, MeasuredFiguresStandInTheManifest) {
  SystemClock clock;
  const auto capacity = MeasureCapacity({.server_program = MILLRACE_SERVER_PROGRAM,
                                         .bundle_path = Path("model.mill"),
                                         .folder = Path("capacity"),
                                         .clock = clock,
                                         .seconds = 0.3});
  ASSERT_TRUE(capacity.ok()) << capacity.status().ToString();
  EXPECT_GT(capacity->num_requests, 10);
  EXPECT_GT(capacity->peak_resident_bytes, 1 << 20);
  EXPECT_LT(capacity->start_seconds, 30.0);
  KubernetesOptions options = ClusterOptions();
  options.capacity = Capacity{.peak_resident_bytes = int64_t{100} << 20,
                              .cpu_seconds_per_request = 50e-6,
                              .requests_per_second = 9000,
                              .num_requests = 18000,
                              .start_seconds = 0.1};
  const std::string text = *ExportKubernetes(options);
  EXPECT_NE(text.find("memory: 128Mi"), std::string::npos);  // 1.25 x 100
  EXPECT_NE(text.find("memory: 240Mi"), std::string::npos);  // 2 x 100 + 32, rounded up
  EXPECT_NE(text.find("about 7,000 requests/s"), std::string::npos);
}

TEST_F(ExportTest, SmallBundlesFitIntoAConfigMap) {
  KubernetesOptions options = ClusterOptions();
  options.bundle = "abcd";
  const std::string text = *ExportKubernetes(options);
  const std::vector<spec::Node> documents = Documents(text);
  ASSERT_EQ(documents.size(), 5u);
  EXPECT_EQ(At(documents[0], "binaryData").entries.at(0).value.text, "YWJjZA==");
  options.bundle = std::string(800'000, 'x');
  EXPECT_EQ(ExportKubernetes(options).status().code(), Code::kResourceExhausted);
}

TEST_F(ExportTest, NamesThatTheClusterRefusesAreErrors) {
  KubernetesOptions options = ClusterOptions();
  options.name = "Churn 2026!";
  EXPECT_EQ(ExportKubernetes(options).status().code(), Code::kInvalidSpec);
  EXPECT_EQ(KubernetesName(options.name), "churn-2026");
  EXPECT_EQ(KubernetesName("2026"), "millrace");
  options.name = KubernetesName(std::string(80, 'x'));
  EXPECT_TRUE(ExportKubernetes(options).ok());
  options.max_replicas = 1;
  EXPECT_EQ(ExportKubernetes(options).status().code(), Code::kInvalidSpec);
}

}  // namespace
}  // namespace millrace::deploy
