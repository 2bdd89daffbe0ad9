// Status: the outcome of an operation that can fail. One pointer wide, null when ok.
//
// Thread safety: a Status is a value; distinct objects may be used from distinct threads.
// Invariant: a non-ok Status always has a non-empty message that names place, what and value.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// Who must act. New codes need a decision record; each maps to one exit code and one HTTP status.
enum class Code {
  kOk = 0,
  kInvalidSpec,        // the user: command line or millrace.yaml
  kInvalidData,        // the user: a table, a request, a label
  kNotFound,           // the user: a name that does not exist
  kUnsupported,        // the user: something this program cannot do
  kGateNotMet,         // the user: a requirement or check was measured and is not met
  kCorrupt,            // a data, model or catalog file is damaged
  kIoError,            // the machine: disk, permission, port
  kResourceExhausted,  // the machine: memory, disk space, quota
  kCancelled,          // the person or a deadline stopped the work
  kUnavailable,        // an outside system did not answer
  kInternal,           // a bug of ours
};

/// Returns the lower-case name of a code, for example "invalid_data".
std::string_view CodeName(Code code);

/// Returns the process exit code of a code: 0 done, 1 gate, 2 usage or specification, 3 data,
/// 4 environment, 5 a bug of ours, 130 interrupted.
int ExitCode(Code code);

/// Returns the HTTP status of a code, for example 400 for kInvalidData.
int HttpStatus(Code code);

/// The place in the source where a Status was made.
struct CallSite {
  const char* file = "";
  int line = 0;

  static constexpr CallSite Here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return CallSite{file, line};
  }
};

class [[nodiscard]] Status {
 public:
  /// Makes an ok status.
  Status() = default;
  /// Makes a failed status. `message` reads "where: what: value"; `code` must not be kOk.
  Status(Code code, std::string message, CallSite site = CallSite::Here());

  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  bool ok() const { return state_ == nullptr; }
  Code code() const { return state_ == nullptr ? Code::kOk : state_->code; }
  /// Returns the message without hint and context; empty when ok.
  const std::string& message() const;
  /// Returns what the user can do about it; empty when there is no hint.
  const std::string& hint() const;
  /// Returns where the failure passed through, innermost first.
  const std::vector<std::string>& context() const;
  CallSite site() const { return state_ == nullptr ? CallSite{} : state_->site; }

  /// Returns this status with a hint ("declare missing_values"); no effect when ok.
  Status WithHint(std::string hint) &&;
  /// Returns this status with one more outer context ("while reading train.csv"); no effect when
  /// ok.
  Status WithContext(std::string context) &&;

  /// Returns "context: message\nhint" as a person reads it; "ok" when ok. Never a source place.
  std::string ToString() const;

 private:
  struct State {
    Code code;
    std::string message;
    std::string hint;
    std::vector<std::string> context;
    CallSite site;
  };
  std::unique_ptr<State> state_;
};

/// Shorthands, one per code; `message` as in Status.
Status InvalidSpec(std::string message, CallSite site = CallSite::Here());
Status InvalidData(std::string message, CallSite site = CallSite::Here());
Status NotFound(std::string message, CallSite site = CallSite::Here());
Status Unsupported(std::string message, CallSite site = CallSite::Here());
Status GateNotMet(std::string message, CallSite site = CallSite::Here());
Status Corrupt(std::string message, CallSite site = CallSite::Here());
Status IoError(std::string message, CallSite site = CallSite::Here());
Status ResourceExhausted(std::string message, CallSite site = CallSite::Here());
Status Cancelled(std::string message, CallSite site = CallSite::Here());
Status Unavailable(std::string message, CallSite site = CallSite::Here());
Status Internal(std::string message, CallSite site = CallSite::Here());

}  // namespace millrace

#define MILLRACE_CONCAT_INNER(a, b) a##b
#define MILLRACE_CONCAT(a, b) MILLRACE_CONCAT_INNER(a, b)

/// Returns from the enclosing function when `expr` (a Status) is not ok.
#define MILLRACE_RETURN_IF_ERROR(expr)                                       \
  do {                                                                       \
    ::millrace::Status MILLRACE_CONCAT(millrace_status_, __LINE__) = (expr); \
    if (!MILLRACE_CONCAT(millrace_status_, __LINE__).ok())                   \
      return MILLRACE_CONCAT(millrace_status_, __LINE__);                    \
  } while (false)
