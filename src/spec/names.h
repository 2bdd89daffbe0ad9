// Names of the enumerations of a specification, as written in millrace.yaml.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/spec.h"

namespace millrace::spec {

std::string_view NameOf(SourceFormat value);
std::string_view NameOf(Severity value);
std::string_view NameOf(CheckOrder value);
std::string_view NameOf(LeakPolicy value);
std::string_view NameOf(OutlierPolicy value);
std::string_view NameOf(MissingDefault value);
std::string_view NameOf(RequestPolicy value);
std::string_view NameOf(SplitKind value);
std::string_view NameOf(DeployTarget value);
std::string_view NameOf(Auth value);
std::string_view NameOf(OnInvalid value);
std::string_view NameOf(AlertKind value);
std::string_view NameOf(RetrainTrigger value);
std::string_view NameOf(Approval value);
std::string_view NameOf(feature::GroupStatistic value);
std::string_view NameOf(feature::GroupView value);
std::string_view NameOf(WindowStatistic value);

/// Returns the value of a name (exact), or nothing. For the enumerations above.
template <typename Enum>
std::optional<Enum> FromName(std::string_view name);

/// Returns the hint for a name that is none of `known`: the nearest ones, else all.
std::string NearestOf(std::string_view name, const std::vector<std::string>& known);

}  // namespace millrace::spec
