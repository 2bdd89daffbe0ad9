// The report as plain records. Each phase hands over one Section; the renderers (HTML, Markdown,
// terminal) know nothing of the phases, and the phases know nothing of rendering. A section is
// stored as a JSON artefact, so a page can be drawn again at any time.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "report/checkpoint.h"

namespace millrace::report {

/// A paragraph; `text` is plain (no markup).
struct Paragraph {
  std::string text;
};

/// One fact a line: name, value, reason.
struct Fact {
  std::string name;
  std::string value;
  std::string reason;
};
struct Facts {
  std::string title;
  std::vector<Fact> facts;
};

/// A table; cells are text as shown. Numeric columns are right-aligned and sort as numbers.
struct DataTable {
  std::string title;
  std::vector<std::string> columns;
  std::vector<bool> numeric;  // per column
  std::vector<std::vector<std::string>> rows;
  bool folded = false;  // starts closed
};

/// A dot with its interval on a shared scale: leaderboards, group metrics, importance.
struct DotItem {
  std::string label;
  double value = 0.0;
  std::optional<double> low;
  std::optional<double> high;
  std::string note;         // direct label at the right; may be empty
  bool emphasised = false;  // the winner, the worst, ...
};
struct DotChart {
  std::string title;
  std::string axis;  // "auc, holdout", with unit
  std::vector<DotItem> items;
  std::optional<double> reference;  // a line across: gate, baseline, overall
  std::string reference_label;
};

/// Zero-based bars: histograms of categories, counts.
struct BarItem {
  std::string label;
  double value = 0.0;
  std::string note;
};
struct BarChart {
  std::string title;
  std::string axis;
  std::vector<BarItem> items;
};

/// A histogram with numeric edges (edges.size() == counts.size() + 1); a second series over the
/// same edges may stand behind it (by class, reference against now).
struct Histogram {
  std::string title;
  std::string axis;
  std::vector<double> edges;
  std::vector<double> counts;
  std::vector<double> reference_counts;  // empty, or same size
  std::string counts_label;
  std::string reference_label;
  std::string note;  // "3.1 % missing"
};
/// Small multiples: many histograms or bar charts in a grid.
struct Multiples {
  std::string title;
  std::vector<std::variant<Histogram, BarChart>> charts;
};

/// Lines over a numeric axis: ROC, precision-recall, calibration, search progress, windows.
struct Line {
  std::string label;
  std::vector<std::pair<double, double>> points;
  bool emphasised = false;
};
struct LineChart {
  std::string title;
  std::string x_axis;
  std::string y_axis;
  std::vector<Line> lines;
  bool diagonal = false;                            // the line x = y as reference
  std::optional<std::pair<double, double>> marked;  // chosen threshold, ...
  std::string marked_label;
  std::optional<double> x_min, x_max, y_min, y_max;  // else from the data
};

/// Square table of counts; cell shade = share of its row.
struct ConfusionMatrix {
  std::string title;
  std::vector<std::string> labels;          // actual = rows, predicted = columns
  std::vector<std::vector<double>> counts;  // [labels, labels]
};

/// Pre-formatted text: a diagram, a command, a configuration excerpt.
struct Preformatted {
  std::string title;
  std::string text;
};

/// A grid of shaded cells: correlations, shares of missing cells. Equal row and column labels make
/// it square.
struct HeatMap {
  std::string title;
  std::string axis;  // what a cell is: "share missing"
  std::vector<std::string> row_labels;
  std::vector<std::string> column_labels;
  std::vector<std::vector<double>> values;  // [rows, columns]; NaN: not known
  double low = 0.0;                         // of the shade; below 0: another colour for negatives
  double high = 1.0;
};

/// Boxes from top to bottom and arrows between them. `text` says the same in plain signs, for
/// Markdown and for readers who see no drawing.
enum class DiagramColumn { kLeft, kRight, kBoth };
struct DiagramBox {
  std::string title;
  std::vector<std::string> lines;
  int line = 0;  // from the top, not falling from box to box
  DiagramColumn column = DiagramColumn::kBoth;
};
struct DiagramArrow {
  size_t from = 0;  // indexes of boxes
  size_t to = 0;
  std::string label;
};
struct Diagram {
  std::string title;
  std::vector<DiagramBox> boxes;
  std::vector<DiagramArrow> arrows;
  std::string text;
};

using Block = std::variant<Paragraph, Facts, DataTable, DotChart, BarChart, Histogram, Multiples,
                           LineChart, ConfusionMatrix, Preformatted, HeatMap, Diagram>;

/// What one phase puts on the page.
struct Section {
  int phase = 0;         // 1..6
  std::string title;     // "Requirements and design"
  double seconds = 0.0;  // duration, shown on the page only
  Checkpoint checkpoint;
  std::vector<Block> blocks;
};

/// The whole page of a run.
struct Document {
  std::string run_id;
  std::string project;
  std::string question;             // the user's words
  std::string answer;               // one sentence with figures
  std::string program;              // name and version
  std::string created;              // UTC
  std::vector<Criterion> criteria;  // eleven
  std::vector<Section> sections;    // in order of phases; only phases that ran
};

json::Json ToJson(const Section& section);
Result<Section> SectionFromJson(const json::Json& document);
json::Json ToJson(const Document& document);
Result<Document> DocumentFromJson(const json::Json& document);

}  // namespace millrace::report
