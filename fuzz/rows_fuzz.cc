// Any bytes as JSON records, as packed text and as the texts that name sources: errors or rows.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/byte_reader.h"
#include "engine/delimited_text.h"
#include "engine/json_rows.h"
#include "engine/query_text.h"
#include "net/url.h"
#include "spec/locator.h"

namespace {

void ReadTexts(std::string_view input) {
  const auto locator = millrace::spec::ParseLocator(input);
  if (locator.ok()) {
    const auto again = millrace::spec::ParseLocator(millrace::spec::WriteLocator(*locator));
    MILLRACE_CHECK(again.ok() && again->place == locator->place && again->table == locator->table &&
                       again->query == locator->query,
                   "a locator reads back as it was written");
  }
  (void)millrace::engine::ReadQuery(input);
  (void)millrace::engine::SplitTableName(input);
  const auto url = millrace::net::ParseUrl(input);
  if (url.ok()) {
    MILLRACE_CHECK(!url->host.empty() && !url->target.empty(), "a URL has host and target");
    (void)millrace::net::FollowRedirect(*url, input);
  }
  (void)millrace::net::FollowRedirect({.secure = true, .host = "h", .port = 1}, input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ReadTexts(input);
  const std::string base = millrace::Format(
      "{}/millrace_rows_fuzz_{}", std::filesystem::temp_directory_path().string(), getpid());
  const std::string in = base + ".in";
  const std::string out = base + ".out";
  const std::string rejects = base + ".rejects";
  std::ofstream(in, std::ios::binary).write(input.data(), static_cast<std::streamsize>(size));
  (void)millrace::engine::ReadFront(in, size_t{1} << 22);
  (void)millrace::engine::CopyJson(in, "in", out);
  const auto form = millrace::engine::SniffDelimited(in, "in", {});
  if (form.ok()) {
    MILLRACE_CHECK(!form->columns.empty(), "delimited text has columns");
    const bool utf8 = millrace::IsValidUtf8(input) && input.find('\0') == std::string_view::npos;
    MILLRACE_CHECK(!utf8 || form->encoding == millrace::engine::Encoding::kUtf8,
                   "valid UTF-8 is read as UTF-8");
    (void)millrace::engine::CopyDelimited(in, "in", *form, out, rejects);
  }
  for (const std::string& path : {in, out, rejects}) std::filesystem::remove(path);
  return 0;
}
