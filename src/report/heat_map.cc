// Heat maps: a grid of shaded cells, one line a row, columns named below by numbers that the row
// labels carry too where both are the same.

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "report/figure.h"

namespace millrace::report {
namespace {

constexpr double kLabels = 190.0;
constexpr double kLegend = 54.0;
constexpr size_t kLabelLetters = 22;

// Shade of a value: its share of the greatest possible size.
double Strength(const HeatMap& map, double value) {
  const double most = std::max(std::abs(map.low), std::abs(map.high));
  return most > 0.0 ? std::min(1.0, std::abs(value) / most) : 0.0;
}

std::string Cell(double x, double y, double width, double height, std::string_view kind,
                 double strength, std::string_view text) {
  return Format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\" "
      "fill-opacity=\"{:.2f}\"><title>{}</title></rect>",
      x, y, width, height, kind, strength, EscapeHtml(text));
}

// Three shades with their values, so that the grid can be read without its table.
std::string Legend(const HeatMap& map, double y) {
  std::string marks;
  double x = kLabels;
  const bool both = map.low < 0.0;
  std::vector<double> values = {map.high / 4.0, map.high / 2.0, map.high};
  if (both) values.insert(values.begin(), map.low);
  for (const double value : values) {
    marks += Cell(x, y, 26.0, 14.0, value < 0.0 ? "heat-low" : "heat", Strength(map, value), "");
    marks += TextAt(x + 32.0, y + 12.0, "start", "axis", ShowNumber(value));
    x += 92.0;
  }
  return marks;
}

}  // namespace

std::string DrawHeatMap(const HeatMap& map) {
  const size_t num_rows = std::min(map.row_labels.size(), map.values.size());
  size_t num_columns = 0;
  for (const auto& row : map.values) num_columns = std::max(num_columns, row.size());
  if (num_rows == 0 || num_columns == 0) return "";
  const bool square = map.column_labels == map.row_labels;
  const double side =
      square ? std::min(26.0, (kFigureWidth - kLabels) / static_cast<double>(num_columns)) : 20.0;
  const double width = square ? side : (kFigureWidth - kLabels) / static_cast<double>(num_columns);
  const double bottom = 4.0 + side * static_cast<double>(num_rows);
  std::string marks;
  std::vector<std::string> columns = {map.axis};
  columns.insert(columns.end(), map.column_labels.begin(), map.column_labels.end());
  columns.resize(num_columns + 1);
  std::vector<bool> numeric(columns.size(), true);
  numeric[0] = false;
  std::vector<std::vector<std::string>> rows;
  std::string strongest;
  double most = 0.0;
  for (size_t r = 0; r < num_rows; ++r) {
    const double y = 4.0 + side * static_cast<double>(r);
    std::string label = Ellipsize(map.row_labels[r], kLabelLetters);
    if (square) label += Format("  {}", r + 1);
    marks += TextAt(kLabels - 8.0, y + side * 0.5 + 4.5, "end", "", label);
    rows.push_back({map.row_labels[r]});
    for (size_t c = 0; c < num_columns; ++c) {
      const double value = c < map.values[r].size() ? map.values[r][c] : std::nan("");
      rows.back().push_back(ShowNumber(value));
      const std::string column = c < map.column_labels.size() ? map.column_labels[c] : "";
      const std::string what = Format("{}, {}: {}", map.row_labels[r], column, ShowNumber(value));
      const double x = kLabels + width * static_cast<double>(c);
      if (!std::isfinite(value)) {
        marks += Cell(x, y, width - 1.0, side - 1.0, "heat-none", 1.0, what);
        continue;
      }
      marks += Cell(x, y, width - 1.0, side - 1.0, value < 0.0 ? "heat-low" : "heat",
                    Strength(map, value), what);
      if (std::abs(value) > most && !(square && r == c)) {
        most = std::abs(value);
        strongest = what;
      }
    }
  }
  if (square) {
    for (size_t c = 0; c < num_columns; ++c) {
      marks += TextAt(kLabels + width * (static_cast<double>(c) + 0.5), bottom + 15.0, "middle",
                      "axis", Format("{}", c + 1));
    }
  } else {
    marks += TextAt(kLabels, bottom + 15.0, "start", "axis", map.column_labels.front());
    marks += TextAt(kFigureWidth, bottom + 15.0, "end", "axis", map.column_labels.back());
  }
  marks += Legend(map, bottom + 26.0);
  return WrapFigure(map.title,
                    Format("{}: {} rows, {} columns{}", map.title, num_rows, num_columns,
                           strongest.empty() ? "" : Format("; the strongest is {}", strongest)),
                    {kFigureWidth, bottom + kLegend}, marks, DrawTable(columns, numeric, rows));
}

}  // namespace millrace::report
