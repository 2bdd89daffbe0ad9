#include "design/notable_readings.h"

#include <algorithm>

#include "profile/text_shape.h"
#include "table/value_parser.h"

namespace millrace::design {

std::string KeptMissingWord(const profile::ColumnProfile& column) {
  if (table::IsNumeric(column.type)) return "";
  const auto word =
      std::find_if(column.top_values.begin(), column.top_values.end(),
                   [](const auto& value) { return profile::MeansMissingInText(value.value); });
  return word == column.top_values.end() ? "" : word->value;
}

std::vector<NotableReading> NotableReadings(const profile::SourceProfile& profile,
                                            const std::vector<std::string>& skipped) {
  std::vector<NotableReading> readings;
  for (const profile::ColumnProfile& column : profile.columns) {
    const bool is_skipped = std::find(skipped.begin(), skipped.end(), column.name) != skipped.end();
    if (!column.is_notable || is_skipped) continue;
    NotableReading reading;
    reading.rules.name = column.name;
    reading.rules.type = column.type;
    const table::ReadingRules& rules = column.rules;
    const bool unusual_missing =
        std::any_of(rules.missing_texts.begin(), rules.missing_texts.end(),
                    [](const std::string& text) { return !table::LooksMissing(text); });
    // A word for missing that is a value is so for the specification, too.
    if (unusual_missing || !KeptMissingWord(column).empty())
      reading.rules.missing = rules.missing_texts;
    if (rules.decimal != '.') reading.rules.decimal = rules.decimal;
    if (!rules.prefix.empty()) reading.rules.prefix = rules.prefix;
    if (!rules.suffix.empty()) reading.rules.suffix = rules.suffix;
    if (rules.magnitudes) reading.rules.magnitudes = true;
    if (column.type == table::ColumnType::kDate && rules.date_order != "ymd") {
      reading.rules.date_order = rules.date_order;
    }
    reading.reason = column.reason;
    readings.push_back(std::move(reading));
  }
  return readings;
}

}  // namespace millrace::design
