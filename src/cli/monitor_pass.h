// Monitor pass: one look at what production logged.

#pragma once

#include "base/clock.h"
#include "cli/production_access.h"
#include "operate/operate_phase.h"

namespace millrace::cli {

/// Reads what is new in the prediction log, closes windows, sends alerts, evaluates triggers. The
/// caller holds the project's lock. Errors of operate::RunOperate.
Result<operate::OperateRecord> MonitorPass(OpenProduction& open, Clock& clock);

}  // namespace millrace::cli
