#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"

namespace millrace::cli {
namespace {

using testing::HasSubstr;

TEST(Commands, EachHasAFunctionATextAndAnExampleOfItself) {
  std::set<std::string_view> names;
  for (const Command& command : AllCommands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_NE(command.function, nullptr) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.topic.empty()) << command.name;
    EXPECT_THAT(std::string(command.example), HasSubstr("millrace " + std::string(command.name)));
  }
}

TEST(Commands, ExamplesParse) {
  for (const Command& command : AllCommands()) {
    std::string example(command.example);
    const std::string name = "millrace " + std::string(command.name);
    example = example.substr(example.find(name) + name.size());
    example = example.substr(0, example.find_first_of(">|)"));
    // Words as a shell splits them; quotes only around whole words.
    std::vector<std::string> words;
    bool quoted = false;
    std::string word;
    for (const char c : example + " ") {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ' ' && !quoted) {
        if (!word.empty()) words.push_back(word);
        word.clear();
      } else {
        word += c;
      }
    }
    std::erase_if(words, [](const std::string& w) { return w == "--json" || w == "--yes"; });
    const auto parsed = ParseArguments(command.name, command.arguments, words);
    EXPECT_TRUE(parsed.ok()) << command.example << ": " << parsed.status().ToString();
  }
}

TEST(Help, NoLineIsWiderThanTheTerminal) {
  for (const int64_t width : {80, 100}) {
    std::string all = ShortHelp(width) + FullHelp(width);
    for (const Command& command : AllCommands()) {
      EXPECT_LE(CountCodePoints(command.summary) + 2, 100) << command.name;
      const std::string help = HelpOf(command, width);
      all += help.substr(0, help.find("Example"));
    }
    for (const std::string_view line : Split(all, '\n')) {
      if (line.find("millrace ") != std::string_view::npos) continue;  // usage lines stay whole
      EXPECT_LE(CountCodePoints(line), 100) << line;
      if (line.substr(0, 2) != "  ") continue;
      EXPECT_LE(CountCodePoints(line), width) << line;
    }
  }
}

TEST(Help, TheShortOneListsSixCommands) {
  int everyday = 0;
  for (const Command& command : AllCommands()) {
    everyday += command.rank == Command::Rank::kEveryday ? 1 : 0;
  }
  EXPECT_EQ(everyday, 6);
}

TEST(Help, AGroupListsItsCommandsOnly) {
  EXPECT_THAT(HelpOfGroup("bundle", 80), HasSubstr("bundle verify"));
  EXPECT_EQ(HelpOfGroup("bundle", 80).find("spec"), std::string::npos);
  EXPECT_EQ(HelpOfGroup("nothing", 80), "");
}

TEST(Help, TheReferencePageHoldsEveryCommandAndOption) {
  const std::string page = ReferenceMarkdown();
  for (const Command& command : AllCommands()) {
    EXPECT_THAT(page, HasSubstr(Join(
                          std::vector<std::string>{"### ", std::string(command.name), "\n"}, "")));
    for (const ArgumentSpec& spec : command.arguments) {
      EXPECT_THAT(page, HasSubstr("| `" + std::string(spec.name)));
    }
  }
}

TEST(Help, TheReferencePageIsCurrent) {
  const auto page = ReadFile(MILLRACE_SOURCE_DIR "/docs/reference/cli.md");
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  EXPECT_EQ(*page, ReferenceMarkdown())
      << "millrace help reference >docs/reference/cli.md makes it anew";
}

}  // namespace
}  // namespace millrace::cli
