// The interface as OpenAPI 3.1, made from the endpoints and the bundle's schema.

#pragma once

#include <string>

#include "bundle/bundle.h"

namespace millrace::serve {

/// Returns the document of a service that serves `bundle`.
std::string OpenApi(const bundle::Bundle& bundle);

}  // namespace millrace::serve
