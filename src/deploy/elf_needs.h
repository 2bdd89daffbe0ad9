// What a Linux program needs to run: its interpreter and shared libraries, read from its ELF header
// and those of its libraries (System V ABI, chapters 4 and 5), without running it.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace millrace::deploy {

struct ElfNeeds {
  std::string interpreter;             // "/lib64/ld-linux-x86-64.so.2"; empty: a static program
  std::vector<std::string> libraries;  // DT_NEEDED names, in order
  std::vector<std::string> search;     // DT_RUNPATH or DT_RPATH folders; $ORIGIN as written
};
/// Reads the bytes of a 64-bit little-endian ELF file; `where` names it in errors. kUnsupported for
/// anything else, kCorrupt when a table points outside the file. A statically linked program has no
/// needs.
Result<ElfNeeds> ReadElfNeeds(std::string_view bytes, const std::string& where);

struct SharedLibrary {
  std::string name;  // "libfmt.so.9", or the interpreter's path
  std::string path;  // the file on this machine
};
/// Returns everything that the program needs, directly and through its libraries, each once, sorted
/// by name; the interpreter first. Libraries are looked for in the folders that the file names,
/// then in the system's default folders. kNotFound naming a library that is nowhere.
Result<std::vector<SharedLibrary>> NeededLibraries(const std::string& program);

}  // namespace millrace::deploy
