// Sections: the rows of the key table (keys.h), one function a section.

#pragma once

#include <vector>

#include "spec/keys.h"

namespace millrace::spec {

/// Returns the top-level keys in the order of millrace.yaml.
std::vector<Key> DescribeSections();

}  // namespace millrace::spec
