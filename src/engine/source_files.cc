#include "engine/source_files.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/byte_reader.h"
#include "spec/locator.h"

namespace millrace::engine {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::string_view kKnown =
    "known: .csv .tsv .txt .psv .data .parquet .jsonl .ndjson .json, also .gz and .zst; "
    "sqlite:FILE for an SQLite database";

bool IsPattern(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

/// Walks the folders that a pattern's parts name.
class PatternWalk {
 public:
  PatternWalk(std::vector<std::string> parts, std::vector<std::string>& found)
      : parts_(std::move(parts)), found_(found) {}

  Status Walk(const std::string& folder, size_t part, int depth) {
    if (depth > kMaxDepth || !IsFolder(folder)) return {};
    const std::string& pattern = parts_[part];
    const bool last = part + 1 == parts_.size();
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(folder));
    for (const std::string& name : names) {
      const std::string path = JoinPath(folder, name);
      if (IsHidden(name) && !pattern.starts_with(name.substr(0, 1))) continue;
      if (pattern == "**") {
        if (IsFolder(path)) {
          MILLRACE_RETURN_IF_ERROR(Walk(path, part, depth + 1));
        } else if (last) {
          found_.push_back(path);
        }
      } else if (MatchesPattern(pattern, name)) {
        if (last && !IsFolder(path)) found_.push_back(path);
        if (!last) MILLRACE_RETURN_IF_ERROR(Walk(path, part + 1, depth + 1));
      }
    }
    // "**" stands for no folder too.
    if (pattern == "**" && !last) return Walk(folder, part + 1, depth + 1);
    return {};
  }

 private:
  std::vector<std::string> parts_;
  std::vector<std::string>& found_;
};

// "/a/year=2024/x.csv" below "/a": {year, 2024}.
std::vector<std::pair<std::string, std::string>> PartitionOf(const std::string& root,
                                                             const std::string& path) {
  std::vector<std::pair<std::string, std::string>> partition;
  const std::string folder = FolderName(path);
  if (folder.size() <= root.size() || !folder.starts_with(root)) return partition;
  for (const std::string_view part : Split(std::string_view(folder).substr(root.size()), '/')) {
    const size_t sign = part.find('=');
    if (sign == std::string_view::npos || sign == 0) continue;
    partition.emplace_back(part.substr(0, sign), part.substr(sign + 1));
  }
  return partition;
}

Status CheckOneKind(const std::string& shown, const std::vector<FoundFile>& files) {
  std::optional<SourceForm> form;
  const std::string* first = nullptr;
  for (const FoundFile& file : files) {
    const Result<SourceForm> found = FormByName(file.path);
    if (!found.ok()) return found.status();
    if (form && *form != *found) {
      return InvalidData(Format("{}: holds files of several kinds: {} and {}", shown,
                                BaseName(*first), BaseName(file.path)))
          .WithHint(Format("name those you mean with a pattern: {}/**/*.csv", shown));
    }
    form = *found;
    first = &file.path;
  }
  return {};
}

Result<std::vector<FoundFile>> FilesBelow(const std::string& folder, const std::string& shown) {
  std::vector<std::string> paths;
  MILLRACE_RETURN_IF_ERROR(PatternWalk({"**"}, paths).Walk(folder, 0, 0));
  std::sort(paths.begin(), paths.end());
  std::vector<FoundFile> files;
  std::vector<std::string> other;
  for (const std::string& path : paths) {
    if (!FormByName(path).ok()) {
      other.push_back(BaseName(path));
      continue;
    }
    files.push_back({path, PartitionOf(folder, path)});
  }
  if (files.empty()) {
    return InvalidData(Format("{}: a folder without a data file", shown))
        .WithHint(std::string(kKnown));
  }
  if (!other.empty()) {
    return InvalidData(Format("{}: holds files that are no tables: {}", shown, other[0]))
        .WithHint(Format("name those you mean with a pattern: {}/**/*{}", shown,
                         files[0].path.substr(files[0].path.rfind('.'))));
  }
  MILLRACE_RETURN_IF_ERROR(CheckOneKind(shown, files));
  return files;
}

Result<std::vector<FoundFile>> FilesLike(const std::string& path, const std::string& shown) {
  std::string root = path.starts_with('/') ? "/" : ".";
  std::vector<std::string> parts;
  for (const std::string_view part : Split(path, '/')) {
    if (part.empty()) continue;
    if (parts.empty() && !IsPattern(part)) {
      root = JoinPath(root, part);
    } else {
      parts.emplace_back(part);
    }
  }
  std::vector<std::string> paths;
  MILLRACE_RETURN_IF_ERROR(PatternWalk(parts, paths).Walk(root, 0, 0));
  if (paths.empty()) return NotFound(Format("{}: no file matches", shown));
  std::sort(paths.begin(), paths.end());
  // Two "**" of one pattern may share the folders on the way in several ways.
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::vector<FoundFile> files;
  for (const std::string& found : paths) files.push_back({found, PartitionOf(root, found)});
  return files;
}

}  // namespace

bool IsHidden(std::string_view name) { return name.starts_with('.') || name.starts_with('_'); }

Result<std::vector<FoundFile>> FindFiles(const std::string& path, const std::string& shown) {
  if (IsFolder(path)) return FilesBelow(AbsolutePath(path), shown);
  if (FileExists(path)) return std::vector<FoundFile>{{path, {}}};
  if (IsPattern(path)) return FilesLike(path, shown);
  std::vector<std::string> names;
  if (IsFolder(FolderName(path))) {
    MILLRACE_ASSIGN_OR_RETURN(names, ListFolder(FolderName(path)));
  }
  return NotFound(Format("{}: no such file", path)).WithHint(DidYouMean(BaseName(path), names));
}

Result<std::vector<std::string>> ListSourceFiles(const std::string& folder,
                                                 const std::vector<std::string>& sources) {
  std::vector<std::string> paths;
  for (const std::string& text : sources) {
    MILLRACE_ASSIGN_OR_RETURN(const spec::Locator locator, spec::ParseLocator(text));
    if (locator.kind != spec::LocatorKind::kFiles) continue;
    const std::string& place = locator.place;
    MILLRACE_ASSIGN_OR_RETURN(
        const std::vector<FoundFile> found,
        FindFiles(place.starts_with('/') ? place : JoinPath(folder, place), place));
    for (const FoundFile& file : found) paths.push_back(file.path);
  }
  return paths;
}

// Only the last * is gone back to.
bool MatchesPattern(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;
  size_t from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n]) && pattern[p] != '*') {
      ++p;
      ++n;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<SourceForm> FormByName(const std::string& path) {
  std::string name = ToLower(BaseName(path));
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  for (const std::string_view ending : {".csv", ".tsv", ".txt", ".psv", ".data"}) {
    if (name.ends_with(ending)) return SourceForm::kDelimited;
  }
  if (name.ends_with(".parquet") || name.ends_with(".pq")) return SourceForm::kParquet;
  for (const std::string_view ending : {".jsonl", ".ndjson", ".json"}) {
    if (name.ends_with(ending)) return SourceForm::kJson;
  }
  return Unsupported(Format("{}: unknown kind of file", path)).WithHint(std::string(kKnown));
}

Result<std::string> NameByContent(const std::string& path) {
  constexpr size_t kFront = 4096;
  MILLRACE_ASSIGN_OR_RETURN(const std::string front, ReadFront(path, kFront));
  MILLRACE_ASSIGN_OR_RETURN(const Packing packing, PackingOfFile(path));
  const std::string packed = packing == Packing::kGzip   ? ".gz"
                             : packing == Packing::kZstd ? ".zst"
                                                         : "";
  const SourceForm form = FormByContent(front);
  if (form == SourceForm::kParquet) return std::string(".parquet");
  return (form == SourceForm::kJson ? ".json" : ".csv") + packed;
}

SourceForm FormByContent(std::string_view front) {
  if (front.starts_with("PAR1")) return SourceForm::kParquet;
  if (front.starts_with("\xef\xbb\xbf")) front.remove_prefix(3);
  const std::string_view text = Trim(front);
  const bool json = text.starts_with('{') || text.starts_with("[{") ||
                    (text.starts_with('[') && Trim(text.substr(1)).starts_with('{'));
  return json ? SourceForm::kJson : SourceForm::kDelimited;
}

}  // namespace millrace::engine
