#include "serve/invalid_field.h"

#include "base/format.h"
#include "json/text.h"

namespace millrace::serve {

bool Refuses(expect::Action action, InvalidRows policy) {
  if (policy == InvalidRows::kAccept) return false;
  return action == expect::Action::kReject ||
         (action == expect::Action::kPolicy && policy == InvalidRows::kReject);
}

std::string InvalidFieldsJson(std::span<const InvalidField> fields) {
  std::string out = "[";
  for (const InvalidField& field : fields) {
    out += Format("{}{{\"row\":{},\"column\":{},\"check\":{},\"value\":{},\"message\":{}}}",
                  out.size() > 1 ? "," : "", field.row, json::Quote(field.column),
                  json::Quote(field.check), field.value, json::Quote(field.message));
  }
  out += ']';
  return out;
}

}  // namespace millrace::serve
