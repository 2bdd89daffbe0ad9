#include "cli/progress_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "json/text.h"

namespace millrace::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

report::Section SectionOf(int phase, std::string title) {
  report::Section section;
  section.phase = phase;
  section.checkpoint = {.phase = phase, .percent = 0, .title = std::move(title), .checks = {}};
  return section;
}

struct Screen {
  FakeClock clock;
  std::string text;
  ProgressView Make(ProgressView::Form form, int64_t width = 80) {
    return ProgressView(form, Terminal{.interactive = true, .colour = false, .width = width}, clock,
                        [this](std::string_view piece) { text += piece; });
  }
};

TEST(ProgressView, PhasesEndAtTheirShareOfTheWhole) {
  EXPECT_DOUBLE_EQ(WholeShare(1, 1.0), 0.20);
  EXPECT_DOUBLE_EQ(WholeShare(3, 0.6), 0.52);
  EXPECT_DOUBLE_EQ(WholeShare(4, 1.0), 0.75);
  EXPECT_DOUBLE_EQ(WholeShare(6, 1.0), 1.0);
}

TEST(ProgressView, ABarNeverWrapsAndEndsWithTitleAndSeconds) {
  for (const int64_t width : {80, 100}) {
    Screen screen;
    ProgressView view = screen.Make(ProgressView::Form::kBars, width);
    view.PhaseStarted(3, "develop");
    screen.clock.Advance(38);
    view.Progress({.phase = 3,
                   .share = 0.65,
                   .step = "41 models of many that have a very long description indeed, so long",
                   .best = "best auc 0.851 (boosted trees, eight of them, bagged)",
                   .seconds_left = 22});
    view.PhaseEnded(SectionOf(3, "model trained and validated"), false);
    for (const std::string_view line : Split(ReplaceAll(screen.text, "\r\x1b[2K", "\n"), '\n')) {
      EXPECT_LT(CountCodePoints(line), width) << line;
    }
    EXPECT_THAT(screen.text, HasSubstr("██████▌"));
    EXPECT_THAT(screen.text, HasSubstr(" 53 %"));
    EXPECT_THAT(screen.text, HasSubstr("model trained and validated, best"));
    EXPECT_THAT(screen.text, HasSubstr("       38 s\n"));
    EXPECT_THAT(screen.text, HasSubstr("bagged)\n"));
  }
}

TEST(ProgressView, ManyEventsMakeFewLines) {
  Screen screen;
  ProgressView view = screen.Make(ProgressView::Form::kLines);
  view.PhaseStarted(3, "develop");
  for (int i = 0; i < 10000; ++i) {
    screen.clock.Advance(0.006);
    view.Progress({.phase = 3, .share = i / 1e4, .step = std::to_string(i) + " models"});
  }
  view.PhaseEnded(SectionOf(3, "model trained and validated"), false);
  EXPECT_LE(Split(screen.text, '\n').size(), 8u);
  EXPECT_THAT(screen.text, Not(HasSubstr("\r")));
  EXPECT_THAT(screen.text, HasSubstr("model trained and validated   1 min"));
}

TEST(ProgressView, APhaseThatWasFoundSaysSo) {
  Screen screen;
  ProgressView view = screen.Make(ProgressView::Form::kLines);
  view.PhaseStarted(1, "design");
  view.PhaseEnded(SectionOf(1, "architecture designed"), true);
  EXPECT_EQ(screen.text, "  1 design     20 %  architecture designed   found\n");
}

TEST(ProgressView, ACheckThatIsNotMetTakesTheLine) {
  Screen screen;
  ProgressView view = screen.Make(ProgressView::Form::kLines);
  report::Section section = SectionOf(4, "model evaluated and documented");
  section.checkpoint.checks.push_back(
      {.id = "gate.auc", .label = "auc", .state = report::CheckState::kNotMet, .blocks = true});
  view.PhaseStarted(4, "evaluate");
  view.PhaseEnded(section, false);
  EXPECT_THAT(screen.text, HasSubstr("NOT MET: auc"));
}

TEST(ProgressView, EventsAreOneJsonDocumentALine) {
  Screen screen;
  ProgressView view = screen.Make(ProgressView::Form::kEvents);
  view.RunStarted("20260301-1", true);
  view.PhaseStarted(1, "design");
  view.Progress({.phase = 1, .share = 0.5, .step = "8 of 16 columns"});
  view.PhaseEnded(SectionOf(1, "architecture designed"), false);
  int lines = 0;
  for (const std::string_view line : Split(screen.text, '\n')) {
    if (line.empty()) continue;
    ++lines;
    EXPECT_TRUE(json::Parse(line, "event").ok()) << line;
  }
  EXPECT_EQ(lines, 4);
}

TEST(ProgressView, AnInterruptedLineIsEnded) {
  Screen screen;
  {
    ProgressView view = screen.Make(ProgressView::Form::kBars);
    view.PhaseStarted(2, "data");
  }
  EXPECT_EQ(screen.text.back(), '\n');
}

}  // namespace
}  // namespace millrace::cli
