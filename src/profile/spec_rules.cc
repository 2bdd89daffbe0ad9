#include "profile/spec_rules.h"

#include <algorithm>

#include "base/format.h"
#include "spec/yaml_text.h"

namespace millrace::profile {

std::map<std::string, ColumnOverride> OverridesOf(const spec::Spec& spec,
                                                  const std::vector<std::string>& columns) {
  std::map<std::string, ColumnOverride> overrides;
  for (const spec::ColumnRules& rules : spec.data.columns) {
    overrides[rules.name] = {.type = rules.type,
                             .missing_texts = rules.missing,
                             .decimal = rules.decimal,
                             .prefix = rules.prefix,
                             .suffix = rules.suffix,
                             .date_order = rules.date_order,
                             .magnitudes = rules.magnitudes};
  }
  if (!spec.data.missing.empty()) {
    for (const std::string& name : columns) {
      ColumnOverride& fixed = overrides[name];
      if (!fixed.missing_texts) fixed.more_missing_texts = spec.data.missing;
    }
  }
  const auto& part = spec.split.column;
  if (part && std::find(columns.begin(), columns.end(), *part) != columns.end()) {
    overrides[*part].type = table::ColumnType::kCategory;
  }
  return overrides;
}

Status CheckTimeType(const spec::DataSource& data, table::ColumnType type) {
  if (!data.time || table::IsNumeric(type)) return {};
  return InvalidSpec(Format("{}: data.time: column \"{}\" holds {}, not times",
                            data.source_place.ToString(), *data.time,
                            type == table::ColumnType::kText ? "texts" : "categories"))
      .WithHint(Format("say how it is written, data.columns: {{{}: {{type: date}}}}, or name "
                       "another column",
                       spec::YamlText(*data.time)));
}

}  // namespace millrace::profile
