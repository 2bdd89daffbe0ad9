// Requirements in a sentence.

#include <array>

#include "base/format.h"
#include "base/text.h"
#include "design/infer.h"
#include "design/words.h"

namespace millrace::design {
namespace {

// Words of the sentence with figures kept whole: "0.85", "70%", "20ms".
std::vector<std::string> Pieces(std::string_view text) {
  std::vector<std::string> pieces;
  std::string piece;
  const std::string lower = ToLower(text);
  for (const char c : lower + " ") {
    const bool part = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '%' ||
                      c == '_' || c == '>' || c == '<' || c == '=';
    if (part) {
      piece.push_back(c);
      continue;
    }
    while (!piece.empty() && piece.back() == '.') piece.pop_back();
    if (!piece.empty()) pieces.push_back(piece);
    piece.clear();
  }
  return pieces;
}

struct Figure {
  double value = 0.0;
  std::string unit;  // "%", "ms", "s", or ""
};

std::optional<Figure> ReadFigure(const std::vector<std::string>& pieces, size_t at) {
  std::string text = pieces[at];
  while (!text.empty() && (text[0] == '>' || text[0] == '<' || text[0] == '=')) text.erase(0, 1);
  Figure figure;
  for (const std::string_view unit : {"%", "ms", "s"}) {
    if (text.size() > unit.size() && text.ends_with(unit)) {
      figure.unit = unit;
      text.resize(text.size() - unit.size());
      break;
    }
  }
  const auto value = ParseDouble(text);
  if (!value) return std::nullopt;
  figure.value = *value;
  const std::string next = at + 1 < pieces.size() ? pieces[at + 1] : "";
  if (figure.unit.empty()) {
    if (next == "percent" || next == "%") figure.unit = "%";
    if (next == "ms" || next == "milliseconds") figure.unit = "ms";
    if (next == "seconds" || next == "second") figure.unit = "s";
  }
  return figure;
}

struct MetricWord {
  std::string_view word;
  std::string_view metric;
};
constexpr std::array kMetricWords = {MetricWord{"auc", "auc"},
                                     MetricWord{"accuracy", "accuracy"},
                                     MetricWord{"accurate", "accuracy"},
                                     MetricWord{"recall", "recall"},
                                     MetricWord{"precision", "precision"},
                                     MetricWord{"f1", "f1"},
                                     MetricWord{"rmse", "rmse"},
                                     MetricWord{"mae", "mae"},
                                     MetricWord{"r2", "r2"},
                                     MetricWord{"catch", "recall"},
                                     MetricWord{"find", "recall"},
                                     MetricWord{"detect", "recall"},
                                     MetricWord{"identify", "recall"},
                                     MetricWord{"sensitivity", "recall"}};

// The metric named nearest to the figure, at most five words away.
std::string_view MetricNear(const std::vector<std::string>& pieces, size_t at) {
  std::string_view best;
  size_t distance = 6;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const size_t away = i > at ? i - at : at - i;
    if (away >= distance) continue;
    for (const MetricWord& entry : kMetricWords) {
      if (pieces[i] != entry.word) continue;
      best = entry.metric;
      distance = away;
    }
  }
  return best;
}

}  // namespace

std::vector<SentenceGate> GatesOf(std::string_view description, table::Task task) {
  std::vector<SentenceGate> gates;
  const std::vector<std::string> pieces = Pieces(description);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto figure = ReadFigure(pieces, i);
    if (!figure) continue;
    std::string name(MetricNear(pieces, i));
    double bound = figure->value;
    if (figure->unit == "ms" || figure->unit == "s") {
      name = "latency_p99";
      if (figure->unit == "ms") bound /= 1000.0;
    } else if (figure->unit == "%") {
      bound /= 100.0;
    }
    const spec::GateMetric* metric = spec::FindGateMetric(spec::RequirementMetrics(), name);
    if (metric == nullptr || !spec::TaskHasMetric(task, *metric)) continue;
    // "find the 1 customer": a share is written 0.7 or 70%.
    const bool counts = metric->unit == spec::MetricUnit::kShare && figure->unit.empty();
    if (counts && bound >= 1.0) continue;
    if (metric->maximum && bound > *metric->maximum) continue;
    if (metric->minimum && bound < *metric->minimum) continue;
    const bool smaller = metric->unit != spec::MetricUnit::kShare;
    spec::Gate gate{.metric = name,
                    .op = smaller ? spec::Comparison::kAtMost : spec::Comparison::kAtLeast,
                    .bound = bound,
                    .place = {}};
    gates.push_back({std::move(gate), Format("from your sentence: \"{}\"", pieces[i])});
  }
  return gates;
}

}  // namespace millrace::design
