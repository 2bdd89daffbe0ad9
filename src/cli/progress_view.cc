#include "cli/progress_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "cli/fold.h"
#include "json/text.h"

namespace millrace::cli {
namespace {

constexpr double kRedrawSeconds = 0.1;  // what an eye can follow
constexpr double kLineSeconds = 10.0;   // a log stays short
constexpr int kBarCells = 10;
constexpr int kRightWidth = 11;  // "59 min 59 s"

void WriteToStderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// Ten cells, eighths of a cell resolved.
std::string Bar(double share) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths =
      static_cast<int>(std::floor(std::clamp(share, 0.0, 1.0) * kBarCells * 8 + 1e-9));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "█";
  bar += kEighths[eighths % 8];
  const int used = eighths / 8 + (eighths % 8 > 0 ? 1 : 0);
  return bar + std::string(static_cast<size_t>(kBarCells - used), ' ');
}

std::string PadRight(std::string text, int64_t width) {
  const int64_t missing = width - CountCodePoints(text);
  if (missing > 0) text.append(static_cast<size_t>(missing), ' ');
  return text;
}

std::string Unmet(const report::Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const report::Check& check : checkpoint.checks) {
    if (check.blocks && check.state == report::CheckState::kNotMet) names.push_back(check.label);
  }
  return names.empty() ? std::string() : "NOT MET: " + Join(names, ", ");
}

ProgressView::Form FormOf(Output::Form output, const Terminal& terminal) {
  if (output == Output::Form::kJson) return ProgressView::Form::kEvents;
  return terminal.interactive ? ProgressView::Form::kBars : ProgressView::Form::kLines;
}

}  // namespace

double WholeShare(int phase, double share) {
  static constexpr double kEnds[] = {0.0, 0.20, 0.40, 0.60, 0.75, 0.90, 1.0};
  const int at = std::clamp(phase, 1, 6);
  return kEnds[at - 1] + (kEnds[at] - kEnds[at - 1]) * std::clamp(share, 0.0, 1.0);
}

ProgressView::ProgressView(Output::Form output, const Clock& clock)
    : ProgressView(FormOf(output, DescribeTerminal(2)), DescribeTerminal(2), clock, WriteToStderr) {
}

ProgressView::ProgressView(Form form, const Terminal& terminal, const Clock& clock, Write write)
    : form_(form), terminal_(terminal), clock_(clock), write_(std::move(write)) {}

ProgressView::~ProgressView() { Finish(); }

void ProgressView::Event(json::Json event) { write_(json::Write(event) + "\n"); }

void ProgressView::RunStarted(const std::string& run_id, bool resumed) {
  if (form_ == Form::kEvents) {
    Event(json::Json::Of({{"event", "run_started"}, {"run", run_id}, {"resumed", resumed}}));
  } else if (resumed) {
    write_(Format("run {} goes on where it was interrupted\n", run_id));
  }
}

void ProgressView::PhaseStarted(int phase, const std::string& name) {
  phase_ = phase;
  name_ = name;
  last_ = ProgressEvent{.phase = phase};
  best_.clear();
  started_ = clock_.MonotonicSeconds();
  last_written_ = started_;
  if (form_ == Form::kEvents) {
    Event(json::Json::Of({{"event", "phase_started"}, {"phase", phase}, {"name", name}}));
  } else if (form_ == Form::kBars) {
    Redraw();
  }
}

std::string ProgressView::LiveWords() const {
  std::string words = last_.step;
  if (!best_.empty()) words += (words.empty() ? "" : ", ") + best_;
  if (last_.seconds_left) {
    words += Format("{}{} left", words.empty() ? "" : ", ",
                    FormatDuration(std::round(*last_.seconds_left)));
  }
  return words;
}

std::string ProgressView::Line(double share, const std::string& words,
                               const std::string& right) const {
  const std::string head = Format("  {} {:<8}  ", phase_, name_);
  const std::string percent =
      Format("{:>3.0f} %  ", std::floor(WholeShare(phase_, share) * 100 + 1e-9));
  if (form_ != Form::kBars) {
    return head + percent + words + (right.empty() ? "" : "   " + right) + "\n";
  }
  const int64_t indent = CountCodePoints(head) + kBarCells + 2 + CountCodePoints(percent);
  // The last column stays free: some terminals wrap when it is written.
  const int64_t room = terminal_.width - 1 - indent - 2 - kRightWidth;
  const std::vector<std::string> rows =
      right.empty() ? std::vector<std::string>{Ellipsize(words, room)} : Fold(words, room);
  std::string line = head + Bar(share) + "  " + percent + rows[0];
  if (!right.empty()) {
    line +=
        PadRight("", room - CountCodePoints(rows[0])) + "  " + Format("{:>{}}", right, kRightWidth);
  }
  for (size_t i = 1; i < rows.size(); ++i) line += "\n" + PadRight("", indent) + rows[i];
  return line;
}

void ProgressView::Redraw() {
  write_("\r\x1b[2K" + Line(last_.share, LiveWords(), ""));
  open_line_ = true;
}

void ProgressView::Progress(const ProgressEvent& event) {
  const bool changed = event.step != last_.step;
  last_ = event;
  if (!event.best.empty()) best_ = event.best;
  if (form_ == Form::kEvents) {
    json::Json document = json::Json::Of({{"event", "progress"},
                                          {"phase", event.phase},
                                          {"share", event.share},
                                          {"step", event.step},
                                          {"best", event.best}});
    if (event.seconds_left) document.Set("seconds_left", *event.seconds_left);
    Event(std::move(document));
    return;
  }
  if (phase_ == 0) return;
  const double now = clock_.MonotonicSeconds();
  if (form_ == Form::kBars) {
    if (now - last_written_ < kRedrawSeconds) return;
    last_written_ = now;
    Redraw();
  } else if (changed && now - last_written_ >= kLineSeconds) {
    last_written_ = now;
    write_(Line(event.share, LiveWords(), ""));
  }
}

void ProgressView::PhaseEnded(const report::Section& section, bool found) {
  const bool passed = section.checkpoint.passed();
  if (form_ == Form::kEvents) {
    Event(json::Json::Of({{"event", "phase_ended"},
                          {"phase", section.phase},
                          {"name", name_},
                          {"found", found},
                          {"passed", passed},
                          {"seconds", section.seconds},
                          {"title", section.checkpoint.title}}));
  } else {
    std::string words = passed ? section.checkpoint.title : Unmet(section.checkpoint);
    if (!best_.empty() && passed) words += ", " + best_;
    const double seconds = clock_.MonotonicSeconds() - started_;
    const std::string right = found ? "found" : FormatDuration(seconds);
    if (form_ == Form::kBars) write_("\r\x1b[2K");
    write_(Line(1.0, words, right));
    if (form_ == Form::kBars) write_("\n");
  }
  open_line_ = false;
  phase_ = 0;
}

void ProgressView::Finish() {
  if (open_line_) write_("\n");
  open_line_ = false;
}

}  // namespace millrace::cli
