// Any bytes as a JSON document: an error or a value whose text is stable.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto value = millrace::json::Parse(input, "fuzz");
  if (!value.ok()) return 0;
  const std::string text = millrace::json::Write(*value);
  const auto again = millrace::json::Parse(text, "written");
  MILLRACE_CHECK(again.ok(), "a written document can be read");
  MILLRACE_CHECK(millrace::json::Write(*again) == text, "the text of a document is stable");
  MILLRACE_CHECK(millrace::json::Parse(millrace::json::WritePretty(*value), "pretty").ok(),
                 "an indented document can be read");
  return 0;
}
