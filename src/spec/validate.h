// Validate: what no single key shows.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/spec.h"

namespace millrace::spec {

/// Where each key stands: key path ("data.checks[0]") to place.
using Places = std::map<std::string, Place, std::less<>>;

/// Returns kInvalidSpec for contradictory gates, gates of metrics that the task lacks, shares that
/// leave no training rows, columns in two roles, checks of nothing, an open address without a
/// token and the like; names the place where `places` knows it. Parse calls it; call it
/// again after changing a specification in memory.
Status Validate(const Spec& spec, const Places& places = {});

/// Returns the place of a key or of the nearest group around it; no line when unknown.
Place FindPlace(const Places& places, std::string_view key);

/// Returns true for 127.0.0.0/8, ::1 and localhost.
bool IsLoopback(std::string_view address);

}  // namespace millrace::spec
