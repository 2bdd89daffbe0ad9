// The files that a path, a pattern or a folder stands for.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/source.h"

namespace millrace::engine {

struct FoundFile {
  std::string path;
  /// Folders "key=value" below the place that was named, outermost first.
  std::vector<std::pair<std::string, std::string>> partition;
};

/// True for names that a folder's or pattern's files are looked for without: "." and "_" lead them.
bool IsHidden(std::string_view name);

/// Returns the files that `path` (absolute or from the current folder) names, sorted by path: the
/// file itself; for a pattern (* and ? within a name, ** over folders) those that match; for a
/// folder all files of one kind below it, left out what begins with "." or "_". Errors: kNotFound
/// (with the nearest name), kInvalidData (a folder without data files, or with several kinds).
Result<std::vector<FoundFile>> FindFiles(const std::string& path, const std::string& shown);

/// Returns the files that `sources` (locators, relative to `folder`) name, as FindFiles finds them,
/// in their order. What is no file (a database, a URL, standard input) is left out, and nothing is
/// opened. Errors: those of spec::ParseLocator and FindFiles.
Result<std::vector<std::string>> ListSourceFiles(const std::string& folder,
                                                 const std::vector<std::string>& sources);

/// Returns true when `name` matches `pattern` with * and ?. Never exponential in either.
bool MatchesPattern(std::string_view pattern, std::string_view name);

/// Returns the kind of a file by its name, without .gz and .zst; kUnsupported.
Result<SourceForm> FormByName(const std::string& path);
/// Returns the kind by the first bytes of the content: for what has no name.
SourceForm FormByContent(std::string_view front);
/// Returns the ending that the content of a file asks for: ".csv", ".json.gz", ".parquet".
Result<std::string> NameByContent(const std::string& path);

}  // namespace millrace::engine
