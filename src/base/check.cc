#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace millrace {

void CheckFailed(const char* file, int line, const char* condition, const char* why_impossible) {
  std::fprintf(stderr,
               "millrace: a bug of ours at %s:%d: %s does not hold (%s). Please report it.\n", file,
               line, condition, why_impossible);
  std::abort();
}

}  // namespace millrace
