// FeatureMistake: what is wrong with an entry of `features:`, as far as no data is needed to see
// it.

#pragma once

#include <string>

namespace millrace::spec {

struct FeatureMistake {
  std::string key;  // below the entry: ".strategy", ".by"; empty: the entry itself
  std::string what;
  std::string hint;
};

}  // namespace millrace::spec
