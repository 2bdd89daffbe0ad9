#include "deploy/elf_needs.h"

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::deploy {
namespace {

// Where the dynamic loader of Debian and its kin looks besides what a file says.
constexpr const char* kDefaultFolders[] = {"/lib/x86_64-linux-gnu",
                                           "/usr/lib/x86_64-linux-gnu",
                                           "/lib64",
                                           "/usr/lib64",
                                           "/lib",
                                           "/usr/lib",
                                           "/usr/local/lib"};

// Reads fixed structures and texts at offsets of a file, within its bounds.
class ElfBytes {
 public:
  ElfBytes(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  template <typename T>
  Result<T> At(uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return Outside();
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  Result<std::string> TextAt(uint64_t offset) const {
    if (offset >= bytes_.size()) return Outside();
    const size_t end = bytes_.find('\0', offset);
    if (end == std::string_view::npos) return Outside();
    return std::string(bytes_.substr(offset, end - offset));
  }
  Status Outside() const {
    return Corrupt(Format("{}: damaged: a table points outside the file", where_));
  }

 private:
  std::string_view bytes_;
  const std::string& where_;
};

struct Segments {
  std::vector<Elf64_Phdr> loads;
  std::optional<Elf64_Phdr> dynamic;
  std::optional<Elf64_Phdr> interpreter;
};

Result<Segments> ReadSegments(const ElfBytes& file, const Elf64_Ehdr& header) {
  Segments segments;
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    MILLRACE_ASSIGN_OR_RETURN(const auto segment,
                              file.At<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr)));
    if (segment.p_type == PT_LOAD) segments.loads.push_back(segment);
    if (segment.p_type == PT_DYNAMIC) segments.dynamic = segment;
    if (segment.p_type == PT_INTERP) segments.interpreter = segment;
  }
  return segments;
}

// Returns where in the file an address of memory lies.
std::optional<uint64_t> OffsetOf(const Segments& segments, uint64_t address) {
  for (const Elf64_Phdr& load : segments.loads) {
    if (address >= load.p_vaddr && address - load.p_vaddr < load.p_filesz) {
      return load.p_offset + (address - load.p_vaddr);
    }
  }
  return std::nullopt;
}

Result<std::vector<Elf64_Dyn>> ReadDynamic(const ElfBytes& file, const Elf64_Phdr& segment) {
  std::vector<Elf64_Dyn> entries;
  for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
    MILLRACE_ASSIGN_OR_RETURN(const auto entry, file.At<Elf64_Dyn>(segment.p_offset + at));
    if (entry.d_tag == DT_NULL) break;
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace

Result<ElfNeeds> ReadElfNeeds(std::string_view bytes, const std::string& where) {
  const ElfBytes file(bytes, where);
  const Result<Elf64_Ehdr> header = file.At<Elf64_Ehdr>(0);
  if (!header.ok() || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
      header->e_machine != EM_X86_64) {
    return Unsupported(Format("{}: not a 64-bit x86 Linux program", where));
  }
  MILLRACE_ASSIGN_OR_RETURN(const Segments segments, ReadSegments(file, *header));
  ElfNeeds needs;
  if (segments.interpreter) {
    MILLRACE_ASSIGN_OR_RETURN(needs.interpreter, file.TextAt(segments.interpreter->p_offset));
  }
  if (!segments.dynamic) return needs;
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Elf64_Dyn> entries,
                            ReadDynamic(file, *segments.dynamic));
  std::optional<uint64_t> texts;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_STRTAB) texts = OffsetOf(segments, entry.d_un.d_ptr);
  }
  for (const Elf64_Dyn& entry : entries) {
    const bool is_library = entry.d_tag == DT_NEEDED;
    const bool is_search = entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH;
    if (!is_library && !is_search) continue;
    if (!texts) return file.Outside();
    MILLRACE_ASSIGN_OR_RETURN(std::string text, file.TextAt(*texts + entry.d_un.d_val));
    if (is_library) {
      needs.libraries.push_back(std::move(text));
    } else {
      for (const std::string_view folder : Split(text, ':')) needs.search.emplace_back(folder);
    }
  }
  return needs;
}

Result<std::vector<SharedLibrary>> NeededLibraries(const std::string& program) {
  std::map<std::string, std::string> found;  // name to path
  std::string interpreter;
  std::deque<std::string> unread = {program};
  while (!unread.empty()) {
    const std::string path = unread.front();
    unread.pop_front();
    MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
    MILLRACE_ASSIGN_OR_RETURN(const ElfNeeds needs, ReadElfNeeds(file.bytes(), path));
    if (path == program) interpreter = needs.interpreter;
    std::vector<std::string> folders;
    for (const std::string& folder : needs.search) {
      folders.push_back(ReplaceAll(folder, "$ORIGIN", FolderName(path)));
    }
    for (const char* folder : kDefaultFolders) folders.emplace_back(folder);
    for (const std::string& name : needs.libraries) {
      if (found.count(name) != 0 || name == BaseName(interpreter)) continue;
      std::string place;
      for (const std::string& folder : folders) {
        place = JoinPath(folder, name);
        if (FileExists(place)) break;
        place.clear();
      }
      if (place.empty()) return NotFound(Format("{}: needs {}, which is nowhere", path, name));
      found[name] = place;
      unread.push_back(place);
    }
  }
  std::vector<SharedLibrary> libraries;
  if (!interpreter.empty()) libraries.push_back({interpreter, interpreter});
  for (const auto& [name, path] : found) libraries.push_back({name, path});
  return libraries;
}

}  // namespace millrace::deploy
