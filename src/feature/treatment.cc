#include "feature/treatment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::feature {
namespace {

using json::Json;
using table::ColumnType;

constexpr std::string_view kWhere = "transform graph: treatment";

constexpr std::array<std::pair<FillKind, std::string_view>, 4> kFills = {
    {{FillKind::kNone, "none"},
     {FillKind::kNumber, "number"},
     {FillKind::kText, "text"},
     {FillKind::kModel, "model"}}};

bool IsPlainNumber(ColumnType type) {
  return type == ColumnType::kInteger || type == ColumnType::kNumber;
}

Status Refuse(const Treatment& treatment, std::string_view what) {
  return InvalidSpec(Format("treatment of \"{}\": {}", treatment.column, what));
}

Status CheckModel(const table::Schema& schema, const Treatment& treatment) {
  const FillModel& model = treatment.model;
  const bool finite =
      std::isfinite(model.intercept) && std::isfinite(model.least) && std::isfinite(model.greatest);
  if (!finite || model.least > model.greatest) return Refuse(treatment, "a number out of range");
  for (const FillTerm& term : model.terms) {
    const auto index = schema.Find(term.column);
    if (!index) {
      return Refuse(treatment, Format("no such column: \"{}\"", term.column))
          .WithHint(DidYouMean(term.column, schema.names()));
    }
    if (term.column == treatment.column) return Refuse(treatment, "reads itself");
    if (table::IsNumeric(schema.column(*index).type) == term.value.has_value()) {
      return Refuse(treatment, Format("a term does not fit its column: \"{}\"", term.column));
    }
    if (!std::isfinite(term.weight) || !std::isfinite(term.center)) {
      return Refuse(treatment, "a number out of range");
    }
  }
  return {};
}

Status CheckTreatment(const table::Schema& schema, const Treatment& treatment) {
  const auto index = schema.Find(treatment.column);
  if (!index) {
    return Refuse(treatment, "no such column")
        .WithHint(DidYouMean(treatment.column, schema.names()));
  }
  const ColumnType type = schema.column(*index).type;
  const auto outside = [](const std::optional<double>& bound) {
    return bound && !std::isfinite(*bound);
  };
  if (outside(treatment.low) || outside(treatment.high) ||
      (treatment.low && treatment.high && *treatment.low > *treatment.high)) {
    return Refuse(treatment, "a bound out of range");
  }
  if ((treatment.low || treatment.high) && !IsPlainNumber(type)) {
    return Refuse(treatment, Format("bounds of a {} column", table::ColumnTypeName(type)));
  }
  const bool fits = treatment.fill == FillKind::kNone ||
                    (treatment.fill == FillKind::kNumber && table::IsNumeric(type)) ||
                    (treatment.fill == FillKind::kText && !table::IsNumeric(type)) ||
                    (treatment.fill == FillKind::kModel && IsPlainNumber(type));
  if (!fits) {
    return Refuse(treatment, Format("a {} for a {} column", FillKindName(treatment.fill),
                                    table::ColumnTypeName(type)));
  }
  if (!std::isfinite(treatment.number)) return Refuse(treatment, "a number out of range");
  return treatment.fill == FillKind::kModel ? CheckModel(schema, treatment) : Status();
}

Json ModelToJson(const FillModel& model) {
  Json terms = Json::MakeArray();
  for (const FillTerm& term : model.terms) {
    Json item = Json::Of({{"column", term.column}, {"weight", term.weight}});
    if (term.value) {
      item.Set("value", *term.value);
    } else {
      item.Set("center", term.center);
    }
    terms.Append(std::move(item));
  }
  return Json::Of({{"intercept", model.intercept},
                   {"least", model.least},
                   {"greatest", model.greatest},
                   {"terms", std::move(terms)}});
}

Result<FillModel> ModelFromJson(const Json& document) {
  FillModel model;
  MILLRACE_ASSIGN_OR_RETURN(model.intercept, document.RequireNumber(kWhere, "intercept"));
  MILLRACE_ASSIGN_OR_RETURN(model.least, document.RequireNumber(kWhere, "least"));
  MILLRACE_ASSIGN_OR_RETURN(model.greatest, document.RequireNumber(kWhere, "greatest"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* terms, document.RequireArray(kWhere, "terms"));
  for (const Json& item : *terms) {
    FillTerm term;
    MILLRACE_ASSIGN_OR_RETURN(term.column, item.RequireString(kWhere, "column"));
    MILLRACE_ASSIGN_OR_RETURN(term.weight, item.RequireNumber(kWhere, "weight"));
    if (item.Has("value")) {
      MILLRACE_ASSIGN_OR_RETURN(term.value, item.RequireString(kWhere, "value"));
    } else {
      MILLRACE_ASSIGN_OR_RETURN(term.center, item.RequireNumber(kWhere, "center"));
    }
    model.terms.push_back(std::move(term));
  }
  return model;
}

}  // namespace

std::string_view FillKindName(FillKind kind) {
  for (const auto& [known, name] : kFills) {
    if (known == kind) return name;
  }
  return kFills[0].second;
}

std::optional<FillKind> FillKindFromName(std::string_view name) {
  for (const auto& [known, known_name] : kFills) {
    if (known_name == name) return known;
  }
  return std::nullopt;
}

double Clip(const Treatment& treatment, double number) {
  if (treatment.low && number < *treatment.low) return *treatment.low;
  if (treatment.high && number > *treatment.high) return *treatment.high;
  return number;
}

Status CheckTreatments(const table::Schema& schema, const std::vector<Treatment>& treatments) {
  std::set<std::string> columns;
  size_t num_models = 0;
  for (const Treatment& treatment : treatments) {
    if (!columns.insert(treatment.column).second) return Refuse(treatment, "stands twice");
    MILLRACE_RETURN_IF_ERROR(CheckTreatment(schema, treatment));
    if (treatment.fill == FillKind::kModel) ++num_models;
  }
  if (num_models > kMaxFillModels) {
    return InvalidSpec(Format("treatments: {} columns with a model; at most {} can have one",
                              num_models, kMaxFillModels));
  }
  return {};
}

Json TreatmentToJson(const Treatment& treatment) {
  Json document = Json::Of({{"column", treatment.column}, {"fill", FillKindName(treatment.fill)}});
  if (treatment.low) document.Set("low", *treatment.low);
  if (treatment.high) document.Set("high", *treatment.high);
  switch (treatment.fill) {
    case FillKind::kNone:
      break;
    case FillKind::kText:
      document.Set("text", treatment.text);
      break;
    case FillKind::kModel:
      document.Set("model", ModelToJson(treatment.model));
      [[fallthrough]];
    case FillKind::kNumber:
      document.Set("number", treatment.number);
      break;
  }
  return document;
}

Result<Treatment> TreatmentFromJson(const Json& document) {
  Treatment treatment;
  MILLRACE_ASSIGN_OR_RETURN(treatment.column, document.RequireString(kWhere, "column"));
  MILLRACE_ASSIGN_OR_RETURN(const std::string fill, document.RequireString(kWhere, "fill"));
  const auto known = FillKindFromName(fill);
  if (!known) return Corrupt(Format("{}: unknown fill: \"{}\"", kWhere, fill));
  treatment.fill = *known;
  if (document.Has("low")) {
    MILLRACE_ASSIGN_OR_RETURN(treatment.low, document.RequireNumber(kWhere, "low"));
  }
  if (document.Has("high")) {
    MILLRACE_ASSIGN_OR_RETURN(treatment.high, document.RequireNumber(kWhere, "high"));
  }
  switch (treatment.fill) {
    case FillKind::kNone:
      break;
    case FillKind::kText: {
      MILLRACE_ASSIGN_OR_RETURN(treatment.text, document.RequireString(kWhere, "text"));
      break;
    }
    case FillKind::kModel: {
      MILLRACE_ASSIGN_OR_RETURN(treatment.model, ModelFromJson(document["model"]));
      [[fallthrough]];
    }
    case FillKind::kNumber: {
      MILLRACE_ASSIGN_OR_RETURN(treatment.number, document.RequireNumber(kWhere, "number"));
      break;
    }
  }
  return treatment;
}

}  // namespace millrace::feature
