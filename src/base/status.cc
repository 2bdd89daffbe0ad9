#include "base/status.h"

#include <utility>

#include "base/check.h"

namespace millrace {
namespace {

struct CodeRow {
  Code code;
  std::string_view name;
  int exit_code;
  int http_status;
};

// The one table from code to name, exit code and HTTP status.
constexpr CodeRow kCodes[] = {
    {Code::kOk, "ok", 0, 200},
    {Code::kInvalidSpec, "invalid_spec", 2, 400},
    {Code::kInvalidData, "invalid_data", 3, 400},
    {Code::kNotFound, "not_found", 2, 404},
    {Code::kUnsupported, "unsupported", 2, 501},
    {Code::kGateNotMet, "gate_not_met", 1, 409},
    {Code::kCorrupt, "corrupt", 3, 500},
    {Code::kIoError, "io_error", 4, 500},
    {Code::kResourceExhausted, "resource_exhausted", 4, 503},
    {Code::kCancelled, "cancelled", 130, 499},
    {Code::kUnavailable, "unavailable", 4, 503},
    {Code::kInternal, "internal", 5, 500},
};

const CodeRow& RowOf(Code code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return row;
  }
  return kCodes[std::size(kCodes) - 1];
}

const std::string kEmptyText;
const std::vector<std::string> kEmptyContext;

}  // namespace

std::string_view CodeName(Code code) { return RowOf(code).name; }
int ExitCode(Code code) { return RowOf(code).exit_code; }
int HttpStatus(Code code) { return RowOf(code).http_status; }

Status::Status(Code code, std::string message, CallSite site) : state_(std::make_unique<State>()) {
  MILLRACE_CHECK(code != Code::kOk, "a failed status needs a failure code");
  state_->code = code;
  state_->message = std::move(message);
  state_->site = site;
}

Status::Status(const Status& other)
    : state_(other.state_ ? std::make_unique<State>(*other.state_) : nullptr) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) state_ = other.state_ ? std::make_unique<State>(*other.state_) : nullptr;
  return *this;
}

const std::string& Status::message() const { return state_ ? state_->message : kEmptyText; }
const std::string& Status::hint() const { return state_ ? state_->hint : kEmptyText; }
const std::vector<std::string>& Status::context() const {
  return state_ ? state_->context : kEmptyContext;
}

Status Status::WithHint(std::string hint) && {
  if (state_) state_->hint = std::move(hint);
  return std::move(*this);
}

Status Status::WithContext(std::string context) && {
  if (state_) state_->context.push_back(std::move(context));
  return std::move(*this);
}

std::string Status::ToString() const {
  if (!state_) return "ok";
  std::string text;
  for (auto it = state_->context.rbegin(); it != state_->context.rend(); ++it) {
    text += *it;
    text += ": ";
  }
  text += state_->message;
  if (!state_->hint.empty()) {
    text += '\n';
    text += state_->hint;
  }
  return text;
}

#define MILLRACE_DEFINE_STATUS(Name)                        \
  Status Name(std::string message, CallSite site) {         \
    return Status(Code::k##Name, std::move(message), site); \
  }
MILLRACE_DEFINE_STATUS(InvalidSpec)
MILLRACE_DEFINE_STATUS(InvalidData)
MILLRACE_DEFINE_STATUS(NotFound)
MILLRACE_DEFINE_STATUS(Unsupported)
MILLRACE_DEFINE_STATUS(GateNotMet)
MILLRACE_DEFINE_STATUS(Corrupt)
MILLRACE_DEFINE_STATUS(IoError)
MILLRACE_DEFINE_STATUS(ResourceExhausted)
MILLRACE_DEFINE_STATUS(Cancelled)
MILLRACE_DEFINE_STATUS(Unavailable)
MILLRACE_DEFINE_STATUS(Internal)
#undef MILLRACE_DEFINE_STATUS

}  // namespace millrace
