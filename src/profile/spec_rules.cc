#include "profile/spec_rules.h"

#include <algorithm>

namespace millrace::profile {

std::map<std::string, ColumnOverride> OverridesOf(const spec::Spec& spec,
                                                  const std::vector<std::string>& columns) {
  std::map<std::string, ColumnOverride> overrides;
  for (const spec::ColumnRules& rules : spec.data.columns) {
    overrides[rules.name] = {.type = rules.type, .missing_texts = rules.missing};
  }
  const auto& part = spec.split.column;
  if (part && std::find(columns.begin(), columns.end(), *part) != columns.end()) {
    overrides[*part].type = table::ColumnType::kCategory;
  }
  return overrides;
}

void ApplySpecRules(const spec::DataSource& data, SourceProfile& profile) {
  for (ColumnProfile& column : profile.columns) {
    auto& words = column.rules.missing_texts;
    for (const std::string& word : data.missing) {
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    for (const spec::ColumnRules& rules : data.columns) {
      if (rules.name != column.name) continue;
      if (rules.decimal) column.rules.decimal = *rules.decimal;
      if (rules.prefix) column.rules.prefix = *rules.prefix;
      if (rules.suffix) column.rules.suffix = *rules.suffix;
      if (rules.date_order) column.rules.date_order = *rules.date_order;
    }
  }
}

}  // namespace millrace::profile
