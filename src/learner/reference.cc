#include "learner/reference.h"

#include "base/format.h"
#include "base/options.h"

namespace millrace::learner {

std::string LearnersMarkdown(const Registry& registry) {
  std::string page =
      "# Learners and their options\n\n"
      "What `develop.learners` may name and `develop.options` may fix, learner by learner; "
      "whatever "
      "is not fixed is tuned. Made from the option tables in `src/learner`.\n\n"
      "```yaml\ndevelop:\n  learners: [linear, boosting]\n  options:\n    boosting: {leaves: "
      "15}\n```\n";
  for (const auto& learner : registry.all()) {
    page += Format("\n## {}\n{} Tasks: {}.\n", learner->name(), learner->summary(),
                   learner->capabilities().tasks);
    if (!learner->options().empty()) page += "\n" + OptionsToMarkdown(learner->options());
  }
  return page;
}

}  // namespace millrace::learner
