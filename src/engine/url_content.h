// The content behind a URL, as a file.

#pragma once

#include <string>

#include "base/result.h"

namespace millrace::engine {

/// Brings what lies behind `url` to the new file `out`; `${NAME}` in it is replaced here. What was
/// fetched before is kept in the user's cache folder ($XDG_CACHE_HOME or ~/.cache) and fetched
/// again only when it has changed; without such a folder nothing is kept. Errors: those of
/// net::Download; kInvalidSpec naming a variable that is not set.
Status FetchUrl(const std::string& url, const std::string& out);

}  // namespace millrace::engine
