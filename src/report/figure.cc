#include "report/figure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::report {
namespace {

// A linear scale from data to pixels with round tick marks.
struct Scale {
  double low = 0.0;
  double high = 1.0;
  double from = 0.0;
  double to = 1.0;
  double At(double value) const {
    if (!std::isfinite(value)) return from;
    const double inside = std::clamp(value, low, high);
    return from + (inside - low) / (high - low) * (to - from);
  }
};

void Include(double value, double& low, double& high) {
  if (!std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

Scale MakeScale(double low, double high, double from, double to) {
  if (!(low <= high)) {
    low = 0.0;
    high = 1.0;
  }
  if (low == high) {
    const double half = low == 0.0 ? 1.0 : std::abs(low) * 0.05;
    low -= half;
    high += half;
  }
  return {low, high, from, to};
}

std::vector<double> Ticks(const Scale& scale) {
  const double rough = (scale.high - scale.low) / 4.0;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    step = factor * power;
    if (step >= rough) break;
  }
  std::vector<double> ticks;
  if (!(step > 0.0) || !std::isfinite(step)) return ticks;
  const double first = std::ceil(scale.low / step - 1e-9);
  for (int i = 0; i < 12; ++i) {
    const double tick = (first + i) * step;
    if (tick > scale.high + step * 1e-6) break;
    ticks.push_back(std::abs(tick) < step * 1e-9 ? 0.0 : tick);
  }
  return ticks;
}

std::string LineAt(double x1, double y1, double x2, double y2, std::string_view kind) {
  return Format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1,
                y1, x2, y2, kind);
}

std::string ShowInterval(const DotItem& item) {
  const ShownFigure shown = ShowMeasured(item.value, item.low, item.high);
  return shown.interval.empty() ? shown.value : shown.value + " " + shown.interval;
}

std::string XAxis(const Scale& x, double top, double bottom, std::string_view label) {
  std::string marks;
  for (const double tick : Ticks(x)) {
    marks += LineAt(x.At(tick), top, x.At(tick), bottom, "grid");
    marks += TextAt(x.At(tick), bottom + 16.0, "middle", "axis", ShowNumber(tick));
  }
  return marks + TextAt((x.from + x.to) / 2.0, bottom + 34.0, "middle", "axis", label);
}

std::string Path(const std::vector<std::pair<double, double>>& points, const Scale& x,
                 const Scale& y, std::string_view kind) {
  std::string path;
  for (const auto& [px, py] : points) {
    if (!std::isfinite(px) || !std::isfinite(py)) continue;
    path += Format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x.At(px), y.At(py));
  }
  return path.empty() ? "" : Format("<path d=\"{}\" class=\"{}\"/>", path, kind);
}

}  // namespace

std::string WrapFigure(std::string_view title, std::string_view alternative, DrawingSize size,
                       std::string_view marks, std::string_view data) {
  return Format(
      "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
      "aria-label=\"{}\" style=\"max-width:{:.0f}px\">{}</svg><details><summary>Data</summary>{}"
      "</details></figure>\n",
      EscapeHtml(title), size.width, size.height, EscapeHtml(alternative), size.width, marks, data);
}

std::string TextAt(double x, double y, std::string_view anchor, std::string_view kind,
                   std::string_view text) {
  return Format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>", x, y,
                anchor, kind, EscapeHtml(text));
}

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  const bool valid = IsValidUtf8(text);
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') continue;
        if (!valid && static_cast<unsigned char>(c) >= 0x80) {
          escaped += "\xEF\xBF\xBD";
        } else {
          escaped += c;
        }
    }
  }
  return escaped;
}

std::string ShowNumber(double value) { return std::isfinite(value) ? FormatFigure(value) : "-"; }

ShownFigure ShowMeasured(double value, const std::optional<double>& low,
                         const std::optional<double>& high) {
  if (!low || !high || !std::isfinite(value) || !std::isfinite(*low) || !std::isfinite(*high)) {
    return {ShowNumber(value), ""};
  }
  const double resolution = *high - *low;
  return {FormatFigure(value, resolution),
          Format("[{}, {}]", FormatFigure(*low, resolution), FormatFigure(*high, resolution))};
}

std::string DrawTable(const std::vector<std::string>& columns, const std::vector<bool>& numeric,
                      const std::vector<std::vector<std::string>>& rows) {
  const auto kind = [&](size_t column) {
    return column < numeric.size() && numeric[column] ? " class=\"n\"" : "";
  };
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (size_t i = 0; i < columns.size(); ++i) {
    html += Format("<th scope=\"col\"{}>{}</th>", kind(i), EscapeHtml(columns[i]));
  }
  html += "</tr></thead><tbody>";
  for (const auto& row : rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      html += Format("<td{}>{}</td>", kind(i), EscapeHtml(row[i]));
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

// The width of the widest interval: what the figures of one chart are rounded to.
double WidestInterval(const DotChart& chart) {
  double widest = 0.0;
  for (const DotItem& item : chart.items) {
    const double width = item.high.value_or(item.value) - item.low.value_or(item.value);
    if (std::isfinite(width)) widest = std::max(widest, width);
  }
  return widest;
}

std::string ShowAlike(const DotItem& item, double resolution) {
  if (!(resolution > 0.0) || !item.low || !item.high || !std::isfinite(*item.low) ||
      !std::isfinite(*item.high) || !std::isfinite(item.value)) {
    return ShowInterval(item);
  }
  return Format("{} [{}, {}]", FormatFigure(item.value, resolution),
                FormatFigure(*item.low, resolution), FormatFigure(*item.high, resolution));
}

std::string DrawDots(const DotChart& chart) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  std::vector<std::vector<std::string>> rows;
  for (const DotItem& item : chart.items) {
    Include(item.value, low, high);
    Include(item.low.value_or(item.value), low, high);
    Include(item.high.value_or(item.value), low, high);
    rows.push_back({item.label, ShowNumber(item.value), item.low ? ShowNumber(*item.low) : "",
                    item.high ? ShowNumber(*item.high) : "", item.note});
  }
  if (chart.reference) Include(*chart.reference, low, high);
  const double margin = std::isfinite(high - low) ? (high - low) * 0.04 : 0.0;
  // Labels that do not fit beside their dot stand above it.
  constexpr int64_t kBeside = 26;
  const bool above = std::any_of(chart.items.begin(), chart.items.end(), [](const DotItem& item) {
    return CountCodePoints(item.label) > kBeside;
  });
  const double row = above ? 42.0 : 26.0;
  const Scale x =
      MakeScale(low - margin, high + margin, above ? 12.0 : 190.0, kFigureWidth - 172.0);
  const double bottom = 30.0 + row * static_cast<double>(chart.items.size());
  std::string marks = XAxis(x, 18.0, bottom, chart.axis);
  if (chart.reference) {
    marks += LineAt(x.At(*chart.reference), 18.0, x.At(*chart.reference), bottom, "ref");
    marks += TextAt(x.At(*chart.reference), 12.0, above ? "start" : "middle", "axis",
                    chart.reference_label);
  }
  const double resolution = WidestInterval(chart);
  double y = above ? 52.0 : 36.0;
  for (const DotItem& item : chart.items) {
    const char* kind = item.emphasised ? "strong" : "label";
    marks += above ? TextAt(4.0, y - 12.0, "start", kind, Ellipsize(item.label, 84))
                   : TextAt(182.0, y + 4.0, "end", kind, item.label);
    if (item.low && item.high && std::isfinite(*item.low) && std::isfinite(*item.high)) {
      marks += LineAt(x.At(*item.low), y, x.At(*item.high), y, item.emphasised ? "ci em" : "ci");
    }
    if (std::isfinite(item.value)) {
      marks += Format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" class=\"{}\"/>",
                      x.At(item.value), y, item.emphasised ? "dot em" : "dot");
    }
    marks += TextAt(kFigureWidth - 164.0, y + 4.0, "start", "label",
                    item.note.empty() ? ShowAlike(item, resolution) : Ellipsize(item.note, 24));
    y += row;
  }
  std::string alternative = Format("{}. {}.", chart.title, chart.axis);
  for (const DotItem& item : chart.items) {
    alternative += Format(" {}: {}.", item.label, ShowInterval(item));
  }
  return WrapFigure(chart.title, alternative, {kFigureWidth, bottom + 42.0}, marks,
                    DrawTable({"name", chart.axis, "low", "high", "note"},
                              {false, true, true, true, false}, rows));
}

std::string DrawBars(const BarChart& chart, ChartSize size) {
  const bool small = size == ChartSize::kSmall;
  const double width = small ? 320.0 : kFigureWidth;
  const double labels = small ? 116.0 : 162.0;
  double low = 0.0;
  double high = 0.0;
  std::vector<std::vector<std::string>> rows;
  std::string alternative = Format("{}. {}.", chart.title, chart.axis);
  for (const BarItem& item : chart.items) {
    Include(item.value, low, high);
    rows.push_back({item.label, ShowNumber(item.value), item.note});
    alternative += Format(" {}: {}.", item.label, ShowNumber(item.value));
  }
  const Scale x = MakeScale(low, high, labels + 8.0, width - (small ? 56.0 : 130.0));
  const double bottom = 12.0 + 24.0 * static_cast<double>(chart.items.size());
  std::string marks = small ? std::string() : XAxis(x, 6.0, bottom, chart.axis);
  double y = 10.0;
  for (const BarItem& item : chart.items) {
    const double value = std::isfinite(item.value) ? item.value : 0.0;
    const double left = std::min(x.At(0.0), x.At(value));
    marks += TextAt(labels, y + 13.0, "end", "label", Ellipsize(item.label, small ? 16 : 25));
    marks +=
        Format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"18\" class=\"bar\"/>",
               left, y, std::abs(x.At(value) - x.At(0.0)));
    marks += TextAt(std::max(x.At(value), x.At(0.0)) + 6.0, y + 13.0, "start", "label",
                    item.note.empty() ? ShowNumber(item.value) : Ellipsize(item.note, 20));
    y += 24.0;
  }
  return WrapFigure(chart.title, alternative, {width, bottom + (small ? 8.0 : 42.0)}, marks,
                    DrawTable({"name", chart.axis, "note"}, {false, true, false}, rows));
}

std::string DrawHistogram(const Histogram& chart) {
  constexpr double kHistogramWidth = 320.0;
  const size_t bins =
      chart.edges.empty() ? 0 : std::min(chart.counts.size(), chart.edges.size() - 1);
  const bool two = chart.reference_counts.size() == chart.counts.size() && bins > 0;
  const auto sum = [](const std::vector<double>& counts) {
    double total = 0.0;
    for (const double count : counts) total += count;
    return total > 0.0 ? total : 1.0;
  };
  const double now_sum = two ? sum(chart.counts) : 1.0;
  const double reference_sum = two ? sum(chart.reference_counts) : 1.0;
  double highest = 0.0;
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < bins; ++i) {
    highest = std::max(highest, chart.counts[i] / now_sum);
    if (two) highest = std::max(highest, chart.reference_counts[i] / reference_sum);
    rows.push_back({ShowNumber(chart.edges[i]), ShowNumber(chart.edges[i + 1]),
                    ShowNumber(chart.counts[i]), two ? ShowNumber(chart.reference_counts[i]) : ""});
  }
  const Scale x = MakeScale(bins == 0 ? 0.0 : chart.edges.front(),
                            bins == 0 ? 1.0 : chart.edges.back(), 12.0, kHistogramWidth - 12.0);
  const Scale y = MakeScale(0.0, highest, 120.0, 22.0);
  std::string marks;
  std::vector<std::pair<double, double>> outline;
  for (size_t i = 0; i < bins; ++i) {
    const double top = y.At(chart.counts[i] / now_sum);
    marks +=
        Format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"bar\"/>",
               x.At(chart.edges[i]), top,
               std::max(0.5, x.At(chart.edges[i + 1]) - x.At(chart.edges[i]) - 1.0), 120.0 - top);
    if (two) {
      outline.emplace_back(chart.edges[i], chart.reference_counts[i] / reference_sum);
      outline.emplace_back(chart.edges[i + 1], chart.reference_counts[i] / reference_sum);
    }
  }
  marks += Path(outline, x, y, "line");
  marks += LineAt(x.from, 120.0, x.to, 120.0, "grid");
  if (bins > 0) {
    marks += TextAt(x.from, 136.0, "start", "axis", ShowNumber(chart.edges.front()));
    marks += TextAt(x.to, 136.0, "end", "axis", ShowNumber(chart.edges.back()));
  }
  marks += TextAt(kHistogramWidth / 2.0, 152.0, "middle", "axis", Ellipsize(chart.axis, 44));
  const std::string key =
      two ? Format("bars: {}; line: {}", chart.counts_label, chart.reference_label) : chart.note;
  marks += TextAt(12.0, 12.0, "start", "axis", Ellipsize(key, 46));
  return WrapFigure(chart.title, Format("{}. {}. {} {}", chart.title, chart.axis, key, chart.note),
                    {kHistogramWidth, 160.0}, marks,
                    DrawTable({"from", "to", two ? chart.counts_label : "count",
                               two ? chart.reference_label : ""},
                              {true, true, true, true}, rows));
}

std::string DrawLines(const LineChart& chart) {
  double x_low = std::numeric_limits<double>::infinity();
  double x_high = -x_low;
  double y_low = x_low;
  double y_high = -x_low;
  std::vector<std::vector<std::string>> rows;
  for (const Line& line : chart.lines) {
    for (const auto& [px, py] : line.points) {
      Include(px, x_low, x_high);
      Include(py, y_low, y_high);
      rows.push_back({line.label, ShowNumber(px), ShowNumber(py)});
    }
  }
  const Scale x = MakeScale(chart.x_min.value_or(x_low), chart.x_max.value_or(x_high), 88.0, 500.0);
  const Scale y = MakeScale(chart.y_min.value_or(y_low), chart.y_max.value_or(y_high), 310.0, 16.0);
  std::string marks = XAxis(x, 16.0, 310.0, chart.x_axis);
  for (const double tick : Ticks(y)) {
    marks += LineAt(x.from, y.At(tick), x.to, y.At(tick), "grid");
    marks += TextAt(80.0, y.At(tick) + 4.0, "end", "axis", ShowNumber(tick));
  }
  marks += Format(
      "<text transform=\"translate(14 163) rotate(-90)\" text-anchor=\"middle\" "
      "class=\"axis\">{}</text>",
      EscapeHtml(chart.y_axis));
  if (chart.diagonal) {
    const double low = std::max(x.low, y.low);
    const double high = std::min(x.high, y.high);
    marks += LineAt(x.At(low), y.At(low), x.At(high), y.At(high), "ref");
  }
  double last_label = -100.0;
  std::string alternative = Format("{}: {} against {}.", chart.title, chart.y_axis, chart.x_axis);
  for (const Line& line : chart.lines) {
    if (line.points.empty()) continue;
    marks +=
        Path(line.points, x, y, line.emphasised || chart.lines.size() == 1 ? "line em" : "line");
    double label_y = y.At(line.points.back().second) + 4.0;
    if (std::abs(label_y - last_label) < 15.0) label_y = last_label + 15.0;
    last_label = label_y;
    marks += TextAt(506.0, label_y, "start", "label", Ellipsize(line.label, 20));
    alternative +=
        Format(" {}: {} points, last at ({}, {}).", line.label, line.points.size(),
               ShowNumber(line.points.back().first), ShowNumber(line.points.back().second));
  }
  if (chart.marked) {
    const double at = x.At(chart.marked->first);
    const double height = y.At(chart.marked->second);
    marks += Format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" class=\"dot em\"/>", at, height);
    const bool right = at > 300.0;
    marks += TextAt(right ? at - 10.0 : at + 10.0, height + 18.0, right ? "end" : "start", "strong",
                    chart.marked_label);
    alternative += Format(" Marked: {}.", chart.marked_label);
  }
  return WrapFigure(chart.title, alternative, {kFigureWidth, 352.0}, marks,
                    DrawTable({"line", chart.x_axis, chart.y_axis}, {false, true, true}, rows));
}

std::string DrawConfusion(const ConfusionMatrix& matrix) {
  std::string html = Format(
      "<figure><figcaption>{}</figcaption><div class=\"scroll\">"
      "<table class=\"cm\"><thead><tr><th>actual \\ predicted</th>",
      EscapeHtml(matrix.title));
  for (const std::string& label : matrix.labels) {
    html += Format("<th scope=\"col\" class=\"n\">{}</th>", EscapeHtml(label));
  }
  html += "</tr></thead><tbody>";
  for (size_t i = 0; i < matrix.counts.size(); ++i) {
    double total = 0.0;
    for (const double count : matrix.counts[i]) total += count;
    html += Format("<tr><th scope=\"row\">{}</th>",
                   EscapeHtml(i < matrix.labels.size() ? matrix.labels[i] : ""));
    for (const double count : matrix.counts[i]) {
      const double share = total > 0.0 ? count / total : 0.0;
      html += Format("<td class=\"n\" style=\"--s:{:.0f}%\">{} <small>{}</small></td>",
                     share * 45.0, ShowNumber(count), FormatShare(count, total));
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div></figure>\n";
}

}  // namespace millrace::report
