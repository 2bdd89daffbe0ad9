#include "evaluate/mistakes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "base/text.h"
#include "evaluate/binning.h"

namespace millrace::evaluate {
namespace {

using table::Task;

constexpr size_t kShownRows = 10;
constexpr size_t kShownColumns = 5;
constexpr size_t kTenths = 10;
constexpr size_t kErrorBins = 24;

std::string Truth(const HeldOut& held_out, size_t row) {
  if (held_out.task == Task::kRegression) return FormatFigure(held_out.labels[row]);
  return held_out.class_labels[static_cast<size_t>(held_out.labels[row])];
}

std::string Decision(const HeldOut& held_out, size_t row) {
  if (held_out.task == Task::kRegression) return FormatFigure(held_out.outputs[row]);
  const auto chosen =
      static_cast<size_t>(metric::PredictedClass(held_out.scored(), static_cast<int64_t>(row)));
  return held_out.class_labels[chosen];
}

// Probability of the truth, or the error.
std::string Measure(const HeldOut& held_out, size_t row) {
  if (held_out.task == Task::kRegression) {
    return FormatFigure(held_out.outputs[row] - held_out.labels[row]);
  }
  const double p =
      held_out.task == Task::kBinary
          ? (held_out.labels[row] == 1.0 ? held_out.outputs[row] : 1.0 - held_out.outputs[row])
          : held_out.outputs[row * held_out.class_labels.size() +
                             static_cast<size_t>(held_out.labels[row])];
  return FormatSignificant(p, 2);
}

// Rows in order of the answer, cut into tenths: [first, last) of `order`.
struct Tenths {
  std::vector<size_t> order;
  std::vector<std::pair<size_t, size_t>> parts;
};

Tenths CutByAnswer(const HeldOut& held_out) {
  Tenths tenths;
  tenths.order.resize(held_out.labels.size());
  std::iota(tenths.order.begin(), tenths.order.end(), size_t{0});
  std::stable_sort(tenths.order.begin(), tenths.order.end(), [&held_out](size_t a, size_t b) {
    return held_out.outputs[a] < held_out.outputs[b];
  });
  for (size_t part = 0; part < kTenths; ++part) {
    const size_t first = tenths.order.size() * part / kTenths;
    const size_t last = tenths.order.size() * (part + 1) / kTenths;
    if (first < last) tenths.parts.emplace_back(first, last);
  }
  return tenths;
}

report::Histogram ErrorHistogram(const std::vector<double>& sorted_errors,
                                 const std::string& target) {
  report::Histogram chart;
  chart.title = "Errors";
  chart.axis = Format("predicted minus actual {}", target);
  // The middle 99 of 100 rows decide the range, so that one far row does not flatten all others.
  const auto at = [&sorted_errors](double share) {
    return sorted_errors[static_cast<size_t>(share *
                                             static_cast<double>(sorted_errors.size() - 1))];
  };
  const double low = at(0.005);
  const double high = std::max(at(0.995), low + 1e-9 * std::max(1.0, std::abs(low)));
  for (size_t i = 0; i <= kErrorBins; ++i) {
    chart.edges.push_back(low + (high - low) * static_cast<double>(i) / kErrorBins);
  }
  chart.counts.assign(kErrorBins, 0.0);
  double outside = 0.0;
  for (const double error : sorted_errors) {
    if (error < low || error > high) {
      outside += 1.0;
      continue;
    }
    const auto bin = static_cast<size_t>((error - low) / (high - low) * kErrorBins);
    chart.counts[std::min(bin, kErrorBins - 1)] += 1.0;
  }
  chart.counts_label = "rows";
  if (outside > 0.0) chart.note = Format("{} rows lie outside the range", outside);
  return chart;
}

}  // namespace

report::DataTable WorstRows(const HeldOut& held_out, const std::vector<std::string>& columns) {
  const bool number = held_out.task == Task::kRegression;
  report::DataTable table;
  table.title = number ? "Rows with the greatest error" : "Wrong and most sure of it";
  table.columns = {"row of the source", "actual", number ? "predicted" : "decided",
                   number ? "error" : "probability of the truth"};
  table.numeric = {true, number, number, true};
  table.folded = true;
  std::vector<int64_t> shown;
  for (const std::string& name : columns) {
    const auto index = held_out.rows.schema().Find(name);
    if (!index || shown.size() == kShownColumns) continue;
    shown.push_back(*index);
    table.columns.push_back(name);
    table.numeric.push_back(table::IsNumeric(held_out.rows.column(*index).type()));
  }
  const std::vector<double> losses = held_out.RowLosses();
  std::vector<size_t> order;
  for (size_t row = 0; row < losses.size(); ++row) {
    if (number || Truth(held_out, row) != Decision(held_out, row)) order.push_back(row);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&losses](size_t a, size_t b) { return losses[a] > losses[b]; });
  if (order.size() > kShownRows) order.resize(kShownRows);
  for (const size_t row : order) {
    std::vector<std::string> cells = {FormatCount(held_out.source_rows[row] + 1),
                                      Truth(held_out, row), Decision(held_out, row),
                                      Measure(held_out, row)};
    for (const int64_t column : shown) {
      cells.push_back(ShowValue(held_out.rows.column(column), static_cast<int64_t>(row)));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

report::DataTable ClassTable(const HeldOut& held_out) {
  const auto counts = metric::ConfusionCounts(held_out.scored());
  report::DataTable table;
  table.title = "Classes";
  table.columns = {"class", "rows", "recall", "precision", "f1", "most mistaken for"};
  table.numeric = {false, true, true, true, true, false};
  table.folded = counts.size() > 12;
  for (size_t k = 0; k < counts.size(); ++k) {
    double actual = 0.0;
    double decided = 0.0;
    size_t other = k;
    for (size_t j = 0; j < counts.size(); ++j) {
      actual += counts[k][j];
      decided += counts[j][k];
      if (j != k && counts[k][j] > (other == k ? 0.0 : counts[k][other])) other = j;
    }
    const auto share = [](double part, double whole) {
      return whole > 0.0 ? FormatSignificant(part / whole, 3) : std::string("-");
    };
    table.rows.push_back({held_out.class_labels[k], FormatCount(static_cast<int64_t>(actual)),
                          share(counts[k][k], actual), share(counts[k][k], decided),
                          share(2.0 * counts[k][k], actual + decided),
                          other == k ? "" : held_out.class_labels[other]});
  }
  return table;
}

std::vector<report::Block> ResidualCharts(const HeldOut& held_out, const std::string& target) {
  const Tenths tenths = CutByAnswer(held_out);
  report::LineChart means;
  means.title = "Predicted and actual";
  means.x_axis = Format("predicted {}, mean of a tenth of the rows", target);
  means.y_axis = Format("actual {}, mean", target);
  means.diagonal = true;
  report::LineChart spread;
  spread.title = "Errors along the answers";
  spread.x_axis = means.x_axis;
  spread.y_axis = "predicted minus actual";
  report::Line line{.label = "model", .points = {}, .emphasised = true};
  report::Line low{.label = "10 % below", .points = {}, .emphasised = false};
  report::Line middle{.label = "median", .points = {}, .emphasised = true};
  report::Line high{.label = "10 % above", .points = {}, .emphasised = false};
  std::vector<double> all;
  for (const auto& [first, last] : tenths.parts) {
    double predicted = 0.0;
    double actual = 0.0;
    std::vector<double> errors;
    for (size_t i = first; i < last; ++i) {
      const size_t row = tenths.order[i];
      predicted += held_out.outputs[row];
      actual += held_out.labels[row];
      errors.push_back(held_out.outputs[row] - held_out.labels[row]);
    }
    const auto rows = static_cast<double>(last - first);
    std::sort(errors.begin(), errors.end());
    const auto at = [&errors](double share) {
      return errors[static_cast<size_t>(share * static_cast<double>(errors.size() - 1) + 0.5)];
    };
    line.points.emplace_back(predicted / rows, actual / rows);
    low.points.emplace_back(predicted / rows, at(0.1));
    middle.points.emplace_back(predicted / rows, at(0.5));
    high.points.emplace_back(predicted / rows, at(0.9));
    all.insert(all.end(), errors.begin(), errors.end());
  }
  std::sort(all.begin(), all.end());
  means.lines.push_back(std::move(line));
  spread.lines = {std::move(low), std::move(middle), std::move(high)};
  std::vector<report::Block> blocks;
  blocks.emplace_back(std::move(means));
  blocks.emplace_back(ErrorHistogram(all, target));
  blocks.emplace_back(std::move(spread));
  return blocks;
}

}  // namespace millrace::evaluate
