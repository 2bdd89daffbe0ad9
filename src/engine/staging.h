// Staging: a folder of copies that the engine can read, made from sources that it cannot.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace millrace::engine {

/// Thread safety: one thread at a time per folder.
class Staging {
 public:
  /// Uses `folder` (made where needed); empty: a temporary one, removed with this object.
  static Result<std::shared_ptr<const Staging>> Make(const std::string& folder);

  /// Returns where the copy named by `key` lies or will lie; its folder is there afterwards.
  Result<std::string> PathOf(std::string_view key, std::string_view inside,
                             std::string_view ending) const;

  /// Returns the path of the copy named by `key`, made by `make` unless it is there already. `make`
  /// writes to the path that it is given; a copy that fails leaves nothing behind. `inside` is a
  /// folder below ("year=2024"), `ending` the name's end (".csv").
  Result<std::string> Get(std::string_view key, std::string_view inside, std::string_view ending,
                          const std::function<Status(const std::string& path)>& make) const;

 private:
  Staging(std::string folder, std::optional<TemporaryFolder> owned)
      : folder_(std::move(folder)), owned_(std::move(owned)) {}
  std::string folder_;
  std::optional<TemporaryFolder> owned_;
};

}  // namespace millrace::engine
