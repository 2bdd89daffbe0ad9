// Figures of the report page: charts as inline SVG, each inside a <figure> with a text alternative
// and its data in a folded table. Internal to the folder.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/document.h"

namespace millrace::report {

/// Returns `text` safe inside HTML text and quoted attributes; control characters are dropped and
/// bytes that are not UTF-8 replaced.
std::string EscapeHtml(std::string_view text);
/// Returns a number as shown in charts: FormatFigure, "-" when not finite.
std::string ShowNumber(double value);
/// A value and its interval with the same decimals; `interval` is "[0.819, 0.861]", or empty.
struct ShownFigure {
  std::string value;
  std::string interval;
};
ShownFigure ShowMeasured(double value, const std::optional<double>& low,
                         const std::optional<double>& high);

std::string DrawDots(const DotChart& chart);
/// kSmall: one of many in a grid; as wide as a histogram, so that its text stays readable.
enum class ChartSize { kFull, kSmall };
std::string DrawBars(const BarChart& chart, ChartSize size = ChartSize::kFull);
std::string DrawHistogram(const Histogram& chart);
std::string DrawLines(const LineChart& chart);
std::string DrawConfusion(const ConfusionMatrix& matrix);
std::string DrawHeatMap(const HeatMap& map);
std::string DrawDiagram(const Diagram& diagram);
/// Width and height of a drawing, in the units of its marks.
struct DrawingSize {
  double width = 0.0;
  double height = 0.0;
};
inline constexpr double kFigureWidth = 640.0;
/// Returns a text; `anchor` is start, middle or end, `kind` its class.
std::string TextAt(double x, double y, std::string_view anchor, std::string_view kind,
                   std::string_view text);
/// Returns `marks` as a figure: title, drawing with its text alternative, `data` folded below.
std::string WrapFigure(std::string_view title, std::string_view alternative, DrawingSize size,
                       std::string_view marks, std::string_view data);
/// Returns a table; `sortable` columns sort by a click where scripts run.
std::string DrawTable(const std::vector<std::string>& columns, const std::vector<bool>& numeric,
                      const std::vector<std::vector<std::string>>& rows);

}  // namespace millrace::report
