// Alerts: where they go, and how they get there. Targets are named in the order of
// monitor.alerts: "log", or the URL of a webhook; without any, alerts go to the log.
//
// A log target appends one JSON line to .millrace/logs/alerts.log and tells the program's own log.
// A webhook gets POST {"alert": {...}}; an Alertmanager (port 9093, or a path that ends in
// /api/v2/alerts) gets the array that its API v2 takes. Any answer 2xx is a delivery.
//
// At least once, always with the same id: who must not hear twice compares ids.

#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"
#include "operate/monitor_state.h"
#include "spec/spec.h"
#include "store/project.h"

namespace millrace::operate {

/// Returns the names of the targets, each once.
std::vector<std::string> TargetNames(const spec::MonitorPlan& plan);
/// Returns the file that the log target writes.
std::string AlertLogPath(const store::Project& project);
/// Returns the body of the request that tells an alert to a webhook.
json::Json WebhookBody(const Alert& alert, const std::string& project, const std::string& url);

/// Sends what waits, oldest first; takes delivered targets off the lists. A target that does not
/// answer is left for the next call after its first failure: at most one time-out a target.
/// Returns true when anything changed (commit it).
bool DeliverAlerts(std::vector<AlertState>& alerts, const store::Project& project);

/// Tests a target without raising an alert: the log by a line that is written and read back, a
/// webhook by a request GET that any answer passes.
TargetTest TestTarget(const std::string& target, const store::Project& project, const Clock& clock);

}  // namespace millrace::operate
