#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "json/text.h"
#include "report/html.h"
#include "report/markdown.h"
#include "report/terminal.h"

namespace millrace::report {
namespace {

constexpr char kHostile[] = "<script>alert(1)</script>\x1b[2J\"'&";

Document Hostile() {
  Document document;
  document.run_id = document.project = document.question = document.answer = kHostile;
  document.program = document.created = kHostile;
  document.criteria.push_back({1, kHostile, CheckState::kNotMet, kHostile, kHostile, kHostile});
  Section section;
  section.phase = 4;
  section.title = kHostile;
  Check check;
  check.label = check.unit = check.requirement = kHostile;
  check.evidence = check.fix = check.source = kHostile;
  check.state = CheckState::kNotMet;
  check.value = 0.5;
  section.checkpoint = {4, 75, kHostile, {check}};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const DotItem dot{kHostile, nan, 0.1, nan, kHostile, true};
  const BarChart bars{kHostile, kHostile, {{kHostile, nan, kHostile}, {"b", -3.0, ""}}};
  const Histogram histogram{kHostile, kHostile, {0, 1, 2}, {3, 4},
                            {1, 1},   kHostile, kHostile,  kHostile};
  LineChart lines;
  lines.title = lines.x_axis = lines.y_axis = lines.marked_label = kHostile;
  lines.lines.push_back({kHostile, {{0, 0}, {nan, 1}, {1, 1}}, true});
  lines.marked = {0.5, 0.5};
  lines.diagonal = true;
  section.blocks = {Paragraph{kHostile},
                    Facts{kHostile, {{kHostile, kHostile, kHostile}}},
                    DataTable{kHostile, {kHostile}, {false}, {{kHostile}}, true},
                    DotChart{kHostile, kHostile, {dot}, 0.3, kHostile},
                    bars,
                    histogram,
                    Multiples{kHostile, {histogram, bars}},
                    lines,
                    ConfusionMatrix{kHostile, {kHostile, "b"}, {{3, 1}, {0, 0}}},
                    Preformatted{kHostile, kHostile}};
  document.sections.push_back(section);
  return document;
}

TEST(HtmlTest, EscapesEveryTextOfTheUser) {
  const std::string html = RenderHtml(Hostile());
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(1)"), std::string::npos);
}

TEST(HtmlTest, IsOneFileWithoutNetworkAndWithoutBrokenNumbers) {
  const std::string html = RenderHtml(Hostile());
  for (const char* part : {"http:", "https:", "src=", "@import", "\"nan\"", "\"inf\"", "Mnan"}) {
    EXPECT_EQ(html.find(part), std::string::npos) << part;
  }
  EXPECT_NE(html.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST(HtmlTest, EveryChartHasATextAlternativeAndItsData) {
  const std::string html = RenderHtml(Hostile());
  size_t charts = 0;
  for (size_t at = html.find("<svg"); at != std::string::npos; at = html.find("<svg", at + 1)) {
    ++charts;
    EXPECT_EQ(html.substr(at, 120).find("role=\"img\"") == std::string::npos, false);
    EXPECT_NE(html.find("<summary>Data</summary>", at), std::string::npos);
  }
  EXPECT_EQ(charts, 6U);
}

// A document with the drawings of the first two phases.
Document Drawings() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Document document;
  Section section;
  section.phase = 2;
  section.blocks = {
      HeatMap{kHostile, kHostile, {kHostile, "b"}, {kHostile, "b"}, {{1, -0.5}, {nan, 1}}, -1.0},
      HeatMap{"gaps", "share", {"a"}, {"from row 1", "from row 9"}, {{0.25, 0.75}}},
      HeatMap{"none", "share", {}, {}, {}},
      Diagram{kHostile,
              {{kHostile, {kHostile, std::string(200, 'w')}, 0, DiagramColumn::kBoth},
               {"left", {}, 1, DiagramColumn::kLeft},
               {"right", {"x"}, 1, DiagramColumn::kRight},
               {"last", {}, 2, DiagramColumn::kBoth}},
              {{0, 1, ""}, {0, 2, "some"}, {1, 3, ""}, {3, 0, kHostile}, {9, 1, ""}},
              kHostile}};
  document.sections.push_back(section);
  return document;
}

TEST(HtmlTest, MapsAndDiagramsHaveATextAlternativeAndBothThemes) {
  const std::string html = RenderHtml(Drawings());
  size_t charts = 0;
  for (size_t at = html.find("<svg"); at != std::string::npos; at = html.find("<svg", at + 1)) {
    ++charts;
    EXPECT_NE(html.substr(at, 120).find("role=\"img\""), std::string::npos);
    EXPECT_NE(html.find("<summary>Data</summary>", at), std::string::npos);
  }
  EXPECT_EQ(charts, 3U);  // an empty map draws nothing
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.find("nan\""), std::string::npos);
  for (const char* part : {"class=\"heat\"", "class=\"heat-low\"", "class=\"heat-none\"",
                           "class=\"box\"", "class=\"flow\"", ".heat{fill:var(--blue)}"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
}

TEST(HtmlTest, MapsAndDiagramsSurviveJson) {
  Document named = Drawings();
  named.run_id = "r";
  const auto read = DocumentFromJson(ToJson(named));
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(json::Write(ToJson(*read)["sections"].AsArray()[0]["blocks"].AsArray()[1]),
            json::Write(ToJson(named)["sections"].AsArray()[0]["blocks"].AsArray()[1]));
  EXPECT_EQ(RenderHtml(*read), RenderHtml(named));
  EXPECT_EQ(RenderMarkdown(*read), RenderMarkdown(named));
}

TEST(HtmlTest, EmptyDocumentIsAPage) {
  const std::string html = RenderHtml(Document{});
  EXPECT_EQ(html.rfind("</html>\n"), html.size() - 8);
}

TEST(TerminalTest, SaysStateValueIntervalRequirementAndHint) {
  Check check;
  check.label = "auc";
  check.state = CheckState::kNotMet;
  check.value = 0.7;
  check.low = 0.6;
  check.high = 0.8;
  check.requirement = ">= 0.80";
  check.fix = "more rows";
  check.source = "millrace.yaml:31";
  EXPECT_EQ(RenderCheckpoint({4, 75, "model evaluated", {check}}, {}),
            "checkpoint 4  model evaluated\n"
            "  NOT MET   auc  0.70  [0.60, 0.80]  >= 0.80\n"
            "            try: more rows millrace.yaml:31\n");
}

TEST(TerminalTest, ColumnsAlignAndEvidenceFindsRoom) {
  Check auc{.id = "gate.auc", .label = "auc", .state = CheckState::kMet, .value = 0.84213};
  auc.low = 0.82;
  auc.high = 0.861;
  auc.requirement = ">= 0.8";
  Check size{.id = "gate.model_size", .label = "model_size", .state = CheckState::kMet};
  size.value = 1.1;
  size.unit = "MB";
  size.requirement = "<= 50MB";
  size.evidence = "the bundle is 1.1 MB";
  Check edge{.id = "edge.all", .label = "every value missing", .state = CheckState::kMet};
  edge.evidence = "20 rows";
  EXPECT_EQ(RenderCheckpoint({4, 75, "model evaluated", {auc, size, edge}}, {.width = 80}),
            "checkpoint 4  model evaluated\n"
            "  met       auc                  0.842   [0.820, 0.861]  >= 0.8\n"
            "  met       model_size           1.1 MB                  <= 50MB\n"
            "              the bundle is 1.1 MB\n"
            "  met       every value missing   20 rows\n");
}

TEST(TerminalTest, DataCannotSteerTheTerminal) {
  const std::string text = RenderCheckpoint(Hostile().sections[0].checkpoint, {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(TerminalTest, FoldsLongReasonsAtTheWidth) {
  std::string reason;
  for (int i = 0; i < 40; ++i) reason += "word ";
  const std::string text = RenderFacts({"", {{"task", "binary", reason}}}, {.width = 80});
  size_t start = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(end - start, 80U);
    start = end + 1;
  }
}

TEST(MarkdownTest, EscapesAndKeepsTables) {
  EXPECT_EQ(EscapeMarkdown("a|b\n<c>*"), "a\\|b &lt;c&gt;\\*");
  const std::string markdown = RenderMarkdown(Hostile());
  EXPECT_EQ(markdown.find("<script>"), std::string::npos);
}

}  // namespace
}  // namespace millrace::report
