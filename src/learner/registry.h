// Registry: the learners that exist, by name. One page lists them: register_learners.cc.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "learner/learner.h"

namespace millrace::learner {

class Registry {
 public:
  /// Adds a learner; its name must be new.
  void Add(std::unique_ptr<Learner> learner);
  /// kNotFound naming the nearest.
  Result<const Learner*> Find(std::string_view name) const;
  const std::vector<std::unique_ptr<Learner>>& all() const { return learners_; }

 private:
  std::vector<std::unique_ptr<Learner>> learners_;
};

/// Returns a registry with every learner of the program.
Registry RegisterLearners();

}  // namespace millrace::learner
