// Service: answers requests; knows nothing of sockets.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "bundle/scorer.h"
#include "journal/writer.h"
#include "serve/answers.h"
#include "serve/endpoints.h"
#include "serve/message.h"
#include "serve/metrics.h"
#include "serve/request_reader.h"
#include "serve/router.h"
#include "table/table.h"

namespace millrace::serve {

/// What one thread of a server reuses from request to request.
struct Worker {
  RequestReader reader;
  bundle::Predictions predictions;
  std::shared_ptr<const Routing> routing;  // copy of the router's, of this generation
  int64_t generation = 0;
  std::unique_ptr<table::Table> rows;  // of the schema of the last request
  std::shared_ptr<ThreadMetrics> metrics;
  std::string scratch;    // of the log
  std::string id_prefix;  // random, of this thread
  int64_t next_id = 0;

  /// Returns "<prefix>-<number in hexadecimal>".
  std::string NextRequestId();
};

/// What a listener answers.
enum class Surface {
  kAll,     // everything; tokens are asked for where the deployment lists them
  kProbes,  // live, ready and metrics only, without a token: for a port of its own
};

/// A request of the Open Inference Protocol that came by another transport than HTTP.
struct TensorCall {
  std::string_view method;  // as metrics name it: lives as long as the program
  std::string_view model;
  std::string_view version;  // empty: any
  std::string_view key;      // of sticky routing; may be empty
};

/// A model as the protocol describes it.
struct ModelDescription {
  struct Tensor {
    std::string name;
    std::string_view datatype;
    std::vector<int64_t> shape;  // -1: any number of rows
  };
  std::string name;
  std::vector<std::string> versions;  // digests of the bundles that serve it
  std::string_view platform = "millrace_bundle";
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

/// Thread-safe; each thread hands in its own Worker.
class Service {
 public:
  using Reader = std::function<Result<RowTexts>(const ReadOptions&, table::Table&)>;
  using Writer = std::function<Status(const Answered&)>;

  /// `journal` may be null: nothing is logged. All are borrowed for the service's life.
  Service(Router& router, Metrics& metrics, journal::Writer* journal, const Clock& clock,
          Surface surface = Surface::kAll)
      : router_(router), metrics_(metrics), journal_(journal), clock_(clock), surface_(surface) {}

  /// kIoError when the system has no randomness.
  Result<Worker> MakeWorker() const;
  /// Never fails: errors are answers with a JSON body {"error": {"code", "message", "details"}}.
  Response Handle(const Request& request, Worker& worker) const;

  /// For transports with messages of their own. The worker takes over the newest routing first.
  /// Whether a bearer token ("Bearer ...") may ask; always where the deployment lists none.
  bool Allows(std::string_view authorization, Worker& worker) const;
  /// kNotFound when nothing of this name and version is served.
  Result<ModelDescription> Describe(std::string_view model, std::string_view version,
                                    Worker& worker) const;
  std::string ModelName(Worker& worker) const;
  bool ready() const { return router_.ready(); }
  /// Reads the rows, scores them, writes the answer, logs and counts. Errors of `read` and `write`,
  /// and as Describe.
  Status Infer(const TensorCall& tensors, Worker& worker, const Reader& read,
               const Writer& write) const;

 private:
  // A request on its way: what is known of it before it is read.
  struct Call {
    const Request& request;
    Worker& worker;
    double start = 0.0;  // monotonic seconds
    std::string request_id;
    const serve::Route* route = nullptr;
    bool is_pinned = false;             // the route was named: keys don't move it
    std::vector<InvalidField> refused;  // fields for which it is refused; empty: it is not
  };
  using Encoder = std::function<Result<std::string>(const Answered&)>;

  void Refresh(Worker& worker) const;
  Response Answer(const Request& request, Worker& worker, const EndpointMatch& match) const;
  Response AnswerGet(Worker& worker, const EndpointMatch& match) const;
  Response AnswerPost(const Request& request, Worker& worker, const EndpointMatch& match) const;
  // Reads, scores, encodes, logs; failures as Status.
  Result<std::string> Score(Call& call, const Reader& reader, const Encoder& encoder) const;
  Response Predict(Call& call) const;
  Response Invoke(Call& call, Endpoint endpoint) const;
  Response Infer(Call& call, std::string_view model) const;
  Response Feedback(const Request& request, Worker& worker) const;
  Response Ready(const Worker& worker) const;
  void CountInvalid(const Call& call, const RowTexts& texts) const;
  void Log(const Call& call, const RowTexts& texts) const;

  Router& router_;
  Metrics& metrics_;
  journal::Writer* journal_;
  const Clock& clock_;
  const Surface surface_;
};

}  // namespace millrace::serve
