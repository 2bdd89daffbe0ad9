// Figures of the report page: charts as inline SVG, each inside a <figure> with a text alternative
// and its data in a folded table. Internal to the folder.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/document.h"

namespace millrace::report {

/// Returns `text` safe inside HTML text and quoted attributes; control characters are dropped and
/// bytes that are not UTF-8 replaced.
std::string EscapeHtml(std::string_view text);
/// Returns a number as shown in charts: four significant digits, "-" when not finite.
std::string ShowNumber(double value);

std::string DrawDots(const DotChart& chart);
std::string DrawBars(const BarChart& chart);
std::string DrawHistogram(const Histogram& chart);
std::string DrawLines(const LineChart& chart);
std::string DrawConfusion(const ConfusionMatrix& matrix);
/// Returns a table; `sortable` columns sort by a click where scripts run.
std::string DrawTable(const std::vector<std::string>& columns, const std::vector<bool>& numeric,
                      const std::vector<std::vector<std::string>>& rows);

}  // namespace millrace::report
