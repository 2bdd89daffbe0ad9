#include "report/markdown.h"

#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "report/figure.h"

namespace millrace::report {
namespace {

std::string Row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + EscapeMarkdown(cell) + " |";
  return row + "\n";
}

std::string MarkdownTable(const std::string& title, const std::vector<std::string>& columns,
                          const std::vector<std::vector<std::string>>& rows) {
  std::string text = title.empty() ? "" : Format("### {}\n\n", EscapeMarkdown(title));
  text += Row(columns) + "|";
  for (size_t i = 0; i < columns.size(); ++i) text += " --- |";
  text += "\n";
  for (const auto& row : rows) text += Row(row);
  return text + "\n";
}

std::string Bound(const std::optional<double>& value) { return value ? ShowNumber(*value) : ""; }

struct BlockWriter {
  std::string operator()(const Paragraph& block) const {
    return EscapeMarkdown(block.text) + "\n\n";
  }
  std::string operator()(const Facts& block) const {
    std::vector<std::vector<std::string>> rows;
    for (const Fact& fact : block.facts) rows.push_back({fact.name, fact.value, fact.reason});
    return MarkdownTable(block.title, {"name", "value", "reason"}, rows);
  }
  std::string operator()(const DataTable& block) const {
    return MarkdownTable(block.title, block.columns, block.rows);
  }
  std::string operator()(const DotChart& block) const {
    std::vector<std::vector<std::string>> rows;
    for (const DotItem& item : block.items) {
      rows.push_back(
          {item.label, ShowNumber(item.value), Bound(item.low), Bound(item.high), item.note});
    }
    return MarkdownTable(block.title, {"name", block.axis, "low", "high", "note"}, rows);
  }
  std::string operator()(const BarChart& block) const {
    std::vector<std::vector<std::string>> rows;
    for (const BarItem& item : block.items) {
      rows.push_back({item.label, ShowNumber(item.value), item.note});
    }
    return MarkdownTable(block.title, {"name", block.axis, "note"}, rows);
  }
  std::string operator()(const Histogram& block) const {
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 0; i + 1 < block.edges.size() && i < block.counts.size(); ++i) {
      rows.push_back({ShowNumber(block.edges[i]), ShowNumber(block.edges[i + 1]),
                      ShowNumber(block.counts[i])});
    }
    return MarkdownTable(block.title, {"from", "to", "count"}, rows);
  }
  std::string operator()(const Multiples& block) const {
    std::string text;
    for (const auto& chart : block.charts) text += std::visit(*this, chart);
    return text;
  }
  std::string operator()(const LineChart& block) const {
    std::vector<std::vector<std::string>> rows;
    for (const Line& line : block.lines) {
      for (const auto& [x, y] : line.points) {
        rows.push_back({line.label, ShowNumber(x), ShowNumber(y)});
      }
    }
    return MarkdownTable(block.title, {"line", block.x_axis, block.y_axis}, rows);
  }
  std::string operator()(const ConfusionMatrix& block) const {
    std::vector<std::string> columns = {"actual \\ predicted"};
    columns.insert(columns.end(), block.labels.begin(), block.labels.end());
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 0; i < block.counts.size(); ++i) {
      rows.push_back({i < block.labels.size() ? block.labels[i] : ""});
      for (const double count : block.counts[i]) rows.back().push_back(ShowNumber(count));
    }
    return MarkdownTable(block.title, columns, rows);
  }
  std::string operator()(const HeatMap& block) const {
    std::vector<std::string> columns = {block.axis};
    columns.insert(columns.end(), block.column_labels.begin(), block.column_labels.end());
    std::vector<std::vector<std::string>> rows;
    for (size_t r = 0; r < block.values.size(); ++r) {
      rows.push_back({r < block.row_labels.size() ? block.row_labels[r] : ""});
      for (const double value : block.values[r]) rows.back().push_back(ShowNumber(value));
    }
    return MarkdownTable(block.title, columns, rows);
  }
  std::string operator()(const Diagram& block) const {
    return (*this)(Preformatted{block.title, block.text});
  }
  std::string operator()(const Preformatted& block) const {
    std::string text = Format("### {}\n\n", EscapeMarkdown(block.title));
    for (const std::string_view line : Split(block.text, '\n')) {
      text += "    " + ReplaceAll(ReplaceAll(line, "<", "&lt;"), "\x1b", "") + "\n";
    }
    return text + "\n";
  }
};

}  // namespace

std::string EscapeMarkdown(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      escaped += ' ';
    } else {
      if (std::string_view("\\`*_[]|#").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string RenderMarkdown(const Document& document) {
  std::string text =
      Format("# {}\n\n{}\n\n", EscapeMarkdown(document.question), EscapeMarkdown(document.answer));
  std::vector<std::vector<std::string>> criteria;
  for (const Criterion& item : document.criteria) {
    criteria.push_back({std::to_string(item.number), item.title,
                        std::string(CheckStateName(item.state)), item.evidence});
  }
  if (!criteria.empty()) {
    text += MarkdownTable("Success criteria", {"", "criterion", "state", "evidence"}, criteria);
  }
  for (const Section& section : document.sections) {
    text += Format("## {}. {}\n\n", section.phase, EscapeMarkdown(section.title));
    std::vector<std::vector<std::string>> checks;
    for (const Check& check : section.checkpoint.checks) {
      checks.push_back({std::string(CheckStateName(check.state)), check.label, Bound(check.value),
                        Bound(check.low), Bound(check.high), check.requirement, check.evidence});
    }
    text +=
        MarkdownTable(section.checkpoint.title,
                      {"state", "check", "value", "low", "high", "required", "evidence"}, checks);
    for (const Block& block : section.blocks) text += std::visit(BlockWriter{}, block);
  }
  return text;
}

}  // namespace millrace::report
