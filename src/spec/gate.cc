#include "spec/gate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "spec/quantity.h"

namespace millrace::spec {
namespace {

struct Operator {
  std::string_view text;
  Comparison op;
};
// Longer ones first: ">=" starts with ">".
constexpr Operator kOperators[] = {{">=", Comparison::kAtLeast},
                                   {"<=", Comparison::kAtMost},
                                   {">", Comparison::kAbove},
                                   {"<", Comparison::kBelow}};

const GateMetric* FindAny(std::string_view name) {
  const GateMetric* metric = FindGateMetric(RequirementMetrics(), name);
  return metric != nullptr ? metric : FindGateMetric(FairnessMetrics(), name);
}

std::string_view UnitHint(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::kShare:
      return "write a number, for example \">= 0.8\"";
    case MetricUnit::kTarget:
      return "write a number in the target's unit, for example \"<= 560\"";
    case MetricUnit::kSeconds:
      return "write a duration, for example \"<= 5ms\"";
    case MetricUnit::kBytes:
      return "write a size, for example \"<= 50MB\"";
    case MetricUnit::kRate:
      return "write requests per second, for example \">= 1000\"";
  }
  return "";
}

std::optional<double> ReadBound(MetricUnit unit, std::string_view text) {
  switch (unit) {
    case MetricUnit::kSeconds:
      // A bare number would be read as seconds, and hardly ever be meant so.
      if (ParseDouble(text)) return std::nullopt;
      return ParseDuration(text);
    case MetricUnit::kBytes:
      if (const auto bytes = ParseBytes(text)) return static_cast<double>(*bytes);
      return std::nullopt;
    case MetricUnit::kShare:
      if (text.ends_with('%')) {
        const auto percent = ParseDouble(Trim(text.substr(0, text.size() - 1)));
        if (!percent) return std::nullopt;
        return *percent / 100.0;
      }
      return ParseDouble(text);
    case MetricUnit::kTarget:
    case MetricUnit::kRate:
      return ParseDouble(text);
  }
  return std::nullopt;
}

// Returns true when the gate can be met by some value of the metric.
bool IsPossible(const GateMetric& metric, Comparison op, double bound) {
  switch (op) {
    case Comparison::kAtLeast:
      return !metric.maximum || bound <= *metric.maximum;
    case Comparison::kAbove:
      return !metric.maximum || bound < *metric.maximum;
    case Comparison::kAtMost:
      return !metric.minimum || bound >= *metric.minimum;
    case Comparison::kBelow:
      return !metric.minimum || bound > *metric.minimum;
  }
  return true;
}

// Returns true when the gate is met by every value of the metric, and so says nothing.
bool IsVacuous(const GateMetric& metric, Comparison op, double bound) {
  switch (op) {
    case Comparison::kAtLeast:
    case Comparison::kAbove:
      return metric.minimum && bound < *metric.minimum;
    case Comparison::kAtMost:
    case Comparison::kBelow:
      return metric.maximum && bound > *metric.maximum;
  }
  return false;
}

std::string RangeOf(const GateMetric& metric) {
  if (metric.minimum && metric.maximum) {
    return Format("{} lies between {} and {}", metric.name, FormatDouble(*metric.minimum),
                  FormatDouble(*metric.maximum));
  }
  if (metric.minimum)
    return Format("{} is at least {}", metric.name, FormatDouble(*metric.minimum));
  return Format("{} is at most {}", metric.name, FormatDouble(metric.maximum.value_or(0.0)));
}

bool IsLower(Comparison op) { return op == Comparison::kAtLeast || op == Comparison::kAbove; }

// Returns true when no value can meet both a lower and an upper gate.
bool Contradict(const Gate& lower, const Gate& upper) {
  if (lower.bound != upper.bound) return lower.bound > upper.bound;
  return lower.op == Comparison::kAbove || upper.op == Comparison::kBelow;
}

}  // namespace

std::string_view ComparisonText(Comparison op) {
  for (const Operator& known : kOperators) {
    if (known.op == op) return known.text;
  }
  return ">=";
}

int64_t MinDecisions(int64_t positives) { return std::min(kMinDecisions, (positives + 1) / 2); }

bool Gate::IsMetBy(double value) const {
  switch (op) {
    case Comparison::kAtLeast:
      return value >= bound;
    case Comparison::kAtMost:
      return value <= bound;
    case Comparison::kAbove:
      return value > bound;
    case Comparison::kBelow:
      return value < bound;
  }
  return false;
}

std::string Gate::BoundText() const {
  const GateMetric* known = FindAny(metric);
  const MetricUnit unit = known != nullptr ? known->unit : MetricUnit::kShare;
  std::string number = FormatDouble(bound);
  if (unit == MetricUnit::kSeconds) number = DurationText(bound);
  if (unit == MetricUnit::kBytes) number = BytesText(static_cast<int64_t>(bound));
  return Format("{} {}", ComparisonText(op), number);
}

Result<Gate> ParseGate(const GateMetric& metric, std::string_view text, Place place) {
  const std::string where = Format("{}: {}", place.ToString(), metric.name);
  std::string_view rest = Trim(text);
  const Operator* found = nullptr;
  for (const Operator& known : kOperators) {
    if (rest.starts_with(known.text)) {
      found = &known;
      break;
    }
  }
  if (found == nullptr) {
    return InvalidSpec(Format("{}: not a requirement: \"{}\"", where, Ellipsize(text, 80)))
        .WithHint("start with >=, <=, > or <, in quotes: \">= 0.8\"");
  }
  rest = Trim(rest.substr(found->text.size()));
  const std::optional<double> bound = ReadBound(metric.unit, rest);
  if (!bound) {
    return InvalidSpec(Format("{}: not a bound of this metric: \"{}\"", where, Ellipsize(rest, 80)))
        .WithHint(std::string(UnitHint(metric.unit)));
  }
  if (!IsPossible(metric, found->op, *bound)) {
    return InvalidSpec(Format("{}: can never be met: \"{}\"", where, Trim(text)))
        .WithHint(RangeOf(metric));
  }
  if (IsVacuous(metric, found->op, *bound)) {
    return InvalidSpec(Format("{}: is always met: \"{}\"", where, Trim(text)))
        .WithHint(RangeOf(metric));
  }
  return Gate{std::string(metric.name), found->op, *bound, std::move(place)};
}

Status CheckGatesAgree(std::span<const Gate> gates) {
  for (const Gate& lower : gates) {
    if (!IsLower(lower.op)) continue;
    for (const Gate& upper : gates) {
      if (IsLower(upper.op) || upper.metric != lower.metric || !Contradict(lower, upper)) continue;
      return InvalidSpec(Format("{}: {}: no value is {} and {}", upper.place.ToString(),
                                upper.metric, lower.BoundText(), upper.BoundText()))
          .WithHint("remove one of the two");
    }
  }
  return Status();
}

}  // namespace millrace::spec
