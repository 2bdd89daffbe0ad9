#include "report/junit.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace millrace::report {
namespace {

// For attributes and for text.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
      case '\n':
      case '\r':
        out += Format("&#{};", static_cast<int>(c));
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

// XML holds UTF-8 without the two non-characters at the end of the first plane.
std::string Valid(std::string text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  if (!IsValidUtf8(text)) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
        '?');
  }
  return ReplaceAll(ReplaceAll(text, "\xEF\xBF\xBE", kReplacement), "\xEF\xBF\xBF", kReplacement);
}

std::string CaseOf(const Check& check) {
  const std::string said = check.requirement.empty()
                               ? check.evidence
                               : Format("{}, wanted {}", check.evidence, check.requirement);
  std::string out = Format("    <testcase classname=\"{}\" name=\"{}\">", Escaped(check.id),
                           Escaped(check.label));
  switch (check.state) {
    case CheckState::kNotMet:
      if (check.blocks) {
        out += Format("<failure message=\"{}\" type=\"check\">{}</failure>", Escaped(said),
                      Escaped(check.fix));
        break;
      }
      [[fallthrough]];
    case CheckState::kWarning:
      out += Format("<system-out>{}</system-out>", Escaped("warning: " + said + ": " + check.fix));
      break;
    case CheckState::kNotMeasured:
      out += Format("<skipped message=\"{}\"/>", Escaped(said));
      break;
    case CheckState::kMet:
      out += Format("<system-out>{}</system-out>", Escaped(said));
      break;
  }
  return out + "</testcase>\n";
}

}  // namespace

std::string RenderJUnit(const Checkpoint& checkpoint, std::string_view suite) {
  const auto& checks = checkpoint.checks;
  const auto failures = std::count_if(checks.begin(), checks.end(), [](const Check& check) {
    return check.blocks && check.state == CheckState::kNotMet;
  });
  const auto skipped = std::count_if(checks.begin(), checks.end(), [](const Check& check) {
    return check.state == CheckState::kNotMeasured;
  });
  const std::string counts = Format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
                                    checks.size(), failures, skipped);
  std::string out = Format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n"
      "  <testsuite name=\"{1}\" {0}>\n",
      counts, Escaped(suite));
  for (const Check& check : checks) out += CaseOf(check);
  return Valid(out + "  </testsuite>\n</testsuites>\n");
}

}  // namespace millrace::report
