// Any bytes as millrace.yaml: an error or a specification that writes and reads back equal.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "spec/parse.h"
#include "spec/write.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto spec = millrace::spec::Parse(input, "fuzz.yaml");
  if (!spec.ok()) return 0;
  const auto again = millrace::spec::Parse(millrace::spec::WriteSpec(*spec, {}), "written.yaml");
  MILLRACE_CHECK(again.ok(), "a written specification can be read");
  MILLRACE_CHECK(*again == *spec, "a written specification reads back equal");
  return 0;
}
