// Any bytes as a list of files, a pack and a manifest: refused, or read back the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/text.h"
#include "version/compression.h"
#include "version/file_tree.h"
#include "version/manifest.h"
#include "version/pack.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace::version;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto tree = ReadTree(input);
  if (tree.ok()) {
    MILLRACE_CHECK(WriteTree(*tree) == input, "one byte sequence per list of files");
    for (const FileEntry& file : tree->files) {
      MILLRACE_CHECK(IsSafePath(file.path), "no path leads out of the folder");
    }
  }
  const auto table = ReadPackTable(input);
  if (table.ok()) {
    for (const Block& block : table->blocks) {
      (void)Decompress(input.substr(block.offset, block.stored_size), block.size, "");
    }
  }
  // As if its checksum were right: what follows must hold without it.
  PackBuilder builder;
  builder.Add({.size = static_cast<uint32_t>(size)}, input, {});
  MILLRACE_CHECK(size > static_cast<size_t>(kMaxBlock) || ReadPackTable(builder.Finish()).ok(),
                 "what is built is read");
  const auto manifest = ReadManifest(input);
  if (manifest.ok()) {
    const auto again = ManifestFromJson(ToJson(*manifest));
    MILLRACE_CHECK(again.ok() && *again == *manifest, "a manifest reads back");
  }
  return 0;
}
