// Result<T>: a value or a failed Status.
//
// Invariant: holds exactly one of the two; a Result built from an ok Status stops the program
// (our bug). Thread safety: as for T.

#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace millrace {

template <typename T>
class [[nodiscard]] Result {
 public:
  /// Makes a failed result; `status` must not be ok. Implicit, so that `return InvalidData(...)`
  /// works.
  Result(Status status) : status_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    MILLRACE_CHECK(!status_.ok(), "a Result needs a value or a failure");
  }
  /// Makes a successful result. Implicit, so that `return value` works.
  template <typename U = T>
  requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::decay_t<U>, Status> &&
           !std::is_same_v<std::decay_t<U>, Result<T>>)
      Result(U&& value)  // NOLINT(google-explicit-constructor)
      : value_(std::in_place, std::forward<U>(value)) {}

  bool ok() const { return value_.has_value(); }
  /// Returns the failure, or an ok status when there is a value.
  const Status& status() const { return status_; }

  /// Returns the value; must be ok().
  const T& value() const& {
    MILLRACE_CHECK(ok(), status_.message().c_str());
    return *value_;
  }
  T& value() & {
    MILLRACE_CHECK(ok(), status_.message().c_str());
    return *value_;
  }
  /// By value, so that `for (auto& x : F().value())` does not walk over a dead object.
  T value() && {
    MILLRACE_CHECK(ok(), status_.message().c_str());
    return std::move(*value_);
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace millrace

#define MILLRACE_ASSIGN_OR_RETURN_INNER(result, lhs, expr) \
  auto result = (expr);                                    \
  if (!result.ok()) return result.status();                \
  lhs = std::move(result).value()

/// `MILLRACE_ASSIGN_OR_RETURN(auto x, F())`: binds the value or returns the failure.
#define MILLRACE_ASSIGN_OR_RETURN(lhs, expr) \
  MILLRACE_ASSIGN_OR_RETURN_INNER(MILLRACE_CONCAT(millrace_result_, __LINE__), lhs, expr)
