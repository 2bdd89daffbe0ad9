#include "deploy/production.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "bundle/bundle.h"
#include "deploy/kubernetes.h"
#include "deploy/server_process.h"
#include "json/text.h"
#include "serve/deployment.h"
#include "serve/http_server.h"

namespace millrace::deploy {
namespace {

constexpr std::string_view kStateKey = "deploy.production";
constexpr std::string_view kSlot = "production";
constexpr size_t kMaxHistory = 20;
constexpr double kTakeOverSeconds = 60.0;
constexpr double kDrainSeconds = 15.0;

json::Json ToJson(const std::vector<Placement>& placements) {
  json::Json array = json::Json::MakeArray();
  for (const Placement& placement : placements) {
    array.Append(json::Json::Of({{"object", placement.object.ToHex()},
                                 {"bundle", placement.bundle.ToHex()},
                                 {"weight", placement.weight},
                                 {"label", placement.label}}));
  }
  return array;
}

Result<std::vector<Placement>> PlacementsFromJson(const json::Json& document) {
  std::vector<Placement> placements;
  for (const json::Json& item : document.AsArray()) {
    Placement placement;
    MILLRACE_ASSIGN_OR_RETURN(placement.object, Digest::FromHex(item["object"].AsString()));
    MILLRACE_ASSIGN_OR_RETURN(placement.bundle, Digest::FromHex(item["bundle"].AsString()));
    placement.weight = item["weight"].AsNumber(1.0);
    placement.label = item["label"].AsString();
    placements.push_back(std::move(placement));
  }
  return placements;
}

// One side of the stored state: live or wanted.
struct Stored {
  LiveState live;
  int64_t row = 0;  // of the deployments table, of the champion
  std::string action;
  json::Json detail;
};

json::Json ToJson(const Stored& stored) {
  json::Json document = json::Json::Of({{"routes", ToJson(stored.live.routes)},
                                        {"history", ToJson(stored.live.history)},
                                        {"since_micros", stored.live.since_micros},
                                        {"row", stored.row},
                                        {"action", stored.action},
                                        {"detail", stored.detail}});
  if (stored.live.attestation) document.Set("attestation", stored.live.attestation->ToHex());
  return document;
}

Result<Stored> StoredFromJson(const json::Json& document) {
  Stored stored;
  MILLRACE_ASSIGN_OR_RETURN(stored.live.routes, PlacementsFromJson(document["routes"]));
  MILLRACE_ASSIGN_OR_RETURN(stored.live.history, PlacementsFromJson(document["history"]));
  stored.live.since_micros = document["since_micros"].AsInteger();
  stored.row = document["row"].AsInteger();
  stored.action = document["action"].AsString();
  stored.detail = document["detail"];
  if (document.Has("attestation")) {
    MILLRACE_ASSIGN_OR_RETURN(stored.live.attestation,
                              Digest::FromHex(document["attestation"].AsString()));
  }
  return stored;
}

struct States {
  Stored live;
  std::optional<Stored> wanted;
};

Result<States> ReadStates(const store::Catalog& catalog) {
  States states;
  MILLRACE_ASSIGN_OR_RETURN(const json::Json document, catalog.GetState(kStateKey));
  if (document.is_null()) return states;
  MILLRACE_ASSIGN_OR_RETURN(states.live, StoredFromJson(document["live"]));
  if (document["wanted"].is_object()) {
    MILLRACE_ASSIGN_OR_RETURN(states.wanted, StoredFromJson(document["wanted"]));
  }
  return states;
}

Status WriteStates(store::Catalog& catalog, const States& states) {
  return catalog.PutState(
      kStateKey,
      json::Json::Of({{"version", 1},
                      {"live", ToJson(states.live)},
                      {"wanted", states.wanted ? ToJson(*states.wanted) : json::Json()}}));
}

// The path of an object as deployment.json names it: relative, so that a project can be moved.
std::string RelativePath(const DeployInputs& inputs, const Digest& object) {
  const std::string path = inputs.objects.PathOf(object);
  const std::string folder = inputs.project.state_folder() + "/";
  return path.substr(0, folder.size()) == folder ? path.substr(folder.size()) : path;
}

std::vector<serve::RouteSpec> RoutesOf(const DeployInputs& inputs,
                                       const std::vector<Placement>& placements) {
  std::vector<serve::RouteSpec> routes;
  for (const Placement& placement : placements) {
    routes.push_back({RelativePath(inputs, placement.object), placement.bundle.ToHex(),
                      placement.weight, placement.label});
  }
  return routes;
}

// What the file says now; nothing when it is absent or damaged (the catalog knows better).
std::optional<serve::Deployment> FileContent(const store::Project& project) {
  const Result<std::string> text = ReadFile(project.deployment_path());
  if (!text.ok()) return std::nullopt;
  const Result<json::Json> document = json::Parse(*text, project.deployment_path());
  if (!document.ok()) return std::nullopt;
  Result<serve::Deployment> deployment =
      serve::DeploymentFromJson(*document, project.deployment_path());
  if (!deployment.ok()) return std::nullopt;
  return *std::move(deployment);
}

struct Written {
  std::string new_token;
  bool drops_tokens = false;  // a running server does not: it is started anew
};

// Replaces deployment.json; routes empty: removes it.
Result<Written> WriteDeployment(const DeployInputs& inputs,
                                const std::vector<Placement>& placements) {
  Written written;
  const std::string& path = inputs.project.deployment_path();
  if (placements.empty()) {
    MILLRACE_RETURN_IF_ERROR(RemoveAll(path));
    MILLRACE_RETURN_IF_ERROR(SyncFolder(inputs.project.state_folder()));
    return written;
  }
  const std::optional<serve::Deployment> before = FileContent(inputs.project);
  serve::Deployment deployment;
  if (before) deployment.limits = before->limits;
  deployment.name = KubernetesName(BaseName(inputs.project.folder()));
  deployment.routes = RoutesOf(inputs, placements);
  deployment.sticky_by = inputs.spec.data.id.value_or("");
  deployment.on_invalid = inputs.spec.deploy.on_invalid == spec::OnInvalid::kReject
                              ? serve::InvalidRows::kReject
                              : serve::InvalidRows::kFlag;
  const bool had_tokens = before && !before->token_hashes.empty();
  if (NeedsToken(inputs.spec.deploy)) {
    if (had_tokens) {
      deployment.token_hashes = before->token_hashes;
    } else {
      MILLRACE_ASSIGN_OR_RETURN(written.new_token, RandomHex(24));
      deployment.token_hashes = {DigestOf(written.new_token).ToHex()};
    }
  }
  written.drops_tokens = had_tokens && deployment.token_hashes.empty();
  if (before && *before == deployment) return written;
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(path, json::WritePretty(ToJson(deployment))));
  return written;
}

bool Answers(const std::vector<ServedRoute>& served, const std::vector<Placement>& placements) {
  if (served.size() != placements.size()) return false;
  for (size_t i = 0; i < served.size(); ++i) {
    if (served[i].digest != placements[i].bundle.ToHex() ||
        served[i].label != placements[i].label || served[i].weight != placements[i].weight) {
      return false;
    }
  }
  return true;
}

bool GrpcIsElsewhere(const spec::DeployPlan& plan, const serve::ServerState& server) {
  if (!plan.grpc_port) return server.grpc_port != 0;
  return server.grpc_port == 0 || (*plan.grpc_port != 0 && server.grpc_port != *plan.grpc_port);
}

// By default the port after the main one, or any free one where that is taken.
int64_t MetricsPort(const spec::DeployPlan& plan) {
  if (plan.metrics_port) return *plan.metrics_port;
  if (plan.port == 0 || plan.port == 65535) return 0;
  return CheckPortFree(plan.address, plan.port + 1).ok() ? plan.port + 1 : 0;
}

ServerStart ProductionStart(const DeployInputs& inputs, std::string program) {
  ServerStart start;
  start.program = std::move(program);
  start.deployment = inputs.project.deployment_path();
  start.state_path = ProductionStatePath(inputs.project);
  start.output_path = JoinPath(inputs.project.logs_folder(), "server.log");
  start.journal = inputs.project.logs_folder();
  start.address = inputs.spec.deploy.address;
  start.port = inputs.spec.deploy.port;
  start.metrics_port = MetricsPort(inputs.spec.deploy);
  start.grpc_port = inputs.spec.deploy.grpc_port;
  start.threads = inputs.spec.deploy.threads.value_or(0);
  return start;
}

// Returns the running server, starting it where there is none or where it listens elsewhere than
// the specification says, and waits until it answers with the routes.
Result<serve::ServerState> BringUp(const DeployInputs& inputs,
                                   const std::vector<Placement>& placements, bool start_anew) {
  const std::string state_path = ProductionStatePath(inputs.project);
  const spec::DeployPlan& plan = inputs.spec.deploy;
  std::optional<serve::ServerState> server = serve::FindServer(state_path);
  const bool elsewhere =
      server && (server->address != plan.address || (plan.port != 0 && server->port != plan.port) ||
                 GrpcIsElsewhere(plan, *server));
  if (elsewhere && plan.port != server->port) {
    // The old server must not end before the new place is known to be free.
    MILLRACE_RETURN_IF_ERROR(CheckPortFree(plan.address, plan.port));
  }
  if (server && (elsewhere || start_anew)) {
    MILLRACE_RETURN_IF_ERROR(StopServer(state_path, kDrainSeconds, inputs.clock));
    server.reset();
  }
  if (!server) {
    MILLRACE_ASSIGN_OR_RETURN(std::string program, FindServerProgram(inputs.server_program));
    MILLRACE_ASSIGN_OR_RETURN(
        server, StartServer(ProductionStart(inputs, std::move(program)), inputs.clock));
  }
  const double end = inputs.clock.MonotonicSeconds() + kTakeOverSeconds;
  Status last;
  while (inputs.clock.MonotonicSeconds() < end) {
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    const auto served = AskRoutes(*server);
    if (served.ok() && Answers(*served, placements)) return *server;
    last = served.status();
    if (!served.ok() && !serve::FindServer(state_path)) break;
    inputs.clock.SleepSeconds(0.02);
  }
  return Unavailable(Format("{}: does not answer with the new bundle{}{}; its words: {}",
                            server->Url(), last.ok() ? "" : ": ", last.message(),
                            JoinPath(inputs.project.logs_folder(), "server.log")));
}

// Step 3: what the server answers with is live.
Status Commit(const DeployInputs& inputs, const States& before) {
  const Stored& wanted = *before.wanted;
  States after;
  after.live = wanted;
  after.live.live.since_micros = inputs.clock.NowMicros();
  return inputs.catalog.Transaction([&]() -> Status {
    if (before.live.row != 0 && before.live.row != wanted.row) {
      MILLRACE_RETURN_IF_ERROR(
          inputs.catalog.SetDeploymentState(before.live.row, "retired", inputs.actor));
    }
    MILLRACE_RETURN_IF_ERROR(inputs.catalog.SetDeploymentState(wanted.row, "live", inputs.actor));
    for (const Placement& route : wanted.live.routes) {
      MILLRACE_RETURN_IF_ERROR(inputs.catalog.SetLabel("bundle", route.label, route.bundle));
    }
    if (wanted.live.routes.size() == 1) {
      MILLRACE_RETURN_IF_ERROR(inputs.catalog.ClearLabel("bundle", "challenger"));
    }
    json::Json detail = json::Json::Of({{"routes", ToJson(wanted.live.routes)}});
    if (wanted.live.attestation) detail.Set("attestation", wanted.live.attestation->ToHex());
    if (!wanted.detail.is_null()) detail.Set("detail", wanted.detail);
    MILLRACE_RETURN_IF_ERROR(
        inputs.catalog.AppendAudit(inputs.actor, wanted.action, detail).status());
    return WriteStates(inputs.catalog, after);
  });
}

// The wanted routes do not come: the catalog forgets them.
Status Drop(const DeployInputs& inputs, States states, const std::string& reason) {
  const int64_t row = states.wanted->row;
  const json::Json detail = json::Json::Of({{"action", states.wanted->action},
                                            {"routes", ToJson(states.wanted->live.routes)},
                                            {"reason", reason}});
  states.wanted.reset();
  return inputs.catalog.Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(inputs.catalog.SetDeploymentState(row, "failed", inputs.actor));
    MILLRACE_RETURN_IF_ERROR(
        inputs.catalog.AppendAudit(inputs.actor, "deploy.failed", detail).status());
    return WriteStates(inputs.catalog, states);
  });
}

// Puts the old routes back after a failed switch, then forgets the new ones.
Status PutBack(const DeployInputs& inputs, const States& states, const std::string& reason) {
  MILLRACE_ASSIGN_OR_RETURN(const Written written,
                            WriteDeployment(inputs, states.live.live.routes));
  if (states.live.live.routes.empty() || written.drops_tokens) {
    MILLRACE_RETURN_IF_ERROR(
        StopServer(ProductionStatePath(inputs.project), kDrainSeconds, inputs.clock));
  }
  return Drop(inputs, states, reason);
}

// Step 1: the catalog says what is wanted.
Result<States> Announce(const DeployInputs& inputs, const Switch& change) {
  MILLRACE_ASSIGN_OR_RETURN(States states, ReadStates(inputs.catalog));
  Stored wanted;
  wanted.live.routes = change.routes;
  wanted.live.history = change.history;
  if (wanted.live.history.size() > kMaxHistory) {
    wanted.live.history.erase(wanted.live.history.begin(), wanted.live.history.end() - kMaxHistory);
  }
  wanted.live.attestation = change.attestation;
  wanted.action = change.action;
  wanted.detail = change.detail;
  MILLRACE_RETURN_IF_ERROR(inputs.catalog.Transaction([&]() -> Status {
    for (const Placement& route : change.routes) {
      MILLRACE_RETURN_IF_ERROR(inputs.catalog
                                   .AddVersion("bundle", route.bundle, "",
                                               json::Json::Of({{"object", route.object.ToHex()}}))
                                   .status());
    }
    store::DeploymentRow row;
    row.bundle = change.routes.front().bundle;
    row.slot = kSlot;
    row.state = "starting";
    row.by = inputs.actor;
    MILLRACE_ASSIGN_OR_RETURN(wanted.row, inputs.catalog.AddDeployment(row));
    states.wanted = wanted;
    return WriteStates(inputs.catalog, states);
  }));
  return states;
}

Status CheckPlacements(const DeployInputs& inputs, const std::vector<Placement>& placements) {
  for (const Placement& placement : placements) {
    MILLRACE_RETURN_IF_ERROR(inputs.objects.Verify(placement.object));
    MILLRACE_ASSIGN_OR_RETURN(const auto bundle,
                              bundle::Bundle::Open(inputs.objects.PathOf(placement.object)));
    if (bundle->digest() != placement.bundle) {
      return Corrupt(Format("object {}: holds bundle {}, not {}", placement.object.Short(),
                            bundle->digest().Short(), placement.bundle.Short()));
    }
  }
  return {};
}

bool FileNames(const DeployInputs& inputs, const std::vector<Placement>& placements) {
  const std::optional<serve::Deployment> file = FileContent(inputs.project);
  return file && file->routes == RoutesOf(inputs, placements);
}

}  // namespace

std::string ProductionStatePath(const store::Project& project) {
  return JoinPath(project.state_folder(), "server.json");
}

bool NeedsToken(const spec::DeployPlan& plan) {
  if (plan.auth == spec::Auth::kToken) return true;
  return plan.auth == spec::Auth::kAuto && !serve::IsLoopback(plan.address);
}

Result<LiveState> ReadLive(const store::Catalog& catalog) {
  MILLRACE_ASSIGN_OR_RETURN(States states, ReadStates(catalog));
  return std::move(states.live.live);
}

Status Reconcile(const DeployInputs& inputs) {
  MILLRACE_ASSIGN_OR_RETURN(const States states, ReadStates(inputs.catalog));
  if (!states.wanted) return {};
  if (!FileNames(inputs, states.wanted->live.routes)) {
    // Killed before the switch, or while the old routes were being put back.
    return PutBack(inputs, states, "interrupted before the switch");
  }
  const auto server = BringUp(inputs, states.wanted->live.routes, false);
  if (server.ok()) return Commit(inputs, states);
  return PutBack(inputs, states, server.status().message());
}

Result<SwitchOutcome> MakeSwitch(const DeployInputs& inputs, const Switch& change) {
  MILLRACE_RETURN_IF_ERROR(CheckPlacements(inputs, change.routes));
  MILLRACE_RETURN_IF_ERROR(FindServerProgram(inputs.server_program).status());
  MILLRACE_RETURN_IF_ERROR(Reconcile(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const States states, Announce(inputs, change));
  Result<Written> written = WriteDeployment(inputs, change.routes);
  Status status = written.status();
  SwitchOutcome outcome;
  if (status.ok()) {
    Result<serve::ServerState> server = BringUp(inputs, change.routes, written->drops_tokens);
    status = server.status();
    if (server.ok()) outcome.server = *std::move(server);
  }
  if (!status.ok()) {
    const Status back = PutBack(inputs, states, status.message());
    if (!back.ok()) return std::move(status).WithContext(back.message());
    return status;
  }
  MILLRACE_RETURN_IF_ERROR(Commit(inputs, states));
  outcome.new_token = std::move(written->new_token);
  return outcome;
}

Result<ProductionState> StartProduction(const DeployInputs& inputs) {
  MILLRACE_RETURN_IF_ERROR(Reconcile(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState live, ReadLive(inputs.catalog));
  if (live.routes.empty()) {
    return NotFound("production: nothing was deployed yet")
        .WithHint("millrace run, or millrace deploy");
  }
  MILLRACE_RETURN_IF_ERROR(CheckPlacements(inputs, live.routes));
  MILLRACE_ASSIGN_OR_RETURN(const Written written, WriteDeployment(inputs, live.routes));
  MILLRACE_RETURN_IF_ERROR(BringUp(inputs, live.routes, written.drops_tokens).status());
  MILLRACE_ASSIGN_OR_RETURN(ProductionState state, ObserveProduction(inputs.project));
  state.new_token = written.new_token;
  return state;
}

Result<serve::ServerState> StartFromDeployment(const DeployInputs& inputs) {
  if (!FileExists(inputs.project.deployment_path())) {
    return NotFound("production: nothing is deployed");
  }
  MILLRACE_ASSIGN_OR_RETURN(std::string program, FindServerProgram(inputs.server_program));
  return StartServer(ProductionStart(inputs, std::move(program)), inputs.clock);
}

Result<std::string> RotateToken(const DeployInputs& inputs) {
  std::optional<serve::Deployment> deployment = FileContent(inputs.project);
  if (!deployment) return NotFound("production: nothing is deployed");
  MILLRACE_ASSIGN_OR_RETURN(std::string token, RandomHex(24));
  deployment->token_hashes = {DigestOf(token).ToHex()};
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(inputs.project.deployment_path(),
                                           json::WritePretty(serve::ToJson(*deployment))));
  MILLRACE_RETURN_IF_ERROR(
      inputs.catalog.AppendAudit(inputs.actor, "token.rotate", json::Json::MakeObject()).status());
  return token;
}

Result<ProductionState> ObserveProduction(const store::Project& project) {
  ProductionState state;
  const std::optional<serve::Deployment> file = FileContent(project);
  if (file) {
    const serve::RouteSpec& first = file->routes.front();
    state.routes = static_cast<int64_t>(file->routes.size());
    // objects/ab/cdef...: the path of an object holds its digest.
    const std::string name = BaseName(FolderName(first.bundle)) + BaseName(first.bundle);
    if (const auto object = Digest::FromHex(name); object.ok()) state.object = *object;
    if (const auto bundle = Digest::FromHex(first.digest); bundle.ok()) state.bundle = *bundle;
  }
  const std::optional<serve::ServerState> server = serve::FindServer(ProductionStatePath(project));
  if (!server) return state;
  state.running = true;
  state.url = server->Url();
  state.grpc_address = server->GrpcAddress();
  state.process_id = server->process_id;
  return state;
}

Status StopProduction(const store::Project& project) {
  SystemClock clock;
  return StopServer(ProductionStatePath(project), kDrainSeconds, clock);
}

Result<ProductionState> Promote(const DeployInputs& inputs) {
  MILLRACE_RETURN_IF_ERROR(Reconcile(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const auto bundle,
                            bundle::Bundle::Open(inputs.objects.PathOf(inputs.bundle_object)));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState live, ReadLive(inputs.catalog));
  Switch change;
  change.routes = {Placement{inputs.bundle_object, bundle->digest(), 1.0, "champion"}};
  change.history = live.history;
  if (!live.routes.empty() && live.routes.front().bundle != bundle->digest()) {
    change.history.push_back(live.routes.front());
  }
  if (!live.routes.empty() && live.routes.front().bundle == bundle->digest()) {
    change.attestation = live.attestation;
  }
  change.action = "promote";
  MILLRACE_ASSIGN_OR_RETURN(const SwitchOutcome outcome, MakeSwitch(inputs, change));
  MILLRACE_ASSIGN_OR_RETURN(ProductionState state, ObserveProduction(inputs.project));
  state.new_token = outcome.new_token;
  return state;
}

Result<ProductionState> Rollback(const DeployInputs& inputs) {
  MILLRACE_RETURN_IF_ERROR(Reconcile(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const LiveState live, ReadLive(inputs.catalog));
  if (live.history.empty()) {
    return NotFound("rollback: there is no earlier bundle")
        .WithHint("millrace promote puts any bundle of the project into production");
  }
  Switch change;
  change.history = live.history;
  change.routes = {change.history.back()};
  change.routes.front().weight = 1.0;
  change.routes.front().label = "champion";
  change.history.pop_back();
  change.action = "rollback";
  change.detail = json::Json::Of({{"from", live.routes.front().bundle.ToHex()}});
  MILLRACE_ASSIGN_OR_RETURN(const SwitchOutcome outcome, MakeSwitch(inputs, change));
  MILLRACE_ASSIGN_OR_RETURN(ProductionState state, ObserveProduction(inputs.project));
  state.new_token = outcome.new_token;
  return state;
}

}  // namespace millrace::deploy
