#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace millrace {

Terminal DescribeTerminal(int descriptor) {
  Terminal terminal;
  terminal.interactive = isatty(descriptor) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool refused = no_colour != nullptr && *no_colour != '\0';
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
  terminal.colour = terminal.interactive && !refused && !dumb;
  winsize size{};
  if (terminal.interactive && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = std::clamp<int64_t>(size.ws_col, 80, 100);
  }
  return terminal;
}

}  // namespace millrace
