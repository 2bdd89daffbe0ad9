// Any bytes as a bundle, as its container, and as request rows of a small schema.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "bundle/bundle.h"
#include "bundle/golden.h"
#include "bundle/zip.h"
#include "expect/row_checks.h"
#include "json/text.h"
#include "table/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)millrace::bundle::Bundle::FromBytes(input, "fuzz.mill");
  const auto entries = millrace::bundle::ReadZip(input, "fuzz.mill");
  if (entries.ok()) {
    const auto written = millrace::bundle::WriteZip(*entries);
    MILLRACE_CHECK(written.ok() && *written == input, "one byte sequence per list of entries");
  }
  const auto rows = millrace::json::Parse(input, "fuzz.json");
  if (!rows.ok()) return 0;
  millrace::table::ColumnSchema age;
  age.name = "age";
  age.type = millrace::table::ColumnType::kNumber;
  millrace::table::ColumnSchema city;
  city.name = "city";
  city.type = millrace::table::ColumnType::kCategory;
  const auto schema =
      std::make_shared<const millrace::table::Schema>(*millrace::table::Schema::Make({age, city}));
  (void)millrace::bundle::RowsFromJson(schema, *rows);
  const auto checks = millrace::expect::RowChecks::FromJson(*rows, *schema, "checks.json");
  if (checks.ok()) {
    const auto again =
        millrace::expect::RowChecks::FromJson(checks->ToJson(), *schema, "checks.json");
    MILLRACE_CHECK(again.ok() && again->checks() == checks->checks(), "checks read back");
  }
  return 0;
}
