#include "store/digest_scan.h"

namespace millrace::store {
namespace {

constexpr size_t kDigits = 64;

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

void VisitDigests(std::string_view text, const std::function<void(std::string_view)>& visit) {
  size_t run = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    run = IsHex(text[i]) ? run + 1 : 0;
    if (run >= kDigits) visit(text.substr(i + 1 - kDigits, kDigits));
  }
}

}  // namespace millrace::store
