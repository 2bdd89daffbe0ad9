#include "spec/place.h"

#include "base/format.h"

namespace millrace::spec {

std::string Place::ToString() const {
  const std::string name = file.empty() ? "specification" : file;
  if (line <= 0) return name;
  if (column <= 0) return Format("{}:{}", name, line);
  return Format("{}:{}:{}", name, line, column);
}

}  // namespace millrace::spec
