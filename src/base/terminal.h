// Terminal: what the place we write to can show.

#pragma once

#include <cstdint>

namespace millrace {

struct Terminal {
  bool interactive = false;  // stdout or stderr (as asked) is a terminal
  bool colour = false;       // interactive, NO_COLOR unset, TERM not "dumb"
  int64_t width = 80;        // columns, 80..100 used
};

/// Returns the properties of stdout (1) or stderr (2).
Terminal DescribeTerminal(int descriptor);

}  // namespace millrace
