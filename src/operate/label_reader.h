// LabelReader of the bundle folder, under the name that this folder uses.

#pragma once

#include "bundle/label_reader.h"

namespace millrace::operate {

using bundle::LabelReader;

}  // namespace millrace::operate
