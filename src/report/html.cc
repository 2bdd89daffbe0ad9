#include "report/html.h"

#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "report/figure.h"

namespace millrace::report {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--rule:#d5dae0;--blue:#0072b2;
--em:#b04a00;--ok:#00704f;--bad:#b3261e;--warn:#8a5a00;--card:#f6f8fa}
@media(prefers-color-scheme:dark){:root{--bg:#101418;--fg:#e8ecf0;--soft:#a3adb8;--rule:#333c46;
--blue:#56b4e9;--em:#e69f00;--ok:#2fc79a;--bad:#ff8f80;--warn:#f0c75e;--card:#181e24}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1080px;padding:32px 20px 80px;background:var(--bg);
color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1,h2{font-size:24px;line-height:1.3;margin:0 0 8px}h2{margin-top:0}h3,figcaption{font-size:16px;
font-weight:600;margin:0 0 8px}a{color:var(--blue)}small,.soft{color:var(--soft);font-size:13px}
section{border-top:1px solid var(--rule);margin-top:40px;padding-top:28px}
ol.criteria{list-style:none;padding:0;display:grid;gap:8px;
grid-template-columns:repeat(auto-fill,minmax(240px,1fr))}
ol.criteria li{background:var(--card);border-radius:6px;padding:10px 12px;font-size:13px;
color:var(--fg);border-left:4px solid var(--rule)}ol.criteria li.met{border-color:var(--ok)}
ol.criteria li.not_met{border-color:var(--bad)}ol.criteria li.warning{border-color:var(--warn)}
.met{color:var(--ok)}.not_met{color:var(--bad)}.warning{color:var(--warn)}
.not_measured{color:var(--soft)}.state{font-weight:600;font-size:13px;white-space:nowrap}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:13px;width:100%}
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--rule);
vertical-align:top;overflow-wrap:normal}.n{text-align:right}thead th{color:var(--soft)}
th[role=button]{cursor:pointer;text-decoration:underline dotted}
table.cm{width:auto}table.cm td{padding:8px 12px;
background:color-mix(in srgb,var(--blue) var(--s),transparent)}table.cm small{color:inherit}
figure,.block{margin:24px 0}figure svg{width:100%;height:auto;display:block}
figure details{margin-top:4px}summary{cursor:pointer;color:var(--soft);font-size:13px}
.grid{display:grid;gap:8px 24px;grid-template-columns:repeat(auto-fill,minmax(260px,1fr))}
.grid figure{margin:0}.pair{display:grid;gap:28px 40px;margin:24px 0;align-items:start;
grid-template-columns:repeat(auto-fill,minmax(min(440px,100%),1fr))}.pair>*{margin:0;min-width:0}
.interval{white-space:nowrap}table.checks td:nth-child(-n+3){white-space:nowrap}
table.checks td:nth-child(2){white-space:normal;min-width:150px}pre{background:var(--card);padding:12px;overflow-x:auto;font-size:13px}
svg text{font-size:13px;fill:var(--fg)}svg .axis{fill:var(--soft)}svg .strong{font-weight:600}
.grid-line,.grid line.grid,line.grid{stroke:var(--rule)}.ref{stroke:var(--soft);
stroke-dasharray:5 4;stroke-width:1.5}.ci{stroke:var(--blue);stroke-width:3;opacity:.55}
.ci.em{stroke:var(--em)}.dot{fill:var(--blue)}.dot.em{fill:var(--em)}.bar{fill:var(--blue);
opacity:.75}.line{fill:none;stroke:var(--soft);stroke-width:1.8}.line.em{stroke:var(--blue);
stroke-width:2.5}.heat{fill:var(--blue)}.heat-low{fill:var(--em)}.heat-none{fill:none;
stroke:var(--rule);stroke-width:.5}.box{fill:var(--card);stroke:var(--soft)}.flow{fill:none;
stroke:var(--soft);stroke-width:1.6}.head{fill:var(--soft)}dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0;
font-size:13px}dt{color:var(--soft)}dd{margin:0}
@media(max-width:600px){body{padding:20px 14px 60px}dl{grid-template-columns:1fr}dd{margin:0 0 6px}
figure svg text{font-size:17px}.grid figure svg text{font-size:13px}table.checks thead{display:none}
table.checks tr{display:block;padding:8px 0;border-bottom:1px solid var(--rule)}
table.checks td{display:inline-block;border:0;padding:1px 10px 1px 0}table.checks td:empty{display:none}
table.checks td:nth-child(5){display:block}}
@media print{body{max-width:none;padding:0;font-size:12px}details:not([open])>summary{display:none}
figure,tr,.block{break-inside:avoid}h2,h3{break-after:avoid}a{color:inherit;text-decoration:none}}
)css";

constexpr std::string_view kScript = R"js(
document.querySelectorAll('table:not(.cm) thead th').forEach(function(h){h.setAttribute('role','button');
h.tabIndex=0;function go(){var t=h.closest('table'),b=t.tBodies[0],i=h.cellIndex,d=h.dataset.d=
h.dataset.d==='1'?'-1':'1',k=function(r){var s=r.cells[i]?r.cells[i].textContent.trim():'';
var f=parseFloat(s.replace(/,/g,''));return h.classList.contains('n')?(isNaN(f)?-Infinity:f):s};
Array.from(b.rows).sort(function(x,y){var p=k(x),q=k(y);return(p<q?-1:p>q?1:0)*d})
.forEach(function(r){b.appendChild(r)})}h.onclick=go;h.onkeydown=function(e){if(e.key==='Enter')go()}});
)js";

std::string_view StateText(CheckState state) {
  switch (state) {
    case CheckState::kMet:
      return "met";
    case CheckState::kNotMet:
      return "NOT MET";
    case CheckState::kWarning:
      return "warning";
    case CheckState::kNotMeasured:
      return "not measured";
  }
  return "";
}

std::string StateMark(CheckState state) {
  return Format("<span class=\"state {}\">{}</span>", CheckStateName(state), StateText(state));
}

// The value, and its interval in a lighter tone.
std::string Measured(const Check& check) {
  if (!check.value) return "";
  const ShownFigure shown = ShowMeasured(*check.value, check.low, check.high);
  std::string html = EscapeHtml(shown.value + (check.unit.empty() ? "" : " " + check.unit));
  if (!shown.interval.empty()) {
    html += Format(" <small class=\"interval\">{}</small>", EscapeHtml(shown.interval));
  }
  return html;
}

std::string DrawCheckpoint(const Checkpoint& checkpoint) {
  std::string html = Format(
      "<h3>Checkpoint {}: {}</h3><div class=\"scroll\"><table class=\"checks\"><thead><tr>"
      "<th>state</th><th>check</th><th>measured</th><th>required</th><th>evidence</th></tr></thead>"
      "<tbody>",
      checkpoint.phase, EscapeHtml(checkpoint.title));
  for (const Check& check : checkpoint.checks) {
    html +=
        Format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{} <small>{}</small></td><td>{}",
               StateMark(check.state), EscapeHtml(check.label), Measured(check),
               EscapeHtml(check.requirement), EscapeHtml(check.source), EscapeHtml(check.evidence));
    if (!check.fix.empty() && check.state != CheckState::kMet) {
      html += Format("<br><small>try: {}</small>", EscapeHtml(check.fix));
    }
    html += "</td></tr>";
  }
  return html + "</tbody></table></div>\n";
}

std::string Titled(const std::string& title, const std::string& body) {
  const std::string head = title.empty() ? "" : Format("<h3>{}</h3>", EscapeHtml(title));
  return Format("<div class=\"block\">{}{}</div>\n", head, body);
}

struct BlockDrawer {
  std::string operator()(const Paragraph& block) const {
    return Format("<p>{}</p>\n", EscapeHtml(block.text));
  }
  std::string operator()(const Facts& block) const {
    std::string body = "<dl>";
    for (const Fact& fact : block.facts) {
      body += Format("<dt>{}</dt><dd>{} <small>{}</small></dd>", EscapeHtml(fact.name),
                     EscapeHtml(fact.value), EscapeHtml(fact.reason));
    }
    return Titled(block.title, body + "</dl>");
  }
  std::string operator()(const DataTable& block) const {
    const std::string body = DrawTable(block.columns, block.numeric, block.rows);
    if (!block.folded) return Titled(block.title, body);
    return Format("<details class=\"block\"><summary>{} ({} rows)</summary>{}</details>\n",
                  EscapeHtml(block.title), block.rows.size(), body);
  }
  std::string operator()(const DotChart& block) const { return DrawDots(block); }
  std::string operator()(const BarChart& block) const { return DrawBars(block); }
  std::string operator()(const Histogram& block) const { return DrawHistogram(block); }
  std::string operator()(const LineChart& block) const { return DrawLines(block); }
  std::string operator()(const ConfusionMatrix& block) const { return DrawConfusion(block); }
  std::string operator()(const HeatMap& block) const { return DrawHeatMap(block); }
  std::string operator()(const Diagram& block) const { return DrawDiagram(block); }
  std::string operator()(const Multiples& block) const {
    std::string body = "<div class=\"grid\">";
    for (const auto& chart : block.charts) {
      const auto* bars = std::get_if<BarChart>(&chart);
      body += bars != nullptr ? DrawBars(*bars, ChartSize::kSmall) : std::visit(*this, chart);
    }
    return Titled(block.title, body + "</div>");
  }
  std::string operator()(const Preformatted& block) const {
    return Titled(block.title, Format("<pre>{}</pre>", EscapeHtml(block.text)));
  }
};

bool IsChart(const Block& block) {
  return std::holds_alternative<DotChart>(block) || std::holds_alternative<LineChart>(block) ||
         std::holds_alternative<BarChart>(block) || std::holds_alternative<Histogram>(block) ||
         std::holds_alternative<ConfusionMatrix>(block) || std::holds_alternative<HeatMap>(block);
}

// Charts that follow each other stand side by side where the screen is wide enough.
std::string DrawBlocks(const std::vector<Block>& blocks) {
  std::string html;
  for (size_t i = 0; i < blocks.size();) {
    size_t last = i;
    while (last < blocks.size() && IsChart(blocks[last])) ++last;
    if (last < i + 2) {
      html += std::visit(BlockDrawer{}, blocks[i++]);
      continue;
    }
    html += "<div class=\"pair\">";
    for (; i < last; ++i) html += std::visit(BlockDrawer{}, blocks[i]);
    html += "</div>\n";
  }
  return html;
}

std::string DrawCriteria(const Document& document) {
  std::string html = "<ol class=\"criteria\">";
  for (const Criterion& criterion : document.criteria) {
    html += Format(
        "<li class=\"mark {}\">{}<br>{}. <a href=\"#{}\">{}</a><br>"
        "<span class=\"soft\">{}</span>",
        CheckStateName(criterion.state), StateMark(criterion.state), criterion.number,
        EscapeHtml(criterion.anchor), EscapeHtml(criterion.title), EscapeHtml(criterion.evidence));
    if (!criterion.fix.empty() && criterion.state != CheckState::kMet) {
      html += Format("<br><span class=\"soft\">try: {}</span>", EscapeHtml(criterion.fix));
    }
    html += "</li>";
  }
  return html + "</ol>\n";
}

}  // namespace

std::string RenderHtml(const Document& document) {
  std::string html = Format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{} {}</title>"
      "<style>{}</style></head><body><header><h1>{}</h1><p>{}</p>"
      "<p class=\"soft\">{} · run {} · {} · {}</p>\n",
      EscapeHtml(document.project), EscapeHtml(document.run_id), kStyle,
      EscapeHtml(document.question), EscapeHtml(document.answer), EscapeHtml(document.project),
      EscapeHtml(document.run_id), EscapeHtml(document.created), EscapeHtml(document.program));
  html += DrawCriteria(document) + "</header><main>";
  for (const Section& section : document.sections) {
    html +=
        Format("<section id=\"phase-{}\"><h2>{}. {}</h2><p class=\"soft\">{} % of the run, {}</p>",
               section.phase, section.phase, EscapeHtml(section.title), section.checkpoint.percent,
               FormatDuration(section.seconds));
    html += DrawCheckpoint(section.checkpoint);
    html += DrawBlocks(section.blocks);
    html += "</section>\n";
  }
  html += Format("</main><script>{}</script></body></html>\n", kScript);
  return html;
}

}  // namespace millrace::report
