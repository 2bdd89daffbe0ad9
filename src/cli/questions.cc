#include "cli/questions.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "base/format.h"
#include "base/process.h"
#include "base/terminal.h"
#include "base/text.h"

namespace millrace::cli {
namespace {

constexpr size_t kMaxAnswer = 4096;
constexpr size_t kShownChoices = 12;

// A line of standard input without its end; interrupts are seen while it waits.
Result<std::string> ReadLine() {
  std::string line;
  while (line.size() < kMaxAnswer) {
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    pollfd ready{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int count = poll(&ready, 1, 100);
    if (count == 0 || (count < 0 && errno == EINTR)) continue;
    char c = 0;
    const ssize_t got = read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Cancelled("no answer: the input ended");
    if (c == '\n') return line;
    line += c;
  }
  return InvalidSpec("the answer is too long");
}

}  // namespace

design::Unanswered HowToAnswer(const CommandContext& context) {
  if (context.consent == CommandContext::Consent::kGiven) return design::Unanswered::kGuess;
  return isatty(STDIN_FILENO) == 1 && DescribeTerminal(2).interactive ? design::Unanswered::kAsk
                                                                      : design::Unanswered::kFail;
}

Result<std::string> ChoiceOf(const design::OpenQuestion& question, std::string_view answer) {
  const std::string text(Trim(answer));
  if (text.empty()) {
    if (question.best_guess.empty()) return InvalidSpec("an answer is needed");
    return question.best_guess;
  }
  if (question.choices.empty()) return text;
  for (const std::string& choice : question.choices) {
    if (choice == text) return choice;
  }
  for (const std::string& choice : question.choices) {
    if (EqualsIgnoreCase(choice, text)) return choice;
  }
  if (const auto number = ParseInt(text);
      number && *number >= 1 && *number <= static_cast<int64_t>(question.choices.size())) {
    return question.choices[static_cast<size_t>(*number - 1)];
  }
  std::string hint = DidYouMean(text, question.choices);
  if (hint.empty()) hint = Format("a number from 1 to {}, or the name", question.choices.size());
  return InvalidSpec(Format("no such choice: \"{}\"", text)).WithHint(std::move(hint));
}

Result<std::string> AskOnTerminal(const design::OpenQuestion& question) {
  std::string text = question.question + "\n";
  for (size_t i = 0; i < question.choices.size() && i < kShownChoices; ++i) {
    text += Format("  {:>2}  {}\n", i + 1, question.choices[i]);
  }
  if (question.choices.size() > kShownChoices) {
    text += Format("      and {} more, by name\n", question.choices.size() - kShownChoices);
  }
  while (true) {
    const std::string guess =
        question.best_guess.empty() ? "" : Format(" [{}]", question.best_guess);
    std::fprintf(stderr, "%sanswer%s: ", text.c_str(), guess.c_str());
    std::fflush(stderr);
    MILLRACE_ASSIGN_OR_RETURN(const std::string line, ReadLine());
    const Result<std::string> choice = ChoiceOf(question, line);
    if (choice.ok()) return choice;
    text = choice.status().ToString() + "\n";
  }
}

}  // namespace millrace::cli
