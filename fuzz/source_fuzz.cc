// Any bytes as a delimited file: an error or a source whose rows can be read to the end.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/format.h"
#include "engine/engine.h"
#include "engine/source.h"

namespace {

// Starting an engine costs more than reading a file; all inputs share one.
millrace::engine::Engine& SharedEngine() {
  static const std::unique_ptr<millrace::engine::Engine> engine =
      *millrace::engine::MakeDuckDbEngine({.memory_bytes = int64_t{256} << 20});
  return *engine;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string folder = std::filesystem::temp_directory_path();
  const std::string name = millrace::Format("millrace_source_fuzz_{}.csv", getpid());
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  std::ofstream(path, std::ios::binary).write(input.data(), static_cast<std::streamsize>(size));
  auto& engine = SharedEngine();
  const auto source = millrace::engine::OpenSource(engine, folder, {name}, {}, "fuzz");
  if (source.ok()) {
    MILLRACE_CHECK(!source->columns.empty(), "an opened source has columns");
    const auto count = [](const millrace::table::Table&) { return millrace::Status(); };
    if (engine.Stream("SELECT * FROM fuzz", count).ok()) {
      (void)millrace::engine::RejectedRows(engine, *source);
    }
  }
  std::filesystem::remove(path);
  return 0;
}
