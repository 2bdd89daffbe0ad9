#include "engine/url_content.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "net/download.h"
#include "spec/locator.h"

namespace millrace::engine {
namespace {

// Empty when the user has no such folder.
std::string CacheFolder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return JoinPath(cache, "millrace/downloads");
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return JoinPath(home, ".cache/millrace/downloads");
  return "";
}

}  // namespace

Status FetchUrl(const std::string& url, const std::string& out) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string expanded,
                            spec::ExpandVariables(url, spec::Quoting::kUrl));
  const std::string cache = CacheFolder();
  const std::string kept = cache.empty() ? out + ".kept" : cache;
  MILLRACE_ASSIGN_OR_RETURN(const std::string downloaded,
                            net::Download(expanded, {.folder = kept}));
  // The kept file is only ever replaced by rename, never written to: a link sees one state of it.
  std::error_code failed;
  std::filesystem::create_hard_link(downloaded, out, failed);
  if (failed) MILLRACE_RETURN_IF_ERROR(CopyFileAtomic(downloaded, out));
  return cache.empty() ? RemoveAll(kept) : Status();
}

}  // namespace millrace::engine
