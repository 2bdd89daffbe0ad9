#include "engine/staging.h"

#include <utility>

#include "base/digest.h"

namespace millrace::engine {

Result<std::shared_ptr<const Staging>> Staging::Make(const std::string& folder) {
  std::optional<TemporaryFolder> owned;
  std::string path = folder;
  if (folder.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(TemporaryFolder made, TemporaryFolder::Make());
    path = made.path();
    owned.emplace(std::move(made));
  }
  struct Access : Staging {
    Access(std::string at, std::optional<TemporaryFolder> own)
        : Staging(std::move(at), std::move(own)) {}
  };
  return std::shared_ptr<const Staging>(std::make_shared<Access>(path, std::move(owned)));
}

Result<std::string> Staging::PathOf(std::string_view key, std::string_view inside,
                                    std::string_view ending) const {
  const std::string folder = inside.empty() ? folder_ : JoinPath(folder_, inside);
  MILLRACE_RETURN_IF_ERROR(MakeFolders(folder));
  return JoinPath(folder, DigestOf(key).Short(24) + std::string(ending));
}

Result<std::string> Staging::Get(std::string_view key, std::string_view inside,
                                 std::string_view ending,
                                 const std::function<Status(const std::string& path)>& make) const {
  MILLRACE_ASSIGN_OR_RETURN(std::string path, PathOf(key, inside, ending));
  if (FileExists(path)) return path;
  const std::string incoming = path + ".tmp";
  const Status made = make(incoming);
  if (!made.ok()) {
    static_cast<void>(RemoveAll(incoming));
    return made;
  }
  MILLRACE_RETURN_IF_ERROR(RenameFile(incoming, path));
  return path;
}

}  // namespace millrace::engine
