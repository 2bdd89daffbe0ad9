// Diagrams: boxes in lines from top to bottom, arrows between them.

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "report/figure.h"

namespace millrace::report {
namespace {

constexpr double kGap = 34.0;         // between lines, for arrows
constexpr double kColumnGap = 20.0;   // between the two columns
constexpr double kLineHeight = 21.0;  // the text of narrow screens is 17 pixels high
constexpr double kPadding = 10.0;
constexpr double kLetter = 9.2;  // width of a letter on narrow screens

struct Placed {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
  std::vector<std::string> lines;
  double middle() const { return x + width / 2.0; }
};

// Words in lines of at most `letters`; a longer word is cut.
std::vector<std::string> Wrap(std::string_view text, size_t letters) {
  std::vector<std::string> lines;
  std::string line;
  for (const std::string_view word : Split(text, ' ')) {
    if (word.empty()) continue;
    const std::string shown = Ellipsize(word, letters);
    if (!line.empty() && line.size() + 1 + shown.size() > letters) {
      lines.push_back(std::move(line));
      line.clear();
    }
    line += line.empty() ? shown : " " + shown;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string Box(const Placed& place, std::string_view title) {
  std::string marks = Format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"6\" "
      "class=\"box\"/>",
      place.x, place.y, place.width, place.height);
  double y = place.y + kPadding + 14.0;
  marks += Format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"strong\">{}</text>", place.x + kPadding,
                  y, EscapeHtml(title));
  for (const std::string& line : place.lines) {
    y += kLineHeight;
    marks += Format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", place.x + kPadding, y,
                    EscapeHtml(line));
  }
  return marks;
}

// From the lower edge of one box to the upper edge of another, or back up along the side.
std::string Arrow(const Placed& from, const Placed& to, std::string_view label) {
  std::string path;
  double tip_x = to.middle();
  double tip_y = to.y;
  std::string head;
  if (to.y > from.y) {
    // A box of full width is entered above or below the narrower one.
    tip_x = to.width > from.width ? from.middle() : to.middle();
    const double start = from.width > to.width ? to.middle() : from.middle();
    path = Format("M{:.1f} {:.1f}L{:.1f} {:.1f}", start, from.y + from.height, tip_x, tip_y - 7.0);
    head = Format("M{:.1f} {:.1f}l-5 -9h10z", tip_x, tip_y);
  } else {
    const double side = kFigureWidth - 6.0;
    tip_x = to.x + to.width;
    tip_y = to.y + to.height / 2.0;
    path = Format("M{:.1f} {:.1f}H{:.1f}V{:.1f}H{:.1f}", from.x + from.width,
                  from.y + from.height / 2.0, side, tip_y, tip_x + 7.0);
    head = Format("M{:.1f} {:.1f}l9 -5v10z", tip_x, tip_y);
  }
  std::string marks =
      Format("<path d=\"{}\" class=\"flow\"/><path d=\"{}\" class=\"head\"/>", path, head);
  if (!label.empty()) {
    const bool down = to.y > from.y;
    const double x = down ? tip_x + 10.0 : kFigureWidth - 11.0;
    const double y = down ? tip_y - 14.0 : (tip_y + from.y + from.height / 2.0) / 2.0;
    // Along the way back up, the text is turned.
    const std::string turn =
        down ? "" : Format(" transform=\"rotate(-90 {:.1f} {:.1f})\" text-anchor=\"middle\"", x, y);
    marks += Format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"axis\"{}>{}</text>", x, y, turn,
                    EscapeHtml(label));
  }
  return marks;
}

}  // namespace

std::string DrawDiagram(const Diagram& diagram) {
  if (diagram.boxes.empty()) return "";
  std::vector<Placed> places;
  double y = 4.0;
  for (size_t first = 0; first < diagram.boxes.size();) {
    size_t last = first;
    while (last < diagram.boxes.size() && diagram.boxes[last].line == diagram.boxes[first].line) {
      ++last;
    }
    double height = 0.0;
    for (size_t b = first; b < last; ++b) {
      const DiagramBox& box = diagram.boxes[b];
      Placed place;
      const bool full = box.column == DiagramColumn::kBoth;
      // Full boxes leave room for arrows that go back up.
      place.width = full ? kFigureWidth - 28.0 : (kFigureWidth - 28.0 - kColumnGap) / 2.0;
      place.x = box.column == DiagramColumn::kRight ? place.width + kColumnGap + 2.0 : 2.0;
      place.y = y;
      const auto letters = static_cast<size_t>((place.width - 2.0 * kPadding) / kLetter);
      for (const std::string& text : box.lines) {
        for (std::string& line : Wrap(text, letters)) place.lines.push_back(std::move(line));
      }
      place.height = 2.0 * kPadding + kLineHeight * static_cast<double>(place.lines.size()) + 18.0;
      height = std::max(height, place.height);
      places.push_back(std::move(place));
    }
    for (size_t b = first; b < last; ++b) places[b].height = height;
    y += height + kGap;
    first = last;
  }
  std::string marks;
  for (const DiagramArrow& arrow : diagram.arrows) {
    if (arrow.from >= places.size() || arrow.to >= places.size()) continue;
    marks += Arrow(places[arrow.from], places[arrow.to], arrow.label);
  }
  for (size_t b = 0; b < places.size(); ++b) marks += Box(places[b], diagram.boxes[b].title);
  std::vector<std::string> names;
  for (const DiagramBox& box : diagram.boxes) names.push_back(box.title);
  return WrapFigure(diagram.title, Format("{}: {}", diagram.title, Join(names, ", ")),
                    {kFigureWidth, y - kGap + 6.0}, marks,
                    Format("<pre>{}</pre>", EscapeHtml(diagram.text)));
}

}  // namespace millrace::report
