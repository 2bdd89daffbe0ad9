#include "operate/alerts.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/logging.h"
#include "base/text.h"
#include "json/text.h"
#include "net/http_client.h"

namespace millrace::operate {
namespace {

using json::Json;

constexpr std::string_view kLogTarget = "log";
constexpr std::string_view kAlertmanagerPath = "/api/v2/alerts";
constexpr int64_t kAlertmanagerPort = 9093;
constexpr double kTimeoutSeconds = 5.0;

bool IsAlertmanager(const net::Url& url) {
  return url.target.ends_with(kAlertmanagerPath) ||
         (url.port == kAlertmanagerPort && url.target == "/");
}

// "drift" -> "MillraceDrift".
std::string AlertName(std::string kind) {
  if (!kind.empty() && kind[0] >= 'a' && kind[0] <= 'z') {
    kind[0] = static_cast<char>(kind[0] - 'a' + 'A');
  }
  return "Millrace" + kind;
}

Json AlertmanagerBody(const Alert& alert, const std::string& project) {
  const char* severity = alert.kind == "server" ? "critical" : "warning";
  return Json(json::Array{Json::Of({{"labels", Json::Of({{"alertname", AlertName(alert.kind)},
                                                         {"severity", severity},
                                                         {"project", project},
                                                         {"id", alert.id}})},
                                    {"annotations", Json::Of({{"summary", alert.text}})},
                                    {"startsAt", FormatUtc(alert.time_micros)}})});
}

Status SendToLog(const Alert& alert, const store::Project& project) {
  const Json line = Json::Of({{"alert", ToJson(alert)}, {"time", FormatUtc(alert.time_micros)}});
  MILLRACE_RETURN_IF_ERROR(MakeFolders(project.logs_folder()));
  MILLRACE_RETURN_IF_ERROR(AppendFile(AlertLogPath(project), json::Write(line) + "\n"));
  LogWarning(Format("alert {}: {}", alert.id, alert.text));
  return SyncFile(AlertLogPath(project));
}

Status SendToWebhook(const Alert& alert, const store::Project& project, const std::string& target) {
  MILLRACE_ASSIGN_OR_RETURN(const net::Url url, net::ParseUrl(target));
  const std::string path =
      IsAlertmanager(url) && url.target == "/" ? std::string(kAlertmanagerPath) : url.target;
  const std::string body = json::Write(WebhookBody(alert, BaseName(project.folder()), target));
  net::HttpClient client(url, kTimeoutSeconds);
  MILLRACE_ASSIGN_OR_RETURN(const net::HttpResponse response, client.PostJson(path, body));
  if (response.status < 200 || response.status > 299) {
    return Unavailable(Format("{}: answered {}", target, response.status));
  }
  return {};
}

TargetTest TestLog(const store::Project& project, TargetTest test) {
  const std::string path = AlertLogPath(project);
  const std::string line = json::Write(Json::Of({{"test", FormatUtc(test.time_micros)}})) + "\n";
  const Status written = [&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(MakeFolders(project.logs_folder()));
    MILLRACE_RETURN_IF_ERROR(AppendFile(path, line));
    return SyncFile(path);
  }();
  const Result<MappedFile> back = MappedFile::Open(path);
  test.reached = written.ok() && back.ok() && back->bytes().ends_with(line);
  test.evidence = test.reached   ? "a test line was written and read back"
                  : written.ok() ? "the test line is not there"
                                 : written.message();
  return test;
}

TargetTest TestWebhook(TargetTest test) {
  const Result<net::Url> url = net::ParseUrl(test.target);
  if (!url.ok()) {
    test.evidence = url.status().message();
    return test;
  }
  net::HttpClient client(*url, kTimeoutSeconds);
  const auto response = client.Get(IsAlertmanager(*url) ? "/-/healthy" : url->target);
  test.reached = response.ok();
  test.evidence =
      response.ok() ? Format("answers with {}", response->status) : response.status().message();
  return test;
}

}  // namespace

std::vector<std::string> TargetNames(const spec::MonitorPlan& plan) {
  std::vector<std::string> names;
  for (const spec::AlertTarget& target : plan.alerts) {
    std::string name = target.kind == spec::AlertKind::kLog ? std::string(kLogTarget) : target.url;
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  if (names.empty()) names.emplace_back(kLogTarget);
  return names;
}

std::string AlertLogPath(const store::Project& project) {
  return JoinPath(project.logs_folder(), "alerts.log");
}

Json WebhookBody(const Alert& alert, const std::string& project, const std::string& url) {
  const Result<net::Url> parts = net::ParseUrl(url);
  if (parts.ok() && IsAlertmanager(*parts)) return AlertmanagerBody(alert, project);
  return Json::Of({{"alert", Json::Of({{"id", alert.id},
                                       {"kind", alert.kind},
                                       {"text", alert.text},
                                       {"time", FormatUtc(alert.time_micros)},
                                       {"project", project}})}});
}

bool DeliverAlerts(std::vector<AlertState>& alerts, const store::Project& project) {
  bool changed = false;
  std::set<std::string> silent;  // targets that failed in this call
  for (AlertState& state : alerts) {
    const size_t before = state.waiting.size();
    std::erase_if(state.waiting, [&](const std::string& target) {
      if (silent.count(target) != 0) return false;
      const Status sent = target == kLogTarget ? SendToLog(state.alert, project)
                                               : SendToWebhook(state.alert, project, target);
      if (sent.ok()) return true;
      silent.insert(target);
      LogWarning(Format("alert {} is not delivered: {}", state.alert.id, sent.message()));
      return false;
    });
    changed = changed || state.waiting.size() != before;
    state.alert.delivered = state.waiting.empty();
  }
  return changed;
}

TargetTest TestTarget(const std::string& target, const store::Project& project,
                      const Clock& clock) {
  TargetTest test;
  test.target = target;
  test.time_micros = clock.NowMicros();
  return target == kLogTarget ? TestLog(project, std::move(test)) : TestWebhook(std::move(test));
}

}  // namespace millrace::operate
