#include "learner/registry.h"

#include "base/check.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::learner {

void Registry::Add(std::unique_ptr<Learner> learner) {
  MILLRACE_CHECK(!Find(learner->name()).ok(), "each learner is registered once");
  learners_.push_back(std::move(learner));
}

Result<const Learner*> Registry::Find(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& learner : learners_) {
    if (learner->name() == name) return static_cast<const Learner*>(learner.get());
    names.emplace_back(learner->name());
  }
  return NotFound(Format("no such learner: \"{}\"", name)).WithHint(DidYouMean(name, names));
}

}  // namespace millrace::learner
